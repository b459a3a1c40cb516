/** Locks a seat at which nobody has done anything for so long. Never while a call is in hand; then the time begins anew. */

/** How long before it locks it says so. Milliseconds. */
export const warnMs = 60_000
const lookEveryMs = 5_000
const countEveryMs = 1_000

export type IdleLock = {
  /** Somebody pressed a key or moved the mouse. */
  touched(): void
  stop(): void
}

export function createIdleLock(parts: {
  now(): number
  after(ms: number, run: () => void): () => void
  limitMs(): number
  /** A call rings or goes on. */
  inCall(): boolean
  /** Seconds left, while there are few; null: more, or somebody is there again. */
  warn(secondsLeft: number | null): void
  lock(): void
}): IdleLock {
  const { now, after } = parts
  let lastAt = now()
  let warned = false
  let cancel = () => {}

  const warn = (secondsLeft: number | null) => {
    if (secondsLeft === null && !warned) return
    warned = secondsLeft !== null
    parts.warn(secondsLeft)
  }
  const look = () => {
    if (parts.inCall()) lastAt = now()
    const leftMs = lastAt + parts.limitMs() - now()
    if (leftMs <= 0) {
      warn(null)
      return parts.lock()
    }
    const soon = leftMs <= Math.min(warnMs, parts.limitMs() / 2)
    warn(soon ? Math.ceil(leftMs / 1_000) : null)
    // The machine may have slept: the clock is looked at, not the timers counted.
    cancel = after(soon ? countEveryMs : Math.min(lookEveryMs, leftMs), look)
  }
  look()

  return {
    touched: () => {
      lastAt = now()
      if (!warned) return
      warn(null)
      cancel()
      look()
    },
    stop: () => {
      cancel()
      warn(null)
    },
  }
}
