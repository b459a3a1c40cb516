/**
 * Cases that share rare pairs of characters with a text, out of a million, in a few milliseconds: each of the text's rarest pairs
 * is looked up by itself, at most so many of its latest cases, and the lists are counted here. A sample of the latest cases says
 * which pairs are rare; counting in the index would read its longest lists.
 */
import { foldLooks } from '../../../shared/domain/fold-text.ts'
import { createRarity, profileOf, type Rarity } from '../../../shared/domain/repeats/likeness.ts'
import { parseFields } from '../cases/drafts.ts'
import type { Database } from '../storage/database.ts'

const sampled = 2_000
/** How much of a case is compared: enough to tell it, little enough for many of them in a few milliseconds. */
export const comparedCharacters = 100
const lookedUp = 24
const latestOfPair = 100

export function sampleRarity(db: Database): Rarity {
  const rarity = createRarity()
  const rows = db.prepare('SELECT fields FROM cases ORDER BY case_key DESC LIMIT ?').pluck().all(sampled)
  for (const row of rows as string[])
    rarity.add(profileOf(parseFields(row), comparedCharacters).whole.index.keys())
  return rarity
}

/** Distinct pairs of letters and digits that stand beside each other, as the search rows have them. */
export function pairsOf(text: string): Set<string> {
  const pairs = new Set<string>()
  for (const run of foldLooks(text).split(/[^\p{L}\p{N}\p{M}]+/u))
    for (let at = 0; at + 2 <= run.length; at += 1) pairs.add(run.slice(at, at + 2))
  return pairs
}

/** Keys of cases, those that share most first. Pairs of `heavy` count twice. One pair alone is chance, unless there is no other. */
export function createCandidates(db: Database, rarity: Rarity) {
  const holders = db
    .prepare(
      `SELECT rowid FROM case_search WHERE case_search MATCH ? ORDER BY rowid DESC LIMIT ${latestOfPair}`,
    )
    .pluck()
  return (heavy: string, light: string, most: number): number[] => {
    const weights = new Map<string, number>()
    for (const pair of pairsOf(light)) weights.set(pair, rarity.of(pair))
    for (const pair of pairsOf(heavy)) weights.set(pair, 2 * rarity.of(pair))
    const asked = [...weights].sort((one, other) => other[1] - one[1]).slice(0, lookedUp)
    const found = new Map<number, { pairs: number; weight: number }>()
    let known = 0
    for (const [pair, weight] of asked) {
      const keys = holders.all(`"${pair}"`) as number[]
      if (keys.length > 0) known += 1
      // As many as were asked for: the pair is common after all, and says less.
      const own = keys.length === latestOfPair ? weight / 4 : weight
      for (const key of keys) {
        const before = found.get(key)
        if (before === undefined) found.set(key, { pairs: 1, weight: own })
        else {
          before.pairs += 1
          before.weight += own
        }
      }
    }
    return [...found]
      .filter(([, { pairs }]) => pairs >= Math.min(2, known))
      .sort(([keyOne, one], [keyOther, other]) => other.weight - one.weight || keyOther - keyOne)
      .slice(0, most)
      .map(([key]) => key)
  }
}
