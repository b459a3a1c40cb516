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
import { type Crowd, createCrowd } from './crowd.ts'
import { isInReach } from './reach.ts'
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
/** One that goes to the database, with the tasks that may be rung in the quiet hours. */
type Asking = { worker: Worker; claim: Claim; policy: CallbackPolicy; excepted: readonly string[] }
type AuditRow = Parameters<typeof saveAudit>[1][number]
export type Claims = { ask: Crowd<Asking, Answer>; audit: Crowd<AuditRow, true> }

/** All of a crowd are given out by the newest policy among them. */
export const createClaims = ({ sql, clock }: CentralContext): Claims => ({
  audit: createCrowd(
    async rows => {
      await saveAudit(sql, rows, isoNow(clock))
      return rows.map(() => true as const)
    },
    { most: 64, atOnce: 1 },
  ),
  ask: createCrowd(
    async asking => {
      const policy = asking.at(-1)?.policy
      if (policy === undefined) return []
      const claims = asking.map(({ worker: { device, operator }, claim, excepted }, place) => ({
        place,
        ids: claim.taskIds,
        request: claim.requestId,
        client: device.clientId,
        seat: device.seatId,
        operator: operator.operatorId,
        employer: operator.employer,
        branch: device.branch,
        skills: operator.skills,
        excepted,
      }))
      const answers = await sql.prepared<Answer & { place: number }>(
        'callback-claims',
        `SELECT c.place, c.outcome, c.moment, (c.task).*
         FROM callback_claims($1, $2, $3, $4, $5, $6, $7::timestamptz) c ORDER BY c.place`,
        [
          JSON.stringify(claims),
          policy.leaseSeconds,
          policy.skillFirstSeconds,
          policy.assignedMinutes,
          policy.quiet.from,
          policy.quiet.to,
          isoNow(clock),
        ],
      )
      return answers
    },
    { most: 64, atOnce: sql.kind === 'pglite' ? 1 : 3 },
  ),
})

type HeldRow = TaskRow & { holder_name: string | null; now: Date }

const tasksNamed = (sql: Sql, taskIds: readonly string[]) =>
  sql.query<HeldRow>(
    `SELECT t.*, o.name AS holder_name, lease_now() AS now
     FROM callback_task t LEFT JOIN operator o ON o.operator_id = t.lease_operator WHERE t.task_id = ANY ($1::text[])`,
    [taskIds],
  )

export async function claimTask(
  context: CentralContext,
  claims: Claims,
  worker: Worker,
  claim: Claim,
  policy: CallbackPolicy,
): Promise<ClaimResult> {
  const { sql } = context
  let answer = await claims.ask({ worker, claim, policy, excepted: [] })
  if (answer.outcome === 'quiet') {
    const named = await tasksNamed(sql, claim.taskIds)
    const excepted = named
      .filter(row => mayRingInQuiet(taskOf(row), policy, row.now.getTime()))
      .map(({ task_id: taskId }) => taskId)
    if (excepted.length > 0) answer = await claims.ask({ worker, claim, policy, excepted })
  }
  if (answer.outcome === 'granted') {
    // A granted claim comes with its task.
    const task = taskOf(answer as Asked & TaskRow)
    return { outcome: 'granted', lease: leaseOf(task, answer.moment.getTime()), passed: [] }
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
    await claims.audit({ taskId: first.taskId, action: 'callback.claimed', by, result: first.code })
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
    if (row === undefined || !isInReach(operator, row)) return told('NOT_FOUND')
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
