/** Help while the caller talks: asked of the search thread, so that neither a save nor typing waits for it. */
import type { NormalizedNumber } from '../../../shared/domain/phone-number.ts'
import { noRepeatFilter } from '../assist/repeat-search.ts'
import { correctionsAtCentre } from '../knowledge/corrections.ts'
import { Refusal } from '../refusal.ts'
import type { CoreParts } from './core-parts.ts'
import type { Procedures } from './procedures.ts'

export function assistProcedures(
  os: Procedures,
  parts: CoreParts,
  number: (raw: string | null) => NormalizedNumber,
) {
  const { assist, catalogue, context, identity, store } = parts
  const atCentre = correctionsAtCentre(parts.centre)
  return {
    repeats: os.assist.repeats.handler(({ input }) => {
      const { callingNumber, contactNumber, limit, ...question } = input
      const reader = identity.current(store.db())
      const keys = [callingNumber, contactNumber].map(raw => number(raw).key).filter(key => key !== null)
      const asked = { ...question, numberKeys: [...new Set(keys)], filter: noRepeatFilter }
      return assist.ask('repeats', { question: asked, reader, limit })
    }),
    drafts: os.assist.drafts.handler(({ input }) => {
      store.db()
      const { divisions } = catalogue.get()
      return assist.ask('drafts', { question: { ...input, divisions }, now: context.clock.now() })
    }),
    knowledge: os.assist.knowledge.handler(({ input }) => {
      store.db()
      return assist.ask('knowledge', { ...input, now: context.clock.now() })
    }),
    dialectWords: os.assist.dialectWords.handler(({ input }) => {
      store.db()
      return assist.ask('dialectWords', { ...input, now: context.clock.now() })
    }),
    article: os.assist.article.handler(async ({ input }) => {
      store.db()
      const read = await assist.ask('article', { ...input, now: context.clock.now() })
      if (read === null || 'missing' in read) return null
      return { ...read, corrections: parts.corrections.saidHere(store.db(), input.articleId) }
    }),
    correct: os.assist.correct.handler(async ({ input }) => {
      const operator = identity.required(store.db())
      const { correctionId, articleId, remark } = input
      const read = await assist.ask('article', { articleId, now: context.clock.now() })
      if (read === null || 'missing' in read) throw new Refusal('ARTICLE_NOT_FOUND')
      store.write(db => parts.corrections.say(db, operator, { correctionId, article: read.article, remark }))
      parts.statusChanged()
      return {}
    }),
    corrections: os.assist.corrections.handler(async ({ input }) => {
      identity.required(store.db())
      return { corrections: await atCentre.list(input.state) }
    }),
    decideCorrection: os.assist.decideCorrection.handler(({ input }) => {
      identity.required(store.db())
      return atCentre.decide(input)
    }),
  }
}
