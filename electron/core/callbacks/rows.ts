/** How the page is shown a task: its place and why, who has it, and no whole number that is not called. */
import type { CallbackCounts, CallbackRow } from '../../../shared/contract/seat-callbacks.ts'
import type { CallbackTask } from '../../../shared/domain/callback.ts'
import { claimRefusal } from '../../../shared/domain/callback-moves.ts'
import { type CallbackRank, orderCallbacks, rankOf } from '../../../shared/domain/callback-order.ts'
import type { CallbackPolicy } from '../../../shared/domain/callback-policy.ts'
import type { Operator } from '../../../shared/domain/operator.ts'
import { maskNumber } from '../../../shared/domain/phone-number.ts'
import type { Database } from '../storage/database.ts'

export type Viewer = Pick<Operator, 'operatorId' | 'branch' | 'skills'>
export type Ordered = { task: CallbackTask; rank: CallbackRank }

const iso = (ms: number) => new Date(ms).toISOString()

export function ordered(
  tasks: ReadonlyMap<string, CallbackTask>,
  policy: CallbackPolicy,
  now: number,
): Ordered[] {
  const ranks = orderCallbacks([...tasks.values()], policy, now)
  return ranks.flatMap(rank => {
    const task = tasks.get(rank.taskId)
    return task === undefined ? [] : [{ task, rank }]
  })
}

/** Whether the centre would give it to this seat, as far as is known here. */
export const mayClaim = ({ task, rank }: Ordered, by: Viewer, policy: CallbackPolicy, now: number) =>
  rank.ready && claimRefusal(task, by, policy, now) === null

export function counted(all: readonly Ordered[], by: Viewer, policy: CallbackPolicy, now: number) {
  const counts: CallbackCounts = {
    open: 0,
    ready: 0,
    overdue: 0,
    uncertain: 0,
    notDialable: 0,
    withheldCalls: 0,
  }
  for (const each of all) {
    const { task, rank } = each
    if (task.dialable) counts.open += 1
    else counts.notDialable += 1
    if (task.kind === 'withheld') counts.withheldCalls += task.calls
    if (task.state === 'uncertain') counts.uncertain += 1
    if (!mayClaim(each, by, policy, now)) continue
    counts.ready += 1
    if (rank.overdue) counts.overdue += 1
  }
  return counts
}

type Names = {
  (operatorId: string): string
  /** An exchange's key or a seat acts under a name too, and is nobody. */
  known(operatorId: string): string | undefined
}

export function namesOf(db: Database): Names {
  const rows = db.prepare('SELECT operator_id AS id, name FROM operator').all() as {
    id: string
    name: string
  }[]
  const names = new Map(rows.map(({ id, name }) => [id, name]))
  const known = (operatorId: string) => names.get(operatorId)
  return Object.assign((operatorId: string) => known(operatorId) ?? operatorId, { known })
}

/** When a task that others are offered first is this seat's too. */
function othersFirstUntil(task: CallbackTask, by: Viewer, policy: CallbackPolicy, now: number) {
  if (claimRefusal(task, by, policy, now) !== 'CALLBACK_OTHERS_FIRST') return null
  const skilled = task.wants.some(skill => by.skills.includes(skill)) || task.wants.length === 0
  const assigned = task.assigned === null ? 0 : Date.parse(task.assigned.at) + policy.assignedMinutes * 60_000
  const skills = skilled ? 0 : Date.parse(task.openedAt) + policy.skillFirstSeconds * 1_000
  return iso(Math.max(assigned, skills))
}

export function rowOf(
  task: CallbackTask,
  about: {
    by: Viewer
    policy: CallbackPolicy
    now: number
    name(operatorId: string): string
    inHand: boolean
    rank?: CallbackRank
  },
): CallbackRow {
  const { by, policy, now, name, inHand } = about
  const rank = about.rank ?? rankOf(task, policy, now)
  const { lastAttempt, closed, lease, assigned } = task
  return {
    taskId: task.taskId,
    kind: task.kind,
    extension: task.extension,
    dialable: task.dialable,
    queue: task.queue,
    wants: task.wants,
    enterprise: task.enterprise,
    dialect: task.dialect,
    note: task.note,
    calls: task.calls,
    firstMissedAt: task.firstMissedAt,
    lastMissedAt: task.lastMissedAt,
    attempts: task.attempts,
    preferred: task.preferred,
    state: task.state,
    number: task.kind !== 'number' || inHand ? task.number : maskNumber(task.number),
    numberKey: inHand ? task.numberKey : null,
    dueAt: iso(rank.dueAt),
    overdue: rank.overdue,
    ready: rank.ready,
    reasons: rank.reasons,
    othersFirstUntil: othersFirstUntil(task, by, policy, now),
    lastTry:
      lastAttempt === null
        ? null
        : { at: lastAttempt.at, outcome: lastAttempt.outcome, operatorName: name(lastAttempt.operatorId) },
    heldBy: lease === null ? null : name(lease.operatorId),
    assignedTo: assigned === null ? null : name(assigned.operatorId),
    closed:
      closed === null
        ? null
        : {
            at: closed.at,
            reason: closed.reason,
            outcome: closed.outcome,
            by: closed.operatorId === null ? null : name(closed.operatorId),
            detail: closed.detail,
          },
  }
}
