/** The parts that keep the seat's records, wired to each other. */
import { createAudit } from './audit/audit.ts'
import { createCalls } from './calls/calls.ts'
import { createSeatStates } from './calls/seat-states.ts'
import { type CaseParts, createCases } from './cases/cases.ts'
import { createDrafts } from './cases/drafts.ts'
import type { Clock, Random } from './context.ts'
import { createIdentity } from './identity/identity.ts'
import type { Database } from './storage/database.ts'
import { readState, writeState } from './storage/local-state.ts'
import { createOutbox } from './sync/outbox.ts'

export function createParts(given: {
  clock: Clock
  random: Random
  catalogue: CaseParts['catalogue']
  numberKey(raw: string): string | null
  /** Something new waits in the outbox. */
  appended(): void
}) {
  const { clock, random, catalogue, numberKey } = given
  const clientId = (db: Database): string => {
    const known = readState(db, 'client-id')
    if (known !== null) return known
    const made = random.uuid()
    writeState(db, 'client-id', made)
    return made
  }
  const audit = createAudit({ clock })
  const kept = createOutbox({ clock, random, clientId })
  const outbox: typeof kept = {
    ...kept,
    append: (db, command) => {
      kept.append(db, command)
      given.appended()
    },
  }
  const identity = createIdentity({ clock, random, audit, outbox })
  const drafts = createDrafts({ clock, random, audit, outbox })
  const calls = createCalls({ clock, audit, outbox, numberKey })
  const linkCall = calls.linkCase
  const cases = createCases({ clock, audit, outbox, drafts, catalogue, numberKey, random, linkCall })
  const seatStates = createSeatStates({ clock, outbox })
  return { audit, outbox, identity, drafts, calls, cases, seatStates }
}
