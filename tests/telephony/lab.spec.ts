/** The lab itself: what dies in one test is not left to the next. */
import { readdirSync, readFileSync } from 'node:fs'
import { startLab } from '../support/lab/lab.ts'
import { isAlive } from '../support/seat-process.ts'
import { expect, test } from './lab-fixture.ts'

/** Kamailio and rtpengine, the processes that work in the folder; the first of each is the one that was started. */
function programsIn(folder: string): { pid: number; name: string }[] {
  const found: { pid: number; name: string }[] = []
  for (const pid of readdirSync('/proc').map(Number).filter(Number.isInteger)) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)) continue
      found.push({ pid, name: readFileSync(`/proc/${pid}/comm`, 'utf8').trim() })
    } catch {
      // It has ended meanwhile.
    }
  }
  return found.sort((a, b) => a.pid - b.pid)
}

test('an exchange that was killed leaves no process behind, its own nor the media relay', async () => {
  const lab = await startLab()
  const programs = programsIn(lab.folder)
  const kamailio = programs.filter(({ name }) => name === 'kamailio')
  expect(kamailio.length).toBeGreaterThan(3)
  expect(programs.some(({ name }) => name === 'rtpengine')).toBe(true)
  process.kill(kamailio[0]?.pid ?? 0, 'SIGKILL')
  await lab.stop()
  await expect.poll(() => programs.filter(({ pid }) => isAlive(pid))).toEqual([])
})

test('an exchange that stands still is started anew on its own ports', async ({ lab }) => {
  const before = programsIn(lab.folder).filter(({ name }) => name === 'kamailio')
  lab.pauseExchange()
  await lab.restartExchange()
  expect(before.filter(({ pid }) => isAlive(pid))).toEqual([])
})
