/** Callbacks (回拨) at the seat: its list, what it has in hand, and what it tells the centre of it. */
import { z } from 'zod'
import {
  callbackEntry,
  callbackFigures,
  callbackLease,
  claimResult,
  type PassedCallback,
} from '../../../shared/contract/central-callbacks.ts'
import type { CallbackList, HeldCallback } from '../../../shared/contract/seat-callbacks.ts'
import { type CallbackTask, callbackTask } from '../../../shared/domain/callback.ts'
import { callbackHeader } from '../../../shared/domain/callback-dial.ts'
import { claimChoices } from '../../../shared/domain/callback-order.ts'
import type { Operator } from '../../../shared/domain/operator.ts'
import { may } from '../../../shared/domain/permission.ts'
import type { Audit } from '../audit/audit.ts'
import type { CoreContext } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import { readState, writeState } from '../storage/local-state.ts'
import type { CallbackCentre } from './centre-answers.ts'
import type { Hand, InHand } from './in-hand.ts'
import type { Outcomes } from './outcomes.ts'
import type { PolicyInForce } from './policy-in-force.ts'
import { counted, mayClaim, namesOf, ordered, rowOf } from './rows.ts'
import type { TaskStore } from './task-store.ts'

/** So many are named in one claim: others may have taken the first of them this moment. */
const choices = 10
const claimTries = 3
const claimState = 'callback-claim'
const pendingClaim = z.object({ requestId: z.string(), taskIds: z.array(z.string()), askedAt: z.number() })
const historyAnswer = z.object({ task: callbackTask, history: z.array(callbackEntry) })

type Claimed = { outcome: 'granted'; held: HeldCallback } | { outcome: 'none'; passed: PassedCallback[] }

export type Callbacks = ReturnType<typeof createCallbacks>

export function createCallbacks(parts: {
  context: CoreContext
  audit: Audit
  store: TaskStore
  policy: PolicyInForce
  hand: Hand
  outcomes: Outcomes
  centre: CallbackCentre
  operator(db: Database): Operator
  read(): Database
  write<T>(work: (db: Database) => T): T
}) {
  const { context, audit, store, policy, hand, outcomes, centre, read, write } = parts
  const { clock, random } = context
  const changed = () => context.publish({ type: 'callbacks-changed' })
  const pathOf = (taskId: string, verb = '') =>
    `/v1/callbacks/${encodeURIComponent(taskId)}${verb === '' ? '' : `/${verb}`}`

  const audited = (action: string, taskId: string, result: 'done' | 'refused') => {
    const operatorId = parts.operator(read()).operatorId
    write(db => audit.append(db, { operatorId, action, subjectKind: 'callback', subjectId: taskId, result }))
  }

  /** Asks the centre about one task; what it answers is known here at once, and either end is in the audit. */
  const act = async <T>(action: string, taskId: string, output: z.ZodType<T>, body?: unknown): Promise<T> => {
    const verb = action.split('.')[1] ?? ''
    try {
      const answer = await centre.ask('POST', pathOf(taskId, verb), output, body ?? {})
      audited(action, taskId, 'done')
      return answer
    } catch (error) {
      audited(action, taskId, 'refused')
      throw error
    }
  }

  // ── what is shown ──────────────────────────────────────────────────────────────────────────────────────────────

  const ownHand = (db: Database, operator: Operator): InHand | null => {
    const held = hand.get(db)
    return held?.operatorId === operator.operatorId ? held : null
  }

  /** Whether the centre has given the task to somebody else since, or ended it. */
  const isGone = (held: InHand, latest: CallbackTask): boolean =>
    held.phase === 'claimed' && (latest.fence !== held.fence || latest.state !== 'claimed')

  const view = (db: Database, operator: Operator, held: InHand): HeldCallback => {
    const told = store.get(db, held.task.taskId)
    const latest = told !== null && told.version > held.task.version ? told : held.task
    const left = hand.leftMs(held)
    const lapsed = held.phase === 'claimed' && (left === 0 || isGone(held, latest))
    const about = { by: operator, policy: policy(db), now: clock.now(), name: namesOf(db), inHand: !lapsed }
    return {
      row: rowOf(latest, about),
      phase: lapsed ? 'lapsed' : held.phase,
      secondsLeft: lapsed ? 0 : left / 1_000,
      callId: held.callId,
      talking: held.talking,
      proposed: held.proposed,
    }
  }

  const orderedNow = (db: Database) => ordered(store.open(db), policy(db), clock.now())

  const list = (show: 'open' | 'closed', limit: number): CallbackList => {
    const db = read()
    const operator = parts.operator(db)
    const now = clock.now()
    const inForce = policy(db)
    const held = ownHand(db, operator)
    const all = orderedNow(db)
    const name = namesOf(db)
    const shown =
      show === 'open' ? all.slice(0, limit) : store.closed(db, limit).map(task => ({ task, rank: undefined }))
    const { sample, attempts, inviteSecondsLeft, furthestDays, undoHours } = inForce
    return {
      rows: shown.map(({ task, rank }) =>
        rowOf(task, {
          by: operator,
          policy: inForce,
          now,
          name,
          inHand: held?.task.taskId === task.taskId,
          ...(rank === undefined ? {} : { rank }),
        }),
      ),
      total: show === 'open' ? all.length : shown.length,
      counts: counted(all, operator, inForce, now),
      policy: { sample, attempts, inviteSecondsLeft, furthestDays, undoHours },
      ...centre.line(),
      maySupervise: may(operator.role, 'callback.supervise'),
    }
  }

  // ── claiming ───────────────────────────────────────────────────────────────────────────────────────────────────

  const take = (lease: z.infer<typeof callbackLease>, asked: ReturnType<Hand['clocks']>, by: Operator) => {
    const held = hand.leased(lease, asked, by.operatorId)
    write(db => {
      store.put(db, lease.task, false)
      hand.set(db, held)
      writeState(db, claimState, null)
    })
    outcomes.watch()
    changed()
    return view(read(), by, held)
  }

  /** The same request again is the same claim: an answer that was lost costs nobody the task. */
  const ask = async (request: { requestId: string; taskIds: string[] }, by: Operator): Promise<Claimed> => {
    const asked = hand.clocks()
    const answer = await centre.ask('POST', '/v1/callback-claims', claimResult, request)
    if (answer.outcome === 'none') {
      write(db => writeState(db, claimState, null))
      return answer
    }
    if (answer.lease.leaseSeconds <= 0) return { outcome: 'none', passed: answer.passed }
    audited('callback.claim', answer.lease.task.taskId, 'done')
    return { outcome: 'granted', held: take(answer.lease, asked, by) }
  }

  const askTwice = async (taskIds: string[], by: Operator): Promise<Claimed> => {
    const request = { requestId: random.uuid(), taskIds }
    write(db => writeState(db, claimState, JSON.stringify({ ...request, askedAt: clock.now() })))
    try {
      return await ask(request, by)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'CENTRE_UNREACHABLE') throw error
      return ask(request, by)
    }
  }

  /** What was asked for before the answer was lost, or the core killed, if it may still hold. */
  const askedBefore = async (taskId: string | null, by: Operator): Promise<Claimed | null> => {
    const db = read()
    const text = readState(db, claimState)
    const before = text === null ? null : pendingClaim.safeParse(JSON.parse(text))
    if (!before?.success) return null
    const { askedAt, ...request } = before.data
    const fresh = clock.now() - askedAt < policy(db).leaseSeconds * 1_000
    if (!fresh || (taskId !== null && !request.taskIds.includes(taskId))) return null
    const answer = await ask(request, by)
    return answer.outcome === 'granted' ? answer : null
  }

  const claim = async (taskId: string | null): Promise<Claimed> => {
    const by = parts.operator(read())
    const held = ownHand(read(), by)
    if (held !== null && view(read(), by, held).phase !== 'lapsed') throw new Refusal('CALLBACK_IN_HAND')
    const others = hand.get(read())
    if (others !== null) outcomes.leave(others)
    const before = await askedBefore(taskId, by)
    if (before !== null) return before
    if (taskId !== null) return askTwice([taskId], by)
    const passed: PassedCallback[] = []
    for (let tries = 0; tries < claimTries; tries += 1) {
      const db = read()
      const inForce = policy(db)
      const now = clock.now()
      const tried = new Set(passed.map(each => each.taskId))
      const order = orderedNow(db)
        .filter(each => mayClaim(each, by, inForce, now) && !tried.has(each.task.taskId))
        .map(each => each.task.taskId)
      if (order.length === 0) {
        if (!centre.line().online) throw new Refusal('CENTRE_UNREACHABLE')
        break
      }
      const draw = () => (random.bytes(1)[0] ?? 0) / 256
      const answer = await askTwice(claimChoices(order, choices, draw), by)
      if (answer.outcome === 'granted') return answer
      passed.push(...answer.passed)
    }
    return { outcome: 'none', passed }
  }

  // ── what is in hand ────────────────────────────────────────────────────────────────────────────────────────────

  const inHand = (taskId: string): { by: Operator; held: InHand } => {
    const by = parts.operator(read())
    const held = ownHand(read(), by)
    if (held?.task.taskId !== taskId) throw new Refusal('CALLBACK_NOT_IN_HAND')
    return { by, held }
  }
  const letGo = (task: CallbackTask | null) => {
    write(db => {
      if (task !== null) store.put(db, task, false)
      hand.set(db, null)
    })
    changed()
  }
  /** Another lease of the same claim: longer, or one to dial under. */
  const leaseAgain = (
    held: InHand,
    lease: z.infer<typeof callbackLease>,
    asked: ReturnType<Hand['clocks']>,
  ) => {
    const again = {
      ...hand.leased(lease, asked, held.operatorId),
      phase: held.phase,
      callId: held.callId,
      talking: held.talking,
      proposed: held.proposed,
    }
    write(db => {
      store.put(db, lease.task, false)
      hand.set(db, again)
    })
    outcomes.watch()
    changed()
    return again
  }

  return {
    list,
    claim,
    held: (): HeldCallback | null => {
      const db = read()
      const operator = parts.operator(db)
      const held = ownHand(db, operator)
      return held === null ? null : view(db, operator, held)
    },
    renew: async (taskId: string) => {
      const { by, held } = inHand(taskId)
      const asked = hand.clocks()
      const lease = await act('callback.renew', taskId, callbackLease, { fence: held.fence })
      return view(read(), by, leaseAgain(held, lease, asked))
    },
    dialling: async (taskId: string) => {
      const { held } = inHand(taskId)
      if (held.phase === 'reached' || held.phase === 'ended') throw new Refusal('CALLBACK_NOT_IN_HAND')
      const asked = hand.clocks()
      // Before the centre is asked: if nobody hears its answer, it may count as dialled there.
      write(db => hand.set(db, { ...held, phase: 'dialling' }))
      try {
        const lease = await act('callback.dialling', taskId, callbackLease, { fence: held.fence })
        leaseAgain({ ...held, phase: 'dialling' }, lease, asked)
        return {
          number: lease.task.numberKey ?? lease.task.number,
          header: { name: callbackHeader, value: lease.token },
          secondsLeft: lease.leaseSeconds,
          neededSeconds: policy(read()).inviteSecondsLeft,
        }
      } catch (error) {
        const lost = error instanceof Refusal && error.code === 'CENTRE_UNREACHABLE'
        if (!lost) write(db => hand.set(db, held))
        changed()
        throw error
      }
    },
    dialled: (taskId: string, callId: string) => {
      const { held } = inHand(taskId)
      write(db => hand.set(db, { ...held, callId }))
      outcomes.bound(callId)
      changed()
    },
    outcome: async (taskId: string, outcome: Parameters<Outcomes['tell']>[1], note: string) => {
      const { held } = inHand(taskId)
      if (held.phase === 'claimed') throw new Refusal('CALLBACK_NOT_DIALLING')
      try {
        return { delivered: await outcomes.tell(held, outcome, { caseId: null, note }) }
      } finally {
        // Whatever the centre makes of it, and where it is kept if it cannot be asked: the operator is done with it.
        const now = hand.get(read())
        if (now?.task.taskId === taskId) {
          write(db => hand.keepSpoken(db, now))
          letGo(null)
        }
      }
    },
    decline: async (taskId: string, reason: string) => {
      const { held } = inHand(taskId)
      letGo(await act('callback.decline', taskId, callbackTask, { fence: held.fence, reason }))
    },
    reschedule: async (taskId: string, at: string, note: string) => {
      const { held } = inHand(taskId)
      letGo(await act('callback.reschedule', taskId, callbackTask, { fence: held.fence, at, note }))
    },
    putAway: (taskId: string) => {
      const { by, held } = inHand(taskId)
      const { phase, secondsLeft } = view(read(), by, held)
      const over = phase === 'lapsed' || phase === 'reached' || secondsLeft === 0
      if (!over) throw new Refusal('CALLBACK_IN_HAND')
      write(db => hand.keepSpoken(db, held))
      letGo(null)
    },
    undo: async (taskId: string, reason: string) => {
      const task = await act('callback.undo', taskId, callbackTask, { reason })
      const db = read()
      if (hand.get(db)?.task.taskId === taskId) return letGo(task)
      write(own => store.put(own, task, false))
      changed()
    },
    history: async (taskId: string) => {
      const { history } = await centre.ask('GET', pathOf(taskId), historyAnswer)
      const name = namesOf(read())
      return history.map(entry => ({
        ...entry,
        operatorName: entry.operatorId === null ? null : (name.known(entry.operatorId) ?? null),
      }))
    },
    takeOver: async (taskId: string) => {
      const by = parts.operator(read())
      if (!may(by.role, 'callback.supervise')) throw new Refusal('FORBIDDEN')
      const held = ownHand(read(), by)
      if (held !== null && view(read(), by, held).phase !== 'lapsed') throw new Refusal('CALLBACK_IN_HAND')
      const others = hand.get(read())
      if (others !== null) outcomes.leave(others)
      const asked = hand.clocks()
      return take(await act('callback.take-over', taskId, callbackLease), asked, by)
    },
    supervise: async (action: 'assign' | 'release' | 'remove', taskId: string, body: unknown) => {
      const task = await act(`callback.${action}`, taskId, callbackTask, body)
      write(db => store.put(db, task, false))
      changed()
    },
    figures: (from: string, to: string) =>
      centre.ask(
        'GET',
        `/v1/callback-figures?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`,
        callbackFigures,
      ),
  }
}
