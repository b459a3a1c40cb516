/** The phone's clock: real time, and timers in a worker, since a browser throttles those of a hidden window. */

export type Timers = {
  now(): number
  /** Runs once after `ms`; returns what cancels it. */
  after(ms: number, run: () => void): () => void
}

/** The window's own: slowed down while it is hidden. For what is only to be seen. */
export const after: Timers['after'] = (ms, run) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

export function createWorkerTimers(): Timers {
  const worker = new Worker(new URL('./timer-worker.ts', import.meta.url), { type: 'module' })
  const waiting = new Map<number, () => void>()
  let count = 0
  worker.onmessage = ({ data }: MessageEvent<number>) => {
    const run = waiting.get(data)
    waiting.delete(data)
    run?.()
  }
  return {
    now: () => Date.now(),
    after: (ms, run) => {
      count += 1
      const id = count
      waiting.set(id, run)
      worker.postMessage({ id, ms })
      return () => {
        waiting.delete(id)
        worker.postMessage({ id, ms: null })
      }
    },
  }
}

/** A window that is covered draws nothing, and does not say so. */
const drawnWithinMs = 50
/** After its frame was asked for: on its way to the screen. */
const shownAfterFrameMs = 5

/**
 * Runs once what has just changed is on the screen, or at once where nothing is drawn: what is seen comes first. A window that is
 * hidden meanwhile waits no longer: a browser holds up its timers.
 */
export function afterDrawing(timers: Pick<Timers, 'after'>, run: () => void): void {
  if (document.hidden) return run()
  let isDone = false
  const once = () => {
    if (isDone) return
    isDone = true
    document.removeEventListener('visibilitychange', once)
    run()
  }
  document.addEventListener('visibilitychange', once)
  timers.after(drawnWithinMs, once)
  requestAnimationFrame(() => timers.after(shownAfterFrameMs, once))
}
