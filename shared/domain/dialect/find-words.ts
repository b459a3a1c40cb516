/** Dialect words in a text, the longest at each place, and how a normal wording is put beside what the caller said. Pure. */
import type { GlossaryEntry } from './glossary.ts'

export type WordFound = { word: string; from: number; entries: GlossaryEntry[] }
export type FindWords = (text: string) => WordFound[]

/** Longer texts are read so far: nobody looks up the end of them. */
const readCharacters = 20_000

export function createFindWords(entries: readonly GlossaryEntry[]): FindWords {
  const byWord = new Map<string, GlossaryEntry[]>()
  for (const entry of entries) byWord.set(entry.word, [...(byWord.get(entry.word) ?? []), entry])
  const lengths = new Map<string, number[]>()
  for (const word of byWord.keys()) {
    const first = word.charAt(0)
    const known = lengths.get(first) ?? []
    if (!known.includes(word.length))
      lengths.set(
        first,
        [...known, word.length].sort((a, b) => b - a),
      )
  }
  return whole => {
    const text = whole.slice(0, readCharacters)
    const found: WordFound[] = []
    for (let at = 0; at < text.length; ) {
      const length = (lengths.get(text.charAt(at)) ?? []).find(each => byWord.has(text.slice(at, at + each)))
      if (length === undefined) {
        at += 1
        continue
      }
      const word = text.slice(at, at + length)
      found.push({ word, from: at, entries: byWord.get(word) ?? [] })
      at += length
    }
    return found
  }
}

/** 苏州话 and 吴语（苏州话） are the same to somebody who looks for words. */
export const isDialect = (entry: Pick<GlossaryEntry, 'dialect'>, spoken: string): boolean =>
  spoken !== '' && (entry.dialect.includes(spoken) || spoken.includes(entry.dialect))

export type DialectWord = GlossaryEntry & {
  /** Of the caller's own dialect. */
  own: boolean
}

/** Each word once, the caller's dialect first, else as the caller said them. */
export function wordsFor(found: readonly WordFound[], spoken: string): DialectWord[] {
  const words = [...new Map(found.map(each => [each.word, each])).values()].flatMap(each =>
    each.entries.map(entry => ({ ...entry, own: isDialect(entry, spoken) })),
  )
  return [...words.filter(({ own }) => own), ...words.filter(({ own }) => !own)]
}

/** Looked up by word or by normal wording; what begins with it first. */
export function lookUpWords(
  entries: readonly GlossaryEntry[],
  asked: string,
  spoken: string,
  limit: number,
): DialectWord[] {
  const query = asked.trim()
  if (query === '') return []
  const rank = (entry: GlossaryEntry) =>
    (isDialect(entry, spoken) ? 0 : 4) +
    (entry.word === query ? 0 : entry.word.startsWith(query) ? 1 : entry.word.includes(query) ? 2 : 3)
  return entries
    .filter(({ word, normal }) => word.includes(query) || normal.includes(query))
    .sort((a, b) => rank(a) - rank(b) || a.word.length - b.word.length)
    .slice(0, limit)
    .map(entry => ({ ...entry, own: isDialect(entry, spoken) }))
}

const beside = (normal: string): string => `（${normal}）`

/** The normal wording in brackets behind the word, the caller's own word left as it is; at the end when the text has no such word. */
export function putBeside(
  text: string,
  { word, normal }: Pick<GlossaryEntry, 'word' | 'normal'>,
  /** Of all words shown: the word inside a longer one is another word. */
  shown: readonly GlossaryEntry[],
): string {
  const find = createFindWords([...shown, { word, normal, dialect: '', note: '' }])
  const bracket = beside(normal)
  const place = find(text).find(
    each => each.word === word && !text.startsWith(bracket, each.from + word.length),
  )
  if (place !== undefined) {
    const end = place.from + word.length
    return text.slice(0, end) + bracket + text.slice(end)
  }
  if (text.includes(word + bracket)) return text
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${word}${bracket}`
}
