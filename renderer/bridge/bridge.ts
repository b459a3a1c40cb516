/** What the page may ask of whoever hosts it. The only folder that knows how the core and the shell are reached. */
import type { ContractRouterClient } from '@orpc/contract'
import type { SeatContract, SeatStatus } from '../../shared/contract/seat.ts'

export type CoreConnection = 'connecting' | 'connected' | 'lost'

export type Bridge = {
  /** Typed calls to the core. While the core is away a call waits up to 5 s for it, then rejects with CoreUnavailable. */
  readonly seat: ContractRouterClient<SeatContract>
  connection(): CoreConnection
  /** How the seat was when the core first answered on the connection that is up; null: none is. */
  greeting(): SeatStatus | null
  /** Told on every change; `connected` again after `lost` means: the core may be a new one, read everything afresh. */
  onConnection(listener: (connection: CoreConnection) => void): () => void
  readonly shell: Shell
}

/** What a notification says: no name and no whole number. `answer` and `decline` are the labels of its buttons. */
export type CallNotice = { title: string; body: string; answer: string; decline: string }

export type DueNotice = { title: string; body: string }

export type Shell = {
  readonly kind: 'electron' | 'loopback'
  /** A call rings: system notification and flashing where the shell can, whenever the window is not in front. */
  announceCall(text: CallNotice): void
  callAnnounced(): void
  /** Something is due: a system notification where the shell can, whenever the window is not in front. */
  announceDue(text: DueNotice): void
  /** The machine woke up. */
  onResumed(listener: () => void): void
  /** The global shortcut, or the notification's button. */
  onAnswerKey(listener: () => void): void
  onDeclineKey(listener: () => void): void
  /** A `tel:` or `sip:` link was opened: its number, to be confirmed before it is dialled. */
  onDialLink(listener: (number: string) => void): () => void
}

/** The call never reached a core. Nothing of it was done. */
export class CoreUnavailable extends Error {
  readonly code = 'CORE_UNAVAILABLE'
  constructor() {
    super('本机服务正在恢复，内容仍在页面上')
    this.name = 'CoreUnavailable'
  }
}
