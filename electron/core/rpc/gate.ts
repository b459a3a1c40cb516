/**
 * Asks the table of shared/domain/permission.ts whether a procedure may be called now, before its input is even read. What has no
 * row there is refused.
 */
import { z } from 'zod'
import { seatProcedureAccess } from '../../../shared/contract/access.ts'
import { may, type SeatAccess } from '../../../shared/domain/permission.ts'
import type { Audit } from '../audit/audit.ts'
import type { Calls } from '../calls/calls.ts'
import type { Identity } from '../identity/identity.ts'
import { Refusal } from '../refusal.ts'
import type { Store } from '../storage/store.ts'

export type Gate = {
  /** Refuses with NOT_SIGNED_IN, SEAT_LOCKED, FORBIDDEN, and STORAGE_* while the database is not open. */
  ask(path: string, input: unknown): void
  /** Whether whoever sits here may be told what happens to cases, forms and calls. */
  hears(): boolean
}

const rows: ReadonlyMap<string, SeatAccess> = new Map(Object.entries(seatProcedureAccess))
const aboutCall = z.object({
  callId: z.string().max(256),
  events: z.array(z.object({ type: z.string() })).optional(),
})

export function createGate(parts: {
  store: Pick<Store, 'db' | 'write' | 'status'>
  identity: Pick<Identity, 'access' | 'required'>
  calls: Pick<Calls, 'openToNobody'>
  audit: Audit
}): Gate {
  const { store, identity, calls, audit } = parts

  const needs = (path: string, access: SeatAccess, input: unknown): void => {
    if (access === 'public') return
    if (access === 'rescue')
      return store.status().state === 'failed' ? undefined : needs(path, 'seat.exportUnsent', input)
    const db = store.db()
    const present = identity.access(db)
    if (present === 'nobody') {
      const call = access === 'call' ? aboutCall.safeParse(input) : null
      if (call?.success === true && calls.openToNobody(db, call.data)) return
      throw new Refusal('NOT_SIGNED_IN')
    }
    if (access === 'session' || access === 'call') return
    if (present === 'locked') throw new Refusal('SEAT_LOCKED')
    if (access === 'signed-in') return
    const { operatorId, role } = identity.required(db)
    if (may(role, access)) return
    const subject = { subjectKind: 'seat', subjectId: path } as const
    store.write(own =>
      audit.append(own, { operatorId, action: 'seat.refused', ...subject, result: 'refused' }),
    )
    throw new Refusal('FORBIDDEN')
  }

  return {
    ask: (path, input) => {
      const access = rows.get(path)
      if (access === undefined) throw new Refusal('FORBIDDEN')
      needs(path, access, input)
    },
    hears: () => store.status().state === 'open' && identity.access(store.db()) === 'open',
  }
}
