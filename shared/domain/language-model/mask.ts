/**
 * What must not leave the seat is replaced before anything is sent to a city's own language model: names, numbers, addresses,
 * identity numbers, plates, bank cards. Each value by one placeholder, 〔电话1〕, so that the answer can be read with the values put
 * back here. Rules, not learned: where they doubt they mask. A name that nothing marks as one is not found by rules, which is why
 * the operator sees the text before it goes and can mask more. Pure.
 */
import { foldWithPlaces } from '../fold-text.ts'
import { findMail, findNumbers, type NumberKind } from '../personal-data/find-numbers.ts'
import {
  type Finder,
  introducedName,
  knownFirm,
  knownMail,
  knownName,
  knownNumber,
  knownText,
} from '../personal-data/known-person.ts'
import { anySurname, blanks, nameGap, shortTitles, titles } from '../personal-data/name-words.ts'

export const maskKinds = [
  '标记',
  '姓名',
  '单位',
  '电话',
  '证件',
  '银行卡',
  '号码',
  '车牌',
  '邮箱',
  '地址',
  '其他',
] as const
export type MaskKind = (typeof maskKinds)[number]

export type Secret = { placeholder: string; value: string }
/** What the form knows already, found wherever it stands. */
export type KnownValue = { kind: MaskKind; value: string }
export type Masked = { text: string; secrets: Secret[] }

type Hit = { from: number; to: number; kind: MaskKind }
/** All that it finds in a text, in order, none within another. */
type Rule = (text: string) => Hit[]

/** Between digits; what also stands in lists and times only between groups of three. */
const gap = String.raw`(?:[^\p{L}\p{N}、,;:。]{0,3}|(?<=[0-9]{3})[^\p{L}\p{N}]{1,3}(?=[0-9]{3}))`
/** Six digits and more, however they are spaced; the last of an identity number may be an X. */
const digits = new RegExp(`[a-z]{0,2}[0-9](?:${gap}[0-9]){5,}(?:${gap}x(?![a-z]))?`, 'u')
/** Said one by one: 幺三九零零… */
const spoken =
  /[零〇o一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖拐洞勾](?:[^\p{L}\p{N}]{0,2}[零〇一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖拐洞勾]){6,}/u
const plate =
  /[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领]\s?[a-z][\s·•.-]?[a-z0-9]{4,6}[挂学警港澳领]?/u

const han = String.raw`\p{Script=Han}`
const named = new RegExp(
  `${anySurname}(?:(?:${nameGap}${han}){0,2}?${nameGap}${titles}|${nameGap}(?:${shortTitles}|${blanks}))`,
  'u',
)
const nicknamed = new RegExp(`[老小阿]${anySurname}(?![a-z])`, 'u')
const introduced = new RegExp(
  String.raw`(?<=我叫|名叫|叫做|姓名|联系人|当事人|户主|业主名|法人|身份证名)\s*[是为:：]?\s*${han}(?:[·•]?${han}){1,3}`,
  'u',
)

/** Characters that stand before a place's name and are none of it. */
const part = String.raw`(?:(?![在到住于是从往去的了和与把被有说称讲])${han})`
const number = String.raw`(?:[0-9a-z]+|[一二三四五六七八九十百零]+)`
const tail = String.raw`(?:\s?[之\-－]?\s?${number}\s?(?:号楼|号院|号|弄|栋|幢|座|单元|室|楼|层|户|组|队|门))*`
const street = new RegExp(
  `${part}{1,6}(?:大道|大街|胡同|街道|(?<![道马公铁线电水思网走修堵占问上条段路])路|(?<![大小上逛条道])街|巷|弄)${tail}`,
  'u',
)
const estate = new RegExp(
  `${part}{1,8}(?:小区|花园|公寓|新村|家园|大厦|花苑|名苑|社区|广场|村委会|工业园|(?<![农乡山全])村(?=${number}))${tail}`,
  'u',
)
const unit = new RegExp(String.raw`${number}\s?(?:号楼|栋|幢|座|单元|室)${tail}`, 'u')
const division = new RegExp(
  `${part}{2,5}(?:自治区|省|(?<![城都超菜夜股])市|(?<![小市地城校社辖园厂住景片禁])区|(?<![全])县|(?<![城])镇|(?<![城])乡)`,
  'u',
)

const by = (kind: MaskKind, pattern: RegExp): Rule => {
  const every = new RegExp(pattern.source, `${pattern.flags.replace('g', '')}g`)
  return text =>
    [...text.matchAll(every)].flatMap(({ 0: found, index }) =>
      found === '' ? [] : [{ from: index, to: index + found.length, kind }],
    )
}
const placed =
  (kind: MaskKind, find: Finder): Rule =>
  text =>
    find(text).map(place => ({ ...place, kind }))

const kinds: Record<NumberKind, MaskKind> = {
  phone: '电话',
  identity: '证件',
  card: '银行卡',
  account: '号码',
}
/** The numbers that the unit's copy hides too. */
const byNumbers: Rule = text =>
  findNumbers(text).map(({ from, to, kind }) => ({
    from,
    to,
    kind: /[0-9]/.test(text.slice(from, to)) ? kinds[kind] : '号码',
  }))

/** By how many digits there are. Wrongly named is hidden all the same. */
const digitsFound = by('号码', digits)
const byDigits: Rule = text =>
  digitsFound(text).map(hit => ({ ...hit, kind: kindOfNumber(text.slice(hit.from, hit.to)) }))

function kindOfNumber(found: string): MaskKind {
  const { length } = found.replace(/[^0-9x]/g, '')
  if (length === 18 || length === 15) return '证件'
  if (length >= 16 && length <= 19) return '银行卡'
  return length >= 7 && length <= 13 ? '电话' : '号码'
}

const finders: Partial<Record<MaskKind, (value: string) => Finder | null>> = {
  姓名: knownName,
  单位: knownFirm,
  电话: knownNumber,
  邮箱: knownMail,
}
const finderOf = ({ kind, value }: KnownValue): Finder | null => finders[kind]?.(value) ?? knownText(value)

/** The longest first. One character alone is in every text. */
const knownRules = (known: readonly KnownValue[]): Rule[] =>
  [...known]
    .sort((a, b) => b.value.trim().length - a.value.trim().length)
    .flatMap(each => {
      const find = finderOf(each)
      return find === null ? [] : [placed(each.kind, find)]
    })

/** The most telling first: what one rule has taken, the next one does not see. */
const rules: readonly Rule[] = [
  placed('邮箱', findMail),
  by('车牌', plate),
  byNumbers,
  byDigits,
  by('号码', spoken),
  by('地址', street),
  by('地址', estate),
  by('地址', unit),
  by('地址', division),
  by('姓名', introduced),
  placed('姓名', introducedName),
  by('姓名', named),
  by('姓名', nicknamed),
]
/** What would read as a placeholder is one of ours or none. */
const bracket = /[〔〕]/u

/** Each rule reads a folded text, so that no spelling gets past it, and tells where that stood in the text itself. */
function rulesFor(known: readonly KnownValue[]): Rule[] {
  let last = { text: '', placed: foldWithPlaces('') }
  const fold = (text: string) => {
    if (last.text !== text) last = { text, placed: foldWithPlaces(text) }
    return last.placed
  }
  return [by('标记', bracket), ...knownRules(known), ...rules].map(rule => text => {
    const { folded, placeOf } = fold(text)
    return rule(folded).map(({ from, to, kind }) => ({ ...placeOf(from, to), kind }))
  })
}

/** Whether something stands in the text that must not leave. */
export const isSensitive = (text: string, known: readonly KnownValue[] = []): boolean =>
  rulesFor(known).some(rule => rule(text).length > 0)

type Piece = { text: string; kind: MaskKind | null }

function split(text: string, hits: readonly Hit[]): Piece[] {
  const pieces: Piece[] = []
  let end = 0
  for (const { from, to, kind } of hits) {
    pieces.push({ text: text.slice(end, from), kind: null }, { text: text.slice(from, to), kind })
    end = to
  }
  return [...pieces, { text: text.slice(end), kind: null }].filter(piece => piece.text !== '')
}

/** Again and again, until no rule finds anything in any piece: what stands alone now may be found now. */
function cut(whole: string, known: readonly KnownValue[]): Piece[] {
  const all = rulesFor(known)
  let pieces: Piece[] = [{ text: whole, kind: null }]
  for (let before = 0; before !== pieces.length; ) {
    before = pieces.length
    for (const rule of all)
      pieces = pieces.flatMap(piece => (piece.kind === null ? split(piece.text, rule(piece.text)) : [piece]))
  }
  return pieces
}

export function maskText(text: string, known: readonly KnownValue[] = []): Masked {
  const secrets: Secret[] = []
  const placeholders = new Map<string, string>()
  const counts = new Map<MaskKind, number>()
  const placeholderOf = (value: string, kind: MaskKind): string => {
    const before = placeholders.get(value)
    if (before !== undefined) return before
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    const placeholder = `〔${kind}${count}〕`
    placeholders.set(value, placeholder)
    secrets.push({ placeholder, value })
    return placeholder
  }
  const masked = cut(text, known).map(piece =>
    piece.kind === null ? piece.text : placeholderOf(piece.text, piece.kind),
  )
  return { text: masked.join(''), secrets }
}

const anyPlaceholder = new RegExp(`〔(?:${maskKinds.join('|')})\\d{1,5}〕`, 'g')

/** The values put back. A placeholder that was not sent stays as it is. */
export function unmaskText(text: string, secrets: readonly Secret[]): string {
  const values = new Map(secrets.map(({ placeholder, value }) => [placeholder, value]))
  return text.replace(anyPlaceholder, found => values.get(found) ?? found)
}

/** Placeholders and addresses of the net in an answer that were not in what was sent: shown to the operator as what they are. */
export function foreignIn(answer: string, sent: string): string[] {
  const found = [
    ...(answer.match(anyPlaceholder) ?? []),
    ...(answer.match(/(?:https?:\/\/|www\.)[^\s，。；）)]+/gi) ?? []),
  ]
  return [...new Set(found)].filter(each => !sent.includes(each)).slice(0, 20)
}
