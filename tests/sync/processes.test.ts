/**
 * The invariants of the sync with real processes: seats and centres are killed, the line between them is slow and cut. What a
 * seat was told to be kept is at the centre once and at every other seat.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CentralProcess, startCentralProcess } from '../central/processes.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import { until } from '../support/seat-process.ts'
import { startTcpLine, type TcpLine } from '../support/tcp-line.ts'
import { enrolmentCodes, TestSeat } from './seats.ts'

const people = ['demo-1001', 'demo-1002', 'demo-1001']
const rounds = 6
const settleMs = 120_000
const portOf = ({ url }: CentralProcess) => ({ port: Number(new URL(url).port) })

let postgres: Postgres | null = null
const folders: string[] = []
const folder = () => {
  const made = mkdtempSync(join(tmpdir(), 'zuoxi-central-'))
  folders.push(made)
  return made
}
beforeAll(async () => {
  if (hasPostgres) postgres = await startPostgres()
})
afterAll(async () => {
  await postgres?.stop()
  for (const each of folders) rmSync(each, { recursive: true, force: true })
})

/** A seeded stream of small numbers: what happens in which round is the same in every run. */
function dice(seed: number): (below: number) => number {
  const drawn = fc.sample(fc.nat({ max: 0xffff }), { seed, numRuns: 400 })
  let at = 0
  return below => (drawn[at++ % drawn.length] ?? 0) % below
}

/** Works, is cut off, is killed, and comes back; then everything must have arrived everywhere, once. */
async function workAndCompare(options: {
  lines: TcpLine[]
  /** One for each seat, and one for the reader. */
  codes: string[]
  seed: number
  /** Called once in the middle. */
  disturb(): Promise<void>
}): Promise<number> {
  const { lines, codes, seed } = options
  const draw = dice(seed)
  const urlOf = (number: number) => `http://127.0.0.1:${lines[number % lines.length]?.port}`
  const seats = people.map(() => new TestSeat())
  const reader = new TestSeat()
  try {
    for (const [number, seat] of seats.entries()) {
      await seat.start()
      await seat.enrol(urlOf(number), codes[number] ?? '', people[number])
    }
    for (let round = 0; round < rounds; round += 1) {
      if (round === Math.floor(rounds / 2)) await options.disturb()
      const line = lines[draw(lines.length)]
      const chance = draw(4)
      if (chance === 0) line?.cut()
      if (chance === 1) line?.cutEvery(4_000 + draw(8_000))
      for (const seat of seats) if (!seat.running) await seat.start()
      // One is killed somewhere in its work: while it keeps a case, while it sends, or after.
      const victim = seats[draw(seats.length)]
      const killed = new Promise(resolve => setTimeout(resolve, draw(400))).then(() => victim?.kill())
      for (const [number, seat] of seats.entries()) {
        try {
          for (let count = draw(5); count >= 0; count -= 1) await seat.file(`第${round}轮 ${number}-${count}`)
          const own = seat.filed[draw(seat.filed.length)]
          if (own !== undefined) await seat.remark(own.caseId, `补充 ${round}`)
        } catch (error) {
          if (seat !== victim) throw error
        }
      }
      await killed
      line?.restore()
      line?.cutEvery(null)
    }
    for (const seat of seats) {
      if (!seat.running) await seat.start()
      await seat.core.seat.sync.now({})
    }
    for (const seat of seats) await seat.settled(settleMs)

    await reader.start()
    await reader.enrol(urlOf(0), codes.at(-1) ?? '', 'demo-1002')
    await reader.settled(settleMs)
    const wanted = seats.flatMap(({ filed }) => filed)
    const central = await reader.replica()
    expect(new Set(wanted.map(({ caseId }) => caseId)).size).toBe(wanted.length)
    expect(new Set(wanted.map(({ caseNumber }) => caseNumber)).size).toBe(wanted.length)
    // A seat that was killed between keeping and telling may have kept one more than it said.
    const unsaid = new Set([...central.keys()].filter(id => !wanted.some(({ caseId }) => caseId === id)))
    for (const { caseId } of wanted) expect(central.has(caseId), caseId).toBe(true)
    for (const { caseId, entryId } of seats.flatMap(({ remarks }) => remarks))
      expect((central.get(caseId) as { entries: string[] }).entries.filter(id => id === entryId)).toEqual([
        entryId,
      ])
    for (const seat of seats) {
      await until(
        async () => (await seat.replica()).size === central.size,
        settleMs,
        'the replica to be complete',
      )
      expect(await seat.replica()).toEqual(central)
      const { parked } = await seat.core.seat.sync.status({})
      expect(parked).toBe(0)
    }
    console.log(
      `sync: ${wanted.length} cases and ${seats.flatMap(({ remarks }) => remarks).length} remarks from ${seats.length} seats, ${unsaid.size} unsaid; all equal`,
    )
    return central.size
  } finally {
    for (const seat of [...seats, reader]) await seat.remove()
  }
}

describe.runIf(hasPostgres)('two central processes on PostgreSQL', () => {
  it('nothing is lost and nothing is double when seats, lines and one centre die at work', {
    timeout: 300_000,
  }, async () => {
    const database = await postgres?.database()
    const files = folder()
    const start = () => startCentralProcess(['--data-dir', folder(), '--files-dir', files], database)
    let [one, two] = await Promise.all([start(), start()])
    const lines = [await startTcpLine(portOf(one), 20), await startTcpLine(portOf(two), 5)]
    try {
      const cases = await workAndCompare({
        lines,
        codes: await enrolmentCodes(people.length + 1, files, database),
        seed: 20_261_124,
        disturb: async () => {
          const { port } = portOf(two)
          await two.end('SIGKILL')
          two = await startCentralProcess(
            ['--data-dir', folder(), '--files-dir', files, '--port', String(port)],
            database,
          )
        },
      })
      expect(cases).toBeGreaterThan(30)
    } finally {
      for (const line of lines) await line.close()
      await Promise.all([one.end(), two.end()])
    }
  })
})

describe('one central process on its embedded database', () => {
  it('nothing is lost and nothing is double when seats and lines die at work', {
    timeout: 300_000,
  }, async () => {
    const files = folder()
    // Before it serves: the embedded database belongs to one process.
    const codes = await enrolmentCodes(people.length + 1, files)
    let centre = await startCentralProcess(['--data-dir', files])
    const line = await startTcpLine(portOf(centre), 10)
    try {
      const cases = await workAndCompare({
        lines: [line],
        codes,
        seed: 7,
        disturb: async () => {
          const { port } = portOf(centre)
          await centre.end()
          centre = await startCentralProcess(['--data-dir', files, '--port', String(port)])
        },
      })
      expect(cases).toBeGreaterThan(30)
    } finally {
      await line.close()
      await centre.end()
    }
  })
})
