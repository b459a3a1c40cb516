/** What people do with one task: under a lease, or as its supervisor. Refused ones change nothing and are in the audit. */
import type { CentralOperator } from '../../shared/contract/central.ts'
import type { CallbackEvent, CallbackRefusal, CallbackTask } from '../../shared/domain/callback.ts'
import { moveCallback, settleCallback } from '../../shared/domain/callback-moves.ts'
import type { CallbackPolicy } from '../../shared/domain/callback-policy.ts'
import { may } from '../../shared/domain/permission.ts'
import type { Device } from '../identity/devices.ts'
import type { Queries } from '../storage/sql.ts'
import { keepContacts } from './missed-calls.ts'
import { factsOf } from './missed-facts.ts'
import { leaseNow } from './number-locks.ts'
import { isInReach } from './reach.ts'
import {
  type Doer,
  nobody,
  type Step,
  saveAudit,
  saveEntries,
  saveSteps,
  type TaskRow,
  taskOf,
} from './task-rows.ts'

export type Worker = { device: Device; operator: CentralOperator }

export type WorkRefusal = CallbackRefusal | 'CALLBACK_NUMBER_OPEN' | 'FORBIDDEN' | 'NOT_FOUND'
export type Worked =
  | { task: CallbackTask; at: number }
  /** `late`: it is kept in the history, and the state stays. */
  | { refused: WorkRefusal; late: boolean }

/** Those of a person or a seat; missed calls, conversations and time come another way. */
export type WorkEvent = Exclude<CallbackEvent, { type: 'missed' | 'answered' | 'clock' | 'claim' }>

export const doerOf = ({ device, operator }: Worker): Doer => ({
  clientId: device.clientId,
  seatId: device.seatId,
  operatorId: operator.operatorId,
  employer: operator.employer,
})

/** The lease did not hold any more; anything else was too early or was never there. */
const over = new Set<WorkRefusal>(['FENCE_STALE', 'LEASE_ENDED', 'CALLBACK_CLOSED'])
const spoke = new Set(['reached', 'nothing-wanted', 'case-filed'])
/** These make or end a task of a number, so they hold the number (numberOf) before the task. */
export const needsNumber = (event: WorkEvent): boolean =>
  event.type === 'undo' ||
  event.type === 'reschedule' ||
  (event.type === 'outcome' && spoke.has(event.outcome))

/** Of a task; it never changes. */
export async function numberOf(tx: Queries, taskId: string): Promise<string | null> {
  const [row] = await tx.query<{ number_key: string | null }>(
    'SELECT number_key FROM callback_task WHERE task_id = $1',
    [taskId],
  )
  return row?.number_key ?? null
}

const contactIdOf = (taskId: string, fence: number) => `callback:${taskId}:${fence}`

const detailOf = (event: WorkEvent, extra: object | undefined): object | undefined => {
  const { type: _type, ...rest } = event
  const told = Object.fromEntries(
    Object.entries({ ...rest, ...extra }).filter(
      ([name]) => !['fence', 'seatId', 'operatorId'].includes(name),
    ),
  )
  return Object.keys(told).length === 0 ? undefined : told
}

const seat = (event: WorkEvent): { seatId: string; fence: number } | null =>
  'seatId' in event && 'fence' in event ? event : null

/** Whether this seat once held the task under this fence. */
async function heldOnce(tx: Queries, taskId: string, { seatId, fence }: { seatId: string; fence: number }) {
  const rows = await tx.query(
    `SELECT 1 FROM callback_event WHERE task_id = $1 AND fence = $2 AND seat_id = $3 AND kind IN ('claimed', 'taken-over') LIMIT 1`,
    [taskId, fence, seatId],
  )
  return rows.length > 0
}

/** Within a transaction that holds the number where `needsNumber`. */
export async function work(
  tx: Queries,
  taskId: string,
  event: WorkEvent,
  worker: Worker,
  { policy, now, extra }: { policy: CallbackPolicy; now: string; extra?: object },
): Promise<Worked> {
  const by = doerOf(worker)
  const [row] = await tx.query<TaskRow>('SELECT * FROM callback_task WHERE task_id = $1 FOR UPDATE', [taskId])
  if (row === undefined) return { refused: 'NOT_FOUND', late: false }
  if (!isInReach(worker.operator, row)) {
    // As if there were none; only the audit knows.
    await saveAudit(
      tx,
      [{ taskId, action: `callback.${event.type}`, by, result: 'CALLBACK_OTHER_BRANCH' }],
      now,
    )
    return { refused: 'NOT_FOUND', late: false }
  }
  const at = await leaseNow(tx)
  const times = { at: new Date(at).toISOString(), now }
  const stored = taskOf(row)
  const steps: Step[] = settleCallback(stored, policy, at).map(step => ({ ...step, by: nobody }))
  const task = steps.at(-1)?.task ?? stored

  const refuse = async (code: WorkRefusal): Promise<Worked> => {
    await saveSteps(tx, steps, times)
    const lease = seat(event)
    const mine = lease !== null && (await heldOnce(tx, taskId, lease))
    const told = lease !== null && !mine ? 'LEASE_NOT_YOURS' : code
    const late = event.type === 'outcome' && mine && over.has(code)
    if (late) await keepLate(tx, task, event, by, times, extra)
    await saveAudit(tx, [{ taskId, action: `callback.${event.type}`, by, result: told }], now)
    return { refused: told, late }
  }

  if (event.type === 'undo' && !mayUndo(task, worker)) return refuse('FORBIDDEN')
  const after = moveCallback(task, event, policy, at)
  if ('refused' in after) return refuse(after.refused)
  const reopens = task.state === 'closed' && after.task.state === 'open'
  if (reopens && (await otherIsOpen(tx, task))) return refuse('CALLBACK_NUMBER_OPEN')
  if (after.kind !== null) {
    steps.push({ before: task, task: after.task, kind: after.kind, by, detail: detailOf(event, extra) })
    if (reopens) steps.push(...(await uncover(tx, after.task, policy, at)))
    const closed = after.task.closed
    if (task.state !== 'closed' && closed?.reason === 'reached')
      await keepContacts(
        tx,
        [{ contactId: contactIdOf(taskId, task.fence), numberKey: task.numberKey, answeredAt: at }],
        at,
      )
  }
  await saveSteps(tx, steps, times)
  return { task: steps.at(-1)?.task ?? task, at }
}

/** Whoever works callbacks undoes what closed by itself or by a key; what a supervisor or time ended is the supervisor's. */
const mayUndo = (task: CallbackTask, { operator }: Worker): boolean =>
  may(operator.role, 'callback.supervise') ||
  (task.closed?.reason !== 'removed' && task.closed?.reason !== 'expired')

async function otherIsOpen(tx: Queries, task: CallbackTask): Promise<boolean> {
  if (task.numberKey === null) return false
  const rows = await tx.query(
    'SELECT 1 FROM callback_task WHERE number_key = $1 AND closed_at IS NULL AND task_id <> $2',
    [task.numberKey, task.taskId],
  )
  return rows.length > 0
}

/** A task that is open again has its missed calls back, and the conversation that closed it closes nothing any more. */
async function uncover(tx: Queries, task: CallbackTask, policy: CallbackPolicy, at: number): Promise<Step[]> {
  const [closing] = await tx.query<{ detail: string | null }>(
    `SELECT detail FROM callback_event WHERE task_id = $1 AND kind = 'answered' ORDER BY entry DESC LIMIT 1`,
    [task.taskId],
  )
  const { contactId } = JSON.parse(closing?.detail ?? '{}') as { contactId?: string }
  await tx.query('UPDATE answered_contact SET undone = true WHERE contact_id = $1 OR contact_id = $2', [
    contactId ?? '',
    contactIdOf(task.taskId, task.fence),
  ])
  if (contactId === undefined) return []
  await tx.query('UPDATE missed_call SET covered_by = NULL WHERE task_id = $1 AND covered_by = $2', [
    task.taskId,
    contactId,
  ])
  const facts = (await factsOf(tx, [task.taskId])).get(task.taskId)
  if (facts === undefined || facts.calls === task.calls) return []
  const counted = moveCallback(task, { type: 'missed', facts }, policy, at)
  return 'refused' in counted || counted.kind === null
    ? []
    : [{ before: task, task: counted.task, kind: counted.kind, by: nobody, detail: { calls: facts.calls } }]
}

async function keepLate(
  tx: Queries,
  task: CallbackTask,
  event: Extract<WorkEvent, { type: 'outcome' }>,
  by: Doer,
  times: { at: string; now: string },
  extra: object | undefined,
) {
  const detail = { ...detailOf(event, extra), fence: event.fence }
  const known = await tx.query(
    `SELECT 1 FROM callback_event WHERE task_id = $1 AND kind = 'late-result' AND seat_id = $2 AND detail = $3`,
    [task.taskId, by.seatId, JSON.stringify(detail)],
  )
  if (known.length > 0) return
  await saveEntries(tx, [{ before: task, task, kind: 'late-result', by, detail }], times)
}
