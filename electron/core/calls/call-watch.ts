/**
 * Ends records that nobody is left to end. A page that lives reports its live calls again when it reconnects; a call that
 * no page has claimed for `graceMs` after its page or this core was lost is recorded as interrupted.
 */
import type { Clock } from '../context.ts'

export const graceMs = 60_000

export type CallWatch = {
  /** The database was opened with these calls still live: their page may be on its way back. */
  orphaned(callIds: readonly string[]): void
  reported(connection: number, callId: string, ended: boolean): void
  connectionLost(connection: number): void
  /** Live calls that no page has now. */
  unclaimed(): string[]
}

export function createCallWatch(clock: Clock, interrupt: (callId: string) => void): CallWatch {
  const owner = new Map<string, number>()
  const waiting = new Map<string, () => void>()

  const wait = (callId: string) => {
    waiting.get(callId)?.()
    waiting.set(
      callId,
      clock.after(graceMs, () => {
        waiting.delete(callId)
        interrupt(callId)
      }),
    )
  }
  const claim = (callId: string) => {
    waiting.get(callId)?.()
    waiting.delete(callId)
  }

  return {
    orphaned: callIds => {
      for (const callId of callIds) wait(callId)
    },
    reported: (connection, callId, ended) => {
      claim(callId)
      if (ended) owner.delete(callId)
      else owner.set(callId, connection)
    },
    connectionLost: connection => {
      for (const [callId, by] of owner) {
        if (by !== connection) continue
        owner.delete(callId)
        wait(callId)
      }
    },
    unclaimed: () => [...waiting.keys()],
  }
}
