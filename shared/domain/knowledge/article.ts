/**
 * Written answers (知识): articles of an owner, with the time for which they hold. The centre publishes them all under the name
 * `knowledge`. A text is blocks and runs, never markup: what could run in a page cannot be written down here.
 */
import { z } from 'zod'

export const knowledgeName = 'knowledge'

/** Only what opens a page or a telephone. */
const link = z
  .string()
  .max(2_000)
  .regex(/^(?:https?:\/\/|tel:)\S+$/i)

export const textRun = z.object({
  text: z.string().min(1).max(20_000),
  strong: z.literal(true).optional(),
  link: link.optional(),
})
export type TextRun = z.infer<typeof textRun>

export const textBlock = z.object({
  kind: z.enum(['heading', 'paragraph', 'item']),
  runs: z.array(textRun).min(1).max(2_000),
})
export type TextBlock = z.infer<typeof textBlock>

export const article = z.object({
  articleId: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  version: z.number().int().min(1).describe('第几版'),
  title: z.string().trim().min(1).max(200),
  owner: z.string().trim().min(1).max(100).describe('责任单位'),
  source: z.string().max(500).describe('出处，如文件名和文号'),
  categoryCodes: z.array(z.string().min(1).max(32)).max(50),
  effectiveAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable().describe('空为长期有效'),
  reviewedAt: z.iso.datetime().describe('责任单位最近一次核对'),
  body: z.array(textBlock).min(1).max(500),
})
export type Article = z.infer<typeof article>

export const knowledge = z.object({
  sample: z.boolean().describe('示例数据'),
  staleAfterDays: z.number().int().min(1).max(3_650).describe('多少天没有核对就标为“久未核对”'),
  articles: z
    .array(article)
    .max(5_000)
    .refine(list => new Set(list.map(({ articleId }) => articleId)).size === list.length, {
      message: 'two articles of one id',
    }),
})
export type Knowledge = z.infer<typeof knowledge>

/** 未生效 / 现行 / 久未核对 / 已失效. */
export type ArticleState = 'not-yet' | 'current' | 'stale' | 'expired'

const dayMs = 86_400_000

export function articleState(
  { effectiveAt, expiresAt, reviewedAt }: Pick<Article, 'effectiveAt' | 'expiresAt' | 'reviewedAt'>,
  staleAfterDays: number,
  now: number,
): ArticleState {
  if (Date.parse(effectiveAt) > now) return 'not-yet'
  if (expiresAt !== null && Date.parse(expiresAt) <= now) return 'expired'
  return Date.parse(reviewedAt) + staleAfterDays * dayMs <= now ? 'stale' : 'current'
}

/** As plain text, a block a line. */
export const textOf = ({ body }: Pick<Article, 'body'>): string =>
  body
    .map(({ kind, runs }) => (kind === 'item' ? '· ' : '') + runs.map(({ text }) => text).join(''))
    .join('\n')

/** What goes into a case when the answer is taken: the text, and where it comes from. */
export const insertionOf = (taken: Article): string =>
  `${textOf(taken)}\n（来源：《${taken.title}》第 ${taken.version} 版，${taken.owner}${taken.source === '' ? '' : `，${taken.source}`}）`
