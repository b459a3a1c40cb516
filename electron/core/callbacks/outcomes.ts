/** What came of a callback that was dialled: told to the centre when the citizen answers, when the call ends, and as the operator says. */
import { callbackLease } from '../../../shared/contract/central-callbacks.ts'
import type { CallRecord } from '../../../shared/domain/call.ts'
import { type CallbackOutcome, callbackTask } from '../../../shared/domain/callback.ts'
import type { Audit } from '../audit/audit.ts'
import { type CoreContext, isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import type { Outbox } from '../sync/outbox.ts'
import type { CallbackCentre } from './centre-answers.ts'
import { type Hand, type InHand, proposalOf, type Spoken } from './in-hand.ts'
import type { TaskStore } from './task-store.ts'

const watchMs = 2_000
/** A call that still rings is given more time; an end that nobody has confirmed by then is told as SIP said it. */
const renewBelowMs = 40_000
const tellBelowMs = 20_000

type Told = Pick<InHand, 'operatorId' | 'fence' | 'queued'> & { taskId: string }
type More = { caseId: string | null; note: string }

export type Outcomes = {
  /** False: the centre cannot be asked, and the outbox has it. Refused as the centre refuses it. */
  tell(held: InHand, outcome: CallbackOutcome, more: More): Promise<boolean>
  /** The page or a core before this one has reported this call; it may be the one in hand. */
  callReported(record: CallRecord | null): void
  /** The call in hand is this one: what is known of it already counts. */
  bound(callId: string): void
  caseFiled(callId: string, caseId: string): void
  /** Somebody else sits here now: what the one before had in hand comes to its end without them. */
  leave(held: InHand): void
  /** Looks after the lease of what is in hand, for as long as there is something. */
  watch(): void
  stop(): void
}

export function createOutcomes(parts: {
  context: CoreContext
  audit: Audit
  outbox: Outbox
  store: TaskStore
  hand: Hand
  centre: CallbackCentre
  /** Who is signed in. */
  operatorId(db: Database): string | null
  call(db: Database, callId: string): CallRecord | null
  read(): Database
  write<T>(work: (db: Database) => T): T
}): Outcomes {
  const { context, audit, outbox, store, hand, centre, read, write } = parts
  const { clock, log } = context
  const changed = () => context.publish({ type: 'callbacks-changed' })
  let cancel = () => {}
  /** One after the other: what the operator says must not be overtaken by what the call said. */
  let line: Promise<unknown> = Promise.resolve()
  const inLine = <T>(work: () => Promise<T>): Promise<T> => {
    const done = line.then(work)
    line = done.catch(() => {})
    return done
  }

  const queue = (told: Told, outcome: CallbackOutcome, { caseId, note }: More) =>
    write(db => {
      outbox.append(db, {
        name: 'callback.outcome',
        operatorId: told.operatorId,
        caseId: null,
        args: { taskId: told.taskId, fence: told.fence, outcome, caseId, note, at: isoNow(clock) },
        baseVersion: null,
      })
      const held = hand.get(db)
      if (held?.task.taskId === told.taskId && held.fence === told.fence)
        hand.set(db, { ...held, queued: true })
    })

  const audited = (taskId: string, operatorId: string, result: 'done' | 'refused') =>
    write(db =>
      audit.append(db, {
        operatorId,
        action: 'callback.outcome',
        subjectKind: 'callback',
        subjectId: taskId,
        result,
      }),
    )

  const deliver = async (told: Told, outcome: CallbackOutcome, more: More): Promise<boolean> => {
    const held = hand.get(read())
    const queued = told.queued || (held?.task.taskId === told.taskId && held.queued)
    // A result is its operator's: under another's session it would be told as theirs.
    if (queued || parts.operatorId(read()) !== told.operatorId) {
      queue(told, outcome, more)
      return false
    }
    try {
      const body = { fence: told.fence, outcome, ...more }
      const path = `/v1/callbacks/${encodeURIComponent(told.taskId)}/outcome`
      const task = await centre.ask('POST', path, callbackTask, body)
      write(db => store.put(db, task, false))
      audited(told.taskId, told.operatorId, 'done')
      changed()
      return true
    } catch (error) {
      const unheard =
        error instanceof Refusal && ['CENTRE_UNREACHABLE', 'CENTRE_SESSION_NEEDED'].includes(error.code)
      audited(told.taskId, told.operatorId, unheard ? 'done' : 'refused')
      if (!unheard) throw error
      queue(told, outcome, more)
      return false
    }
  }

  const toldOf = ({ task, operatorId, fence, queued }: InHand): Told => ({
    taskId: task.taskId,
    operatorId,
    fence,
    queued,
  })
  /** Nobody waits for it: a refusal is in the audit, and the centre has kept what was said as history. */
  const tellUnasked = (told: Told, outcome: CallbackOutcome, caseId: string | null) =>
    void inLine(() => deliver(told, outcome, { caseId, note: '' })).catch((error: unknown) =>
      log.warn({ code: error instanceof Refusal ? error.code : '' }, 'the result of a callback was refused'),
    )

  const callReported = (record: CallRecord | null) => {
    const held = hand.get(read())
    if (record === null || held === null || held.callId !== record.callId) return
    const ended = record.state === 'ended'
    if (record.answeredAt !== null) {
      const first = held.phase !== 'reached'
      if (!first && held.talking === !ended) return
      write(db => hand.set(db, { ...held, phase: 'reached', talking: !ended }))
      if (first) tellUnasked(toldOf(held), 'reached', null)
    } else if (ended && held.phase === 'dialling') {
      write(db => hand.set(db, { ...held, phase: 'ended', proposed: proposalOf(record) }))
    } else return
    changed()
  }

  const renew = async (held: InHand) => {
    const asked = hand.clocks()
    const path = `/v1/callbacks/${encodeURIComponent(held.task.taskId)}/renew`
    const lease = await centre.ask('POST', path, callbackLease, { fence: held.fence })
    write(db => {
      const now = hand.get(db)
      if (now?.task.taskId !== held.task.taskId || now.fence !== held.fence) return
      const { task, token, leaseSeconds, askedAt } = hand.leased(lease, asked, held.operatorId)
      hand.set(db, { ...now, task, token, leaseSeconds, askedAt })
    })
    changed()
  }

  let renewing = false
  const look = () => {
    const held = hand.get(read())
    if (held === null) return
    watch()
    const left = hand.leftMs(held)
    if (held.phase === 'dialling' && held.callId !== null && left < renewBelowMs && left > 0 && !renewing) {
      renewing = true
      void inLine(() => renew(held))
        .catch(() => {})
        .finally(() => {
          renewing = false
        })
    }
    if (held.phase === 'ended' && held.proposed !== null && left < tellBelowMs) {
      write(db => hand.set(db, null))
      changed()
      tellUnasked(toldOf(held), held.proposed, null)
    }
  }
  const watch = () => {
    cancel()
    cancel = clock.after(watchMs, () => {
      try {
        look()
      } catch {
        // Not writable at the moment: looked at again.
        watch()
      }
    })
  }

  return {
    tell: (held, outcome, more) => inLine(() => deliver(toldOf(held), outcome, more)),
    callReported,
    bound: callId => callReported(parts.call(read(), callId)),
    caseFiled: (callId, caseId) => {
      const db = read()
      const held = hand.get(db)
      const before: Spoken | null = hand.spokenIn(db, callId)
      if (held !== null && held.callId === callId && held.phase === 'reached') {
        write(own => hand.set(own, null))
        tellUnasked(toldOf(held), 'case-filed', caseId)
        changed()
      } else if (before !== null) tellUnasked(before, 'case-filed', caseId)
    },
    leave: held => {
      write(db => {
        hand.keepSpoken(db, held)
        hand.set(db, null)
      })
      if (held.phase === 'ended' && held.proposed !== null) tellUnasked(toldOf(held), held.proposed, null)
    },
    watch,
    stop: () => cancel(),
  }
}
