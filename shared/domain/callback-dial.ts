/** Dialling a callback: whether the INVITE may still go, what it carries, and what its answer proposes as the outcome. */
import type { CallbackOutcome } from './callback.ts'

/** The exchange refuses an INVITE whose token is older than one that it saw, or whose time is over (docs/callbacks.md). */
export const callbackHeader = 'X-Zuoxi-Callback'

export type CallbackToken = { taskId: string; fence: number; until: number }

/** `until` in whole seconds since the epoch, rounded down. */
export const formatCallbackToken = ({ taskId, fence, until }: CallbackToken): string =>
  `${taskId};fence=${fence};until=${Math.floor(until / 1_000)}`

export function parseCallbackToken(text: string): CallbackToken | null {
  const [, taskId, fence, until] = /^([\w-]{1,64});fence=(\d{1,9});until=(\d{1,11})$/.exec(text.trim()) ?? []
  if (taskId === undefined) return null
  return { taskId, fence: Number(fence), until: Number(until) * 1_000 }
}

/** Milliseconds by two clocks of the seat. The monotonic one may stop while the machine sleeps; the wall clock may be set. */
export type TwoClocks = { monotonic: number; wall: number }

/**
 * What is left of a lease of `leaseSeconds` that was asked for at `askedAt` (not when its answer arrived), by the stricter of
 * the two clocks. A wall clock that went back counts as no time left: nobody knows how long it was.
 */
export function leaseLeftMs(leaseSeconds: number, askedAt: TwoClocks, now: TwoClocks): number {
  const wall = now.wall - askedAt.wall
  const monotonic = now.monotonic - askedAt.monotonic
  if (wall < -1_000 || monotonic < 0) return 0
  return Math.max(0, leaseSeconds * 1_000 - Math.max(wall, monotonic))
}

/** What SIP's final answer proposes; the operator confirms or changes it. */
export function proposedOutcome(call: { answered: boolean; sipStatus: number | null }): CallbackOutcome {
  if (call.answered) return 'reached'
  switch (call.sipStatus) {
    case 486:
    case 600:
      return 'busy'
    case 404:
    case 410:
    case 484:
    case 604:
      return 'invalid'
    case 403:
    case 603:
      return 'refused'
    case 408:
    case 480:
    case 487:
      return 'no-answer'
    case null:
    default:
      return 'failed'
  }
}
