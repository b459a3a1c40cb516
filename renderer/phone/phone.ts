/** The phone (软电话) as the rest of the page sees it. Nothing here knows which SIP library is behind it. */
import type { CallDirection, CallEvent, CallFacts, CallState } from '../../shared/domain/call.ts'
import type { HeaderMap } from '../../shared/domain/settings.ts'

/** Where signalling stands. Shown as truth: `registered` only while the socket is up and the last REGISTER got its 200. */
export type LineState = 'unconfigured' | 'connecting' | 'registering' | 'registered' | 'refused' | 'offline'

export type Line = {
  state: LineState
  /** A sentence for the operator when something is wrong, else null. */
  problem: string | null
}

export type MicrophoneState = 'unknown' | 'ready' | 'denied' | 'missing' | 'failed'

export type PhoneCall = {
  callId: string
  direction: CallDirection
  state: CallState
  facts: CallFacts
  /** Milliseconds since the epoch, as Date.now(). */
  startedAt: number
  answeredAt: number | null
  /** What the operator asked for; kept by us, not read back from a track. */
  muted: boolean
  /** A hold or resume re-INVITE is under way. `state` becomes `held` only when it succeeded. */
  holdPending: boolean
  /** The call is being answered or ended; its buttons are off. */
  busy: boolean
  /** A sentence for the operator, e.g. that a hold was refused. Cleared by the next successful action. */
  problem: string | null
}

export type PhoneSnapshot = {
  line: Line
  microphone: MicrophoneState
  /** False when the browser will not play sound before a click: the page shows 启用铃声. */
  ringtoneAllowed: boolean
  /** Live calls, oldest first. An ended call leaves the list. */
  calls: readonly PhoneCall[]
}

export type PhoneAccount = {
  exchangeUrl: string
  sipDomain: string
  extension: string
  authUser: string
  secret: string
  headerMap: HeaderMap
  codecs: readonly string[]
  ringtoneVolume: number
}

/** Errors that actions reject with. `message` is a sentence for the operator. */
export type PhoneErrorCode =
  | 'NOT_REGISTERED'
  | 'NO_MICROPHONE'
  | 'CALL_GONE'
  | 'BAD_NUMBER'
  | 'REFUSED'
  | 'BUSY'
export class PhoneError extends Error {
  readonly code: PhoneErrorCode
  constructor(code: PhoneErrorCode, message: string) {
    super(message)
    this.name = 'PhoneError'
    this.code = code
  }
}

export type Phone = {
  snapshot(): PhoneSnapshot
  /** Called after every change, with snapshots compared by identity. Returns the unsubscribe function. */
  subscribe(listener: () => void): () => void
  /** Every event that the call record is written from, in order per call. */
  onCallEvent(listener: (callId: string, event: CallEvent) => void): () => void
  /** Registers with this account; called again with another account, it moves there. null: no account is configured. */
  use(account: PhoneAccount | null): Promise<void>
  /** Ends all calls, unregisters, closes the socket. */
  close(): Promise<void>
  /** Answers; if another call is talked on, that one is held first and the answer fails if the hold does. */
  answer(callId: string): Promise<void>
  decline(callId: string): Promise<void>
  hangUp(callId: string): Promise<void>
  hold(callId: string): Promise<void>
  resume(callId: string): Promise<void>
  mute(callId: string, muted: boolean): void
  /** RFC 4733. Digits, * and #; others are BAD_NUMBER. */
  sendDtmf(callId: string, digits: string): Promise<void>
  /** Resolves with the Call-ID when the INVITE has gone out. */
  dial(number: string): Promise<string>
  /** Must be called from a click or key press. */
  allowRingtone(): Promise<void>
}
