/**
 * What must not leave the seat is replaced before anything is sent to a city's own language model: names, numbers, addresses,
 * identity numbers, plates, bank cards. Each value by one placeholder, 〔电话1〕, so that the answer can be read with the values put
 * back here. Rules, not learned: where they doubt they mask. A name that nothing marks as one is not found by rules, which is why
 * the operator sees the text before it goes and can mask more. Pure.
 */
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

const digit = String.raw`[\p{Nd}\p{No}]`
const gap = String.raw`[\s\-‐‑–—－_.．·•()（）]{0,3}`
/** Six digits and more, however they are spaced; the last of an identity number may be an X. */
const digits = new RegExp(`[A-Za-z]{0,2}${digit}(?:${gap}${digit}){5,}(?:${gap}[xXｘＸ](?![A-Za-z]))?`, 'u')
/** Said one by one: 幺三九零零… */
const spoken = /[零〇○Ｏ一二三四五六七八九幺两](?:[\s、，,\-—]?[零〇○一二三四五六七八九幺两]){6,}/u
const email =
  /[A-Za-z0-9Ａ-Ｚａ-ｚ０-９._%+-]+\s?[@＠]\s?[A-Za-z0-9Ａ-Ｚａ-ｚ０-９-]+(?:[.．][A-Za-z0-9Ａ-Ｚａ-ｚ０-９-]+)+/u
const plate =
  /[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领]\s?[A-Za-zＡ-Ｚａ-ｚ][\s·•.-]?[A-Za-z0-9Ａ-Ｚａ-ｚ０-９]{4,6}[挂学警港澳领]?/u

const surname =
  '(?:欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|夏侯|[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安乐于傅卞齐康伍余元顾孟黄穆萧尹姚邵汪祁毛禹狄米贝明臧计成戴宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万柯管卢莫房丁邓石崔吉龚程邢裴陆翁荀甄段侯宁仇甘武刘景詹龙叶黎白蒲邰赖卓蔺屠蒙池乔闻翟谭贡姬申冉桑桂牛边尚温庄晏柴瞿阎连艾向古易廖终耿满匡国文寇广欧沃利蔚越师巩聂晁敖冷辛简饶曾关查游权付肖代])'
const honorific =
  '(?:先生|女士|小姐|老师|师傅|阿姨|大爷|大妈|大娘|大叔|大哥|大姐|叔叔|伯伯|奶奶|爷爷|同志|医生|大夫|主任|书记|科长|局长|处长|经理|老板|老汉|某某|某)'
const han = String.raw`\p{Script=Han}`
const named = new RegExp(`${surname}${han}{0,2}?${honorific}`, 'u')
const nicknamed = new RegExp(`[老小阿]${surname}(?![a-zA-Z])`, 'u')
const introduced = new RegExp(
  String.raw`(?<=我叫|名叫|叫做|姓名|联系人|当事人|户主|业主名|法人|身份证名)\s*[是为:：]?\s*${han}(?:[·•]?${han}){1,3}`,
  'u',
)

/** Characters that stand before a place's name and are none of it. */
const part = String.raw`(?:(?![在到住于是从往去的了和与把被有说称讲])${han})`
const number = String.raw`(?:[\p{Nd}A-Za-z]+|[一二三四五六七八九十百零]+)`
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

/** By how many digits there are. Wrongly named is hidden all the same. */
const digitsFound = by('号码', digits)
const byDigits: Rule = text =>
  digitsFound(text).map(hit => ({ ...hit, kind: kindOfNumber(text.slice(hit.from, hit.to)) }))

function kindOfNumber(found: string): MaskKind {
  const { length } = found.normalize('NFKC').replace(/[^0-9xX]/g, '')
  if (length === 18 || length === 15) return '证件'
  if (length >= 16 && length <= 19) return '银行卡'
  return length >= 7 && length <= 13 ? '电话' : '号码'
}

const escaped = (value: string): string => value.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)

/** The longest first. One character alone is in every text. */
const knownRules = (known: readonly KnownValue[]): Rule[] =>
  known
    .map(({ kind, value }) => ({ kind, value: value.trim() }))
    .filter(({ value }) => value.length >= 2)
    .sort((a, b) => b.value.length - a.value.length)
    .map(({ kind, value }) => by(kind, new RegExp(escaped(value), 'u')))

/** The most telling first: what one rule has taken, the next one does not see. */
const rules: readonly Rule[] = [
  by('邮箱', email),
  by('车牌', plate),
  byDigits,
  by('号码', spoken),
  by('地址', street),
  by('地址', estate),
  by('地址', unit),
  by('地址', division),
  by('姓名', introduced),
  by('姓名', named),
  by('姓名', nicknamed),
]
/** What would read as a placeholder is one of ours or none. */
const bracket = /[〔〕]/u

const rulesFor = (known: readonly KnownValue[]): Rule[] => [
  by('标记', bracket),
  ...knownRules(known),
  ...rules,
]

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
