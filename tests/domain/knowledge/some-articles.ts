import type { Article, Knowledge } from '../../../shared/domain/knowledge/article.ts'

export const someArticle = (
  articleId: string,
  title: string,
  text: string,
  change: Partial<Article> = {},
): Article => ({
  articleId,
  version: 1,
  title,
  owner: '市医疗保障局',
  source: '云医保发〔2026〕3号',
  categoryCodes: ['0101'],
  effectiveAt: '2026-01-01T00:00:00.000Z',
  expiresAt: null,
  reviewedAt: '2026-10-01T00:00:00.000Z',
  body: [{ kind: 'paragraph', runs: [{ text }] }],
  ...change,
})

export const someKnowledge = (articles: Article[]): Knowledge => ({
  sample: true,
  staleAfterDays: 180,
  articles,
})
