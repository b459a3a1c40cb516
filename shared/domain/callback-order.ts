/**
 * Which callback comes next, and why it stands where it does (为何排在这里). Pure: a seat computes it from the tasks it has and the
 * policy in force, so that another policy is one row of the change feed and not 20,000.
 *
 * Age counts without bound and everything else within one, so that whatever waits is overtaken by what came later only up to
 * a fixed time, never for ever.
 */
import type { CallbackTask } from './callback.ts'
import {
  afterQuiet,
  type CallbackPolicy,
  dueAt,
  isQuiet,
  mayRingInQuiet,
  urgentWordsIn,
} from './callback-policy.ts'

export type OrderReason =
  | { kind: 'age'; minutes: number; points: number }
  | { kind: 'repeats'; calls: number; points: number }
  | { kind: 'urgent-word'; word: string; points: number }
  | { kind: 'enterprise' | 'dialect' | 'overdue' | 'preferred'; points: number }
  /** It cannot be dialled yet. */
  | { kind: 'waits'; because: 'spacing' | 'preferred' | 'quiet'; until: number }
  | { kind: 'held'; state: 'claimed' | 'dialling' | 'uncertain' }
  | { kind: 'not-dialable' }

export type CallbackRank = {
  taskId: string
  /** Whether it could be dialled now by a seat that may. Those that can come first. */
  ready: boolean
  score: number
  firstMissedAt: number
  dueAt: number
  overdue: boolean
  reasons: OrderReason[]
}

const minuteMs = 60_000

export function rankOf(task: CallbackTask, policy: CallbackPolicy, now: number): CallbackRank {
  const { weights } = policy
  const firstMissedAt = Date.parse(task.firstMissedAt)
  const due = dueAt(task, policy)
  const overdue = task.state !== 'closed' && due <= now
  const reasons: OrderReason[] = []
  let score = 0
  const add = (reason: Extract<OrderReason, { points: number }>) => {
    if (reason.points === 0) return
    score += reason.points
    reasons.push(reason)
  }
  const minutes = Math.max(0, (now - firstMissedAt) / minuteMs)
  add({ kind: 'age', minutes: Math.floor(minutes), points: minutes * weights.ageMinute })
  const repeats = Math.min(task.calls - 1, weights.mostRepeats)
  if (repeats > 0) add({ kind: 'repeats', calls: task.calls, points: repeats * weights.repeat })
  for (const { word, points } of urgentWordsIn(task, policy)) add({ kind: 'urgent-word', word, points })
  if (task.enterprise) add({ kind: 'enterprise', points: weights.enterprise })
  if (task.dialect !== null) add({ kind: 'dialect', points: weights.dialect })
  if (overdue) add({ kind: 'overdue', points: weights.overdue })
  const asked = task.preferred === null ? null : Date.parse(task.preferred.at)
  if (asked !== null && asked <= now) add({ kind: 'preferred', points: weights.preferred })

  const wait = waitOf(task, policy, now)
  if (wait !== null) reasons.push(wait)
  const ready = wait === null && task.state === 'open'
  return { taskId: task.taskId, ready, score, firstMissedAt, dueAt: due, overdue, reasons }
}

function waitOf(task: CallbackTask, policy: CallbackPolicy, now: number): OrderReason | null {
  if (!task.dialable) return { kind: 'not-dialable' }
  if (task.state === 'claimed' || task.state === 'dialling' || task.state === 'uncertain')
    return { kind: 'held', state: task.state }
  const notBefore = task.notBefore === null ? 0 : Date.parse(task.notBefore)
  if (notBefore > now)
    return {
      kind: 'waits',
      because: task.preferred?.at === task.notBefore ? 'preferred' : 'spacing',
      until: notBefore,
    }
  if (isQuiet(policy, now) && !mayRingInQuiet(task, policy, now))
    return { kind: 'waits', because: 'quiet', until: afterQuiet(policy, now) }
  return null
}

/** Total: two different tasks never compare as equal. */
export function compareRanks(a: CallbackRank, b: CallbackRank): number {
  if (a.ready !== b.ready) return a.ready ? -1 : 1
  if (a.score !== b.score) return b.score - a.score
  if (a.firstMissedAt !== b.firstMissedAt) return a.firstMissedAt - b.firstMissedAt
  return a.taskId < b.taskId ? -1 : a.taskId > b.taskId ? 1 : 0
}

export const orderCallbacks = (
  tasks: readonly CallbackTask[],
  policy: CallbackPolicy,
  now: number,
): CallbackRank[] => tasks.map(task => rankOf(task, policy, now)).sort(compareRanks)

/**
 * What a seat asks for in one claim: the first of its order, then one of the next few, one of the next few dozen and so on, so that
 * seats that press the key at one moment do not all want the same. Alone, it gets its first. `random` gives 0 … 1.
 */
export function claimChoices(order: readonly string[], count: number, random: () => number): string[] {
  const places = new Set<number>()
  for (let each = 0, from = 0, to = 1; each < count && from < order.length; each += 1) {
    const end = Math.min(to, order.length)
    places.add(from + Math.min(end - from - 1, Math.floor(random() * (end - from))))
    from = to
    to *= 4
    // Beyond a thousand it is no order any more: the rest are picked within it.
    if (to > 1_024) [from, to] = [1, 1_024]
  }
  return [...places].sort((a, b) => a - b).flatMap(place => order[place] ?? [])
}
