/** The dialect words in force at this seat: as the centre published them last, else the example. What cannot be used changes nothing. */
import {
  createFindWords,
  type DialectWord,
  lookUpWords,
  wordsFor,
} from '../../../shared/domain/dialect/find-words.ts'
import {
  type DialectGlossary,
  dialectGlossary,
  dialectGlossaryName,
  glossaryFaults,
} from '../../../shared/domain/dialect/glossary.ts'
import { sampleGlossary } from '../../../shared/domain/dialect/sample-glossary.ts'
import type { Database } from '../storage/database.ts'
import { publishedInForce, versionInForce } from '../storage/published.ts'

export type DialectQuestion = {
  /** What is being typed. */
  text: string
  /** What is looked up; empty: the words of the text. */
  query: string
  /** As the caller's profile or the call has it; empty: not known. */
  dialect: string
  limit: number
}
export type DialectWords = {
  /** Null: the example that is shipped. */
  version: string | null
  sample: boolean
  words: DialectWord[]
}

export function createDialectWords(
  db: Database,
  now: () => number,
  refused: (version: string, code: string) => void,
) {
  const load = (version: string | null, glossary: DialectGlossary) => ({
    version,
    glossary,
    find: createFindWords(glossary.entries),
  })
  let inUse = load(null, sampleGlossary)
  let seen = ''

  const renew = () => {
    const current = versionInForce(db, dialectGlossaryName, now())
    if (current === undefined || current.sha256 === seen) return
    seen = current.sha256
    const content: unknown = JSON.parse(publishedInForce(db, dialectGlossaryName, now())?.content ?? 'null')
    const read = dialectGlossary.safeParse(content)
    if (read.success && glossaryFaults(content).length === 0) inUse = load(current.version, read.data)
    else refused(current.version, 'NOT_A_GLOSSARY')
  }

  return ({ text, query, dialect, limit }: DialectQuestion): DialectWords => {
    renew()
    const { version, glossary, find } = inUse
    const words =
      query.trim() === ''
        ? wordsFor(find(text), dialect).slice(0, limit)
        : lookUpWords(glossary.entries, query, dialect, limit)
    return { version, sample: glossary.sample, words }
  }
}
