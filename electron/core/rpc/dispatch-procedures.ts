/** 派单: the catalogue in force, a form's dispatch, and what came back. */
import type { CoreParts } from './core-parts.ts'
import type { Procedures } from './procedures.ts'

const mostRecent = 8

export function dispatchProcedures(os: Procedures, parts: CoreParts) {
  const { context, store, identity, catalogue, catalogueParts } = parts
  const { readings, notices, dispatches } = catalogueParts
  const operatorId = () => identity.current(store.db())?.operatorId ?? null

  return {
    readings: os.dispatch.readings.handler(async () => {
      const inForce = catalogue.get()
      return { version: inForce.version, readings: await readings(inForce) }
    }),
    recent: os.dispatch.recent.handler(() => {
      const by = operatorId()
      return by === null ? [] : notices.recent(store.db(), by, mostRecent)
    }),
    calendar: os.dispatch.calendar.handler(() => ({
      calendar: catalogue.calendar(),
      catalogueSince: catalogue.published()?.effectiveAt ?? null,
    })),
    choice: os.dispatch.choice.handler(({ input }) => dispatches.choiceOf(store.db(), input.draftId)),
    choose: os.dispatch.choose.handler(({ input }) => {
      store.write(db => dispatches.choose(db, input.draftId, input.choice))
      return {}
    }),
    notice: os.dispatch.notice.handler(() => {
      const by = operatorId()
      return by === null ? null : notices.unseen(store.db(), by)
    }),
    seen: os.dispatch.seen.handler(({ input }) => {
      const by = operatorId()
      if (by !== null) store.write(db => notices.seen(db, by, input.key))
      return {}
    }),
    recategorise: os.dispatch.recategorise.handler(({ input }) => {
      const { operatorId: by } = identity.required(store.db())
      store.write(db => dispatches.recategorise(db, by, input.commandId, input.categoryCode))
      context.publish({ type: 'cases-changed' })
      context.publish({ type: 'sync', sync: parts.sync.status() })
      parts.statusChanged()
      parts.centre.wake()
      return {}
    }),
  }
}
