/** The phone (软电话) as the rest of the page sees it. Nothing here knows which SIP library is behind it. */
import type { CallDirection, CallEvent, CallFacts, CallState } from '../../shared/domain/call.ts'
import type { CallEvidence, SipDialog } from '../../shared/domain/call-evidence.ts'
import type { DeviceChoice, HeaderMap } from '../../shared/domain/settings.ts'
import type { QualityFault, QualityVerdict } from '../../shared/domain/voice-quality.ts'

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
  /** Set on the call that was made to consult about another one: that one's id. */
  consultOf: string | null
  /** Set on a call that is made about a filed case (回访): that case's id. */
  caseId: string | null
  /** Mixed with the other call that has this set: 三方通话. */
  inConference: boolean
  /** A transfer under way: to whom, and how far it is in the other's words. */
  transfer: TransferProgress | null
  /** The exchange cannot reach this call at the moment; its sound goes on. */
  recovering: boolean
  /** The last seconds of it, null before any are known. */
  quality: CallQuality | null
}

export type TransferProgress = { to: string; state: 'asking' | 'trying' | 'ringing' }

export type CallQuality = {
  verdict: QualityVerdict
  fault: QualityFault | null
  mosIn: number
  mosOut: number | null
  lossIn: number
  jitterMs: number
  roundTripMs: number | null
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
  /** The primary exchange and its backups, in order. At least one. */
  exchanges: readonly string[]
  sipDomain: string
  extension: string
  authUser: string
  secret: string
}

/** What changes without a new registration. */
export type PhoneOptions = {
  headerMap: HeaderMap
  codecs: readonly string[]
  ringtoneVolume: number
  dtmf: 'rfc4733' | 'info'
  /** Sent as P-Preferred-Identity of outgoing calls; empty: the exchange's own choice. */
  callerId: string
  devices: DeviceChoice
}

/** Errors that actions reject with. `message` is a sentence for the operator. */
export type PhoneErrorCode =
  | 'NOT_REGISTERED'
  | 'NO_MICROPHONE'
  | 'CALL_GONE'
  | 'BAD_NUMBER'
  | 'REFUSED'
  | 'BUSY'
  | 'TRANSFER_FAILED'
  | 'TOO_LATE'
export class PhoneError extends Error {
  readonly code: PhoneErrorCode
  constructor(code: PhoneErrorCode, message: string) {
    super(message)
    this.name = 'PhoneError'
    this.code = code
  }
}

export type DialOptions = {
  /** The case that the call is about. */
  caseId?: string
  /** Sent with the INVITE. */
  headers?: readonly { name: string; value: string }[]
  /** Asked at the very last, when microphone and description are there. False: no INVITE goes, and the dial rejects with TOO_LATE. */
  mayGo?(): boolean
}

export type Phone = {
  snapshot(): PhoneSnapshot
  /** Called after every change, with snapshots compared by identity. Returns the unsubscribe function. */
  subscribe(listener: () => void): () => void
  /** Every event that the call record is written from, in order per call. */
  onCallEvent(listener: (callId: string, event: CallEvent) => void): () => void
  /** Registers with this account; called again with another account, it moves there. null: no account is configured. */
  use(account: PhoneAccount | null): Promise<void>
  configure(options: PhoneOptions): void
  /** The machine woke up or its network changed: whether the exchange still answers is asked now. */
  check(): void
  /** Ends all calls, unregisters, closes the socket. */
  close(): Promise<void>
  /** Answers; if another call is talked on, that one is held first and the answer fails if the hold does. */
  answer(callId: string): Promise<void>
  decline(callId: string): Promise<void>
  hangUp(callId: string): Promise<void>
  hold(callId: string): Promise<void>
  resume(callId: string): Promise<void>
  mute(callId: string, muted: boolean): void
  /** Digits, * and #; others are BAD_NUMBER. */
  sendDtmf(callId: string, digits: string): Promise<void>
  /** Resolves with the Call-ID when the INVITE has gone out. */
  dial(number: string, options?: DialOptions): Promise<string>
  /** Blind transfer (转接). Resolves when the other has taken the call; on failure the citizen is resumed and it rejects. */
  transfer(callId: string, number: string): Promise<void>
  /** Holds the citizen and calls somebody to ask (咨询转接). Resolves with the new call's id. */
  consult(callId: string, number: string): Promise<string>
  /** Hands the citizen over to the one who is being consulted (完成转接); as `transfer` on failure. */
  completeTransfer(callId: string): Promise<void>
  /** Ends the consultation and goes back to the citizen (取回). */
  takeBack(callId: string): Promise<void>
  /** Joins the held call and the spoken one (三方通话). */
  startConference(): Promise<void>
  /** The operator goes; the other two stay with each other where the exchange allows it. */
  leaveConference(): Promise<void>
  /** Takes a call back that another page of this seat had. Rejects with CALL_GONE when the far end does not know it. */
  recall(callId: string, facts: CallFacts, direction: CallDirection, dialog: SipDialog): Promise<void>
  /** INFO to the exchange, for what only it can do, e.g. pausing the recording. */
  sendInfo(callId: string, contentType: string, body: string): Promise<void>
  onDialog(listener: (callId: string, dialog: SipDialog | null) => void): () => void
  onEvidence(listener: (callId: string, evidence: CallEvidence) => void): () => void
  /** A short beep for the operator alone, e.g. before a call is answered by itself. */
  warn(): void
  /** Must be called from a click or key press. */
  allowRingtone(): Promise<void>
}
