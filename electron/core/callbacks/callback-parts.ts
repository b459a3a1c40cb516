/** The callbacks' parts, wired to each other. */
import type { Audit } from '../audit/audit.ts'
import type { Calls } from '../calls/calls.ts'
import type { CoreContext } from '../context.ts'
import type { Identity } from '../identity/identity.ts'
import type { Database } from '../storage/database.ts'
import type { Centre } from '../sync/centre.ts'
import type { Outbox } from '../sync/outbox.ts'
import { createCallbacks } from './callbacks.ts'
import { type CallbackCentre, createCallbackCentre } from './centre-answers.ts'
import { createHand } from './in-hand.ts'
import { createOutcomes } from './outcomes.ts'
import { createOwnMissed } from './own-missed.ts'
import { createPolicyInForce } from './policy-in-force.ts'
import type { TaskStore } from './task-store.ts'

export function createCallbackParts(given: {
  context: CoreContext
  audit: Audit
  outbox: Outbox
  identity: Identity
  calls: Calls
  callbackTasks: TaskStore
  /** Milliseconds of a clock that nobody sets. */
  monotonic(): number
  centre: Pick<Centre, 'asOperator'>
  line: CallbackCentre['line']
  /** There is a centre, and it cannot be asked. */
  isCut(): boolean
  read(): Database
  write<T>(work: (db: Database) => T): T
}) {
  const { context, audit, outbox, identity, calls, callbackTasks: store, read, write } = given
  const now = () => context.clock.now()
  const hand = createHand(now, given.monotonic)
  const centre = createCallbackCentre(given.centre, given.line)
  const shared = { context, audit, store, hand, centre, read, write }
  const callbackOutcomes = createOutcomes({
    ...shared,
    outbox,
    operatorId: db => identity.current(db)?.operatorId ?? null,
    call: calls.get,
  })
  const policy = createPolicyInForce(now)
  const operator = identity.required
  const callbacks = createCallbacks({ ...shared, policy, outcomes: callbackOutcomes, operator })
  const ownMissed = createOwnMissed({ ...shared, isCut: given.isCut, outbox, policy, operator })
  return { callbacks, callbackOutcomes, ownMissed }
}
