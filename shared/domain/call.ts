/**
 * A call (通话) as the seat records it. The phone reports events; this pure machine turns them into the record.
 *
 *             offered                            dialled
 *   (nothing) ───────▶ ringing        (nothing) ─────────▶ dialling ──alerting──▶ alerting
 *                        │ answered                            └─────answered──┬─────┘
 *                        ▼                                                     ▼
 *                     talking ◀──resumed── held                             talking
 *                        └───────held──────▶
 *   every state but ended ──ended──▶ ended        (an ended record never changes again)
 *
 * Replaying an event, or receiving it in a state that it does not fit, changes nothing: SIP repeats itself, and the
 * page re-sends what the core may not have kept.
 */
import { z } from 'zod'

export const callDirection = z.enum(['inbound', 'outbound']).describe('呼叫方向')
export type CallDirection = z.infer<typeof callDirection>

export const callState = z
  .enum(['ringing', 'dialling', 'alerting', 'talking', 'held', 'ended'])
  .describe('通话状态')
export type CallState = z.infer<typeof callState>

/** How a call ended. `missed` is the caller giving up or the ring running out; it never covers answered elsewhere. */
export const callOutcome = z
  .enum([
    'answered',
    'missed',
    'answered-elsewhere',
    'declined',
    'cancelled',
    'no-answer',
    'busy',
    'rejected',
    'invalid-number',
    'failed',
    'interrupted',
  ])
  .describe('通话结果')
export type CallOutcome = z.infer<typeof callOutcome>

export const hangUpSide = z.enum(['seat', 'caller', 'exchange', 'unknown']).describe('挂机方')
export type HangUpSide = z.infer<typeof hangUpSide>

/** Why a leg ended, as the signalling said it. */
export const endCause = z
  .enum([
    'hang-up', // BYE on an answered call, or our own hang-up of it
    'declined', // our 4xx/6xx to a ringing call
    'cancelled', // CANCEL by whoever made the call
    'answered-elsewhere', // CANCEL with Reason: SIP;cause=200
    'busy', // 486 / 600
    'no-answer', // 408 / 480, or the ring time ran out
    'rejected', // 403 / 603
    'invalid-number', // 404 / 410 / 484 / 604
    'failed', // any other failure, e.g. no usable media
    'interrupted', // page or machine died, nobody knows how it ended
  ])
  .describe('结束原因')
export type EndCause = z.infer<typeof endCause>

const at = z.iso.datetime().describe('发生时间, UTC ISO 8601')

/** What the exchange's INVITE said, already read through the city's header map. All optional: exchanges differ. */
export const callFacts = z.object({
  originalCallId: z.string().max(256).nullable().describe('原始呼叫标识'),
  callerNumber: z.string().max(64).nullable().describe('主叫号码，未归一；null 为匿名来电'),
  calledNumber: z.string().max(64).nullable().describe('被叫号码'),
  displayName: z.string().max(64).nullable().describe('显示名'),
  queue: z.string().max(64).nullable().describe('队列'),
  skill: z.string().max(64).nullable().describe('技能组'),
  dialect: z.string().max(64).nullable().describe('方言'),
  recordingId: z.string().max(128).nullable().describe('录音编号'),
})
export type CallFacts = z.infer<typeof callFacts>

export const callEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('offered'), at, facts: callFacts }),
  z.object({ type: z.literal('dialled'), at, facts: callFacts }),
  z.object({ type: z.literal('alerting'), at }),
  z.object({ type: z.literal('answered'), at }),
  z.object({ type: z.literal('held'), at }),
  z.object({ type: z.literal('resumed'), at }),
  z.object({
    type: z.literal('transferred'),
    at,
    to: z.string().max(64).describe('转接到的号码'),
    how: z.enum(['blind', 'attended']).describe('盲转 / 咨询转'),
    done: z.boolean(),
    sipStatus: z.number().int().nullable(),
  }),
  z.object({
    type: z.literal('ended'),
    at,
    side: hangUpSide,
    cause: endCause,
    sipStatus: z.number().int().nullable(),
  }),
])
export type CallEvent = z.infer<typeof callEvent>
export type CallEventType = CallEvent['type']

export const callProgress = z.object({
  direction: callDirection,
  state: callState,
  facts: callFacts,
  offeredAt: at,
  answeredAt: at.nullable(),
  endedAt: at.nullable(),
  hangUpSide: hangUpSide.nullable(),
  outcome: callOutcome.nullable(),
  sipStatus: z.number().int().nullable(),
  transfers: z
    .array(
      z.object({
        at,
        to: z.string(),
        how: z.enum(['blind', 'attended']),
        done: z.boolean(),
        sipStatus: z.number().int().nullable(),
      }),
    )
    .default([])
    .describe('转接经过'),
})
export type CallProgress = z.infer<typeof callProgress>

/** The whole record (通话记录) as the core keeps it. */
export const callRecord = callProgress.extend({
  callId: z.string().max(256).describe('SIP Call-ID'),
  numberKey: z.string().nullable().describe('归一号码'),
  operatorId: z.string().nullable().describe('接听坐席'),
  caseId: z.string().nullable().describe('关联工单'),
})
export type CallRecord = z.infer<typeof callRecord>

type LiveState = Exclude<CallState, 'ended'>

/** Exhaustive: which state an event leads to from each live state; null means the event does not fit there. */
const nextState: Record<
  LiveState,
  Record<Exclude<CallEventType, 'offered' | 'dialled'>, CallState | null>
> = {
  ringing: {
    alerting: null,
    answered: 'talking',
    held: null,
    resumed: null,
    transferred: null,
    ended: 'ended',
  },
  dialling: {
    alerting: 'alerting',
    answered: 'talking',
    held: null,
    resumed: null,
    transferred: null,
    ended: 'ended',
  },
  alerting: {
    alerting: null,
    answered: 'talking',
    held: null,
    resumed: null,
    transferred: null,
    ended: 'ended',
  },
  talking: {
    alerting: null,
    answered: null,
    held: 'held',
    resumed: null,
    transferred: 'talking',
    ended: 'ended',
  },
  held: {
    alerting: null,
    answered: null,
    held: null,
    resumed: 'talking',
    transferred: 'held',
    ended: 'ended',
  },
}

/** What an ended call is called, by where it was when it ended and why. Exhaustive over both. */
const outcomeOf: Record<LiveState, Record<EndCause, CallOutcome>> = {
  ringing: {
    'hang-up': 'missed',
    declined: 'declined',
    cancelled: 'missed',
    'answered-elsewhere': 'answered-elsewhere',
    busy: 'declined',
    'no-answer': 'missed',
    rejected: 'declined',
    'invalid-number': 'failed',
    failed: 'failed',
    interrupted: 'interrupted',
  },
  dialling: outboundOutcome(),
  alerting: outboundOutcome(),
  talking: answeredOutcome(),
  held: answeredOutcome(),
}

function outboundOutcome(): Record<EndCause, CallOutcome> {
  return {
    'hang-up': 'cancelled',
    declined: 'rejected',
    cancelled: 'cancelled',
    'answered-elsewhere': 'cancelled',
    busy: 'busy',
    'no-answer': 'no-answer',
    rejected: 'rejected',
    'invalid-number': 'invalid-number',
    failed: 'failed',
    interrupted: 'interrupted',
  }
}

/** A call that was talked on counts as answered however it ended, except when nobody knows how. */
function answeredOutcome(): Record<EndCause, CallOutcome> {
  return {
    'hang-up': 'answered',
    declined: 'answered',
    cancelled: 'answered',
    'answered-elsewhere': 'answered',
    busy: 'answered',
    'no-answer': 'answered',
    rejected: 'answered',
    'invalid-number': 'answered',
    failed: 'answered',
    interrupted: 'interrupted',
  }
}

/** What a call that was dialled is called when it is over. */
export const dialledOutcome = (answered: boolean, cause: EndCause): CallOutcome =>
  (answered ? answeredOutcome() : outboundOutcome())[cause]

export type CallTransition = { progress: CallProgress; changed: boolean } | { progress: null; changed: false }

/**
 * The record after one event. Pure; never throws. `progress: null` means that there is no record yet and the event
 * cannot begin one (only `offered` and `dialled` can).
 */
export function transition(progress: CallProgress | null, event: CallEvent): CallTransition {
  if (progress === null) return begin(event)
  if (progress.state === 'ended') return { progress, changed: false }
  switch (event.type) {
    case 'offered':
    case 'dialled':
      return { progress, changed: false }
    case 'alerting':
    case 'answered':
    case 'held':
    case 'resumed':
    case 'transferred':
    case 'ended': {
      const state = nextState[progress.state][event.type]
      if (state === null) return { progress, changed: false }
      if (event.type === 'transferred' && progress.transfers.some(({ at: known }) => known === event.at))
        return { progress, changed: false }
      return { progress: applied(progress, progress.state, state, event), changed: true }
    }
  }
}

function begin(event: CallEvent): CallTransition {
  if (event.type !== 'offered' && event.type !== 'dialled') return { progress: null, changed: false }
  const inbound = event.type === 'offered'
  return {
    changed: true,
    progress: {
      direction: inbound ? 'inbound' : 'outbound',
      state: inbound ? 'ringing' : 'dialling',
      facts: event.facts,
      offeredAt: event.at,
      answeredAt: null,
      endedAt: null,
      hangUpSide: null,
      outcome: null,
      sipStatus: null,
      transfers: [],
    },
  }
}

function applied(progress: CallProgress, from: LiveState, state: CallState, event: CallEvent): CallProgress {
  if (event.type === 'answered') return { ...progress, state, answeredAt: event.at }
  if (event.type === 'transferred') {
    const { type: _, ...transfer } = event
    return { ...progress, state, transfers: [...progress.transfers, transfer] }
  }
  if (event.type !== 'ended') return { ...progress, state }
  return {
    ...progress,
    state,
    endedAt: event.at,
    hangUpSide: event.side,
    outcome: outcomeOf[from][event.cause],
    sipStatus: event.sipStatus,
  }
}

/** Seconds within which a call should be picked up (GB/T 33358-2016). */
export const answerWithinSeconds = 15
