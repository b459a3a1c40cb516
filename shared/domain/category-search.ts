/**
 * Finding a category by what an operator types: Chinese, code, pinyin, or the first letters of the pinyin. The readings are
 * made once for a catalogue; a search is then a pass over short strings, a few milliseconds for 5,000 entries.
 */
import { z } from 'zod'
import { foldLooks } from './fold-text.ts'

/** One entry that something can be dispatched by, with what it is found by. */
export const categoryReading = z.object({
  code: z.string(),
  name: z.string(),
  path: z.string().describe('上级名称，从一级起'),
  pinyin: z.string().describe('名称的拼音，音节以空格分隔；多音字的其他读法另起一段，以 | 分隔'),
})
export type CategoryReading = z.infer<typeof categoryReading>

type Entry = {
  reading: CategoryReading
  name: string
  path: string
  /** Each way to read the name: its letters, and where each syllable begins among them. */
  spoken: { letters: string; begins: boolean[]; initials: string }[]
}
export type CategoryIndex = readonly Entry[]

export function categoryIndex(readings: readonly CategoryReading[]): CategoryIndex {
  return readings.map(reading => ({
    reading,
    name: foldLooks(reading.name),
    path: foldLooks(reading.path),
    spoken: reading.pinyin
      .split('|')
      .filter(text => text !== '')
      .map(text => {
        const syllables = text.split(' ')
        return {
          letters: syllables.join(''),
          begins: syllables.flatMap(({ length }) => Array.from({ length }, (_, at) => at === 0)),
          initials: syllables.map(syllable => syllable[0] ?? '').join(''),
        }
      }),
  }))
}

/** The higher the better; 0: not found. Whole names and beginnings go before what stands in the middle. */
function scoreOf({ reading, name, path, spoken }: Entry, { text: word, digits }: Word): number {
  if (digits) return reading.code === word ? 100 : reading.code.startsWith(word) ? 80 : 0
  const at = name.indexOf(word)
  if (at >= 0) return (name.length === word.length ? 100 : at === 0 ? 90 : 70) - Math.min(9, name.length / 4)
  let best = 0
  for (const { letters, begins, initials } of spoken) {
    const first = initials.indexOf(word)
    if (first >= 0) best = Math.max(best, initials.length === word.length ? 85 : first === 0 ? 65 : 45)
    // Only from the beginning of a syllable: “an” must not find every “dan”.
    for (let from = letters.indexOf(word); from >= 0; from = letters.indexOf(word, from + 1))
      if (begins[from] === true) {
        best = Math.max(best, from === 0 ? 75 : 55)
        break
      }
  }
  if (best > 0) return best - Math.min(9, name.length / 4)
  if (path.includes(word)) return 20
  return reading.code.toLowerCase().startsWith(word) ? 80 : 0
}

type Word = { text: string; digits: boolean }
type Found = { entry: Entry; score: number }

const wordsOf = (typed: string): Word[] =>
  foldLooks(typed)
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map(text => ({ text, digits: /^\d+$/.test(text) }))

/** Each word must be found. In the order of the entries. */
function matching(entries: readonly Entry[], words: readonly Word[]): Found[] {
  const found: Found[] = []
  for (const entry of entries) {
    let score = 0
    for (const word of words) {
      const own = scoreOf(entry, word)
      if (own === 0) {
        score = 0
        break
      }
      score += own
    }
    if (score > 0) found.push({ entry, score })
  }
  return found
}

/** The best first, equal ones in the catalogue's order: few of many, so they are not all sorted. */
function bestOf(found: readonly Found[], most: number): CategoryReading[] {
  const best: Found[] = []
  for (const each of found) {
    const last = best.at(-1)
    if (best.length === most && (last === undefined || last.score >= each.score)) continue
    let at = best.length
    while (at > 0 && (best[at - 1]?.score ?? 0) < each.score) at -= 1
    best.splice(at, 0, each)
    if (best.length > most) best.pop()
  }
  return best.map(({ entry }) => entry.reading)
}

/** Whatever is found by `next` was found by `before`: the next letters only narrow. */
const narrows = (before: readonly Word[], next: readonly Word[]): boolean =>
  before.length > 0 &&
  before.every(({ text, digits }, at) => {
    const now = next[at]
    return now !== undefined && now.digits === digits && now.text.startsWith(text)
  })

/** The best first; equal ones in the catalogue's order. Each word typed must be found. Nothing typed: the first ones. */
export function searchCategories(index: CategoryIndex, typed: string, most: number): CategoryReading[] {
  return categorySearch(index)(typed, most)
}

/**
 * As `searchCategories`; remembers what the letters before found: the next one looks only among that, and one that is taken back
 * looks for nothing.
 */
export function categorySearch(index: CategoryIndex): (typed: string, most: number) => CategoryReading[] {
  let steps: { words: readonly Word[]; found: readonly Found[] }[] = []
  return (typed, most) => {
    const words = wordsOf(typed)
    if (words.length === 0) return index.slice(0, most).map(({ reading }) => reading)
    steps = steps.slice(0, steps.findLastIndex(step => narrows(step.words, words)) + 1)
    const last = steps.at(-1)
    if (last !== undefined && sameWords(last.words, words)) return bestOf(last.found, most)
    const found = matching(last === undefined ? index : last.found.map(({ entry }) => entry), words)
    steps.push({ words, found })
    return bestOf(found, most)
  }
}

const sameWords = (a: readonly Word[], b: readonly Word[]): boolean =>
  a.length === b.length && a.every(({ text }, at) => text === b[at]?.text)
