/** Claiming (领取): one call of the database when it is granted; why not is looked up only when it is not. */
import type { CallbackLease, ClaimResult, PassedCallback } from '../../shared/contract/central-callbacks.ts'
import { centralErrors } from '../../shared/contract/central-errors.ts'
import type { CallbackRefusal, CallbackTask } from '../../shared/domain/callback.ts'
import { formatCallbackToken } from '../../shared/domain/callback-dial.ts'
import { claimRefusal } from '../../shared/domain/callback-moves.ts'
import { type CallbackPolicy, isQuiet, mayRingInQuiet } from '../../shared/domain/callback-policy.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import type { Sql } from '../storage/sql.ts'
import { saveAudit, type TaskRow, taskOf } from './task-rows.ts'
import type { Worker } from './work.ts'

export const leaseOf = (task: CallbackTask, now: number): CallbackLease => {
  const until = task.lease === null ? now : Date.parse(task.lease.until)
  return {
    task,
    fence: task.fence,
    leaseSeconds: Math.max(0, (until - now) / 1_000),
    token: formatCallbackToken({ taskId: task.taskId, fence: task.fence, until }),
  }
}

type Asked = { outcome: 'granted' | 'none' | 'quiet'; moment: Date }
type Answer = Asked & { [K in keyof TaskRow]: TaskRow[K] | null }
type Claim = { requestId: string; taskIds: readonly string[] }
type PassedCode = CallbackRefusal | 'CALLBACK_QUIET' | 'NOT_FOUND'

async function ask(
  { sql, clock }: CentralContext,
  { device, operator }: Worker,
  { requestId, taskIds }: Claim,
  policy: CallbackPolicy,
  excepted: readonly string[],
): Promise<Answer | undefined> {
  const [answer] = await sql.prepared<Answer>(
    'callback-claim',
    `SELECT c.outcome, c.moment, (c.task).* FROM callback_claim(
       $1::text[], $2, $3, $4, $5, $6, $7, $8::text[], $9, $10, $11, $12, $13, $14::text[], $15::timestamptz) c`,
    [
      taskIds,
      requestId,
      device.clientId,
      device.seatId,
      operator.operatorId,
      operator.employer,
      device.branch,
      operator.skills,
      policy.leaseSeconds,
      policy.skillFirstSeconds,
      policy.assignedMinutes,
      policy.quiet.from,
      policy.quiet.to,
      excepted,
      isoNow(clock),
    ],
  )
  return answer
}

type HeldRow = TaskRow & { holder_name: string | null; now: Date }

const tasksNamed = (sql: Sql, taskIds: readonly string[]) =>
  sql.query<HeldRow>(
    `SELECT t.*, o.name AS holder_name, lease_now() AS now
     FROM callback_task t LEFT JOIN operator o ON o.operator_id = t.lease_operator WHERE t.task_id = ANY ($1::text[])`,
    [taskIds],
  )

export async function claimTask(
  context: CentralContext,
  worker: Worker,
  claim: Claim,
  policy: CallbackPolicy,
): Promise<ClaimResult> {
  const { sql } = context
  let answer = await ask(context, worker, claim, policy, [])
  if (answer?.outcome === 'quiet') {
    const named = await tasksNamed(sql, claim.taskIds)
    const excepted = named
      .filter(row => mayRingInQuiet(taskOf(row), policy, row.now.getTime()))
      .map(({ task_id: taskId }) => taskId)
    if (excepted.length > 0) answer = await ask(context, worker, claim, policy, excepted)
  }
  if (answer?.outcome === 'granted') {
    // A granted claim comes with its task.
    const task = taskOf(answer as Asked & TaskRow)
    const before = claim.taskIds.slice(0, claim.taskIds.indexOf(task.taskId))
    const passed = before.length === 0 ? [] : await whyPassed(sql, worker, before.slice(0, 1), policy)
    return { outcome: 'granted', lease: leaseOf(task, answer.moment.getTime()), passed }
  }
  const passed = await whyPassed(sql, worker, claim.taskIds, policy)
  const by = {
    clientId: worker.device.clientId,
    seatId: worker.device.seatId,
    operatorId: worker.operator.operatorId,
    employer: worker.operator.employer,
  }
  const first = passed[0]
  if (first !== undefined)
    await saveAudit(
      sql,
      [{ taskId: first.taskId, action: 'callback.claimed', by, result: first.code }],
      isoNow(context.clock),
    )
  return { outcome: 'none', passed }
}

async function whyPassed(
  sql: Sql,
  { device, operator }: Worker,
  taskIds: readonly string[],
  policy: CallbackPolicy,
): Promise<PassedCallback[]> {
  const rows = new Map((await tasksNamed(sql, taskIds)).map(row => [row.task_id, row]))
  return taskIds.map(taskId => {
    const row = rows.get(taskId)
    const told = (code: PassedCode, heldBy: PassedCallback['heldBy'] = null): PassedCallback => ({
      taskId: taskId.slice(0, 64),
      code,
      sentence: centralErrors[code].message,
      heldBy,
    })
    if (row === undefined) return told('NOT_FOUND')
    const task = taskOf(row)
    const now = row.now.getTime()
    const seat = { branch: device.branch, operatorId: operator.operatorId, skills: operator.skills }
    const code = claimRefusal(task, seat, policy, now)
    if (code === null && isQuiet(policy, now) && !mayRingInQuiet(task, policy, now))
      return told('CALLBACK_QUIET')
    // Free again by now, or somebody is at it this moment.
    if (code === null || code === 'CALLBACK_OTHER_BRANCH') return told(code ?? 'CALLBACK_HELD')
    return told(
      code,
      task.lease === null ? null : { operatorId: task.lease.operatorId, operatorName: row.holder_name ?? '' },
    )
  })
}
