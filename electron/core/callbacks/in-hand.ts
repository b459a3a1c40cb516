/**
 * The one task that this seat has in hand. Kept in the database with its fence and its token, so that a core that was killed
 * goes on with it.
 */
import { z } from 'zod'
import type { CallbackLease } from '../../../shared/contract/central-callbacks.ts'
import type { CallRecord } from '../../../shared/domain/call.ts'
import { type CallbackOutcome, callbackOutcome, callbackTask } from '../../../shared/domain/callback.ts'
import { leaseLeftMs, proposedOutcome, type TwoClocks } from '../../../shared/domain/callback-dial.ts'
import type { Database } from '../storage/database.ts'
import { readState, writeState } from '../storage/local-state.ts'

const handState = 'callback-in-hand'
const spokenState = 'callbacks-spoken'
const spokenKept = 20

const stored = z.object({
  task: callbackTask,
  operatorId: z.string(),
  fence: z.number().int(),
  token: z.string(),
  leaseSeconds: z.number(),
  /** By the wall clock: when the lease was asked for. */
  askedAt: z.number(),
  phase: z.enum(['claimed', 'dialling', 'reached', 'ended']),
  callId: z.string().nullable(),
  talking: z.boolean(),
  proposed: callbackOutcome.nullable(),
  /** An outcome of it waits in the outbox: what follows waits behind it. */
  queued: z.boolean(),
})
export type InHand = z.infer<typeof stored>

/** A conversation whose task is out of hand: a case that is filed from it later still belongs to it. */
const spoken = stored
  .pick({ operatorId: true, fence: true, queued: true })
  .extend({ taskId: z.string(), callId: z.string() })
export type Spoken = z.infer<typeof spoken>

/** The number of the callback that is being dialled here, or null. */
export function numberBeingDialled(db: Database): string | null {
  const text = readState(db, handState)
  const read = text === null ? null : stored.safeParse(JSON.parse(text))
  return read?.success === true && read.data.phase === 'dialling' ? read.data.task.numberKey : null
}

export type Hand = {
  get(db: Database): InHand | null
  set(db: Database, held: InHand | null): void
  /** What a lease that was asked for at `asked` puts into the hand. */
  leased(lease: CallbackLease, asked: TwoClocks, operatorId: string): InHand
  leftMs(held: InHand): number
  clocks(): TwoClocks
  keepSpoken(db: Database, held: InHand): void
  spokenIn(db: Database, callId: string): Spoken | null
}

export function createHand(now: () => number, monotonic: () => number): Hand {
  /** When by the other clock; a core that was started since knows only the wall's. */
  let asked: TwoClocks | null = null
  const clocks = () => ({ monotonic: monotonic(), wall: now() })

  const readSpoken = (db: Database): Spoken[] => {
    const text = readState(db, spokenState)
    return text === null ? [] : z.array(spoken).catch([]).parse(JSON.parse(text))
  }

  return {
    clocks,
    get: db => {
      const text = readState(db, handState)
      if (text === null) return null
      const read = stored.safeParse(JSON.parse(text))
      return read.success ? read.data : null
    },
    set: (db, held) => writeState(db, handState, held === null ? null : JSON.stringify(held)),
    leased: ({ task, fence, token, leaseSeconds }, at, operatorId) => {
      asked = at
      return {
        task,
        operatorId,
        fence,
        token,
        leaseSeconds,
        askedAt: at.wall,
        phase: task.state === 'dialling' ? 'dialling' : 'claimed',
        callId: null,
        talking: false,
        proposed: null,
        queued: false,
      }
    },
    leftMs: ({ leaseSeconds, askedAt }) => {
      const at = clocks()
      const since = asked?.wall === askedAt ? asked : { wall: askedAt, monotonic: at.monotonic }
      return leaseLeftMs(leaseSeconds, since, at)
    },
    keepSpoken: (db, held) => {
      const { callId, operatorId, fence, queued, task } = held
      if (callId === null || held.phase !== 'reached') return
      const kept = [{ callId, operatorId, fence, queued, taskId: task.taskId }, ...readSpoken(db)]
      writeState(db, spokenState, JSON.stringify(kept.slice(0, spokenKept)))
    },
    spokenIn: (db, callId) => readSpoken(db).find(each => each.callId === callId) ?? null,
  }
}

/** What SIP's end of a call that nobody answered proposes; null when nobody knows how it ended. */
export function proposalOf({ outcome, sipStatus }: CallRecord): CallbackOutcome | null {
  if (outcome === 'interrupted') return null
  // Our own hang-up while it rang.
  if (outcome === 'cancelled') return 'no-answer'
  return proposedOutcome({ answered: false, sipStatus })
}
