/**
 * One form for characters that look the same (同形归一): width, case, radicals that a PDF gives instead of characters, circled
 * digits, variation selectors, invisible characters. Whoever compares, searches or masks text folds it here, so that no other
 * spelling of the same thing gets past one of them. Pure.
 */

/** From U+2E80 on (CJK Radicals Supplement), Unicode's EquivalentUnifiedIdeograph; NFKC folds the Kangxi radicals only. */
const radicals = Array.from(
  [
    '　厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵　旡日月歺母',
    '民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹',
    '艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿',
    '飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟',
  ].join(''),
)
const firstRadical = 0x2e80

/** Each pair: a character and the one it is taken for. Most are what a Kangxi radical becomes beside what China writes. */
const pairs =
  '戶户戸户黃黄靑青淸清內内呂吕別别値值強强査查溫温眞真禿秃絶絕緑綠説說脫脱鋭銳閲閱稅税悅悦晩晚歩步毎每尙尚顔顏黒黑徳德啓啟兌兑沒没郞郎奧奥○〇◯〇㇐一㇑丨㇒丿㇔丶㇚亅㇠乙аaеeоoрpсcуyхxіiјjѕsвbнhкkмmтt'

const sameLooks = new Map<string, string>()
for (const [at, standard] of radicals.entries())
  if (standard !== '\u3000') sameLooks.set(String.fromCodePoint(firstRadical + at), standard)
const paired = Array.from(pairs)
for (let at = 0; at + 1 < paired.length; at += 2) sameLooks.set(paired[at] ?? '', paired[at + 1] ?? '')
/** Digits in circles that NFKC leaves as they are: ❶ to ❿, ➀ to ➉, ➊ to ➓, ⓵ to ⓾, ⓫ to ⓴, ⓿. */
const circled: readonly (readonly [first: number, digit: number, count: number])[] = [
  [0x2776, 1, 10],
  [0x2780, 1, 10],
  [0x278a, 1, 10],
  [0x24f5, 1, 10],
  [0x24eb, 11, 10],
  [0x24ff, 0, 1],
]
for (const [first, digit, count] of circled)
  for (let at = 0; at < count; at += 1) sameLooks.set(String.fromCodePoint(first + at), String(digit + at))

/** Selectors, joiners, marks of direction, fillers; and the keycap or circle around the character before. */
const unseen = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Me}]/gu
const foldable = new RegExp(String.raw`[${[...sameLooks.keys()].join('')}]|(?![0-9])\p{Nd}`, 'gu')

const isDigit = /\p{Nd}/u
/** The digits of each script stand in a row of ten, the zero first. */
function standardOf(character: string): string {
  const same = sameLooks.get(character)
  if (same !== undefined) return same
  const code = character.codePointAt(0) ?? 0
  let digit = 0
  while (digit < 9 && isDigit.test(String.fromCodePoint(code - digit - 1))) digit += 1
  return String(digit)
}

/** The characters of the first 65,536 that stand for others by themselves, for whoever folds by a table. */
export const foldedAlone: ReadonlyMap<string, string> = sameLooks

/** The text as it is compared: letters small, what looks the same the same, nothing invisible. Marks and blanks stay. */
export function foldLooks(text: string): string {
  return text
    .replace(unseen, '')
    .normalize('NFKC')
    .toLowerCase()
    .replace(unseen, '')
    .replace(foldable, standardOf)
}

/** A folded text that remembers where each of its units stood. */
export type PlacedText = {
  folded: string
  /** The units of the text that a stretch of the folded one came from. */
  placeOf(from: number, to: number): { from: number; to: number }
}

const cluster = /\P{M}\p{M}*|\p{M}+/suy
const wideMarks = new Set('，。、：；！？（）“”《》'.split(''))
/** How a character that stands for itself folds; null: only the general rule knows. */
function foldAlone(text: string, at: number): string | null {
  const code = text.charCodeAt(at)
  if (code >= 0x20 && code < 0x7f)
    return code >= 0x41 && code <= 0x5a ? text.charAt(at).toLowerCase() : text.charAt(at)
  const character = text.charAt(at)
  if (code >= 0x4e00 && code < 0x9fa6) return sameLooks.get(character) ?? character
  return character === '\n' ? character : wideMarks.has(character) ? foldLooks(character) : null
}

/** `keep`: which folded characters count; the others are as invisible as a joiner. */
export function foldWithPlaces(text: string, keep: (character: string) => boolean = () => true): PlacedText {
  const starts: number[] = []
  const ends: number[] = []
  const parts: string[] = []
  const add = (character: string, from: number, to: number) => {
    if (!keep(character)) return
    parts.push(character)
    for (let unit = 0; unit < character.length; unit += 1) {
      starts.push(from)
      ends.push(to)
    }
  }
  for (let at = 0; at < text.length; ) {
    const alone = foldAlone(text, at)
    // A mark behind it would belong to it.
    if (alone !== null && (at + 1 === text.length || foldAlone(text, at + 1) !== null)) {
      add(alone, at, at + 1)
      at += 1
      continue
    }
    cluster.lastIndex = at
    const written = cluster.exec(text)?.[0] ?? text.charAt(at)
    for (const character of foldLooks(written)) add(character, at, at + written.length)
    at += written.length
  }
  return {
    folded: parts.join(''),
    placeOf: (from, to) => ({ from: starts[from] ?? text.length, to: ends[to - 1] ?? text.length }),
  }
}
