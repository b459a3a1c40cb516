/**
 * What becomes of a callback (回拨任务). Pure; time comes with each event, in milliseconds since the epoch, and is the database's
 * at the centre.
 *
 *              claim / take-over               dial                 outcome: reached, nothing-wanted, case-filed
 *   (open) ─────────────────────▶ claimed ─────────────▶ dialling ─────────────────────────────────────▶ closed
 *     ▲ ▲ ◀──decline, lease ends─────┘ └─renew─┐           │  │ └─renew─┐                                  ▲  │
 *     │ │ ◀──outcome: no-answer, busy, refused, failed─────┘  │ lease ends                                │  │
 *     │ │ ◀──reschedule (改约; also of a call that closed it) │                                           │  │
 *     │ │                                                     ▼                                           │  │
 *     │ └──release, end of the hold────────────────────── uncertain (never claimed; who dialled may have reached)
 *     └──────────────────────────────── undo ──────────────────────────────────────────────────────────────┘
 *   assign: open, claimed, uncertain → open, for one person first.   missed (again): any but closed → the same, counted
 *   answered, expired (open, uncertain), attempts used up, invalid number, remove: any but closed → closed
 *
 * `fence` grows with each claim, take-over, assignment and release; whoever acts under a lease names it. A decline is no attempt.
 */
import type {
  CallbackActor,
  CallbackEntryKind,
  CallbackEvent,
  CallbackOutcome,
  CallbackRefusal,
  CallbackTask,
  ClosingReason,
  MissedFacts,
} from './callback.ts'
import type { CallbackPolicy } from './callback-policy.ts'

/** `kind: null`: it was so already, as when a request is sent again whose answer was lost. */
export type CallbackMove =
  | { task: CallbackTask; kind: CallbackEntryKind | null }
  | { refused: CallbackRefusal }

const iso = (ms: number) => new Date(ms).toISOString()
const minuteMs = 60_000
const refused = (code: CallbackRefusal): CallbackMove => ({ refused: code })
const same = (task: CallbackTask): CallbackMove => ({ task, kind: null })
const lapsed = (until: string | null, now: number): boolean => until !== null && Date.parse(until) <= now

const freed = (task: CallbackTask, now: number): CallbackTask => ({
  ...task,
  state: 'open',
  lease: null,
  uncertainSince: null,
  closed: null,
  openedAt: task.closed === null ? task.openedAt : iso(now),
  reopenedAt: task.closed === null ? task.reopenedAt : iso(now),
})

const closedTask = (
  task: CallbackTask,
  now: number,
  closed: Omit<NonNullable<CallbackTask['closed']>, 'at'>,
): CallbackTask => ({
  ...task,
  state: 'closed',
  lease: null,
  uncertainSince: null,
  closed: { at: iso(now), ...closed },
})

/** When time itself changes the task next; null: it does not. */
export function wakesAt(task: CallbackTask, policy: CallbackPolicy): number | null {
  const expires = () =>
    Math.max(
      Date.parse(task.lastMissedAt),
      Date.parse(task.openedAt),
      task.notBefore === null ? 0 : Date.parse(task.notBefore),
    ) +
    policy.expireHours * 3_600_000
  switch (task.state) {
    case 'closed':
      return null
    case 'claimed':
    case 'dialling':
      return task.lease === null ? null : Date.parse(task.lease.until)
    case 'open':
      return expires()
    case 'uncertain': {
      const since = task.uncertainSince === null ? 0 : Date.parse(task.uncertainSince)
      const hold = policy.uncertainHoldMinutes
      return hold === null ? expires() : Math.min(expires(), since + hold * minuteMs)
    }
  }
}

/** What has no caller's number is listed; nobody can claim it. */
export function openTask(
  facts: MissedFacts &
    Pick<
      CallbackTask,
      'taskId' | 'branch' | 'kind' | 'numberKey' | 'number' | 'extension' | 'dialable' | 'queue' | 'notBefore'
    > &
    Partial<Pick<CallbackTask, 'assigned'>>,
  now: number,
): CallbackTask {
  return {
    assigned: null,
    ...facts,
    version: 1,
    openedAt: iso(now),
    reopenedAt: null,
    state: 'open',
    attempts: 0,
    preferred: null,
    lastAttempt: null,
    fence: 0,
    lease: null,
    uncertainSince: null,
    closed: null,
  }
}

/** Why this seat may not claim the task now, or null. */
export function claimRefusal(
  task: CallbackTask,
  seat: { branch: string; operatorId: string; skills: readonly string[] },
  policy: CallbackPolicy,
  now: number,
): CallbackRefusal | null {
  if (task.branch !== null && task.branch !== seat.branch) return 'CALLBACK_OTHER_BRANCH'
  if (task.state === 'closed') return 'CALLBACK_CLOSED'
  if (!task.dialable) return 'CALLBACK_NOT_DIALABLE'
  if (task.state === 'dialling') return 'CALLBACK_DIALLING'
  if (task.state === 'uncertain') return 'CALLBACK_UNCERTAIN'
  if (task.state === 'claimed' && !lapsed(task.lease?.until ?? null, now)) return 'CALLBACK_HELD'
  if (task.notBefore !== null && Date.parse(task.notBefore) > now) return 'CALLBACK_NOT_YET'
  const { assigned } = task
  if (assigned !== null && assigned.operatorId === seat.operatorId) return null
  if (assigned !== null && Date.parse(assigned.at) + policy.assignedMinutes * minuteMs > now)
    return 'CALLBACK_OTHERS_FIRST'
  const forSkills = task.wants.length > 0 && !task.wants.some(skill => seat.skills.includes(skill))
  if (forSkills && Date.parse(task.openedAt) + policy.skillFirstSeconds * 1_000 > now)
    return 'CALLBACK_OTHERS_FIRST'
  return null
}

/** Why what was done under a lease does not count any more, or null. */
export function leaseRefusal(
  task: CallbackTask,
  { seatId, fence }: { seatId: string; fence: number },
  now: number,
): CallbackRefusal | null {
  if (task.fence !== fence) return 'FENCE_STALE'
  if (task.state === 'closed') return 'CALLBACK_CLOSED'
  if (task.lease === null) return 'LEASE_ENDED'
  if (task.lease.seatId !== seatId) return 'LEASE_NOT_YOURS'
  if (task.state === 'uncertain' || lapsed(task.lease.until, now)) return 'LEASE_ENDED'
  return null
}

/** A task that was closed because this seat, under this fence, had the citizen on the line. */
const spokeUnder = (task: CallbackTask, { seatId, fence }: { seatId: string; fence: number }): boolean =>
  (task.closed?.reason === 'reached' || task.closed?.reason === 'answered') &&
  task.lastAttempt?.fence === fence &&
  task.lastAttempt.seatId === seatId &&
  task.fence === fence

/** The task after one event. Never throws. Whoever keeps the task settles it first, so that what time ended is in the history. */
export function moveCallback(
  task: CallbackTask,
  event: CallbackEvent,
  policy: CallbackPolicy,
  now: number,
): CallbackMove {
  const moved = moveOf(task, event, policy, now)
  return 'refused' in moved || moved.kind === null
    ? moved
    : { ...moved, task: { ...moved.task, version: task.version + 1 } }
}

/** What time did since the task was last looked at: one step or several, none when nothing ended. */
export function settleCallback(
  task: CallbackTask,
  policy: CallbackPolicy,
  now: number,
): { before: CallbackTask; task: CallbackTask; kind: CallbackEntryKind }[] {
  const after = moveCallback(task, { type: 'clock' }, policy, now)
  if ('refused' in after || after.kind === null) return []
  return [{ before: task, task: after.task, kind: after.kind }, ...settleCallback(after.task, policy, now)]
}

function moveOf(task: CallbackTask, event: CallbackEvent, policy: CallbackPolicy, now: number): CallbackMove {
  switch (event.type) {
    case 'missed': {
      if (task.state === 'closed') return refused('CALLBACK_CLOSED')
      return { task: { ...task, ...event.facts }, kind: 'missed' }
    }
    case 'claim': {
      const why = claimRefusal(task, event, policy, now)
      return why === null ? leased(task, event, policy, now, 'claimed') : refused(why)
    }
    case 'renew': {
      const why = leaseRefusal(task, event, now)
      if (why !== null || task.lease === null) return refused(why ?? 'LEASE_ENDED')
      if (task.lease.renewals >= policy.renewals) return refused('LEASE_NOT_RENEWABLE')
      const until = iso(now + policy.leaseSeconds * 1_000)
      return {
        task: { ...task, lease: { ...task.lease, until, renewals: task.lease.renewals + 1 } },
        kind: 'renewed',
      }
    }
    case 'dial': {
      const why = leaseRefusal(task, event, now)
      if (why !== null || task.lease === null) return refused(why ?? 'LEASE_ENDED')
      if (task.state === 'dialling') return same(task)
      const { fence, seatId, operatorId } = event
      return {
        task: {
          ...task,
          state: 'dialling',
          lease: { ...task.lease, operatorId, until: iso(now + policy.leaseSeconds * 1_000) },
          lastAttempt: { fence, at: iso(now), seatId, operatorId, outcome: null },
        },
        kind: 'dialling',
      }
    }
    case 'outcome':
      return outcomeOf(task, event, policy, now)
    case 'decline': {
      if (task.state === 'open' && task.fence === event.fence) return same(task)
      const why = leaseRefusal(task, event, now)
      if (why !== null) return refused(why)
      if (task.state === 'dialling') return refused('CALLBACK_DIALLING')
      return { task: freed(task, now), kind: 'declined' }
    }
    case 'reschedule': {
      const wanted = Date.parse(event.at)
      if (!(wanted > now && wanted <= now + policy.furthestDays * 24 * 60 * minuteMs))
        return refused('PREFERRED_TIME_INVALID')
      const isAgain =
        task.preferred?.at === iso(wanted) && task.state === 'open' && task.fence === event.fence
      if (isAgain) return same(task)
      const why = spokeUnder(task, event) ? null : leaseRefusal(task, event, now)
      if (why !== null) return refused(why)
      const { lastAttempt } = task
      return {
        task: {
          ...freed(task, now),
          preferred: { at: iso(wanted), askedAt: iso(now), note: event.note },
          notBefore: iso(wanted),
          reopenedAt: iso(now),
          lastAttempt:
            task.state === 'dialling' && lastAttempt !== null
              ? { ...lastAttempt, outcome: 'reached' }
              : lastAttempt,
        },
        kind: 'rescheduled',
      }
    }
    case 'answered': {
      if (task.state === 'closed') return same(task)
      if (event.left !== null) return { task: { ...task, ...event.left }, kind: 'partly-answered' }
      const { operatorId, detail } = event
      const closed = { reason: 'answered', outcome: null, operatorId, caseId: null, detail } as const
      return { task: closedTask(task, now, closed), kind: 'answered' }
    }
    case 'offline': {
      // A task that is held, or was closed meanwhile, keeps its state; the attempt stands in its history.
      if (task.state !== 'open') return same(task)
      const attempt = { outcome: event.outcome, operatorId: null, caseId: null, note: '' }
      return cameTo(task, attempt, 'offline-attempt', policy, Math.max(event.at, Date.parse(task.openedAt)))
    }
    case 'clock':
      return afterTime(task, policy, now)
    case 'undo': {
      if (task.closed === null) return refused('CALLBACK_NOT_CLOSED')
      if (Date.parse(task.closed.at) + policy.undoHours * 3_600_000 < now)
        return refused('CALLBACK_UNDO_TOO_LATE')
      return { task: { ...freed(task, now), notBefore: null }, kind: 'undone' }
    }
    case 'take-over': {
      const why = supervisable(task)
      if (why !== null) return refused(why)
      if (!task.dialable) return refused('CALLBACK_NOT_DIALABLE')
      return leased(task, event, policy, now, 'taken-over')
    }
    case 'assign': {
      const why = supervisable(task)
      if (why !== null) return refused(why)
      if (!task.dialable) return refused('CALLBACK_NOT_DIALABLE')
      return {
        task: {
          ...freed(task, now),
          fence: task.fence + 1,
          assigned: { operatorId: event.to, by: event.operatorId, at: iso(now) },
        },
        kind: 'assigned',
      }
    }
    case 'release': {
      const why = supervisable(task)
      if (why !== null) return refused(why)
      if (task.state === 'open') return same(task)
      const after = task.state === 'uncertain' ? { attempts: task.attempts + 1 } : {}
      return { task: { ...freed(task, now), ...after, fence: task.fence + 1 }, kind: 'released' }
    }
    case 'remove': {
      if (task.state === 'closed') return refused('CALLBACK_CLOSED')
      const { operatorId, reason: detail } = event
      const closed = { reason: 'removed', outcome: null, operatorId, caseId: null, detail } as const
      return { task: closedTask(task, now, closed), kind: 'removed' }
    }
  }
}

/** Nobody takes a task from under a phone that may be ringing. */
const supervisable = (task: CallbackTask): CallbackRefusal | null =>
  task.state === 'closed' ? 'CALLBACK_CLOSED' : task.state === 'dialling' ? 'CALLBACK_DIALLING' : null

function leased(
  task: CallbackTask,
  { seatId, operatorId }: CallbackActor,
  policy: CallbackPolicy,
  now: number,
  kind: 'claimed' | 'taken-over',
): CallbackMove {
  const until = iso(now + policy.leaseSeconds * 1_000)
  return {
    task: {
      ...freed(task, now),
      state: 'claimed',
      fence: task.fence + 1,
      lease: { seatId, operatorId, until, renewals: 0 },
    },
    kind,
  }
}

function outcomeOf(
  task: CallbackTask,
  event: Extract<CallbackEvent, { type: 'outcome' }>,
  policy: CallbackPolicy,
  now: number,
): CallbackMove {
  const { fence, seatId, operatorId, outcome, caseId } = event
  const before = task.lastAttempt
  const mine = before?.fence === fence && before.seatId === seatId && task.fence === fence
  const isNews = caseId !== null && task.closed?.caseId !== caseId
  if (mine && before.outcome === outcome && task.lease === null && !isNews) return same(task)
  const spoke = outcome === 'reached' || outcome === 'nothing-wanted' || outcome === 'case-filed'
  if (spoke && spokeUnder(task, event)) return concluded(task, outcome, caseId, operatorId)

  const why = leaseRefusal(task, event, now)
  if (why !== null) return refused(why)
  if (task.state !== 'dialling' || before === null) return refused('CALLBACK_NOT_DIALLING')
  return cameTo({ ...task, lastAttempt: { ...before, outcome } }, event, 'outcome', policy, now)
}

/** Where an attempt of this outcome leaves the task. */
function cameTo(
  tried: CallbackTask,
  event: { outcome: CallbackOutcome; operatorId: string | null; caseId: string | null; note: string },
  kind: 'outcome' | 'offline-attempt',
  policy: CallbackPolicy,
  now: number,
): CallbackMove {
  const { outcome, operatorId, caseId, note: detail } = event
  const close = (task: CallbackTask, reason: ClosingReason): CallbackMove => ({
    task: closedTask(task, now, { reason, outcome, operatorId, caseId, detail }),
    kind,
  })
  const again = (task: CallbackTask, minutes: number): CallbackMove => ({
    task: { ...freed(task, now), notBefore: iso(now + minutes * minuteMs) },
    kind,
  })
  switch (outcome) {
    case 'reached':
    case 'nothing-wanted':
    case 'case-filed':
      return close(tried, 'reached')
    case 'failed':
      return again(tried, policy.spacingMinutes.failed)
    case 'no-answer':
    case 'busy':
    case 'invalid':
    case 'refused': {
      const counted = { ...tried, attempts: tried.attempts + 1 }
      const spacing = policy.spacingMinutes[outcome]
      if (spacing === null && outcome === 'invalid') return close(counted, 'invalid-number')
      if (spacing === null && outcome === 'refused') return close(counted, 'refused')
      if (spacing === null || counted.attempts >= policy.attempts) return close(counted, 'attempts-used')
      return again(counted, spacing)
    }
  }
}

/** The conversation is over: what it came to. */
function concluded(
  task: CallbackTask,
  outcome: CallbackOutcome,
  caseId: string | null,
  operatorId: string,
): CallbackMove {
  if (task.closed === null || task.lastAttempt === null) return refused('CALLBACK_NOT_CLOSED')
  return {
    task: {
      ...task,
      lastAttempt: { ...task.lastAttempt, outcome },
      closed: { ...task.closed, outcome, caseId: caseId ?? task.closed.caseId, operatorId },
    },
    kind: 'concluded',
  }
}

/** Closed by time, not by a person. */
const ended = (reason: ClosingReason) =>
  ({ reason, outcome: null, operatorId: null, caseId: null, detail: '' }) as const

function afterTime(task: CallbackTask, policy: CallbackPolicy, now: number): CallbackMove {
  const wakes = wakesAt(task, policy)
  if (wakes === null || wakes > now) return same(task)
  switch (task.state) {
    case 'claimed':
      return { task: freed(task, now), kind: 'lease-ended' }
    case 'dialling':
      return {
        task: { ...task, state: 'uncertain', uncertainSince: iso(Math.max(wakes, 0)) },
        kind: 'uncertain',
      }
    case 'uncertain':
    case 'open': {
      const hold = policy.uncertainHoldMinutes
      const heldUntil =
        hold === null || task.uncertainSince === null
          ? null
          : Date.parse(task.uncertainSince) + hold * minuteMs
      if (task.state === 'uncertain' && heldUntil !== null && heldUntil <= now) {
        const tried = { ...task, attempts: task.attempts + 1, fence: task.fence + 1 }
        return tried.attempts < policy.attempts
          ? { task: freed(tried, now), kind: 'hold-ended' }
          : { task: closedTask(tried, now, ended('attempts-used')), kind: 'hold-ended' }
      }
      return { task: closedTask(task, now, ended('expired')), kind: 'expired' }
    }
    case 'closed':
      return same(task)
  }
}
