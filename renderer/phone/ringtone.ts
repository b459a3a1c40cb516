/** The ring (振铃): two soft tones, made here, so that there is no file to load while a citizen waits. */

export type Ringtone = {
  /** False when the browser wants a click before it plays sound. */
  allowed(): boolean
  onAllowed(listener: () => void): void
  /** From a click or key press. */
  allow(): Promise<void>
  ring(on: boolean): void
  setVolume(volume: number): void
}

const ringSeconds = 1
const cycleSeconds = 4

export function createRingtone(): Ringtone {
  const audio = new AudioContext()
  const volume = audio.createGain()
  volume.connect(audio.destination)
  let playing: { stop(): void } | null = null
  let told = () => {}
  audio.onstatechange = () => told()

  const start = () => {
    const length = Math.round(audio.sampleRate * cycleSeconds)
    const buffer = audio.createBuffer(1, length, audio.sampleRate)
    const samples = buffer.getChannelData(0)
    for (let i = 0; i < audio.sampleRate * ringSeconds; i += 1) {
      const at = i / audio.sampleRate
      const edge = Math.min(1, at / 0.02, (ringSeconds - at) / 0.05)
      samples[i] = 0.22 * edge * (Math.sin(2 * Math.PI * 440 * at) + Math.sin(2 * Math.PI * 480 * at))
    }
    const source = audio.createBufferSource()
    source.buffer = buffer
    source.loop = true
    source.connect(volume)
    source.start()
    return source
  }

  return {
    allowed: () => audio.state === 'running',
    onAllowed: listener => {
      told = listener
    },
    allow: () => audio.resume(),
    ring: on => {
      if (on === (playing !== null)) return
      if (playing !== null) {
        playing.stop()
        playing = null
      } else playing = start()
    },
    setVolume: value => {
      volume.gain.value = value
    },
  }
}
