/** Knowledge as it is handed in: each article's text in blocks already, or as HTML. */
import { z } from 'zod'
import { article, type Knowledge, knowledge } from '../../shared/domain/knowledge/article.ts'
import { blocksFromHtml } from './rich-text.ts'

const incoming = z.object({
  ...knowledge.shape,
  articles: z
    .array(
      z.union([
        article
          .omit({ body: true })
          .extend({ bodyHtml: z.string().max(200_000) })
          .strict(),
        article.strict(),
      ]),
    )
    .max(5_000),
})

/** What is published, or null when seats could not use it. */
export function knowledgeFrom(content: unknown): Knowledge | null {
  const read = incoming.safeParse(content)
  if (!read.success) return null
  const articles = read.data.articles.map(one => {
    if (!('bodyHtml' in one)) return one
    const { bodyHtml, ...rest } = one
    return { ...rest, body: blocksFromHtml(bodyHtml) }
  })
  const whole = knowledge.safeParse({ ...read.data, articles })
  return whole.success ? whole.data : null
}
