/** The ring (振铃): two soft tones, made here, so that there is no file to load while a citizen waits. */
import { playOn } from './devices.ts'

export type Ringtone = {
  /** Opens the sound output, which takes a tenth of a second: once the page stands, before a call needs it. */
  prepare(): void
  /** From a click or key press. */
  allow(): Promise<void>
  ring(on: boolean): void
  setVolume(volume: number): void
  /** A short double beep in the operator's ear: a call is answered by itself. */
  warn(): void
  /** The device's id; empty for the system's default. */
  playOn(deviceId: string): void
}

const ringSeconds = 1
const cycleSeconds = 4

/** `onAllowed` is told false when the browser wants a click before it plays sound. */
export function createRingtone(onAllowed: (allowed: boolean) => void): Ringtone {
  let output: { audio: AudioContext; gain: GainNode; ring: AudioBuffer } | null = null
  let volume = 1
  let device = ''
  let playing: { stop(): void } | null = null

  const open = () => {
    if (output !== null) return output
    const audio = new AudioContext()
    const gain = audio.createGain()
    gain.gain.value = volume
    gain.connect(audio.destination)
    audio.onstatechange = () => onAllowed(audio.state === 'running')
    onAllowed(audio.state === 'running')
    output = { audio, gain, ring: soundOf(audio) }
    if (device !== '') void playOn(audio, device)
    return output
  }

  /** One ring and its pause, computed once. */
  const soundOf = (audio: AudioContext) => {
    const length = Math.round(audio.sampleRate * cycleSeconds)
    const buffer = audio.createBuffer(1, length, audio.sampleRate)
    const samples = buffer.getChannelData(0)
    for (let i = 0; i < audio.sampleRate * ringSeconds; i += 1) {
      const at = i / audio.sampleRate
      const edge = Math.min(1, at / 0.02, (ringSeconds - at) / 0.05)
      samples[i] = 0.22 * edge * (Math.sin(2 * Math.PI * 440 * at) + Math.sin(2 * Math.PI * 480 * at))
    }
    return buffer
  }

  const start = () => {
    const { audio, gain, ring } = open()
    const source = audio.createBufferSource()
    source.buffer = ring
    source.loop = true
    source.connect(gain)
    source.start()
    return source
  }

  return {
    prepare: () => void open(),
    allow: () => open().audio.resume(),
    ring: on => {
      if (on === (playing !== null)) return
      if (playing !== null) {
        playing.stop()
        playing = null
      } else playing = start()
    },
    warn: () => {
      const { audio, gain } = open()
      for (const at of [0, 0.18]) {
        const tone = audio.createOscillator()
        tone.frequency.value = 880
        const level = audio.createGain()
        level.gain.value = 0.2
        tone.connect(level).connect(gain)
        tone.start(audio.currentTime + at)
        tone.stop(audio.currentTime + at + 0.1)
      }
    },
    playOn: deviceId => {
      device = deviceId
      if (output !== null) void playOn(output.audio, deviceId)
    },
    setVolume: value => {
      volume = value
      if (output !== null) output.gain.gain.value = value
    },
  }
}
