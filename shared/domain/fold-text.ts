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
const foldable = new RegExp(`[${[...sameLooks.keys()].join('')}\\u0660-\\u0669\\u06f0-\\u06f9]`, 'gu')

const standardOf = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  if (code >= 0x660 && code <= 0x669) return String(code - 0x660)
  if (code >= 0x6f0 && code <= 0x6f9) return String(code - 0x6f0)
  return sameLooks.get(character) ?? character
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

const cluster = /\P{M}\p{M}*|\p{M}+/gsu

/** `keep`: which folded characters count; the others are as invisible as a joiner. */
export function foldWithPlaces(text: string, keep: (character: string) => boolean = () => true): PlacedText {
  const starts: number[] = []
  const ends: number[] = []
  let folded = ''
  for (const { 0: written, index } of text.matchAll(cluster)) {
    for (const character of foldLooks(written)) {
      if (!keep(character)) continue
      folded += character
      for (let unit = 0; unit < character.length; unit += 1) {
        starts.push(index)
        ends.push(index + written.length)
      }
    }
  }
  return {
    folded,
    placeOf: (from, to) => ({ from: starts[from] ?? text.length, to: ends[to - 1] ?? text.length }),
  }
}
