/**
 * Ranks written answers by a citizen's text: BM25F over pairs of characters, with rarity squared, so that the few rare pairs of
 * a long text outweigh its many common ones, and with the title counted more than once on both sides.
 */

import { foldLooks } from '../fold-text.ts'

export type RankedText = { title: string; body: string }

export type AskedText = { title: string; content: string }

/** What the index knows of all texts together. */
export type CorpusFigures = {
  texts: number
  averageLength: number
  /** In how many texts a pair stands. */
  holders(pair: string): number
}

/** How soon another occurrence stops to count, in the answer and in the question. */
const textSaturation = 2
const questionSaturation = 3
const titleWeight = 3
/** A pasted document is no better question than its beginning. */
const readCharacters = 2_000

/** Pairs of letters and digits that stand beside each other, with `weight` for each time. */
export function addPairs(text: string, weight: number, counts: Map<string, number>): void {
  const folded = foldLooks(text)
  for (const run of folded.split(/[^\p{L}\p{N}\p{M}]+/u))
    for (let at = 0; at + 2 <= run.length; at += 1) {
      const pair = run.slice(at, at + 2)
      counts.set(pair, (counts.get(pair) ?? 0) + weight)
    }
}

export type Question = Map<string, number>

export function questionOf({ title, content }: AskedText): Question {
  const counts = new Map<string, number>()
  addPairs(content.slice(0, readCharacters), 1, counts)
  addPairs(title.slice(0, readCharacters), titleWeight, counts)
  return counts
}

export type PreparedText = { counts: Map<string, number>; length: number }

export function prepareText({ title, body }: RankedText): PreparedText {
  const counts = new Map<string, number>()
  addPairs(body, 1, counts)
  addPairs(title, titleWeight, counts)
  let length = 0
  for (const count of counts.values()) length += count
  return { counts, length }
}

function rarity(corpus: CorpusFigures, pair: string): number {
  const holders = corpus.holders(pair)
  return Math.log(1 + (corpus.texts - holders + 0.5) / (holders + 0.5)) ** 2
}

export type RankingTerm = { pair: string; weight: number }

/** The question's pairs that some text has, the heaviest first: what a first search through an index should ask for. */
export function termsOf(question: Question, corpus: CorpusFigures): RankingTerm[] {
  const terms: RankingTerm[] = []
  for (const [pair, count] of question) {
    if (corpus.holders(pair) === 0) continue
    const asked = (count * (questionSaturation + 1)) / (count + questionSaturation)
    terms.push({ pair, weight: asked * rarity(corpus, pair) })
  }
  return terms.sort((one, other) => other.weight - one.weight)
}

export function scoreText(terms: RankingTerm[], text: PreparedText, corpus: CorpusFigures): number {
  const slow = textSaturation * (text.length / Math.max(corpus.averageLength, 1))
  let score = 0
  for (const { pair, weight } of terms) {
    const count = text.counts.get(pair)
    if (count !== undefined) score += (weight * count * (textSaturation + 1)) / (count + slow)
  }
  return score
}
