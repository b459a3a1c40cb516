/** A 16-bit mono WAV with one sine tone: the fake microphone of the browser tests. */
import { writeFileSync } from 'node:fs'

export function writeToneWav(
  file: string,
  options: { hertz: number; seconds: number; amplitude?: number; rate?: number },
): void {
  const rate = options.rate ?? 48_000
  const count = Math.round(rate * options.seconds)
  const amplitude = (options.amplitude ?? 0.4) * 32_767
  const wav = Buffer.alloc(44 + count * 2)
  wav.write('RIFF', 0, 'latin1')
  wav.writeUInt32LE(36 + count * 2, 4)
  wav.write('WAVEfmt ', 8, 'latin1')
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20)
  wav.writeUInt16LE(1, 22)
  wav.writeUInt32LE(rate, 24)
  wav.writeUInt32LE(rate * 2, 28)
  wav.writeUInt16LE(2, 32)
  wav.writeUInt16LE(16, 34)
  wav.write('data', 36, 'latin1')
  wav.writeUInt32LE(count * 2, 40)
  for (let i = 0; i < count; i += 1) {
    wav.writeInt16LE(Math.round(Math.sin((2 * Math.PI * options.hertz * i) / rate) * amplitude), 44 + i * 2)
  }
  writeFileSync(file, wav)
}
