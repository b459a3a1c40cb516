/** The clock and the randomness of a process. */
import { randomBytes, randomUUID } from 'node:crypto'
import type { Clock, Random } from './context.ts'

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

export const systemRandom: Random = { bytes: count => randomBytes(count), uuid: () => randomUUID() }
