/** 互联网受理 at the seat, against a real centre over HTTP whose line can be cut. */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { createServer, type Server } from '../../central/http/server.ts'
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
beforeAll(async () => {
  centre = await startCentre(null)
  await addPeople(centre)
  server = await createServer(centre, null, { requestsPerMinute: 100_000, anonymousPerMinute: 100_000 })
  url = await server.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await server.close()
  await centre.end()
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
  expect(one.seat.drafts.list(one.seat.db)).toHaveLength(1)
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
