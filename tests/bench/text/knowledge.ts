/**
 * `npm run bench:knowledge`: how high the ranking of written answers puts the reply to a message among all replies of
 * replies-train.jsonl, or of `--test FILE`. Nothing is trained.
 */
import { z } from 'zod'
import {
  type CorpusFigures,
  prepareText,
  questionOf,
  scoreText,
  termsOf,
} from '../../../shared/domain/knowledge/ranking.ts'
import { asked, benchText, fileText, jsonLines } from './data.ts'

const answered = z.object({ title: z.string(), content: z.string(), reply: z.string() })
const pairs = jsonLines(
  asked.test === undefined ? benchText('replies-train.jsonl') : fileText(asked.test),
).map(line => answered.parse(line))

const texts = pairs.map(({ reply }) => prepareText({ title: '', body: reply }))
const holders = new Map<string, number[]>()
texts.forEach(({ counts }, at) => {
  for (const pair of counts.keys()) {
    const list = holders.get(pair) ?? []
    list.push(at)
    holders.set(pair, list)
  }
})
const corpus: CorpusFigures = {
  texts: texts.length,
  averageLength: texts.reduce((sum, { length }) => sum + length, 0) / texts.length,
  holders: pair => holders.get(pair)?.length ?? 0,
}

let reciprocal = 0
let first = 0
const began = performance.now()
for (const [at, pair] of pairs.entries()) {
  const terms = termsOf(questionOf(pair), corpus)
  const own = scoreText(terms, texts[at] ?? { counts: new Map(), length: 0 }, corpus)
  let rank = 1
  // A reply with exactly the same text is as good an answer; among others with the same score ours counts as the last.
  for (const [other, text] of texts.entries())
    if (other !== at && pairs[other]?.reply !== pair.reply && scoreText(terms, text, corpus) >= own) rank += 1
  if (rank <= 10) reciprocal += 1 / rank
  if (rank === 1) first += 1
}
const ms = (performance.now() - began) / pairs.length
console.log(`${pairs.length} messages, each among ${pairs.length} replies`)
console.log(`first place ${(first / pairs.length).toFixed(4)}`)
console.log(`ms ${ms.toFixed(1)} (every reply scored; the seat scores only what its index found)`)
console.log(`MRR@10 ${(reciprocal / pairs.length).toFixed(4)}`)
