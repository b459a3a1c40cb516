/** What the rest of the core asks of the centre. `sync.ts` is the one that works with it. */
import type { z } from 'zod'
import type { CallerHistory, OperatorSession } from '../../../shared/contract/central.ts'
import type { AccountAsks } from './account-asks.ts'
import type { CentreLine } from './centre-line.ts'
import type { DeviceClient } from './device-client.ts'
import type { OperatorSessions } from './operator-sessions.ts'

/** The line to one address, and who speaks on it. */
export type CentreLink = { line: CentreLine; device: DeviceClient; sessions: OperatorSessions }

export type Centre = {
  /** Whether this seat works with a centre at all. */
  configured(): boolean
  /** Asks the centre. Throws a CentreFailure: one that `passes` means that it does not answer now. */
  signIn(workNumber: string, password: string, code?: string): Promise<OperatorSession>
  /** As `signIn`: what a person does for their own account. */
  account: AccountAsks
  signedOut(): void
  /** By a number's key form; null when the centre does not answer within `withinMs`. */
  callerHistory(numberKey: string, withinMs: number): Promise<CallerHistory | null>
  /**
   * A request under the seat's token and the session of whoever is signed in. Throws a CentreFailure: NO_SESSION when nobody is
   * signed in there; one that `passes` when there is no answer within `withinMs`, and nobody knows what became of it.
   */
  asOperator<T>(
    request: { method: 'GET' | 'POST'; path: string; body?: unknown; withinMs?: number },
    output: z.ZodType<T>,
  ): Promise<T>
  /** Something new waits in the outbox. Never waits itself. */
  wake(): void
}
