/** Help while the caller talks: asked of the search thread, so that neither a save nor typing waits for it. */
import type { Operator } from '../../../shared/domain/operator.ts'
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
  /** Beyond the limit of lookups the help goes on without the number. */
  const isAllowed = (by: Operator, numberKey: string): boolean => {
    try {
      parts.lookups.caller(by, numberKey)
      return true
    } catch (error) {
      if (error instanceof Refusal && error.code === 'LOOKUP_LIMIT') return false
      throw error
    }
  }
  return {
    repeats: os.assist.repeats.handler(({ input }) => {
      const { callingNumber, contactNumber, limit, ...question } = input
      const reader = identity.required(store.db())
      const keys = [callingNumber, contactNumber]
        .map(raw => number(raw).key)
        .filter(key => key !== null)
        .filter(key => isAllowed(reader, key))
      const asked = { ...question, numberKeys: [...new Set(keys)], filter: noRepeatFilter }
      return assist.ask('repeats', { question: asked, reader, limit })
    }),
    drafts: os.assist.drafts.handler(({ input }) => {
      const { divisions } = catalogue.get()
      return assist.ask('drafts', { question: { ...input, divisions }, now: context.clock.now() })
    }),
    knowledge: os.assist.knowledge.handler(({ input }) =>
      assist.ask('knowledge', { ...input, now: context.clock.now() }),
    ),
    dialectWords: os.assist.dialectWords.handler(({ input }) =>
      assist.ask('dialectWords', { ...input, now: context.clock.now() }),
    ),
    article: os.assist.article.handler(async ({ input }) => {
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
    corrections: os.assist.corrections.handler(async ({ input }) => ({
      corrections: await atCentre.list(input.state),
    })),
    decideCorrection: os.assist.decideCorrection.handler(({ input }) => atCentre.decide(input)),
  }
}
