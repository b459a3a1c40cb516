/** 派单: the catalogue in force, a form's dispatch, and what came back. */
import type { CoreParts } from './core-parts.ts'
import type { Procedures } from './procedures.ts'

const mostRecent = 8

export function dispatchProcedures(os: Procedures, parts: CoreParts) {
  const { context, store, identity, catalogue, catalogueParts, drafts, cases } = parts
  const { readings, notices, dispatches } = catalogueParts
  const operatorId = () => identity.required(store.db()).operatorId
  /** A form is its opener's; what became of it is read as a case is. DRAFT_NOT_FOUND, CASE_NOT_FOUND. */
  const mayAsk = (id: string) => {
    const db = store.db()
    if (drafts.boundTo(db, operatorId(), id) === undefined) cases.get(db, identity.required(db), id)
  }

  return {
    readings: os.dispatch.readings.handler(async () => {
      const inForce = catalogue.get()
      return { version: inForce.version, readings: await readings(inForce) }
    }),
    recent: os.dispatch.recent.handler(() => notices.recent(store.db(), operatorId(), mostRecent)),
    calendar: os.dispatch.calendar.handler(() => ({
      calendar: catalogue.calendar(),
      catalogueSince: catalogue.published()?.effectiveAt ?? null,
    })),
    choice: os.dispatch.choice.handler(({ input }) => {
      mayAsk(input.draftId)
      return dispatches.choiceOf(store.db(), input.draftId)
    }),
    choose: os.dispatch.choose.handler(({ input }) => {
      const by = operatorId()
      store.write(db => dispatches.choose(db, by, input.draftId, input.choice))
      return {}
    }),
    notice: os.dispatch.notice.handler(() => notices.unseen(store.db(), operatorId())),
    seen: os.dispatch.seen.handler(({ input }) => {
      const by = operatorId()
      store.write(db => notices.seen(db, by, input.key))
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
