/** After how long without anybody the seat locks: as the city has published it (identity-policy), else by the default. */
import {
  defaultIdentityPolicy,
  identityPolicy,
  identityPolicyName,
} from '../../../shared/domain/identity-policy.ts'
import type { Clock } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { publishedInForce } from '../storage/published.ts'

export function idleLockMinutes(db: Database, now: number): number {
  const published = publishedInForce(db, identityPolicyName, now)
  const parsed = published === undefined ? null : identityPolicy.safeParse(jsonOf(published.content))
  return (parsed?.data ?? defaultIdentityPolicy).idleLockMinutes
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The page counts while it is there. A seat that no page is open at locks by itself: whoever opens one finds it so. */
export function createUnwatchedLock(parts: {
  clock: Clock
  minutes(): number
  mayLock(): boolean
  lock(): void
}): { connected(connection: number): void; disconnected(connection: number): void } {
  const pages = new Set<number>()
  let cancel = () => {}
  const wait = () => {
    cancel()
    try {
      cancel = parts.clock.after(parts.minutes() * 60_000, () => {
        try {
          if (parts.mayLock()) parts.lock()
          else wait()
        } catch {
          // The database is not open or not writable: nothing of it can be read either.
        }
      })
    } catch {
      // As above.
    }
  }
  return {
    connected: connection => {
      pages.add(connection)
      cancel()
    },
    disconnected: connection => {
      pages.delete(connection)
      if (pages.size === 0) wait()
    },
  }
}
