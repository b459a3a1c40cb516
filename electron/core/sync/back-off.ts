/** How long the seat waits after failures that pass. */
import { waitAfter } from '../../../shared/domain/reconnect.ts'
import type { Random } from '../context.ts'

const waits = { firstMs: 1_000, longestMs: 30_000 }

/** From 0 to less than 1. */
export function fractionOf(random: Random): number {
  const [high = 0, low = 0] = random.bytes(2)
  return (high * 256 + low) / 65_536
}

/**
 * Milliseconds: between half and the whole of 1, 2, 4 … 30 s, so that seats do not come back all at once. They come on top of what
 * the centre asked for (`retryAfterMs`), since it asks every seat for the same.
 */
export const delayAfter = (failures: number, random: Random, retryAfterMs = 0): number =>
  retryAfterMs + waitAfter(failures, waits, 0.5 + fractionOf(random) / 2)
