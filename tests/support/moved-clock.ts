/** A calendar that a test moves, for processes that the test starts with this environment. Timers run as ever. */
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export type MovedClock = {
  env: { NODE_OPTIONS: string; ZUOXI_TEST_CLOCK: string }
  now(): number
  /** How far from the machine's, in milliseconds. Resolves when the processes have seen it. */
  moveTo(offsetMs: number): Promise<void>
}

/** Each process looks at the file every 50 ms. */
const seenMs = 500

export function movedClock(file: string): MovedClock {
  let offset = 0
  const write = () => {
    writeFileSync(`${file}.new`, String(offset))
    renameSync(`${file}.new`, file)
  }
  write()
  const preload = pathToFileURL(join(import.meta.dirname, 'moved-clock.mjs')).href
  const before = process.env['NODE_OPTIONS'] ?? ''
  return {
    env: { NODE_OPTIONS: `${before} --import=${preload}`.trim(), ZUOXI_TEST_CLOCK: file },
    now: () => Date.now() + offset,
    moveTo: async offsetMs => {
      offset = offsetMs
      write()
      await new Promise(resolve => setTimeout(resolve, seenMs))
    },
  }
}
