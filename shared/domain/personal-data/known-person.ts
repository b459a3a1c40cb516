/**
 * What a form says of somebody, found in a folded text in whatever spelling: the name in full, in parts, with another point or
 * blank; the surname with a title (欧阳女士, 张姐, 王某); what a colleague would call them (老张, 小李); the number in whatever groups;
 * the firm by its short name. Pure.
 */
import { foldLooks } from '../fold-text.ts'
import { digitRuns, isEdge } from './digit-runs.ts'
import { findMail } from './find-numbers.ts'
import {
  anySurname,
  blanks,
  callerVerbs,
  nameGap,
  nicknames,
  shortTitles,
  spelling,
  spellingClass,
  surnameOf,
  titles,
} from './name-words.ts'

export type Place = { from: number; to: number }
/** Finds in a folded text, in order, none within another. */
export type Finder = (folded: string) => Place[]

/** What matches right behind a word. A lookbehind would look for the word at each character. */
export const findBehind =
  (word: RegExp, pattern: RegExp): Finder =>
  folded =>
    [...folded.matchAll(word)].flatMap(({ 0: found, index }) => {
      pattern.lastIndex = index + found.length
      const hit = pattern.exec(folded)
      return hit === null ? [] : [{ from: hit.index, to: hit.index + hit[0].length }]
    })

const find = (source: string): Finder => {
  const pattern = new RegExp(source, 'gu')
  return folded =>
    [...folded.matchAll(pattern)].flatMap(({ 0: found, index }) =>
      found === '' ? [] : [{ from: index, to: index + found.length }],
    )
}

/** What an operator writes for somebody who gives no name. */
const nobody =
  /^(?:匿名|市民|群众|居民|村民|业主|住户|租户|来电人|来电者|诉求人|反映人|投诉人|举报人|当事人|用户|客户|热心市民|网友|家长|司机|未知|不详|无名|保密|未提供|未留|不愿透露|不便透露|不愿提供|不方便|拒绝提供|没有|先生|女士|小姐|某某|某先生|某女士|本人|unknown|anonymous|none|null|n\/a|-+|—+|\?+|？+)(?:姓名)?$/u
const han = String.raw`\p{Script=Han}`

/** What must stand around a piece of a name for it to be one. These are one pattern for all names: a name's own stay small. */
const titleBehind = new RegExp(`${nameGap}(?:${titles}|${shortTitles})`, 'uy')
const callerBehind = new RegExp(callerVerbs, 'uy')
const endBehind = /(?=[，。、,;；：:!？?\s）)]|$)/uy
/** 高阳路12号 is no 高阳. */
const roadBehind = /大道|大街|[路街巷](?:[^\p{L}]|[东南西北中与和交]|上的|$)/uy
const startBefore =
  /(?:^|[^\p{L}\p{N}]|来电人|来电者|市民|群众|业主|居民|村民|住户|租户|叫|姓名|我是|本人|当事人|联系人|由|跟|和|与|找|给)$/u
const longestStart = 4
const titleEnd = new RegExp(`(?:${titles}|[*×x〇●某]+)+$`, 'u')

type NamePiece = {
  pattern: string
  /** Only where a name may begin. */
  atStart?: boolean
  /** Only with one of these behind it; a title belongs to the name. */
  before?: readonly ('title' | 'caller' | 'end')[]
  notBefore?: RegExp
}

const endOf = (pattern: RegExp, folded: string, at: number): number | null => {
  pattern.lastIndex = at
  const found = pattern.exec(folded)
  return found === null ? null : at + found[0].length
}

function findPiece({ pattern, atStart = false, before, notBefore }: NamePiece): Finder {
  const every = new RegExp(pattern, 'gu')
  return folded =>
    [...folded.matchAll(every)].flatMap(({ 0: found, index }) => {
      const to = index + found.length
      if (atStart && !startBefore.test(folded.slice(Math.max(0, index - longestStart), index))) return []
      if (notBefore !== undefined && endOf(notBefore, folded, to) !== null) return []
      const titled = endOf(titleBehind, folded, to)
      if (before === undefined) return [{ from: index, to: titled ?? to }]
      if (before.includes('title') && titled !== null) return [{ from: index, to: titled }]
      const isCaller = before.includes('caller') && endOf(callerBehind, folded, to) !== null
      const isEnd = before.includes('end') && endOf(endBehind, folded, to) !== null
      return isCaller || isEnd ? [{ from: index, to }] : []
    })
}

const lengthOf = (text: string): number => Array.from(text).length

/** The pieces by which somebody of that name is spoken of. */
function piecesOf(given: string): NamePiece[] {
  const name = foldLooks(given).trim()
  const base = name.replace(titleEnd, '').replace(/^[老小阿](?=.$)/u, '')
  if (base === '' || nobody.test(name) || nobody.test(base)) return []
  if (!new RegExp(han, 'u').test(base)) return latinPatterns(base).map(pattern => ({ pattern }))
  const parts = base.split(/[·•‧∙⋅・･.\-–—_]+/u).filter(part => part !== '')
  const compact = parts.join('').replace(/\s/gu, '')
  const length = lengthOf(compact)
  const whole: NamePiece[] =
    length < 2 ? [] : [{ pattern: spelling(compact), ...(length === 2 ? { notBefore: roadBehind } : {}) }]
  // 姓买 of 买买提·艾力 would be somebody else.
  if (parts.length > 1)
    return [
      ...whole,
      ...parts.filter(part => lengthOf(part.trim()) >= 2).map(part => ({ pattern: spelling(part) })),
    ]
  const surname = surnameOf(compact)
  const givenName = Array.from(compact).slice(lengthOf(surname)).join('')
  return [...whole, ...surnamePieces(surname, givenName), ...(length > 5 ? [] : givenNamePieces(givenName))]
}

function surnamePieces(surname: string, givenName: string): NamePiece[] {
  const spelt = spelling(surname)
  const last = spelling(givenName.at(-1) ?? '')
  return [
    { pattern: `${spelt}${nameGap}${blanks}${last === '' ? '' : `(?:${last})?`}` },
    ...(last === '' ? [] : [{ pattern: `${spelt}${nameGap}某${last}` }]),
    { pattern: spelt, before: lengthOf(surname) > 1 ? ['title', 'caller'] : ['title'] },
    { pattern: `姓[是为:]?\\s?${spelt}` },
    ...nicknames(surname).map(
      ({ pattern, isOrdinary }): NamePiece => ({
        pattern,
        ...(isOrdinary ? { before: ['title', 'caller'] } : {}),
      }),
    ),
  ]
}

function givenNamePieces(givenName: string): NamePiece[] {
  if (givenName === '') return []
  const last = spelling(Array.from(givenName).at(-1) ?? '')
  return [
    ...(lengthOf(givenName) < 2
      ? []
      : [
          { pattern: spelling(givenName), before: ['title'] } as const,
          { pattern: spelling(givenName), atStart: true, before: ['caller'] } as const,
        ]),
    { pattern: `[小阿老]${last}`, atStart: true, before: ['title', 'caller', 'end'] },
    { pattern: `${last}[姐哥叔姨嫂婶](?![妹夫弟们])`, atStart: true },
  ]
}

/** Smith, SMITH John, Mr Smith; short words alone are words. */
function latinPatterns(name: string): string[] {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(word => word !== '')
  const alone = (pattern: string) =>
    String.raw`(?<![\p{Script=Latin}\p{N}])${pattern}(?![\p{Script=Latin}\p{N}])`
  const whole = words.map(word => spelling(word)).join(String.raw`[\s.,·\-_]{0,3}`)
  const turned = words
    .toReversed()
    .map(word => spelling(word))
    .join(String.raw`[\s.,·\-_]{0,3}`)
  if (name.replace(/[^\p{L}\p{N}]/gu, '').length < 2) return []
  return [
    alone(whole),
    alone(turned),
    ...words.filter(word => word.length >= 3 && !titlesInLatin.has(word)).map(word => alone(spelling(word))),
  ]
}
const titlesInLatin = new Set(['mrs', 'miss', 'sir', 'the', 'and', 'van', 'von', 'madam', 'dr', 'mr', 'ms'])

const betweenPeople =
  /[、,，;；/／\n（）()[\]【】&]|(?<=\p{Script=Han}{2,})(?:和|与|及)(?=\p{Script=Han}{2,})/u

/** A blank is within 王 小明, and between 王小明 李四. */
function peopleIn(name: string): string[] {
  const pieces = foldLooks(name).split(betweenPeople)
  return pieces.flatMap(piece => {
    const words = piece.trim().split(/\s+/u)
    const several =
      words.length > 1 && words.every(word => new RegExp(`^${anySurname}${han}`, 'u').test(word))
    return several ? [...words, piece] : [piece]
  })
}

export function knownName(name: string): Finder | null {
  const pieces = peopleIn(name).flatMap(piecesOf)
  if (pieces.length === 0) return null
  // A unit's list has hundreds of cases: patterns are made for a text that has a character of the name, and for no other.
  const characters = new RegExp(`[${spellingClass(name)}]`, 'u')
  let finders: Finder[] | null = null
  return folded => {
    if (!characters.test(folded)) return []
    finders ??= pieces.map(findPiece)
    return inOrder(finders.flatMap(each => each(folded)))
  }
}

const legal =
  '(?:股份有限公司|有限责任公司|有限公司|总公司|分公司|集团公司|公司|集团|合作社|事务所|工作室|经营部|商行|厂|店|馆|中心|企业|个体工商户|合伙企业)'
const trade =
  '(?:商贸|贸易|餐饮|管理|科技|信息|技术|网络|文化|传媒|广告|建筑|建设|装饰|工程|劳务|物业|实业|投资|咨询|服务|食品|电子|机械|运输|物流|医药|医疗|教育|培训|房地产|置业|汽车|家具|服饰|酒店|旅游|环保|能源|化工|材料|制造|发展|控股)'
/** Brackets too are written otherwise in a firm's name. */
const firmGap = String.raw`[\s·.\-()（）“”"]{0,2}`
const leastFirm = 4

/** A firm in full, without its legal form, and by its brand before a word for what it is. */
export function knownFirm(given: string): Finder | null {
  const name = foldLooks(given).replace(/[\s()（）]/gu, '')
  if (Array.from(name).length < 2 || nobody.test(name)) return null
  const all = [spelling(name, firmGap)]
  const core = foldLooks(given)
    .replace(/\([^()]*\)|\s/gu, '')
    .replace(new RegExp(`${legal}+$`, 'u'), '')
  const placeless = core.replace(/^(?:\p{Script=Han}{2,4}?(?:省|市|县|区))+(?=.{2})/u, '')
  for (const each of [core, placeless])
    if (each !== name && Array.from(each).length >= leastFirm) all.push(spelling(each, firmGap))
  const brand = placeless.replace(new RegExp(`${trade}+$`, 'u'), '')
  // 云澜青禾 of 云澜 is 青禾 to everybody there.
  for (const each of [brand, Array.from(brand).length >= 4 ? brand.slice(2) : ''])
    if (Array.from(each).length >= 2 && name !== core)
      all.push(`${spelling(each, firmGap)}${firmGap}(?:${trade}{0,3}${legal}+|${trade}+)`)
  return find([...new Set(all)].sort((one, other) => other.length - one.length).join('|'))
}

const withoutCountry = (digits: string): string => digits.replace(/^(?:00)?86(?=1[3-9]|0|[2-9]\d{9})/, '')
const leastLocal = 7

/** A number in whatever groups, with or without its prefixes; of a landline also without the area code. */
export function knownNumber(given: string): Finder | null {
  const digits = withoutCountry(
    foldLooks(given)
      .replace(/(?:转|-|分机|ext\.?|#)\s?\d{1,6}$/u, '')
      .replace(/\D/gu, ''),
  )
  if (digits.length < 5) return null
  const area = /^0(?:10|2\d|[3-9]\d{2})/.exec(digits)?.[0] ?? ''
  const wanted = [digits, digits.slice(area.length)].filter(
    each => each.length >= Math.min(digits.length, leastLocal),
  )
  const tail = new RegExp(
    `(?:尾号|末尾|[后末][三四五六3-6]位(?:数字?)?)[是为:]?\\s?(${[3, 4, 5, 6].map(count => digits.slice(-count)).join('|')})(?![0-9])`,
    'gu',
  )
  return folded => {
    const found: Place[] = []
    for (const run of digitRuns(folded)) {
      const all = run.map(({ value }) => value).join('')
      for (const each of wanted)
        for (let from = all.indexOf(each); from >= 0; from = all.indexOf(each, from + 1)) {
          const [first, last] = [run[from], run[from + each.length - 1]]
          const isWhole = isEdge(run, from) && isEdge(run, from + each.length)
          if (first !== undefined && last !== undefined && (each.length >= leastLocal || isWhole))
            found.push({ from: first.at, to: last.at + 1 })
        }
    }
    for (const { 0: text, index, 1: ending = '' } of folded.matchAll(tail))
      found.push({ from: index + text.length - ending.length, to: index + text.length })
    return inOrder(found)
  }
}

/** The address as it is written, also around a filter; and its first part, by which accounts are called. */
export function knownMail(given: string): Finder | null {
  const folded = foldLooks(given).trim()
  const [user = ''] = folded.split('@')
  if (folded.length < 3) return null
  const plain = find(spelling(folded, String.raw`\s?`))
  const account =
    user.length >= 5 && /[a-z]/.test(user) ? find(`(?<![a-z0-9])${spelling(user)}(?![a-z0-9])`) : null
  return text =>
    inOrder([
      ...findMail(text).filter(({ from, to }) => text.slice(from, to).startsWith(user)),
      ...plain(text),
      ...(account?.(text) ?? []),
    ])
}

/** Anything else of two characters or more. */
export function knownText(given: string): Finder | null {
  const text = foldLooks(given).trim()
  if (Array.from(text).length < 2) return null
  const spelt = spelling(text)
  return find(spelt === '' ? text.replace(/[.*+?-]/gu, String.raw`\$&`) : spelt)
}

const behindName = String.raw`(?=[^\p{Script=Han}]|$|${callerVerbs}|[家住在是的电手联身现因向于今昨])`
const someName = `${anySurname}${nameGap}${han}(?:${nameGap}${han})?`
const shortName = `${anySurname}${nameGap}${han}`

const introduction =
  /(?:我叫|我名叫|本人叫|我的名字(?:是|叫)|来电人名?叫|诉求人名?叫)\s?[是为:]?\s?|(?:姓名|联系人|反映人|诉求人|(?<!被)投诉人|(?<!被)举报人|信访人|(?<!被)申请人)(?:\s?[是为:]\s?|\s+)/gu
const selfNamed = /(?:我是|本人)\s?/gu
const selfSurnamed = /(?:我|本人|免贵)\s?(?=姓)/gu
/** Who somebody is, and not what they are called. */
const noName =
  '(?!房[东主屋]|白领|单[亲身位独]|高[中一二三龄级新]|车[主辆位]|路[人过]|农|程序|管理|国[企家]|文[员盲]|安[保全置]|古稀|金[牌额]|商[户家]|向[来您你]|从[小来事]|于|和|时|何[时人]|贫|党员|全[家体职]|万[分般]|家|常[年住]|明[确显]|易[拉怒]|计划|应[该当]|查[询看]|关[于心]|游客|付[款费]|强[烈调制]|申[请诉报领]|广[西东州]|权[益利]|费用|包括|连[续夜]|终[身于]|居民|解|温|甘|利|宁愿)'
const nameBehind = new RegExp(`${someName}${behindName}|${shortName}${behindName}|${someName}`, 'uy')
const wholeNameBehind = new RegExp(
  String.raw`${noName}(?:${someName}|${shortName})(?=[,，。.;；、()（）\s]|$)`,
  'uy',
)
const surnameBehind = new RegExp(String.raw`姓\s?${anySurname}`, 'uy')

/** By what they say of themselves: 我叫…, 姓名：…, 联系人…. Whoever they complain about is not found so. */
export const introducedName: Finder = folded =>
  inOrder([
    ...findBehind(introduction, nameBehind)(folded),
    ...findBehind(selfNamed, wholeNameBehind)(folded),
    ...findBehind(selfSurnamed, surnameBehind)(folded),
  ])

/** The longest of those that begin first; none within another. */
export function inOrder(places: readonly Place[]): Place[] {
  let end = 0
  return [...places]
    .sort((one, other) => one.from - other.from || other.to - one.to)
    .filter(({ from, to }) => {
      if (from < end) return false
      end = to
      return true
    })
}
