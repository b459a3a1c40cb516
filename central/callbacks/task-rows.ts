/** Tasks between the machine and the table, and what every change of one leaves behind: history, audit, a row of the feed. */
import type { CallbackEntryKind, CallbackTask } from '../../shared/domain/callback.ts'
import { writeChanges } from '../changes/inbox.ts'
import { insertRows, type Queries, rowsOf } from '../storage/sql.ts'

export type TaskRow = {
  task_id: string
  version: number
  branch: string | null
  kind: CallbackTask['kind']
  number_key: string | null
  number: string
  extension: string | null
  dialable: boolean
  queue: string | null
  wants: string[]
  enterprise: boolean
  dialect: string | null
  note: string
  calls: number
  first_missed_at: Date
  last_missed_at: Date
  opened_at: Date
  reopened_at: Date | null
  state: CallbackTask['state']
  attempts: number
  not_before: Date | null
  preferred: string | null
  last_attempt: string | null
  fence: number
  lease_seat: string | null
  lease_operator: string | null
  lease_until: Date | null
  renewals: number | null
  assigned_to: string | null
  assigned_by: string | null
  assigned_at: Date | null
  uncertain_since: Date | null
  closed: string | null
}

const isoOrNull = (date: Date | null) => date?.toISOString() ?? null
/** Written here and nowhere else: what is in it has the type of its column. */
const parsed = (text: string | null): unknown => (text === null ? null : JSON.parse(text))

export const taskOf = (row: TaskRow): CallbackTask => ({
  taskId: row.task_id,
  version: row.version,
  branch: row.branch,
  kind: row.kind,
  numberKey: row.number_key,
  number: row.number,
  extension: row.extension,
  dialable: row.dialable,
  queue: row.queue,
  wants: row.wants,
  enterprise: row.enterprise,
  dialect: row.dialect,
  note: row.note,
  calls: row.calls,
  firstMissedAt: row.first_missed_at.toISOString(),
  lastMissedAt: row.last_missed_at.toISOString(),
  openedAt: row.opened_at.toISOString(),
  reopenedAt: isoOrNull(row.reopened_at),
  state: row.state,
  attempts: row.attempts,
  notBefore: isoOrNull(row.not_before),
  preferred: parsed(row.preferred) as CallbackTask['preferred'],
  lastAttempt: parsed(row.last_attempt) as CallbackTask['lastAttempt'],
  fence: row.fence,
  lease:
    row.lease_seat === null || row.lease_operator === null || row.lease_until === null
      ? null
      : {
          seatId: row.lease_seat,
          operatorId: row.lease_operator,
          until: row.lease_until.toISOString(),
          renewals: row.renewals ?? 0,
        },
  assigned:
    row.assigned_to === null || row.assigned_by === null || row.assigned_at === null
      ? null
      : { operatorId: row.assigned_to, by: row.assigned_by, at: row.assigned_at.toISOString() },
  uncertainSince: isoOrNull(row.uncertain_since),
  closed: parsed(row.closed) as CallbackTask['closed'],
})

const columns = {
  task_id: 'text',
  version: 'integer',
  branch: 'text',
  kind: 'text',
  number_key: 'text',
  number: 'text',
  extension: 'text',
  dialable: 'boolean',
  queue: 'text',
  wants: 'text[]',
  enterprise: 'boolean',
  dialect: 'text',
  note: 'text',
  calls: 'integer',
  first_missed_at: 'timestamptz',
  last_missed_at: 'timestamptz',
  opened_at: 'timestamptz',
  reopened_at: 'timestamptz',
  state: 'text',
  attempts: 'integer',
  not_before: 'timestamptz',
  preferred: 'text',
  last_attempt: 'text',
  fence: 'integer',
  lease_seat: 'text',
  lease_operator: 'text',
  lease_until: 'timestamptz',
  renewals: 'integer',
  assigned_to: 'text',
  assigned_by: 'text',
  assigned_at: 'timestamptz',
  uncertain_since: 'timestamptz',
  closed: 'text',
  closed_at: 'timestamptz',
}
const given = ['task_id', 'branch', 'kind', 'number_key', 'number', 'extension', 'dialable', 'queue']
const changeable = Object.keys(columns).filter(name => !given.includes(name))

const text = (value: unknown) => (value === null ? null : JSON.stringify(value))

const rowOf = (task: CallbackTask): Record<keyof typeof columns, unknown> => ({
  task_id: task.taskId,
  version: task.version,
  branch: task.branch,
  kind: task.kind,
  number_key: task.numberKey,
  number: task.number,
  extension: task.extension,
  dialable: task.dialable,
  queue: task.queue,
  wants: task.wants,
  enterprise: task.enterprise,
  dialect: task.dialect,
  note: task.note,
  calls: task.calls,
  first_missed_at: task.firstMissedAt,
  last_missed_at: task.lastMissedAt,
  opened_at: task.openedAt,
  reopened_at: task.reopenedAt,
  state: task.state,
  attempts: task.attempts,
  not_before: task.notBefore,
  preferred: text(task.preferred),
  last_attempt: text(task.lastAttempt),
  fence: task.fence,
  lease_seat: task.lease?.seatId ?? null,
  lease_operator: task.lease?.operatorId ?? null,
  lease_until: task.lease?.until ?? null,
  renewals: task.lease?.renewals ?? null,
  assigned_to: task.assigned?.operatorId ?? null,
  assigned_by: task.assigned?.by ?? null,
  assigned_at: task.assigned?.at ?? null,
  uncertain_since: task.uncertainSince,
  closed: text(task.closed),
  closed_at: task.closed?.at ?? null,
})

/** Who did it; all null: time, or an exchange. */
export type Doer = {
  clientId: string | null
  seatId: string | null
  operatorId: string | null
  employer: string
}
export const nobody: Doer = { clientId: null, seatId: null, operatorId: null, employer: '' }

/** One change of a task. `task.version` is that after the last of several. */
export type Step = {
  before: CallbackTask | null
  task: CallbackTask
  kind: CallbackEntryKind
  by: Doer
  detail?: unknown
}

/** Called while the tasks are locked or new. Steps of one task in their order. `at` is the database's, `now` the audit's. */
export async function saveSteps(
  tx: Queries,
  steps: readonly Step[],
  { at, now }: { at: string; now: string },
): Promise<void> {
  if (steps.length === 0) return
  const last = new Map(steps.map(({ task }) => [task.taskId, task]))
  const added = new Set(steps.flatMap(({ before, task }) => (before === null ? [task.taskId] : [])))
  const rows = [...last.values()].map(rowOf)
  // What is closed goes first: another task of its number may be among the new ones.
  const updated = rows.filter(row => !added.has(row.task_id as string))
  if (updated.length > 0)
    await tx.query(
      `UPDATE callback_task t SET ${changeable.map(name => `${name} = r.${name}`).join(', ')}
       FROM ${rowsOf(columns, 'r')} WHERE t.task_id = r.task_id`,
      [JSON.stringify(updated)],
    )
  await insertRows(
    tx,
    'callback_task',
    columns,
    rows.filter(row => added.has(row.task_id as string)),
  )
  await saveEntries(tx, steps, { at, now })
  await writeChanges(
    tx,
    now,
    [...last.values()].map(({ taskId, branch }) => ({ kind: 'callback' as const, subject: taskId, branch })),
  )
}

/** History and audit alone: for what changed no state. */
export async function saveEntries(
  tx: Queries,
  steps: readonly Step[],
  { at, now }: { at: string; now: string },
): Promise<void> {
  await insertRows(
    tx,
    'callback_event',
    {
      task_id: 'text',
      at: 'timestamptz',
      kind: 'text',
      from_state: 'text',
      to_state: 'text',
      fence: 'integer',
      seat_id: 'text',
      operator_id: 'text',
      detail: 'text',
    },
    steps.map(({ before, task, kind, by, detail }) => ({
      task_id: task.taskId,
      at,
      kind,
      from_state: before?.state ?? null,
      to_state: task.state,
      fence: task.fence,
      seat_id: by.seatId,
      operator_id: by.operatorId,
      detail: detail === undefined ? null : JSON.stringify(detail),
    })),
  )
  await saveAudit(
    tx,
    steps.map(({ task, kind, by }) => ({
      taskId: task.taskId,
      action: `callback.${kind}`,
      by,
      result: 'done',
    })),
    now,
  )
}

export const saveAudit = (
  tx: Queries,
  rows: readonly { taskId: string; action: string; by: Doer; result: string }[],
  now: string,
): Promise<void> =>
  insertRows(
    tx,
    'audit',
    {
      at: 'timestamptz',
      client_id: 'text',
      operator_id: 'text',
      employer: 'text',
      action: 'text',
      subject_kind: 'text',
      subject_id: 'text',
      result: 'text',
    },
    rows.map(({ taskId, action, by, result }) => ({
      at: now,
      client_id: by.clientId,
      operator_id: by.operatorId,
      employer: by.employer,
      action,
      subject_kind: 'callback',
      subject_id: taskId,
      result,
    })),
  )
