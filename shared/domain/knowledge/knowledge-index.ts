/** The articles of a seat, ready to be searched by what is being typed. Built once for a published version. */
import { foldWithPlaces } from '../fold-text.ts'
import { type Article, type ArticleState, articleState, type Knowledge, textOf } from './article.ts'
import {
  type AskedText,
  type CorpusFigures,
  type PreparedText,
  prepareText,
  questionOf,
  type RankingTerm,
  scoreText,
  termsOf,
} from './ranking.ts'

export type ArticleFound = {
  article: Article
  state: Extract<ArticleState, 'current' | 'stale'>
  score: number
  /** Words of the asker's text for which it was found. */
  words: string[]
}

export type KnowledgeIndex = {
  article(articleId: string): Article | undefined
  state(found: Article, now: number): ArticleState
  /** The best first; what does not hold at `now` is never among them. */
  search(text: AskedText, now: number, limit: number): ArticleFound[]
}

/** As many of a question's rarest pairs are looked up. */
const termsUsed = 60
const wordsTold = 3
/** One pair in common is chance. */
const leastPairs = 2

/** Runs of the text whose pairs the article has, the heaviest first. */
function wordsFor(text: string, terms: ReadonlyMap<string, number>, { counts }: PreparedText): string[] {
  const runs: { word: string; weight: number }[] = []
  const placed = foldWithPlaces(text)
  for (const { 0: folded, index } of placed.folded.matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    let from = -1
    let weight = 0
    for (let at = 0; at + 1 <= folded.length; at += 1) {
      const pair = folded.slice(at, at + 2)
      const own = counts.has(pair) ? (terms.get(pair) ?? 0) : 0
      if (own > 0) {
        if (from === -1) from = at
        weight += own
      } else if (from !== -1) {
        const place = placed.placeOf(index + from, index + at + 1)
        runs.push({ word: text.slice(place.from, place.to), weight })
        from = -1
        weight = 0
      }
    }
  }
  runs.sort((one, other) => other.weight - one.weight)
  return [...new Set(runs.map(({ word }) => word))].slice(0, wordsTold)
}

const readCharacters = 2_000

export function createKnowledgeIndex({ articles, staleAfterDays }: Knowledge): KnowledgeIndex {
  const texts = articles.map(one => prepareText({ title: one.title, body: textOf(one) }))
  const byId = new Map(articles.map(one => [one.articleId, one]))
  const holders = new Map<string, number[]>()
  texts.forEach(({ counts }, at) => {
    for (const pair of counts.keys()) {
      const list = holders.get(pair)
      if (list === undefined) holders.set(pair, [at])
      else list.push(at)
    }
  })
  const corpus: CorpusFigures = {
    texts: texts.length,
    averageLength: texts.reduce((sum, { length }) => sum + length, 0) / Math.max(texts.length, 1),
    holders: pair => holders.get(pair)?.length ?? 0,
  }
  const state = (one: Article, now: number) => articleState(one, staleAfterDays, now)

  const candidates = (terms: RankingTerm[]): Map<number, number> => {
    const shared = new Map<number, number>()
    for (const { pair } of terms)
      for (const at of holders.get(pair) ?? []) shared.set(at, (shared.get(at) ?? 0) + 1)
    return shared
  }

  return {
    article: articleId => byId.get(articleId),
    state,
    search(text, now, limit) {
      const terms = termsOf(questionOf(text), corpus).slice(0, termsUsed)
      const weights = new Map(terms.map(({ pair, weight }) => [pair, weight]))
      const found: ArticleFound[] = []
      for (const [at, pairs] of candidates(terms)) {
        const [one, prepared] = [articles[at], texts[at]]
        if (one === undefined || prepared === undefined || pairs < Math.min(leastPairs, terms.length))
          continue
        const held = state(one, now)
        if (held !== 'current' && held !== 'stale') continue
        found.push({ article: one, state: held, score: scoreText(terms, prepared, corpus), words: [] })
      }
      return found
        .sort((one, other) => other.score - one.score)
        .slice(0, limit)
        .map(one => {
          const prepared = prepareText({ title: one.article.title, body: textOf(one.article) })
          return {
            ...one,
            words: wordsFor(`${text.title}\n${text.content.slice(0, readCharacters)}`, weights, prepared),
          }
        })
    },
  }
}
