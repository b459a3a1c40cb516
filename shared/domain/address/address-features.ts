/** What the sequence model sees of an address at each token. */

/** Characters that end a part of an address, e.g. 省市区路号. */
const endings = new Set(
  '省市区县镇乡村路街道巷弄号楼幢栋座室层单元组社园苑城店厦场校院旗盟州屯庄坊桥里湾段线口港站铺厂司部库'.split(
    '',
  ),
)

/** A word list from labelled addresses: what a text was labelled, with how often. */
export type Lexicon = Map<string, Map<string, number>>

export function addToLexicon(lexicon: Lexicon, word: string, label: string, count = 1): void {
  const labels = lexicon.get(word) ?? new Map<string, number>()
  labels.set(label, (labels.get(label) ?? 0) + count)
  lexicon.set(word, labels)
}

const longestWord = 10

/** Digits and letters stand together as one token, every other character alone: as the labelled files have it. */
export function tokenize(text: string): string[] {
  return text.match(/[A-Za-z0-9]+|[^\sA-Za-z0-9]/gu) ?? []
}

function shapeOf(token: string): string {
  if (/^\d+$/.test(token)) return `n${Math.min(token.length, 5)}`
  if (/^[A-Za-z]+$/.test(token)) return `a${Math.min(token.length, 3)}`
  if (/^[A-Za-z0-9]+$/.test(token)) return 'an'
  if (/^[一二三四五六七八九十百零〇两]$/.test(token)) return 'cn'
  return /^\p{L}$/u.test(token) ? 'h' : 'p'
}

/** `own` is taken off the lexicon's counts: an address must not be told its own answer while it is trained on. */
function lexiconFeatures(
  tokens: string[],
  lexicon: Lexicon,
  own: Lexicon | null,
  features: string[][],
): void {
  for (let from = 0; from < tokens.length; from += 1) {
    let word = ''
    for (let to = from; to < tokens.length && to < from + longestWord; to += 1) {
      word += tokens[to]
      if (to === from) continue
      const labels = lexicon.get(word)
      if (labels === undefined) continue
      const counts = [...labels]
        .map(([label, count]) => [label, count - (own?.get(word)?.get(label) ?? 0)] as const)
        .filter(([, count]) => count > 0)
      if (counts.length === 0) continue
      const [best] = counts.reduce((most, one) => (one[1] > most[1] ? one : most))
      const size = Math.min(to - from + 1, 5)
      for (let at = from; at <= to; at += 1) {
        const place = at === from ? 'B' : at === to ? 'E' : 'M'
        features[at]?.push(`L${place}${best}`, `L${place}${best}${size}`)
      }
      features[to + 1]?.push(`LA${best}`)
      features[from - 1]?.push(`LP${best}`)
    }
  }
}

/**
 * People write the province and city twice; which copy is the spare one shows only in what else is repeated. For each token:
 * how many tokens of the run that covers it stand again later, or stood before.
 */
function repeatFeatures(tokens: string[], features: string[][]): void {
  const length = tokens.length
  const later = new Uint8Array(length)
  const earlier = new Uint8Array(length)
  for (let from = 0; from < length; from += 1)
    for (let again = from + 1; again < length; again += 1) {
      if (from > 0 && tokens[from - 1] === tokens[again - 1]) continue
      let run = 0
      while (from + run < again && again + run < length && tokens[from + run] === tokens[again + run])
        run += 1
      if (run < 2) continue
      for (let step = 0; step < run; step += 1) {
        later[from + step] = Math.max(later[from + step] ?? 0, run)
        earlier[again + step] = Math.max(earlier[again + step] ?? 0, run)
      }
    }
  const anyLater = later.some(run => run > 0)
  if (!anyLater) return
  const firstAgain = earlier.findIndex(run => run > 0)
  const firstTwice = later.findIndex(run => run > 0)
  const opening = firstTwice === 0 ? 'o' : 'i'
  for (let at = 0; at < length; at += 1) {
    const [run, ran] = [Math.min(later[at] ?? 0, 7), Math.min(earlier[at] ?? 0, 7)]
    const next = Math.min(later[at + 1] ?? 0, 7)
    const side = at < firstAgain ? '<' : '>'
    const own = `${run > 0 ? 'L' : '-'}${ran > 0 ? 'E' : '-'}`
    features[at]?.push(
      `r${own}`,
      `r${own}${side}${opening}`,
      `rl${run}`,
      `re${ran}`,
      `rn${own}${next > 0 ? 'L' : '-'}${(earlier[at + 1] ?? 0) > 0 ? 'E' : '-'}`,
      `rc${own}${tokens[at]}`,
      `rd${own}${side}${Math.min(firstAgain, 9)}`,
      `rs${side}${opening}`,
    )
    const ending = features[at]?.find(name => /^e.$/u.test(name))
    if (ending !== undefined) features[at]?.push(`rx${own}${side}${ending}`)
  }
}

let segmenter: Intl.Segmenter | null = null

/** What the dictionary of the runtime takes for words: the only knowledge here that no labelled address taught. */
function wordFeatures(tokens: string[], features: string[][]): void {
  segmenter ??= new Intl.Segmenter('zh', { granularity: 'word' })
  const starts: number[] = []
  let length = 0
  for (const token of tokens) {
    starts.push(length)
    length += token.length
  }
  const words = [...segmenter.segment(tokens.join(''))]
  const wordAt = (place: number): number =>
    words.findIndex(({ index, segment }) => index <= place && place < index + segment.length)
  for (const [at, start] of starts.entries()) {
    const which = wordAt(start)
    const word = words[which]
    if (word === undefined) continue
    const first = word.index === start
    const last = word.index + word.segment.length === start + (tokens[at]?.length ?? 0)
    const place = `${first ? 'B' : 'I'}${last ? 'E' : 'M'}`
    const [before, after] = [words[which - 1]?.segment ?? '<', words[which + 1]?.segment ?? '>']
    features[at]?.push(
      `W${place}`,
      `W${place}${word.segment}`,
      `W-1${place}${before}`,
      `W1${place}${after}`,
      `W01${place}${word.segment}|${after}`,
      `W-10${place}${before}|${word.segment}`,
      `We${place}${after.at(-1)}`,
      `Wb${place}${before.at(-1)}`,
      `Ws${place}${word.segment.at(-1)}${word.segment.length}`,
    )
  }
}

export function addressFeatures(tokens: string[], lexicon: Lexicon, own: Lexicon | null = null): string[][] {
  const shapes = tokens.map(shapeOf)
  // Of numbers only the length says anything.
  const seen = tokens.map((token, at) => (shapes[at]?.startsWith('n') ? (shapes[at] ?? '') : token))
  const at = (place: number): string => (place < 0 ? '<' : (seen[place] ?? '>'))
  const ending = tokens.map(token => endings.has(token))
  const features = tokens.map((token, i) => {
    const [p3, p2, p1, c, n1, n2, n3] = [-3, -2, -1, 0, 1, 2, 3].map(step => at(i + step))
    const found = [
      'b',
      `0${c}`,
      `1${n1}`,
      `2${n2}`,
      `3${n3}`,
      `-1${p1}`,
      `-2${p2}`,
      `-3${p3}`,
      `01${c}${n1}`,
      `-10${p1}${c}`,
      `12${n1}${n2}`,
      `-21${p2}${p1}`,
      `23${n2}${n3}`,
      `-32${p3}${p2}`,
      `-11${p1}|${n1}`,
      `02${c}|${n2}`,
      `-20${p2}|${c}`,
      `012${c}${n1}${n2}`,
      `-101${p1}${c}${n1}`,
      `-210${p2}${p1}${c}`,
      `123${n1}${n2}${n3}`,
      `0123${c}${n1}${n2}${n3}`,
      `-1012${p1}${c}${n1}${n2}`,
      `-3210${p3}${p2}${p1}${c}`,
      `s${shapes[i]}`,
      `s-1${shapes[i - 1]}|${shapes[i]}`,
      `s1${shapes[i]}|${shapes[i + 1]}`,
      `s3${shapes[i - 1]}|${shapes[i]}|${shapes[i + 1]}`,
      `w${token.length > 1 ? token : ''}`,
    ]
    if (i < 2) found.push(`at${i}`)
    if (i >= tokens.length - 2) found.push(`left${tokens.length - 1 - i}`)
    let next = i
    while (next < tokens.length && !(ending[next] ?? false)) next += 1
    const ahead = next < tokens.length ? `${tokens[next]}` : '>'
    const far = Math.min(next - i, 6)
    found.push(`e${ahead}`, `e${ahead}${far}`, `ec${ahead}${c}`)
    let last = i - 1
    while (last >= 0 && !(ending[last] ?? false)) last -= 1
    const behind = last >= 0 ? `${tokens[last]}` : '<'
    const since = Math.min(i - last, 6)
    found.push(`l${behind}`, `l${behind}${since}`, `le${behind}${since}${ahead}${far}`, `lc${behind}${c}`)
    let second = next + 1
    while (second < tokens.length && !(ending[second] ?? false)) second += 1
    found.push(`ee${ahead}${tokens[second] ?? '>'}`, `ees${ahead}${tokens[second] ?? '>'}${behind}`)
    return found
  })
  repeatFeatures(tokens, features)
  wordFeatures(tokens, features)
  lexiconFeatures(tokens, lexicon, own, features)
  return features
}
