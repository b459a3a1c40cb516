/** Where a Chromium for the tests is, and the switches it wants on a closed machine. */
import { existsSync } from 'node:fs'

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
]

export function chromiumPath(): string | null {
  const named = process.env['ZUOXI_CHROMIUM']
  if (named !== undefined && named !== '') return named
  return places.find(place => existsSync(place)) ?? null
}

/** `--allow-loopback-in-peer-connection`: without it a machine that has only `lo` sets the call up in silence. */
export const quietSwitches = [
  '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** As the launcher does: files with Chinese names are chosen and saved, whatever the locale of the tests. */
export const utf8Environment = (): Record<string, string> => ({
  ...(process.env as Record<string, string>),
  LC_ALL: 'C.UTF-8',
})

export const fakeMicrophone = (wav: string): string[] => [
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  `--use-file-for-fake-audio-capture=${wav}`,
]
