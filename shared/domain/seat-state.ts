/**
 * The state of a seat (坐席状态) in a shift. Pure; time comes with each event, in milliseconds since the epoch.
 *
 *   offline ──sign-in──▶ busy ◀──go-busy──┐
 *                         │ go-ready       │            call-began (any of ready, busy, break, wrap-up)
 *                         ▼                │                      │
 *                       ready ──go-break──▶ break                 ▼
 *                         ▲                                    talking ──last call over──▶ wrap-up (a citizen's was among them)
 *                         └────────── former state ◀──────────────┘ └──(only outgoing ones)──▶ the former state
 *
 * What the operator asks for in a call or in wrap-up holds when that is over. A lost exchange takes a ready seat out of
 * ready by itself, says why, and puts it back when the line is back, unless the operator chose something meanwhile.
 */
import { z } from 'zod'

export const seatStateKind = z
  .enum(['offline', 'ready', 'busy', 'break', 'talking', 'wrap-up'])
  .describe('坐席状态: 下线 / 示闲 / 示忙 / 小休 / 通话 / 话后整理')

/** What the operator can choose, and what a call or wrap-up returns to. */
export const chosenState = z.enum(['ready', 'busy', 'break'])
export type ChosenState = z.infer<typeof chosenState>

export const breakReason = z
  .enum(['rest', 'meal', 'meeting', 'training', 'other'])
  .describe('小休原因: 休息 / 用餐 / 会议 / 培训 / 其他')
export type BreakReason = z.infer<typeof breakReason>

export const seatState = z.object({
  kind: seatStateKind,
  since: z.number().int().describe('进入时间, 毫秒 epoch'),
  /** Returned to after a call or wrap-up. */
  former: chosenState,
  reason: breakReason.nullable(),
  /** Set while the exchange is away: the seat was taken out of ready and goes back by itself. */
  lineLost: z.boolean(),
  wrapUpEndsAt: z.number().int().nullable().describe('整理结束时间；null 表示不自动结束'),
  /** A citizen's call is among those that go on, or was: their wrap-up comes when the last of them is over. */
  wrapUpDue: z.boolean().default(false),
  /** Calls now spoken or dialled, with who made each. */
  calls: z.array(z.object({ callId: z.string(), inbound: z.boolean() })),
})
export type SeatState = z.infer<typeof seatState>

export type SeatStateEvent =
  | { type: 'sign-in' }
  | { type: 'sign-out' }
  | { type: 'go-ready' }
  | { type: 'go-busy' }
  | { type: 'go-break'; reason: BreakReason }
  | { type: 'call-began'; callId: string; inbound: boolean }
  | { type: 'call-over'; callId: string }
  | { type: 'wrap-up-extended'; byMs: number }
  | { type: 'wrap-up-ended' }
  | { type: 'line-lost' }
  | { type: 'line-back' }
  | { type: 'clock' }

/** `wrapUpMs` 0: no wrap-up. Longest extension in all, so that a seat is not forgotten in wrap-up. */
export type WrapUpPolicy = { wrapUpMs: number; longestMs: number }

export const offlineSeat = (now: number): SeatState => ({
  kind: 'offline',
  since: now,
  former: 'busy',
  reason: null,
  lineLost: false,
  wrapUpEndsAt: null,
  wrapUpDue: false,
  calls: [],
})

/** The state after one event; the same object when the event changes nothing. */
export function seatTransition(
  state: SeatState,
  event: SeatStateEvent,
  now: number,
  policy: WrapUpPolicy,
): SeatState {
  if (state.kind === 'offline') {
    return event.type === 'sign-in' ? { ...offlineSeat(now), kind: 'busy' } : state
  }
  switch (event.type) {
    case 'sign-in':
      return state
    case 'sign-out':
      return offlineSeat(now)
    case 'go-ready':
      return choose({ ...state, lineLost: false }, 'ready', null, now)
    case 'go-busy':
      return choose({ ...state, lineLost: false }, 'busy', null, now)
    case 'go-break':
      return choose({ ...state, lineLost: false }, 'break', event.reason, now)
    case 'call-began': {
      if (state.calls.some(({ callId }) => callId === event.callId)) return state
      const calls = [...state.calls, { callId: event.callId, inbound: event.inbound }]
      if (state.kind === 'talking') return { ...state, calls, wrapUpDue: state.wrapUpDue || event.inbound }
      return { ...state, kind: 'talking', since: now, calls, wrapUpEndsAt: null, wrapUpDue: event.inbound }
    }
    case 'call-over': {
      const over = state.calls.find(({ callId }) => callId === event.callId)
      if (over === undefined) return state
      const calls = state.calls.filter(call => call !== over)
      if (calls.length > 0) return { ...state, calls }
      if (!state.wrapUpDue || policy.wrapUpMs === 0) return rest({ ...state, calls }, now)
      return { ...state, kind: 'wrap-up', since: now, calls, wrapUpEndsAt: now + policy.wrapUpMs }
    }
    case 'wrap-up-extended': {
      if (state.kind !== 'wrap-up' || state.wrapUpEndsAt === null) return state
      const end = Math.min(
        Math.max(state.wrapUpEndsAt, now) + Math.max(0, event.byMs),
        state.since + policy.longestMs,
      )
      return end === state.wrapUpEndsAt ? state : { ...state, wrapUpEndsAt: end }
    }
    case 'wrap-up-ended':
      return state.kind === 'wrap-up' ? rest(state, now) : state
    case 'clock':
      return state.kind === 'wrap-up' && state.wrapUpEndsAt !== null && now >= state.wrapUpEndsAt
        ? rest(state, now)
        : state
    case 'line-lost': {
      if (state.lineLost || state.former !== 'ready') return state
      const lost = { ...state, lineLost: true, former: 'busy' as const }
      return state.kind === 'ready' ? { ...lost, kind: 'busy', since: now } : lost
    }
    case 'line-back': {
      if (!state.lineLost) return state
      const back = { ...state, lineLost: false, former: 'ready' as const }
      return state.kind === 'busy' ? { ...back, kind: 'ready', since: now } : back
    }
  }
}

function choose(state: SeatState, chosen: ChosenState, reason: BreakReason | null, now: number): SeatState {
  const wanted = { ...state, former: chosen, reason }
  if (state.kind === 'talking') return wanted
  // Choosing a state ends the wrap-up: whoever says 示闲 is done.
  return rest(wanted, now)
}

function rest(state: SeatState, now: number): SeatState {
  return {
    ...state,
    kind: state.former,
    since: state.kind === state.former ? state.since : now,
    reason: state.former === 'break' ? state.reason : null,
    wrapUpEndsAt: null,
    wrapUpDue: false,
  }
}
