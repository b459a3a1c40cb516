/** The team's figures, counted from the history and the open tasks each time. */
import type { CallbackEntry, CallbackFigures } from '../../shared/contract/central-callbacks.ts'
import type { CallbackTask } from '../../shared/domain/callback.ts'
import { type CallbackPolicy, dueAt } from '../../shared/domain/callback-policy.ts'
import type { Sql } from '../storage/sql.ts'
import { leaseNow } from './number-locks.ts'
import type { TaskRow } from './task-rows.ts'

export type OpenFigures = Pick<CallbackFigures, 'open' | 'overdue' | 'uncertain' | 'notDialable'>

/** `branch`: only of this one and of none; null: of all. */
export async function openFigures(
  sql: Sql,
  policy: CallbackPolicy,
  branch: string | null,
): Promise<OpenFigures> {
  const rows = await sql.query<
    Pick<TaskRow, 'state' | 'dialable' | 'note' | 'preferred' | 'first_missed_at'>
  >(
    `SELECT state, dialable, note, preferred, first_missed_at FROM callback_task
     WHERE closed_at IS NULL AND ($1::text IS NULL OR branch IS NULL OR branch = $1)`,
    [branch],
  )
  const now = await leaseNow(sql)
  const dialable = rows.filter(row => row.dialable)
  const isOverdue = (row: (typeof rows)[number]) =>
    dueAt(
      {
        note: row.note,
        preferred: row.preferred === null ? null : (JSON.parse(row.preferred) as CallbackTask['preferred']),
        firstMissedAt: row.first_missed_at.toISOString(),
      },
      policy,
    ) <= now
  return {
    open: dialable.length,
    overdue: dialable.filter(isOverdue).length,
    uncertain: rows.filter(({ state }) => state === 'uncertain').length,
    notDialable: rows.length - dialable.length,
  }
}

/** A task that was reached and undone counts as what its last such event made it. */
const periodSql = `
WITH ended AS (
  SELECT DISTINCT ON (e.task_id) e.task_id, e.kind, e.at, t.attempts, t.first_missed_at, t.closed::json ->> 'reason' AS reason
  FROM callback_event e JOIN callback_task t USING (task_id)
  WHERE e.to_state = 'closed' AND e.from_state <> 'closed' AND t.closed_at IS NOT NULL AND e.at >= $1 AND e.at < $2
    AND ($3::text IS NULL OR t.branch IS NULL OR t.branch = $3)
  ORDER BY e.task_id, e.entry DESC
)
SELECT (SELECT count(*) FROM callback_event e JOIN callback_task t USING (task_id)
        WHERE e.kind = 'opened' AND e.at >= $1 AND e.at < $2
          AND ($3::text IS NULL OR t.branch IS NULL OR t.branch = $3)) AS opened,
       count(*) AS closed,
       count(*) FILTER (WHERE reason = 'reached') AS reached,
       count(*) FILTER (WHERE reason = 'answered') AS answered,
       count(*) FILTER (WHERE reason = 'reached' AND attempts = 0) AS first,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM at - first_missed_at)::float8)
         FILTER (WHERE reason IN ('reached', 'answered')) AS wait
FROM ended`

type PeriodRow = {
  opened: number
  closed: number
  reached: number
  answered: number
  first: number
  wait: number | null
}

export async function figuresOf(
  sql: Sql,
  policy: CallbackPolicy,
  period: { from: string; to: string },
  branch: string | null,
): Promise<CallbackFigures> {
  const [row] = await sql.query<PeriodRow>(periodSql, [period.from, period.to, branch])
  return {
    ...(await openFigures(sql, policy, branch)),
    opened: row?.opened ?? 0,
    closed: row?.closed ?? 0,
    reached: row?.reached ?? 0,
    answered: row?.answered ?? 0,
    reachedOnFirstTry: row?.first ?? 0,
    medianWaitSeconds: row?.wait ?? null,
  }
}

type EventRow = {
  entry: number
  at: Date
  kind: CallbackEntry['kind']
  from_state: string | null
  to_state: string
  fence: number
  seat_id: string | null
  operator_id: string | null
  detail: string | null
}

export async function historyOf(sql: Sql, taskId: string): Promise<CallbackEntry[]> {
  const rows = await sql.query<EventRow>('SELECT * FROM callback_event WHERE task_id = $1 ORDER BY entry', [
    taskId,
  ])
  return rows.map(row => ({
    entry: row.entry,
    at: row.at.toISOString(),
    kind: row.kind,
    from: row.from_state,
    to: row.to_state,
    fence: row.fence,
    seatId: row.seat_id,
    operatorId: row.operator_id,
    detail: row.detail === null ? null : (JSON.parse(row.detail) as unknown),
  }))
}
