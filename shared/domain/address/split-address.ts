/**
 * Splits an address into the form's fields by rules: the city's own divisions where they are known, and the endings that
 * Chinese names of divisions, roads, numbers and places have. Nothing is learned, so it works in a city from the first day.
 * The rules read the folded text (digits of any width, no invisible characters); the parts are of the text as it was written.
 */
import { foldLooks, foldWithPlaces } from '../fold-text.ts'
import { type AddressField, bioOf } from './bio.ts'

export type AddressPart = { field: AddressField; text: string; from: number; to: number }

export type SplitAddress = {
  parts: AddressPart[]
  /** What stands in the form's fields: the parts of one field in their order. */
  fields: Record<AddressField, string>
  /** BIO labels for tokens that are pieces of the text in order, for comparing with labelled addresses. */
  labelsOf(tokens: string[]): string[]
}

/** A division as the catalogue has it; the name with or without its ending (云澜市, 云澜). */
export type KnownDivision = { code: string; name: string }

const han = '[\\u3400-\\u9fff\\u{20000}-\\u{3ffff}]'
const numeral = '[0-9a-z一二三四五六七八九十百零〇]'
/** What a name does not begin with. */
const notName = '(?![的在和与及或去到从])'

const divisionRules = [
  `${notName}${han}{2,7}?(?:特别行政区|自治区|省)`,
  `${notName}(?!.?城市)${han}{2,9}?(?:自治州|地区|盟|市)(?!场|区|政|民|北路|南路|中心|东路|西路)`,
  `${notName}${han}{1,7}?(?:经济技术开发区|高新技术产业开发区|高新区|开发区|新区|自治县|自治旗|县|旗|(?<!小|社|园|景|库|校|厂|住宅|工业|${numeral})区)(?!间)`,
  `${notName}${han}{1,7}?(?:街道办事处|街道办(?![公理事法学证])|街道|苏木|镇|乡(?!镇))(?!街|路|政府|企业|卫生|中心|中学|小学)`,
  `${notName}${han}{1,7}?(?:社区居民委员会|社区居委会|居民委员会|居委会|社区|村民委员会|村委会|行政村|村)(?!路|街|委|民委|口|卫生|${numeral}区|小学)`,
]

const roadRule = `${notName}(?!一[排盏处条座])(?:${han}|[a-z]|\\d)(?:(?![省市区县镇])${han}|[a-z]|\\d){0,6}?(?:大道|大街|公路|高速|胡同|干道|环路|(?<!道)路|(?<!社)街(?!道办|道)|巷|弄|(?<=[一二三四五六七八九十东西南北])(?:道|线))(?:[东西南北中]段|[一二三四五六七八九十]段|[东西南北]路|[0-9]+弄|[东西南北](?![门区站苑园]))?`

const unit = '(?:号\\s?楼|号\\s?院|号(?!线|文件|令)|#(?:楼|栋|幢)?|弄|栋|幢|座|单元|室|楼|层|组|门|排)'
const dash = '\\s?[-‐–—−~/之]\\s?'
const plain = '(?:\\d+[a-z]?|[a-z]\\d*)'
/** 一座桥 and 一排灯 are no numbers of anything. */
const spoken = `(?!一[座排门]${han})[一二三四五六七八九十百零〇]{1,4}`
/** 12号, 12-1号, 508室-662, 12号之一, 附1号. The 3号 of 12月3号 is a day. */
const numbered = `(?<!月|月份|月\\s)(?:第|附)?(?:(?<!\\d)${plain}|(?<=\\d)[a-z]\\d+|${spoken})(?:(?:${dash}|、)${plain})*\\s?${unit}(?:${dash}(?:${plain}|[一二三四五六七八九十]+)(?:\\s?${unit})?)*`
const numberRules = [
  `${numbered}(?:\\s?[、至到和及与]\\s?${numbered})*`,
  `(?:\\d+[a-z]?|[a-z]\\d*)(?:[-‐–—−/]\\d+[a-z]?)+`,
  `\\d{1,5}(?=$|[,，。;；)）(（])`,
]

const clean = /[\s,，。;；:：、()（）_【】[\]]/

type Rule = { field: AddressField; pattern: RegExp }
const rule = (field: AddressField) => (source: string) => ({ field, pattern: new RegExp(source, 'uy') })
const divisions = divisionRules.map(rule('division'))
const numbers = numberRules.map(rule('number'))
const roads = [roadRule].map(rule('road'))

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** What makes another name of a division's: 河东大道, 河东南路, 河东社区, 河东花园, and the hamlet 河东 in 河东3组. */
const otherName =
  '(?!\\d|[东西南北中前后上下新老大小一二三四五六七八九十]{0,2}(?:步行|商业)?(?:大道|大街|公路|高速|胡同|干道|环路|[路街巷弄]|社区|村|小区|花园|家园|公寓|新城|苑|庭|府|大厦|大楼|广场|市场|商场|商城|超市|学校|中学|小学|幼儿园|大学|医院|公园|桥|站|港|码头|酒店|宾馆|饭店|银行|派出所|镇|乡|街道|新区|开发区|工业))'

/** Divisions of the city, in full and as they are said (云澜市, 云澜). Of those that are said so only what is no other name. */
function knownRule(known: readonly KnownDivision[]): Rule[] {
  const names = known.map(({ name }) => foldLooks(name)).filter(name => name.length > 1)
  const said = names
    .filter(name => name.length > 2)
    .map(name => name.replace(/(?:新区|省|市|县|区)$/, ''))
    .filter(name => name.length > 1 && !names.includes(name))
  const longestFirst = (list: readonly string[]) =>
    [...new Set(list)]
      .sort((one, other) => other.length - one.length)
      .map(escaped)
      .join('|')
  const full = `(?:${longestFirst(names)})(?![路街巷])(?:(?<=街道)(?:办事处|办(?![公理事法学证])))?`
  const sources = [
    ...(names.length === 0 ? [] : [full]),
    ...(said.length === 0 ? [] : [`(?:${longestFirst(said)})${otherName}`]),
  ]
  return sources.length === 0 ? [] : [rule('division')(`(?:${sources.join('|')})`)]
}

/** Where a match that begins here ends; `at` itself when there is none. */
function endAt(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return at + (pattern.exec(text)?.[0].length ?? 0)
}

type Found = { field: AddressField; to: number }

/** The shortest match of the first kind that matches: a longer division would swallow the one that follows it. */
function matchAt(kinds: Rule[][], text: string, at: number): Found | null {
  for (const rules of kinds) {
    let shortest: Found | null = null
    for (const { field, pattern } of rules) {
      const to = endAt(pattern, text, at)
      if (to > at && (shortest === null || to < shortest.to)) shortest = { field, to }
    }
    if (shortest !== null) return shortest
  }
  return null
}

/** The matches of each kind of rule, in the order in which an address is written: divisions, then the road, then numbers. */
function partsOf(text: string, known: Rule[]): AddressPart[] {
  const parts: AddressPart[] = []
  let placeFrom = 0
  let at = 0
  let inDivisions = true
  const push = (field: AddressField, from: number, to: number) => {
    let [start, end] = [from, to]
    while (start < end && clean.test(text[start] as string)) start += 1
    while (end > start && clean.test(text[end - 1] as string)) end -= 1
    if (end > start) parts.push({ field, text: text.slice(start, end), from: start, to: end })
  }
  while (at < text.length) {
    const begins: boolean = at === placeFrom
    const kinds: Rule[][] = [known, inDivisions && begins ? divisions : [], begins ? roads : []]
    const numberTo: number = Math.max(...numbers.map(({ pattern }) => endAt(pattern, text, at)))
    const found: Found | null =
      matchAt(kinds, text, at) ?? (numberTo > at ? { field: 'number' as const, to: numberTo } : null)
    if (found === null) {
      at += 1
      if (clean.test(text[at - 1] as string)) {
        push('place', placeFrom, at - 1)
        placeFrom = at
      }
      continue
    }
    push('place', placeFrom, at)
    // Many write the province and the city twice.
    const again = found.field === 'division' && text.slice(0, at).includes(text.slice(at, found.to))
    if (!again) push(found.field, at, found.to)
    inDivisions &&= found.field === 'division'
    at = found.to
    placeFrom = at
  }
  push('place', placeFrom, text.length)
  return parts
}

const mostCharacters = 500

/** Blanks between what is written without them, and characters that show nothing. */
const noise = /(?<![a-z])\s+|\s+(?![a-z])|\p{Cf}/giu

/** Each field's parts put together. */
export function fieldsOf(parts: readonly AddressPart[]): Record<AddressField, string> {
  const joined = (field: AddressField) =>
    parts
      .filter(part => part.field === field)
      .map(part => part.text)
      .join('')
      .replace(noise, '')
  return {
    division: joined('division'),
    road: joined('road'),
    number: joined('number'),
    place: joined('place'),
  }
}

export function splitByRules(address: string, known: readonly KnownDivision[] = []): SplitAddress {
  const text = address.slice(0, mostCharacters)
  const { folded, placeOf } = foldWithPlaces(text)
  const parts = partsOf(folded, knownRule(known)).map(({ field, from, to }) => {
    const place = placeOf(from, to)
    return { field, ...place, text: text.slice(place.from, place.to) }
  })
  return {
    parts,
    fields: fieldsOf(parts),
    labelsOf(tokens) {
      let at = 0
      return bioOf(
        tokens.map(token => {
          const middle = at
          at += token.length
          return parts.find(({ from, to }) => from <= middle && middle < to)?.field ?? null
        }),
      )
    },
  }
}
