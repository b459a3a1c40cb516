/** Locking the seat and leaving it, for whatever in the seat offers that. */
import { createContext, useContext } from 'react'

export type SeatLock = {
  lock(): void
  /** Signs out once everything is stored. Resolves with why not, or null. */
  leave(): Promise<string | null>
  showRecoveryCodes(codes: readonly string[]): void
}

const LockContext = createContext<SeatLock | null>(null)
export const LockProvider = LockContext.Provider

export function useSeatLock(): SeatLock {
  const lock = useContext(LockContext)
  if (lock === null) throw new Error('useSeatLock outside LockProvider')
  return lock
}
