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

/** One second of a tone at −12 dBFS, that can be repeated without a click: whole hertz only. */
export function toneMuLaw(hertz: number): Uint8Array {
  const whole = Math.round(hertz)
  return Uint8Array.from({ length: 8_000 }, (_, index) =>
    encode(Math.round(8_192 * Math.sin((2 * Math.PI * whole * index) / 8_000))),
  )
}

function encode(sample: number): number {
  const magnitude = Math.min(32_635, Math.abs(sample)) + 0x84
  const exponent = Math.max(0, Math.floor(Math.log2(magnitude)) - 7)
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff
}

export const decodeMuLaw = (payload: Uint8Array): Int16Array =>
  Int16Array.from(payload, code => decoded[code] ?? 0)
