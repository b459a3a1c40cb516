/** Cases and who calls: what is filed, changed and read, each under whoever is signed in. */
import type { CallerCard } from '../../../shared/contract/seat.ts'
import type { Operator } from '../../../shared/domain/operator.ts'
import type { NormalizedNumber } from '../../../shared/domain/phone-number.ts'
import type { Database } from '../storage/database.ts'
import type { CoreParts } from './core-parts.ts'
import type { Procedures } from './procedures.ts'

/** The pop is painted without it; what comes later than this is of no use during a call. */
const centreHistoryMs = 800

export function caseProcedures(
  os: Procedures,
  parts: CoreParts,
  number: (raw: string | null) => NormalizedNumber,
) {
  const { context, store, identity, cases, calls, centre, lookups } = parts
  const reader = () => identity.required(store.db())

  /** A change by whoever is signed in, told to every page. */
  const change = <T>(work: (db: Database, operator: Operator) => T): T => {
    const operator = identity.required(store.db())
    const changed = store.write(db => work(db, operator))
    context.publish({ type: 'cases-changed' })
    parts.statusChanged()
    return changed
  }

  const card = (raw: string | null, excludeCallId: string | null): CallerCard => {
    const db = store.db()
    const { key, display, kind, extension, dialable } = number(raw)
    if (key !== null) lookups.caller(reader(), key)
    const ofCalls =
      key === null ? { calls: [], callCount: 0, missedCount: 0 } : calls.ofNumber(db, key, excludeCallId, 10)
    const ofCases =
      key === null
        ? { cases: [], caseCount: 0, openCaseCount: 0, knownName: '' }
        : cases.ofNumber(db, reader(), key, 20)
    return {
      number: { raw: raw ?? '', key, display, kind, extension, dialable },
      ...ofCases,
      ...ofCalls,
      profile: key === null ? null : parts.callerProfiles.of(db, key),
      localOnly: true,
    }
  }

  return {
    callers: {
      lookup: os.callers.lookup.handler(({ input }) => card(input.number, input.excludeCallId)),
      remember: os.callers.remember.handler(({ input }) => {
        const profile = store.write(db => parts.callerProfiles.remember(db, identity.required(db), input))
        parts.statusChanged()
        context.publish({ type: 'callers-changed' })
        return profile
      }),
      atCentre: os.callers.atCentre.handler(({ input }) => {
        if (!centre.configured()) return null
        lookups.caller(reader(), input.number)
        return centre.callerHistory(input.number, centreHistoryMs)
      }),
      alarms: os.callers.alarms.handler(() => lookups.alarms()),
    },
    cases: {
      submit: os.cases.submit.handler(({ input }) => {
        const filed = change((db, operator) => {
          parts.catalogueParts.notices.used(db, operator.operatorId, input.fields.categoryCode)
          const made = cases.submit(db, operator, input)
          const files = parts.intake.filed(db, operator, made.caseId)
          return files === 0 ? made : cases.get(db, operator, made.caseId)
        })
        context.publish({ type: 'drafts-changed' })
        context.publish({ type: 'attachments-changed' })
        // What the disk or the line refuses now is told with the next look at the list.
        parts.intake.settle(identity.required(store.db())).catch(() => {})
        for (const callId of filed.callIds) {
          parts.callbackOutcomes.caseFiled(callId, filed.caseId)
          parts.ownMissed.caseFiled(callId)
        }
        return filed
      }),
      list: os.cases.list.handler(({ input }) => {
        const found = number(input.filter.text)
        // To search for a number is to look its people up, on whichever page.
        if (found.key !== null && found.dialable) lookups.caller(reader(), found.key)
        return cases.list(store.db(), reader(), input)
      }),
      get: os.cases.get.handler(({ input }) => {
        const by = reader()
        const detail = cases.get(store.db(), by, input.caseId)
        const isOwn = [detail.operatorId, detail.loop?.owner?.operatorId].includes(by.operatorId)
        if (!isOwn) lookups.caseRead(by, detail.caseId)
        return detail
      }),
      edit: os.cases.edit.handler(({ input }) => change((db, operator) => cases.edit(db, operator, input))),
      move: os.cases.move.handler(({ input }) =>
        change((db, operator) => {
          const moved = cases.move(db, operator, input)
          // What the form chose has gone with the dispatch.
          if (input.move === 'dispatch') parts.catalogueParts.dispatches.forget(db, input.caseId)
          return moved
        }),
      ),
      reveal: os.cases.reveal.handler(({ input }) => {
        const operator = identity.required(store.db())
        const revealed = store.write(db => cases.reveal(db, operator, input))
        parts.statusChanged()
        return revealed
      }),
      addRemark: os.cases.addRemark.handler(({ input }) =>
        change((db, operator) => cases.addRemark(db, operator, input)),
      ),
    },
  }
}
