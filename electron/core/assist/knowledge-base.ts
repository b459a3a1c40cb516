/** The articles in force at this seat, as the centre published them last; a publication that cannot be used changes nothing. */
import {
  type Article,
  type ArticleState,
  insertionOf,
  knowledge,
  knowledgeName,
} from '../../../shared/domain/knowledge/article.ts'
import {
  createKnowledgeIndex,
  type KnowledgeIndex,
} from '../../../shared/domain/knowledge/knowledge-index.ts'
import type { Database } from '../storage/database.ts'
import { publishedInForce, versionInForce } from '../storage/published.ts'

export type ArticleOffer = {
  articleId: string
  version: number
  title: string
  owner: string
  state: Extract<ArticleState, 'current' | 'stale'>
  expiresAt: string | null
  reviewedAt: string
  words: string[]
}

export type ArticleReading = {
  article: Article
  state: ArticleState
  /** What goes into the case. */
  insertion: string
}

export function createKnowledgeBase(
  db: Database,
  now: () => number,
  refused: (version: string, code: string) => void,
) {
  let index: KnowledgeIndex | null = null
  let seen = ''

  const inForce = (): KnowledgeIndex | null => {
    const current = versionInForce(db, knowledgeName, now())
    if (current === undefined || current.sha256 === seen) return index
    seen = current.sha256
    const read = knowledge.safeParse(
      JSON.parse(publishedInForce(db, knowledgeName, now())?.content ?? 'null'),
    )
    if (read.success) index = createKnowledgeIndex(read.data)
    else refused(current.version, 'NOT_KNOWLEDGE')
    return index
  }

  return {
    search(text: { title: string; content: string }, limit: number): ArticleOffer[] {
      return (inForce()?.search(text, now(), limit) ?? []).map(({ article, state, words }) => ({
        articleId: article.articleId,
        version: article.version,
        title: article.title,
        owner: article.owner,
        state,
        expiresAt: article.expiresAt,
        reviewedAt: article.reviewedAt,
        words,
      }))
    },
    read(articleId: string): ArticleReading | null {
      const known = inForce()
      const found = known?.article(articleId)
      if (known === null || found === undefined) return null
      return { article: found, state: known.state(found, now()), insertion: insertionOf(found) }
    },
  }
}
