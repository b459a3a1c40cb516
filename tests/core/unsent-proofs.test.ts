/** 导出/导入未同步 against a real centre: a file carries proofs, and one that was made by hand proves nothing. */
import { createCipheriv, createHash, randomBytes, randomUUID, scryptSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { createCentreClient } from '../../electron/core/sync/centre-client.ts'
import { pushOnce } from '../../electron/core/sync/push.ts'
import { keepCredential } from '../../electron/core/sync/seat-identity.ts'
import { createUnsentFile } from '../../electron/core/sync/unsent-file.ts'
import {
  addPeople,
  enrol,
  otherBranch,
  password,
  people,
  type Seat,
  startCentre,
  strangers,
  type TestCentre,
} from '../central/centre.ts'
import { type SeatParts, seatParts } from '../support/seat-parts.ts'

const passphrase = 'Weitong-bu-2026-Kouling'
let centre: TestCentre
let from: SeatParts
let to: SeatParts
beforeAll(async () => {
  centre = await startCentre(null)
  await addPeople(centre)
}, 180_000)
afterAll(() => centre.end())
beforeEach(() => {
  from = seatParts('from')
  to = seatParts('to')
  for (const seat of [from, to]) {
    seat.time.now = centre.now.ms
    for (const { operatorId, role } of Object.values(people)) seat.person(operatorId, role)
  }
})
afterEach(() => {
  from.close()
  to.close()
})

const at = (seat: SeatParts, device: Seat) => {
  seat.write(db => keepCredential(db, device.credential))
  return device
}
const fileOf = (seat: SeatParts) => createUnsentFile({ ...seat })
const send = (seat: SeatParts, { device }: Seat) =>
  pushOnce({
    read: seat.read,
    write: seat.write,
    clientId: () => device.clientId,
    now: () => new Date(seat.time.now).toISOString(),
    heard: () => {},
    client: createCentreClient(async ({ body }) => {
      const { commands, sentAt } = JSON.parse(Buffer.from(body ?? []).toString()) as {
        commands: unknown[]
        sentAt: string
      }
      const results = await centre.push(device, commands, { sentAt })
      return {
        status: 200,
        headers: {},
        text: JSON.stringify({ results, serverTime: new Date(centre.now.ms).toISOString() }),
      }
    }),
  })
const parked = (seat: SeatParts) =>
  seat.db
    .prepare('SELECT o.name, p.code FROM parked p JOIN outbox o ON o.id = p.command_id ORDER BY o.seq')
    .all()

it('what a person left unsent arrives under their name and branch, whichever seat takes it in', async () => {
  const home = at(from, await enrol(centre))
  const far = at(to, await enrol(centre, otherBranch))
  const { proof } = await centre.sessions.signIn(home.device, {
    workNumber: people.agent.workNumber,
    password,
  })
  if (proof === undefined) throw new Error('no secret')
  const { operatorId } = people.agent
  from.keys.hold({ ...proof, operatorId })
  const one = from.file(from.person(operatorId), { title: '下班前' })
  // Somebody else sits at the other seat, and holds a secret of their own.
  const other = await centre.sessions.signIn(far.device, { workNumber: strangers.lead.workNumber, password })
  if (other.proof !== undefined) to.keys.hold({ ...other.proof, operatorId: strangers.lead.operatorId })
  const { file } = await fileOf(from).save(operatorId, passphrase)
  expect(await fileOf(to).take(strangers.lead.operatorId, { file, passphrase })).toEqual({
    taken: 1,
    known: 0,
  })
  expect(await send(to, far)).toBe(1)
  expect(parked(to)).toEqual([])
  const [row] = await centre.sql.query('SELECT operator_id, branch, seat_id FROM cases WHERE case_id = $1', [
    one.caseId,
  ])
  expect(row).toEqual({ operator_id: operatorId, branch: people.agent.branch, seat_id: home.device.seatId })
  // The first seat comes back to life: it took effect once.
  expect(await send(from, home)).toBe(1)
  expect(from.waiting()).toEqual([])
})

it('a file that was made by hand approves nothing', async () => {
  const home = await enrol(centre)
  const far = at(to, await enrol(centre, otherBranch))
  const caseId = randomUUID()
  const filed = home.create(caseId, {
    disposition: 'refer',
    reasonCode: 'Y01',
    dispositionNote: '移交线索。',
  })
  expect(await centre.push(home.device, [filed])).toMatchObject([{ outcome: 'applied' }])
  const approve = {
    id: randomUUID(),
    operatorId: people.admin.operatorId,
    caseId,
    schemaVersion: 4,
    name: 'case.move',
    args: { entryId: randomUUID(), move: 'approve', reason: '' },
    baseVersion: 1,
    issuedAt: new Date(centre.now.ms).toISOString(),
  }
  const { mac: _, ...rest } = filed.proof ?? { session: '', client: '', seq: 1 }
  const forged = {
    ...approve,
    id: randomUUID(),
    proof: { ...rest, mac: randomBytes(32).toString('base64url') },
  }
  const borrowed = {
    ...approve,
    id: randomUUID(),
    ...(filed.proof === undefined ? {} : { proof: filed.proof }),
  }
  for (const [version, commands] of [
    [1, [approve]],
    [2, [forged, borrowed]],
  ] as const) {
    const file = join(to.folder, `by-hand-${version}.json`)
    writeFileSync(file, sealed({ exportedAt: approve.issuedAt, operators: [], commands }, version))
    expect(await fileOf(to).take(null, { file, passphrase })).toEqual({ taken: commands.length, known: 0 })
  }
  await send(to, far)
  // Each waits behind the one before it, since they are of one case.
  expect(parked(to)).toContainEqual({ name: 'case.move', code: 'ACTOR_UNPROVED' })
  expect(parked(to).every(row => (row as { code: string }).code === 'ACTOR_UNPROVED')).toBe(true)
  const [row] = await centre.sql.query('SELECT status FROM cases WHERE case_id = $1', [caseId])
  expect(row).toEqual({ status: 'awaiting-approval' })
})

/** As the export seals a file, at the least cost that is read. */
function sealed(content: unknown, version: 1 | 2): string {
  const [salt, iv] = [randomBytes(16), randomBytes(12)]
  const head = {
    format: 'zuoxi-unsent',
    version,
    cost: 2 ** 14,
    salt: salt.toString('base64'),
    iv: iv.toString('base64'),
  }
  const cipher = createCipheriv(
    'aes-256-gcm',
    scryptSync(passphrase.normalize('NFKC'), salt, 32, { N: head.cost, r: 8, p: 1 }),
    iv,
  )
  cipher.setAAD(Buffer.from(JSON.stringify(head)))
  const bytes = Buffer.concat([cipher.update(gzipSync(JSON.stringify(content))), cipher.final()])
  return JSON.stringify({
    ...head,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    tag: cipher.getAuthTag().toString('base64'),
    content: bytes.toString('base64'),
  })
}
