/** 互联网受理 at the seat, against a real centre over HTTP whose line can be cut. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { createFiles } from '../../central/files/files.ts'
import { createServer, type Server } from '../../central/http/server.ts'
import { checked } from '../../electron/core/attachments/from-centre.ts'
import { createIntake, type Intake } from '../../electron/core/intake/intake.ts'
import { type CentreClient, createCentreClient } from '../../electron/core/sync/centre-client.ts'
import type { Operator } from '../../shared/domain/operator.ts'
import {
  addPeople,
  type Seat as CentreSeat,
  enrol,
  password,
  people,
  startCentre,
  type TestCentre,
} from '../central/centre.ts'
import { clientOf } from '../central/processes.ts'
import { filled, type SeatParts, seatParts } from '../support/seat-parts.ts'

let centre: TestCentre
let server: Server
let url: string
const folder = mkdtempSync(join(tmpdir(), 'zuoxi-intake-'))
beforeAll(async () => {
  centre = await startCentre(null)
  await addPeople(centre)
  server = await createServer(centre, folder, { requestsPerMinute: 100_000, anonymousPerMinute: 100_000 })
  url = await server.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await server.close()
  await centre.end()
  rmSync(folder, { recursive: true, force: true })
})

type Desk = { seat: SeatParts; intake: Intake; operator: Operator; line: { cut: boolean } }
const desks: Desk[] = []

async function desk(name: string, person: 'agent' | 'colleague'): Promise<Desk> {
  const seat = seatParts(name)
  const enrolled: CentreSeat = await enrol(centre)
  const { accessToken: token } = await centre.devices.token(enrolled.credential)
  const bearer = { authorization: `Bearer ${token}` }
  const { accessToken: operatorSession } = await clientOf(url, () => bearer).sessions.create({
    workNumber: people[person].workNumber,
    password,
  })
  const line = { cut: false }
  const client: CentreClient = createCentreClient(async ({ method, path, headers, body }) => {
    if (line.cut) throw new Error('cut')
    const response = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(body === null ? {} : { body: Buffer.from(body) }),
    })
    return { status: response.status, headers: {}, text: await response.text() }
  })
  const intake = createIntake({
    store: { db: seat.read, write: seat.write },
    drafts: seat.drafts,
    cases: seat.cases,
    audit: seat.audit,
    contentAt: (path, attachment) =>
      checked(
        attachment,
        (async function* () {
          const response = await fetch(`${url}${path}`, {
            headers: { ...bearer, 'x-operator-session': operatorSession },
          })
          if (!response.ok) throw new Error(`answered ${response.status}`)
          yield new Uint8Array(await response.arrayBuffer())
        })(),
      ),
    changed: () => {},
    centre: {
      asOperator: ({ method, path, body }, output) =>
        client.ask(method, path, output, {
          ...(body === undefined ? {} : { body }),
          token,
          operatorSession,
        }),
    },
    divisionCode: () => '',
  })
  const made = { seat, intake, operator: seat.person(people[person].operatorId), line }
  desks.push(made)
  return made
}
let one: Desk
let two: Desk
beforeEach(async () => {
  one = await desk('one', 'agent')
  two = await desk('two', 'colleague')
})
afterEach(() => {
  for (const { seat } of desks.splice(0)) seat.close()
})

const post = async (content = '路灯不亮') => {
  const { intakeId } = await centre.intake.post('小程序', randomUUID(), {
    name: '王女士',
    phone: '19900000001',
    kind: null,
    title: '',
    content,
    place: '河东路',
    confidential: true,
    replyWanted: true,
  })
  return intakeId
}
const listed = async ({ intake, operator }: Desk, intakeId: string) =>
  (await intake.list(operator)).find(item => item.intakeId === intakeId)

it('a claimed item becomes a form, once, and nobody else gets it', async () => {
  const intakeId = await post()
  const draft = await one.intake.claim(one.operator, intakeId)
  expect(draft.fields).toMatchObject({
    callerName: '王女士',
    contactNumber: '19900000001',
    content: '路灯不亮',
    place: '河东路',
    confidential: true,
  })
  expect((await one.intake.claim(one.operator, intakeId)).draftId).toBe(draft.draftId)
  expect(one.seat.drafts.list(one.seat.db, one.operator.operatorId)).toHaveLength(1)
  await expect(two.intake.claim(two.operator, intakeId)).rejects.toMatchObject({ code: 'INTAKE_HELD' })
  expect(await listed(two, intakeId)).toMatchObject({ heldBy: { operatorId: people.agent.operatorId } })
})

it('what was filed without a line is told to the centre once there is one', async () => {
  const intakeId = await post()
  const draft = await one.intake.claim(one.operator, intakeId)
  one.line.cut = true
  one.seat.write(db => one.seat.cases.submit(db, one.operator, { draftId: draft.draftId, fields: filled() }))
  await one.intake.settle(one.operator)
  await expect(one.intake.list(one.operator)).rejects.toMatchObject({ code: 'CENTRE_UNREACHABLE' })
  expect(await listed(two, intakeId)).toBeDefined()
  one.line.cut = false
  expect(await listed(one, intakeId)).toBeUndefined()
  expect(await listed(two, intakeId)).toBeUndefined()
  await expect(two.intake.claim(two.operator, intakeId)).rejects.toMatchObject({ code: 'INTAKE_CLOSED' })
  expect(one.seat.db.prepare('SELECT count(*) FROM intake_draft').pluck().get()).toBe(0)
})

it('a form that is given up gives the item back; one that is dropped is gone for all', async () => {
  const intakeId = await post()
  const draft = await one.intake.claim(one.operator, intakeId)
  one.seat.write(db => one.seat.drafts.discard(db, one.operator.operatorId, draft.draftId))
  expect((await listed(one, intakeId))?.heldBy).toBeNull()
  await two.intake.drop(intakeId, '广告')
  expect(await listed(one, intakeId)).toBeUndefined()
})

it('the files of an item are looked at while its form is open, and are the case’s in the moment it is filed', async () => {
  const content = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), randomBytes(5_000)])
  const files = createFiles(centre.context, folder, 1_000_000)
  const spooled = await files.spool(Readable.from([content]), new AbortController().signal)
  const attachmentId = randomUUID()
  await files.add(centre.sql, spooled, attachmentId, { channel: '小程序' })
  const sha256 = createHash('sha256').update(content).digest('hex')
  const { intakeId } = await centre.intake.post(
    '小程序',
    randomUUID(),
    {
      name: '',
      phone: '19900000001',
      kind: null,
      title: '',
      content: '路灯不亮',
      place: '',
      confidential: false,
      replyWanted: true,
    },
    [{ attachmentId, name: '路灯.jpg', sha256 }],
  )
  expect((await listed(one, intakeId))?.attachments).toBe(1)
  const { draftId } = await one.intake.claim(one.operator, intakeId)
  const file = {
    attachmentId,
    name: '路灯.jpg',
    mediaType: 'image/jpeg',
    bytes: content.length,
    sha256,
    addedBy: { name: '小程序' },
  }
  expect(one.intake.files(one.seat.db, one.operator, draftId)).toEqual([file])
  const read = async (wanted: string) => {
    const pieces: Uint8Array[] = []
    for await (const piece of one.intake.readFile(one.operator, { draftId, attachmentId: wanted }))
      pieces.push(piece.content)
    return Buffer.concat(pieces)
  }
  expect((await read(attachmentId)).equals(content)).toBe(true)
  await expect(read(randomUUID())).rejects.toMatchObject({ code: 'ATTACHMENT_NOT_FOUND' })

  one.line.cut = true
  const submit = () =>
    one.seat.write(db => {
      const { caseId } = one.seat.cases.submit(db, one.operator, { draftId, fields: filled() })
      one.intake.filed(db, one.operator, caseId)
    })
  submit()
  submit()
  expect(one.seat.cases.attachments(one.seat.db, one.operator, draftId)).toEqual([file])
  const commands = one.seat.db
    .prepare('SELECT name, args FROM outbox WHERE case_id = ? ORDER BY seq')
    .all(draftId) as { name: string; args: string }[]
  expect(commands.map(({ name }) => name)).toEqual(['case.create', 'case.attach'])
  expect(JSON.parse(commands[1]?.args ?? '')).toMatchObject({ attachment: file })
  expect(one.intake.files(one.seat.db, one.operator, draftId)).toEqual([file])
  one.line.cut = false
  await one.intake.settle(one.operator)
  expect(one.intake.files(one.seat.db, one.operator, draftId)).toEqual([])
  expect(one.seat.cases.attachments(one.seat.db, one.operator, draftId)).toEqual([file])
})
