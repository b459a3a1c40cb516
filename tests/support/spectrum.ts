/** How loud one tone is in what was heard: Goertzel's algorithm, dBFS of a sine of that frequency. */
export function toneDbfs(samples: Int16Array, hertz: number, rate = 8_000): number {
  if (samples.length < rate / 4) return -99
  const omega = (2 * Math.PI * hertz) / rate
  let [one, two] = [0, 0]
  for (const [index, sample] of samples.entries()) {
    // Hann's window: a neighbour's tone does not leak into this one.
    const windowed = (sample / 32_768) * (0.5 - 0.5 * Math.cos((2 * Math.PI * index) / (samples.length - 1)))
    const next = windowed + 2 * Math.cos(omega) * one - two
    two = one
    one = next
  }
  const power = one * one + two * two - 2 * Math.cos(omega) * one * two
  const amplitude = (2 * Math.sqrt(Math.max(0, power))) / (samples.length / 2)
  return amplitude <= 0 ? -99 : Math.max(-99, 20 * Math.log10(amplitude / Math.SQRT2))
}
