/** A real core at which one of each role sits in turn, for the seat's matrix. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../../electron/core/storage/database.ts'
import { createVault } from '../../electron/core/vault/vault.ts'
import { type CoreProcess, startCore } from '../support/core-process.ts'
import { type SeatPerson, seatAnswerBy, seatMatrix, seatPaths, walkSeat } from './seat-matrix.ts'

const roles = ['agent', 'contractor', 'lead', 'admin'] as const

/** A core in this folder whose list of people has one of each role, under the role's name. */
async function startWithPeople(folder: string): Promise<CoreProcess> {
  const first = await startCore(folder)
  await first.opened()
  await first.kill()
  const database = join(folder, 'seat.db')
  const vault = createVault({
    folder,
    database,
    mode: 'demo',
    keyring: { wrap: () => Promise.resolve(null), unwrap: () => Promise.resolve(null) },
    randomBytes: () => new Uint8Array(32),
  })
  const opened = await vault.open()
  if (opened.state !== 'key') throw new Error(`the key is ${opened.state}`)
  const db = openDatabase({ file: database, key: opened.key, now: Date.now() })
  const add = db.prepare(
    `INSERT INTO operator (operator_id, work_number, name, branch, role, created_at) VALUES (?, ?, ?, '一分中心', ?, '')`,
  )
  for (const role of roles) add.run(role, `m-${role}`, role, role)
  db.close()
  const core = await startCore(folder)
  await core.opened()
  return core
}

/** `unexpected` is empty when the seat does what its table says. */
export async function walkSeatAsEverybody(): Promise<{ text: string; unexpected: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'zuoxi-attack-seat-'))
  const core = await startWithPeople(folder)
  try {
    const answers = new Map<SeatPerson, Awaited<ReturnType<typeof walkSeat>>>()
    answers.set('nobody', await walkSeat(core.seat))
    for (const role of roles) {
      await core.seat.identity.signIn({ operatorId: role })
      answers.set(role, await walkSeat(core.seat))
    }
    await core.seat.identity.lock({})
    answers.set('locked', await walkSeat(core.seat))
    const unexpected = [...answers].flatMap(([person, found]) =>
      seatPaths.flatMap(path => {
        const [answer, wanted] = [found.get(path) ?? '', seatAnswerBy(path, person)]
        return answer === wanted ? [] : [`${path} as ${person}: ${answer} instead of ${wanted}`]
      }),
    )
    return { text: seatMatrix(answers), unexpected }
  } finally {
    await core.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}
