/** The seat's state (坐席状态): the last one, for a page that comes back, and each change, for the shift's account. */
import { type SeatState, seatState } from '../../../shared/domain/seat-state.ts'
import type { Clock } from '../context.ts'
import { isoNow } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { readState, writeState } from '../storage/local-state.ts'
import type { Outbox } from '../sync/outbox.ts'

const stateName = 'seat-state'

export type SeatStates = {
  /** Null: none was kept, or another operator's. */
  last(db: Database, operatorId: string): SeatState | null
  keep(db: Database, operatorId: string, state: SeatState): void
}

export function createSeatStates(parts: { clock: Clock; outbox: Outbox }): SeatStates {
  const { clock, outbox } = parts
  const last: SeatStates['last'] = (db, operatorId) => {
    const stored = readState(db, stateName)
    if (stored === null) return null
    const { by, state } = JSON.parse(stored) as { by: string; state: unknown }
    const parsed = seatState.safeParse(state)
    return by === operatorId && parsed.success ? parsed.data : null
  }
  return {
    last,
    keep: (db, operatorId, state) => {
      const before = last(db, operatorId)
      writeState(db, stateName, JSON.stringify({ by: operatorId, state }))
      if (before?.kind === state.kind && before.reason === state.reason) return
      db.prepare('INSERT INTO seat_state_log (operator_id, at, kind, reason) VALUES (?, ?, ?, ?)').run(
        operatorId,
        isoNow(clock),
        state.kind,
        state.reason,
      )
      outbox.append(db, {
        name: 'seat.state',
        operatorId,
        caseId: null,
        args: { kind: state.kind, reason: state.reason, since: new Date(state.since).toISOString() },
        baseVersion: null,
      })
    },
  }
}
