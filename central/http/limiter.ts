/** Counts by key in windows of time. Its memory is bounded: the key that was idle longest is forgotten first. */
import type { Clock } from '../context.ts'

export type Limiter = {
  /** Counts one more. Null: within the limit; else the seconds until the window ends. */
  take(key: string, limit: number, windowMs?: number): number | null
  /** Whether the key's window is open. */
  has(key: string): boolean
  size(): number
}

const minuteMs = 60_000

export function createLimiter({ now }: Pick<Clock, 'now'>, mostKeys = 20_000): Limiter {
  type Window = { begun: number; until: number; count: number }
  const windows = new Map<string, Window>()
  /** A window that begins later than now is of a clock that was put back since: nobody waits for it to come again. */
  const isOpen = (window: Window | undefined, at: number): window is Window =>
    window !== undefined && window.begun <= at && at < window.until
  return {
    take: (key, limit, windowMs = minuteMs) => {
      const at = now()
      const known = windows.get(key)
      const window = isOpen(known, at) ? known : { begun: at, until: at + windowMs, count: 0 }
      window.count += 1
      windows.delete(key)
      windows.set(key, window)
      if (windows.size > mostKeys) {
        const [idle] = windows.keys()
        if (idle !== undefined) windows.delete(idle)
      }
      return window.count > limit ? Math.max(1, Math.ceil((window.until - at) / 1_000)) : null
    },
    has: key => isOpen(windows.get(key), now()),
    size: () => windows.size,
  }
}
