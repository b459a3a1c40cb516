/** Help while the caller talks: asked of the search thread, so that neither a save nor typing waits for it. */
import type { NormalizedNumber } from '../../../shared/domain/phone-number.ts'
import { noRepeatFilter } from '../assist/repeat-search.ts'
import type { CoreParts } from './core-parts.ts'
import type { Procedures } from './procedures.ts'

export function assistProcedures(
  os: Procedures,
  { assist, catalogue, context, identity, store }: CoreParts,
  number: (raw: string | null) => NormalizedNumber,
) {
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
      return read === null || 'missing' in read ? null : read
    }),
  }
}
