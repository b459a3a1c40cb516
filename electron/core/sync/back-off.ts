/** How long the seat waits after failures that pass. */
import type { Random } from '../context.ts'

const firstDelayMs = 1_000
const longestDelayMs = 30_000

/** Milliseconds: between half and the whole of 1, 2, 4 … 30 s, so that seats do not come back all at once. */
export function delayAfter(failures: number, random: Random): number {
  const full = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(failures - 1, 10))
  const [high = 0, low = 0] = random.bytes(2)
  return full * (0.5 + (high * 256 + low) / 131_072)
}
