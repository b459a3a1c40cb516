/** G.711 µ-law to 16-bit samples, and how loud decoded audio is. */

const decoded = Int16Array.from({ length: 256 }, (_, code) => {
  const value = ~code & 0xff
  const magnitude = (((value & 0x0f) << 3) + 0x84) << ((value & 0x70) >> 4)
  return value & 0x80 ? 0x84 - magnitude : magnitude - 0x84
})

/** Sum of squares of the samples, for a level over several packets. */
export function energy(payload: Uint8Array): number {
  let sum = 0
  for (const code of payload) sum += (decoded[code] ?? 0) ** 2
  return sum
}

/** Level in dBFS of `count` samples with this energy; −99 for silence. */
export function levelDbfs(sumOfSquares: number, count: number): number {
  if (count === 0 || sumOfSquares === 0) return -99
  return Math.max(-99, 10 * Math.log10(sumOfSquares / count / 32_768 ** 2))
}

export const muLawSilence = 0xff
