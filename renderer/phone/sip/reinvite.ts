/** Re-INVITEs: hold, resume, and finding each other again after the line or the network was away. One at a time for a call. */
import { Core, SessionState, type UserAgent, type Web } from 'sip.js'
import type { Timers } from '../timers.ts'
import type { Leg } from './leg.ts'
import { type SeenAcceptance, viaOf } from './plain-message.ts'
import type { Shown } from './shown-first.ts'

export type ReinviteResult = { accepted: boolean; status: number | null }
/** `hold` is asked when it is this one's turn: what went before it may have changed the answer. */
type Wanted = {
  hold(): boolean
  iceRestart: boolean
  /** That it is accepted is seen, before the answer is gone into. */
  seen?(): void
}

/** RFC 3261 §14.1 for the one that owns the Call-ID is 2.1–4 s; ours may be either, so the wider range is drawn from. */
const glareWaitMs = (random: () => number) => 500 + 3_000 * random()
const glareTries = 4

export function createReinvites(parts: {
  timers: Timers
  random(): number
  modifiers(): ((description: RTCSessionDescriptionInit) => Promise<RTCSessionDescriptionInit>)[]
  agent(): UserAgent | null
}) {
  const running = new Map<Leg, Promise<unknown>>()
  const unanswered = new Map<Core.OutgoingInviteRequest, Wanted>()
  const pause = (ms: number) => new Promise<void>(resolve => void parts.timers.after(ms, resolve))

  const once = (leg: Leg, options: Wanted) =>
    new Promise<ReinviteResult>(resolve => {
      const handlerOptions: Web.SessionDescriptionHandlerOptions = {
        hold: options.hold(),
        ...(options.iceRestart ? { offerOptions: { iceRestart: true } } : {}),
      }
      const ended = (state: SessionState) => {
        if (state === SessionState.Terminated) done({ accepted: false, status: null })
      }
      // sip.js answers the far side's own re-INVITEs by what was last asked for, also when that was refused.
      const before = leg.session.sessionDescriptionHandlerOptionsReInvite
      let request: Core.OutgoingInviteRequest | null = null
      let isDone = false
      const done = (result: ReinviteResult) => {
        isDone = true
        if (request !== null) unanswered.delete(request)
        leg.session.stateChange.removeListener(ended)
        const now: Web.SessionDescriptionHandlerOptions = { hold: handlerOptions.hold ?? false }
        leg.session.sessionDescriptionHandlerOptionsReInvite = result.accepted ? now : before
        resolve(result)
      }
      leg.session.stateChange.addListener(ended)
      const send = async () => {
        try {
          request = await leg.session.invite({
            sessionDescriptionHandlerOptions: handlerOptions,
            sessionDescriptionHandlerModifiers: parts.modifiers(),
            requestDelegate: {
              onAccept: () => done({ accepted: true, status: 200 }),
              onReject: ({ message }) => done({ accepted: false, status: message.statusCode ?? null }),
              onRedirect: ({ message }) => done({ accepted: false, status: message.statusCode ?? null }),
            },
          })
          if (!isDone) unanswered.set(request, options)
        } catch {
          // Another re-INVITE of ours or theirs is under way: as a 491.
          done({ accepted: false, status: leg.session.state === SessionState.Established ? 491 : null })
        }
      }
      void send()
    })

  const patiently = async (leg: Leg, options: Wanted) => {
    for (let tries = 1; ; tries += 1) {
      const result = await once(leg, options)
      if (result.status !== 491 || tries === glareTries) return result
      await pause(glareWaitMs(parts.random))
      if (leg.session.state !== SessionState.Established) return { accepted: false, status: null }
    }
  }

  const reinvite = (leg: Leg, options: Wanted): Promise<ReinviteResult> => {
    const before = running.get(leg) ?? Promise.resolve()
    const mine = before.then(() => patiently(leg, options))
    running.set(leg, mine)
    void mine.finally(() => {
      if (running.get(leg) === mine) running.delete(leg)
    })
    return mine
  }

  /**
   * The socket is gone, and with it every answer: RFC 3261 §8.1.3.1. Left alone, sip.js waits 32 s for it, and the call
   * could not be told of our return until then.
   */
  const lineLost = () => {
    const clients = parts.agent()?.userAgentCore.userAgentClients.values() ?? []
    for (const client of clients)
      if ([...unanswered.keys()].some(({ message }) => message === client.message))
        client.transaction['onTransportError'](new Core.TransportError('the socket is gone'))
  }

  const isHolding = () => [...unanswered.values()].some(({ seen }) => seen !== undefined)

  /** The answer to one of ours, by its own marks. Whatever comes of it is what `reinvite` says. */
  const accepted = ({ callId, cseq, sentBy, branch }: SeenAcceptance): Shown | null => {
    for (const [request, { seen }] of unanswered) {
      const { message } = request
      const via = viaOf(message.getHeader('via') ?? '')
      const isOurs = message.callId === callId && message.cseq === cseq
      if (seen === undefined || !isOurs || via.sentBy !== sentBy || via.branch !== branch) continue
      // From here on a loss of the line takes no answer away.
      unanswered.delete(request)
      seen()
      return { takeBack: () => {}, until: 'drawn' }
    }
    return null
  }

  return { reinvite, lineLost, isHolding, accepted }
}
export type Reinvite = ReturnType<typeof createReinvites>['reinvite']
