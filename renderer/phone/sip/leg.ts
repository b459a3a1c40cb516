/** One call's session, and what is known of it only here. */
import { type Session, SessionState, Web } from 'sip.js'
import type { EndCause, HangUpSide } from '../../../shared/domain/call.ts'
import type { QualitySample } from '../../../shared/domain/voice-quality.ts'
import { PhoneError } from '../phone.ts'

export type Ending = { side: HangUpSide; cause: EndCause; sipStatus: number | null }

export type Leg = {
  /** The record's id; after a page was lost and the call taken back, not the SIP dialog's. */
  callId: string
  sipCallId: string
  session: Session
  /** Set by whoever ends the call first; what comes after is an echo. */
  ending: Ending | null
  answered: boolean
  /** Plays the other side. */
  audio: HTMLAudioElement
  /** The operator's voice for this call, also while something else is sent in its place. */
  microphone: MediaStreamTrack | null
  /** A hold or resume is on its way: nothing of the microphone leaves meanwhile. */
  switchingHold: boolean
  /** That hold is shown already; resolves when its answer has been gone into. */
  shownHold: Promise<void> | null
  samples: QualitySample[]
  states: string[]
}

export type Legs = Map<string, Leg>

export function legOf(legs: Legs, callId: string): Leg {
  const leg = legs.get(callId)
  if (leg === undefined) throw new PhoneError('CALL_GONE', '这个通话已经结束')
  return leg
}

export function peerConnection(leg: Leg): RTCPeerConnection | undefined {
  const handler = leg.session.sessionDescriptionHandler
  return handler instanceof Web.SessionDescriptionHandler ? handler.peerConnection : undefined
}

export const audioSender = (leg: Leg): RTCRtpSender | undefined =>
  peerConnection(leg)
    ?.getSenders()
    .find(sender => sender.track?.kind === 'audio' || sender.dtmf !== null)

export function remoteTrack(leg: Leg): MediaStreamTrack | undefined {
  return peerConnection(leg)
    ?.getReceivers()
    .map(({ track }) => track)
    .find(({ kind }) => kind === 'audio')
}

export const isEstablished = (leg: Leg): boolean => leg.session.state === SessionState.Established
