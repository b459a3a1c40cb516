/** 本席漏接: what may be called back while the centre cannot be asked. */
import type { CoreParts } from './core-parts.ts'
import type { Procedures } from './procedures.ts'

export function ownMissedProcedures(os: Procedures, { ownMissed, calls }: CoreParts) {
  return {
    list: os.ownMissed.list.handler(() => ownMissed.list()),
    dial: os.ownMissed.dial.handler(({ input }) => ownMissed.dial(input.numberKey)),
    dialled: os.ownMissed.dialled.handler(({ input }) => {
      ownMissed.dialled(input.callId, db => calls.get(db, input.callId))
      return {}
    }),
    outcome: os.ownMissed.outcome.handler(({ input }) => {
      ownMissed.outcome(input.outcome)
      return {}
    }),
  }
}
