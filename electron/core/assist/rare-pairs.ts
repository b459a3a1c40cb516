/**
 * The rarest pairs of characters of a text, by a sample of the latest cases: what a search through a million of them should ask
 * for. Counting in the index itself would read its longest lists; a sample tells rare from common just as well.
 */
import { createRarity, profileOf, type Rarity } from '../../../shared/domain/repeats/likeness.ts'
import { parseFields } from '../cases/drafts.ts'
import type { Database } from '../storage/database.ts'

const sampled = 2_000
/** How much of a case is compared: enough to tell it, little enough for fifty of them in a few milliseconds. */
export const comparedCharacters = 120

export function sampleRarity(db: Database): Rarity {
  const rarity = createRarity()
  const rows = db.prepare('SELECT fields FROM cases ORDER BY case_key DESC LIMIT ?').pluck().all(sampled)
  for (const row of rows as string[]) rarity.add(profileOf(parseFields(row), comparedCharacters).whole.keys())
  return rarity
}

/** Distinct pairs of letters and digits that stand beside each other, as the search rows have them. */
export function pairsOf(text: string): Set<string> {
  const pairs = new Set<string>()
  for (const run of text
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}\p{M}]+/u))
    for (let at = 0; at + 2 <= run.length; at += 1) pairs.add(run.slice(at, at + 2))
  return pairs
}

const asked = 40
const counted = 200

/**
 * The rarest pairs that some case has, rarest first. The sample says which to look at; what it has not seen may stand in no case
 * at all, so the index is asked, and stops counting where a pair is no longer rare.
 */
export function createRarest(db: Database, rarity: Rarity) {
  const holders = db
    .prepare(`SELECT count(*) FROM (SELECT 1 FROM case_search WHERE case_search MATCH ? LIMIT ${counted})`)
    .pluck()
  return (pairs: Iterable<string>, most: number): string[] =>
    [...pairs]
      .map(pair => ({ pair, rare: rarity.of(pair) }))
      .sort((one, other) => other.rare - one.rare)
      .slice(0, asked)
      .map(({ pair, rare }) => ({ pair, rare, cases: Number(holders.get(`"${pair}"`)) }))
      .filter(({ cases }) => cases > 0)
      .sort((one, other) => one.cases - other.cases || other.rare - one.rare)
      .slice(0, most)
      .map(({ pair }) => pair)
}

/** Matches what has at least two of the pairs: one alone is chance, all of them is asking too much. */
export function twoOf(pairs: readonly string[]): string | null {
  const [first] = pairs
  if (first === undefined) return null
  if (pairs.length === 1) return `"${first}"`
  const both = pairs.flatMap((one, at) => pairs.slice(at + 1).map(other => `("${one}" AND "${other}")`))
  return `(${both.join(' OR ')})`
}
