/** The chosen devices (耳麦、振铃设备), found by their labels, whenever something is plugged in or out. */
import type { DeviceChoice } from '../../../shared/domain/settings.ts'

export type SoundDevice = { deviceId: string; label: string }
export type SoundDevices = { microphones: SoundDevice[]; speakers: SoundDevice[] }

/** Absent on pages that are not secure. */
const media = (): MediaDevices | undefined => navigator.mediaDevices

export async function listDevices(): Promise<SoundDevices> {
  const found = (await media()?.enumerateDevices()) ?? []
  const of = (kind: MediaDeviceKind) =>
    found
      .filter(device => device.kind === kind && !['default', 'communications'].includes(device.deviceId))
      .map(({ deviceId, label }) => ({ deviceId, label }))
  return { microphones: of('audioinput'), speakers: of('audiooutput') }
}

/** The id of the device with this label; empty, the system's default, when it is not plugged in. */
export const idOf = (devices: readonly SoundDevice[], label: string): string =>
  label === '' ? '' : (devices.find(device => device.label === label)?.deviceId ?? '')

/** What can be played on a chosen device: `<audio>` elements and, since Chromium 110, audio contexts. */
export async function playOn(output: HTMLAudioElement | AudioContext, deviceId: string): Promise<void> {
  const setSinkId = Reflect.get(output, 'setSinkId') as ((id: string) => Promise<void>) | undefined
  // A device that went away meanwhile: the default goes on sounding.
  await setSinkId?.call(output, deviceId).catch(() => {})
}

/** `changed` runs after each change of what is plugged in. Returns what stops it. */
export function watchDevices(changed: () => void): () => void {
  const devices = media()
  devices?.addEventListener('devicechange', changed)
  return () => devices?.removeEventListener('devicechange', changed)
}

export const volumeOf = (choice: DeviceChoice, label: string): number => choice.volumes[label] ?? 1
