/**
 * When something that failed is tried again: one attempt at a time, after waits that double up to a bound, drawn at random so that
 * a thousand clients of one server do not come back at the same moment. Time, timers and randomness come from outside.
 *
 *             ┌───────── the wait is over ──────────┐
 *             ▼                                     │
 *   idle ──▶ trying ── fails ───────────────────▶ waiting
 *             └─ succeeds ──▶ connected ── lost ────┘
 */

/** Milliseconds. */
export type Waits = {
  /** The first wait is drawn from 0 to this, the second from 0 to twice as much, and so on. */
  firstMs: number
  /** No wait is longer. */
  longestMs: number
}

/** Milliseconds after so many failures in a row (1 or more); `fraction` is drawn from 0 (included) to 1 (excluded). */
export function waitAfter(failures: number, { firstMs, longestMs }: Waits, fraction: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 30)) * fraction
}

export type ReconnectParts = {
  /** Resolves once it is connected, and ends by itself. Before it rejects it closes whatever it has opened. */
  attempt(): Promise<void>
  waits: Waits
  /** A connection that lasted so long was well: the waits begin with the shortest again. Milliseconds. */
  wellMs: number
  /** The first attempt after a failure does not wait: for what no other client competes for. */
  atOnce?: boolean
  now(): number
  after(ms: number, run: () => void): () => void
  /** From 0 (included) to 1 (excluded). */
  random(): number
}

export type Reconnect = {
  /** Tries now and cuts a wait short. Does nothing while an attempt is under way, or while it is connected. */
  start(): void
  /** Somebody else connected it for the first time: whoever wants to see that attempt fail makes it by themselves. */
  connected(): void
  /** The connection has ended: it is made again. Whoever says so twice is heard once. */
  lost(): void
  /** Nothing is tried any more, and the outcome of an attempt under way changes nothing. */
  stop(): void
}

export function createReconnect(parts: ReconnectParts): Reconnect {
  let state: 'idle' | 'trying' | 'connected' | 'waiting' | 'stopped' = 'idle'
  let failures = 0
  let connectedAt = 0
  let lostWhileTrying = false
  let cancelWait = () => {}

  const failed = () => {
    failures += 1
    state = 'waiting'
    const counted = parts.atOnce === true ? failures - 1 : failures
    cancelWait = parts.after(counted === 0 ? 0 : waitAfter(counted, parts.waits, parts.random()), attempt)
  }
  const ended = () => {
    if (parts.now() - connectedAt >= parts.wellMs) failures = 0
    failed()
  }
  const connected = () => {
    state = 'connected'
    connectedAt = parts.now()
  }
  const attempt = () => {
    state = 'trying'
    lostWhileTrying = false
    // What it throws counts as a rejection.
    new Promise<void>(resolve => resolve(parts.attempt())).then(
      () => {
        if (state !== 'trying') return
        connected()
        if (lostWhileTrying) ended()
      },
      () => {
        if (state === 'trying') failed()
      },
    )
  }

  return {
    connected: () => {
      if (state === 'idle') connected()
    },
    start: () => {
      if (state !== 'idle' && state !== 'waiting') return
      cancelWait()
      attempt()
    },
    lost: () => {
      if (state === 'connected') ended()
      else if (state === 'trying') lostWhileTrying = true
    },
    stop: () => {
      state = 'stopped'
      cancelWait()
    },
  }
}
