/** The queue of callbacks (回拨). docs/callbacks.md says what it guarantees. */
import type { CentralOperator } from '../../shared/contract/central.ts'
import {
  type CallbackEntry,
  type CallbackFigures,
  type CallbackLease,
  type ClaimResult,
  type MissedCallResult,
  maxMissedCalls,
} from '../../shared/contract/central-callbacks.ts'
import { missedCallRefusals } from '../../shared/contract/central-errors.ts'
import type { CallbackTask } from '../../shared/domain/callback.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import { isRetryable, type Queries } from '../storage/sql.ts'
import { claimTask, createClaims, leaseOf } from './claim.ts'
import { figuresOf, historyOf, type OpenFigures, openFigures } from './figures.ts'
import { takeFromSeat } from './from-seats.ts'
import { keysOfCalls, readMissedCall, type SeenCall, takeMissedCalls } from './missed-calls.ts'
import { leaseNow, lockNumbers } from './number-locks.ts'
import type { PolicyInForce } from './policy.ts'
import { isInReach, reachOf } from './reach.ts'
import { sweepTasks } from './sweep.ts'
import { nobody, type TaskRow, taskOf } from './task-rows.ts'
import { needsNumber, numberOf, type WorkEvent, type Worker, work } from './work.ts'

const attempts = 6
const figuresFreshMs = 5_000
const togetherMs = 50

/** What happened, for those who count. */
export type CallbackWatch = {
  posted(results: readonly MissedCallResult[]): void
  /** A whole post. */
  refused(code: 'TOO_MANY_CALLS'): void
  claimed(result: ClaimResult): void
  worked(event: WorkEvent['type'], code: string): void
}

type ActionOf<T extends WorkEvent['type']> = Omit<
  Extract<WorkEvent, { type: T }>,
  'type' | 'seatId' | 'operatorId'
> & { type: T }
/** As a route gives it; who acts is added here. */
export type Action = { [T in WorkEvent['type']]: ActionOf<T> }[WorkEvent['type']]

export type Callbacks = {
  /** TOO_MANY_CALLS, and nothing is taken. */
  post(calls: readonly unknown[], reportedBy: string): Promise<MissedCallResult[]>
  claim(worker: Worker, claim: { requestId: string; taskIds: readonly string[] }): Promise<ClaimResult>
  act(worker: Worker, taskId: string, action: Action): Promise<CallbackLease>
  get(worker: Worker, taskId: string): Promise<{ task: CallbackTask; history: CallbackEntry[] }>
  /** Of one's own branch and of what belongs to none. */
  figures(by: CentralOperator, period: { from: string; to: string }): Promise<CallbackFigures>
  /** A few seconds old at most. */
  openNow(): Promise<OpenFigures>
  /** Asked for before the transaction of a batch of commands, run within it. */
  fromSeat(): Promise<(tx: Queries, batch: SeatBatch) => Promise<void>>
  /** Once: what time ended. */
  sweep(): Promise<number>
  stop(): Promise<void>
}
type SeatBatch = Omit<Parameters<typeof takeFromSeat>[1], 'policy' | 'areaCode' | 'newId'>

export function createCallbacks(
  context: CentralContext,
  policies: PolicyInForce,
  options: { areaCode: string; sweepMs: number; changed(): void; watch: CallbackWatch },
): Callbacks {
  const { sql, clock, random, log } = context
  const { areaCode, changed, watch } = options
  const newId = () => random.uuid()
  const claims = createClaims(context)

  const transaction = async <T>(run: (tx: Queries) => Promise<T>): Promise<T> => {
    for (let left = attempts; ; left -= 1) {
      try {
        return await sql.transaction(run)
      } catch (error) {
        if (left === 1 || !isRetryable(error)) throw error
      }
    }
  }

  const post = async (raw: readonly unknown[], reportedBy: string): Promise<MissedCallResult[]> => {
    if (raw.length > maxMissedCalls) {
      watch.refused('TOO_MANY_CALLS')
      throw new Refusal('TOO_MANY_CALLS')
    }
    const read = raw.map((each, place) => readMissedCall(each, place, areaCode))
    const calls = read.flatMap(each => ('call' in each ? [each.call] : []))
    const policy = await policies.current()
    const taken = calls.length === 0 ? [] : await transaction(tx => take(tx, calls, reportedBy, policy))
    let next = 0
    const results = read.map((each): MissedCallResult => {
      const result = 'call' in each ? taken[next++] : undefined
      if (result !== undefined) return result
      const { id, code } =
        'call' in each ? { id: each.call.originalCallId, code: 'MISSED_CALL_INVALID' as const } : each
      return { originalCallId: id, outcome: 'rejected', code, sentence: missedCallRefusals[code] }
    })
    watch.posted(results)
    changed()
    return results
  }

  const take = async (
    tx: Queries,
    calls: SeenCall[],
    reportedBy: string,
    policy: Awaited<ReturnType<PolicyInForce['current']>>,
  ) => {
    await lockNumbers(tx, keysOfCalls(calls))
    const at = await leaseNow(tx)
    const doer = { ...nobody, operatorId: reportedBy }
    return takeMissedCalls(tx, calls, {
      by: 'exchange',
      doer,
      reportedBy,
      policy,
      at,
      now: isoNow(clock),
      newId,
    })
  }

  const act: Callbacks['act'] = async (worker, taskId, action) => {
    if (taskId.includes('\u0000')) throw new Refusal('NOT_FOUND')
    const policy = await policies.current()
    const { seatId } = worker.device
    const { operatorId } = worker.operator
    // Who acts is the same for every kind of event that has an actor.
    const event = { ...action, seatId, operatorId } as WorkEvent
    const done = await transaction(async tx => {
      if (needsNumber(event)) await lockNumbers(tx, [(await numberOf(tx, taskId)) ?? taskId])
      return work(tx, taskId, event, worker, { policy, now: isoNow(clock) })
    })
    changed()
    watch.worked(event.type, 'refused' in done ? done.refused : '')
    if ('refused' in done) throw new Refusal(done.refused)
    return leaseOf(done.task, done.at)
  }

  /** Claims come in crowds when a shift begins: they are numbered together. */
  let soon: (() => void) | null = null
  const changedSoon = () => {
    soon ??= clock.after(togetherMs, () => {
      soon = null
      changed()
    })
  }

  let opened: { figures: Promise<OpenFigures>; until: number } | null = null

  const sweep = async (): Promise<number> => {
    const count = await sweepTasks(context, await policies.current())
    if (count > 0) changed()
    return count
  }
  let cancelTimer = () => {}
  let sweeping: Promise<unknown> = Promise.resolve()
  let stopped = false
  const poll = () => {
    cancelTimer = clock.after(options.sweepMs, () => {
      sweeping = sweep()
        .catch((error: unknown) =>
          log.error(
            { kind: error instanceof Error ? error.name : typeof error },
            'callbacks could not be swept',
          ),
        )
        .finally(() => {
          if (!stopped) poll()
        })
    })
  }
  poll()

  return {
    post,
    act,
    claim: async (worker, claim) => {
      if ([claim.requestId, ...claim.taskIds].some(text => text.includes('\u0000')))
        throw new Refusal('BAD_REQUEST')
      const result = await claimTask(context, claims, worker, claim, await policies.current())
      if (result.outcome === 'granted') changedSoon()
      watch.claimed(result)
      return result
    },
    get: async ({ operator }, taskId) => {
      const [row] = taskId.includes('\u0000')
        ? []
        : await sql.query<TaskRow>('SELECT * FROM callback_task WHERE task_id = $1', [taskId])
      if (row === undefined || !isInReach(operator, row)) throw new Refusal('NOT_FOUND')
      return { task: taskOf(row), history: await historyOf(sql, taskId) }
    },
    figures: async (by, period) => figuresOf(sql, await policies.current(), period, reachOf(by)),
    openNow: () => {
      const now = clock.now()
      if (opened === null || now >= opened.until)
        opened = {
          figures: policies.current().then(policy => openFigures(sql, policy, null)),
          until: now + figuresFreshMs,
        }
      return opened.figures
    },
    fromSeat: async () => {
      const policy = await policies.current()
      return (tx, batch) => takeFromSeat(tx, { ...batch, policy, areaCode, newId })
    },
    sweep,
    stop: async () => {
      stopped = true
      cancelTimer()
      soon?.()
      await sweeping
    },
  }
}
