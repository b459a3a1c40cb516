/** The operator's microphone: asked for when it is needed, and released when no call uses it. */
import type { MicrophoneState } from '../phone.ts'

/** What an error of getUserMedia says about the microphone. */
export function microphoneStateOf(error: unknown): MicrophoneState {
  const name = error instanceof Error ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'missing'
  return 'failed'
}

export type Microphone = {
  open(): Promise<MediaStream>
  /** Opens it once and lets it go, so that a missing headset is seen before the first call. */
  check(): Promise<void>
}

/** `chosen` gives the wanted device's id, at once; empty for the system's default. */
export function createMicrophone(
  onState: (state: MicrophoneState) => void,
  chosen: () => string,
): Microphone {
  const media = navigator.mediaDevices as MediaDevices | undefined
  const open = async (): Promise<MediaStream> => {
    if (media === undefined) {
      onState('failed')
      throw new Error('no media devices on this page')
    }
    try {
      const deviceId = chosen()
      const stream = await media.getUserMedia({
        audio: {
          echoCancellation: true,
          noiseSuppression: true,
          autoGainControl: true,
          ...(deviceId === '' ? {} : { deviceId: { ideal: deviceId } }),
        },
        video: false,
      })
      onState('ready')
      return stream
    } catch (error) {
      onState(microphoneStateOf(error))
      throw error
    }
  }
  const check = async () => {
    try {
      const stream = await open()
      for (const track of stream.getTracks()) track.stop()
    } catch {
      // The state says it.
    }
  }
  return { open, check }
}
