/** The machine's own clock and randomness. */
import { randomFillSync } from 'node:crypto'
import type { Clock, Random } from './context.ts'
import { uuidV7 } from './uuid.ts'

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

/** Drawn ahead, since each call to the operating system costs as much as writing a row. No byte is given out twice. */
export function systemRandom(clock: Pick<Clock, 'now'> = systemClock): Random {
  const pool = new Uint8Array(1024)
  let used = pool.length
  const bytes = (count: number): Uint8Array => {
    if (count > pool.length) return randomFillSync(new Uint8Array(count))
    if (used + count > pool.length) {
      randomFillSync(pool)
      used = 0
    }
    const drawn = pool.slice(used, used + count)
    pool.fill(0, used, used + count)
    used += count
    return drawn
  }
  return { bytes, uuid: () => uuidV7(clock.now(), bytes(10)) }
}
