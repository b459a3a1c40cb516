/** Before the shift (班前检查): how loud the microphone is, and the operator's own voice a moment later in the headset. */
import { playOn } from './devices.ts'

const echoDelaySeconds = 1
const levelEveryMs = 100

export type SoundCheck = {
  /** The operator hears themself, a second late. */
  setEcho(on: boolean): void
  stop(): void
}

/**
 * `microphone`, `speaker`: device ids, empty for the system's default. `level` is told ten times a second, dBFS.
 * Rejects with getUserMedia's own error when there is no microphone.
 */
export async function startSoundCheck(
  microphone: string,
  speaker: string,
  level: (dbfs: number) => void,
): Promise<SoundCheck> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: {
      // Off: an operator who hears themself must not be taken for an echo.
      echoCancellation: false,
      ...(microphone === '' ? {} : { deviceId: { exact: microphone } }),
    },
  })
  const context = new AudioContext()
  await playOn(context, speaker)
  const source = context.createMediaStreamSource(stream)
  const analyser = context.createAnalyser()
  analyser.fftSize = 4_096
  source.connect(analyser)
  const delay = context.createDelay(echoDelaySeconds)
  delay.delayTime.value = echoDelaySeconds
  const echo = context.createGain()
  echo.gain.value = 0
  source.connect(delay).connect(echo).connect(context.destination)
  const samples = new Float32Array(analyser.fftSize)
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples)
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
    level(power === 0 ? -99 : Math.max(-99, 10 * Math.log10(power)))
  }, levelEveryMs)
  return {
    setEcho: on => {
      echo.gain.value = on ? 1 : 0
    },
    stop: () => {
      clearInterval(timer)
      for (const track of stream.getTracks()) track.stop()
      void context.close()
    },
  }
}
