/** Enrolling a seat by hand while somebody of its own list is signed in: the session ends, and the centre's people sign in. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createServer, type Server } from '../../central/http/server.ts'
import { addPeople, branch, password, people, startCentre, type TestCentre } from '../central/centre.ts'
import type { CoreProcess } from '../support/core-process.ts'
import { until } from '../support/seat-process.ts'
import { TestSeat } from '../sync/seats.ts'

let centre: TestCentre
let server: Server
let url: string
let seat: TestSeat

beforeAll(async () => {
  centre = await startCentre(null)
  server = await createServer(centre, null, { requestsPerMinute: 100_000, anonymousPerMinute: 100_000 })
  url = await server.listen({ host: '127.0.0.1', port: 0 })
  await addPeople(centre)
}, 300_000)
afterEach(() => seat.remove())
afterAll(async () => {
  await server.close()
  await centre.end()
})

const code = async () => (await centre.devices.enrolmentCode(branch, null)).code
const codeOf = async (run: Promise<unknown>) => {
  try {
    await run
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : String(error)
  }
  return 'none'
}

/** The administrator of the demonstration's list is signed in and has named the centre. */
async function seatBeforeEnrolment() {
  seat = new TestSeat()
  await seat.start()
  const { identity, settings, sync } = seat.core.seat
  await identity.signIn({ operatorId: 'demo-9001' })
  await settings.save({ settings: { centreUrl: url } })
  await until(
    async () =>
      (await sync.status({})).centre === 'connecting' || (await sync.status({})).centre === 'refused',
    10_000,
    'the centre to be known',
  )
  return seat.core
}

it('an enrolment by hand ends the session of whoever the centre does not know', async () => {
  const { seat: own, resume } = await seatBeforeEnrolment()
  const status = () => own.seat.status({})
  await own.drafts.open({ callId: null, callingNumber: '', contactNumber: '19900000101' })
  expect(await codeOf(own.sync.enrol({ code: 'wrong-code' }))).toBe('ENROLMENT_REFUSED')
  expect(await status()).toMatchObject({ operator: { operatorId: 'demo-9001' }, notice: null })

  await own.sync.enrol({ code: await code() })
  expect(await status()).toMatchObject({ operator: null, entry: 'password', notice: 'enrolled' })
  // A core that dies now is followed by one that knows nobody either.
  expect(resume()).toBeNull()
  expect(await codeOf(own.identity.signIn({ operatorId: 'demo-9001' }))).toBe('PASSWORD_NEEDED')

  await own.identity.signInByNumber({ workNumber: people.lead.workNumber, password })
  expect((await status()).notice).toBeNull()
  // The form stays with whoever opened it.
  expect(await own.drafts.list({})).toEqual([])
  expect(await own.drafts.others({})).toEqual({ count: 1 })
  await seat.file('登记之后')
  await seat.settled(30_000)
  expect(await own.sync.items({ limit: 10 })).toEqual([])
  const [filed] = await centre.sql.query<{ operator_id: string }>('SELECT operator_id FROM cases')
  expect(filed?.operator_id).toBe(people.lead.operatorId)
}, 120_000)

const facts = {
  originalCallId: 'o-1',
  callerNumber: '19900000102',
  calledNumber: '12345',
  displayName: null,
  queue: null,
  skill: null,
  dialect: null,
  recordingId: null,
}
const at = () => new Date().toISOString()
const callBegins = ({ seat: { calls } }: CoreProcess) =>
  calls.report({
    callId: 'c-1',
    events: [
      { type: 'offered', at: at(), facts },
      { type: 'answered', at: at() },
    ],
  })
const callEnds = ({ seat: { calls } }: CoreProcess) =>
  calls.report({
    callId: 'c-1',
    events: [{ type: 'ended', at: at(), side: 'caller', cause: 'hang-up', sipStatus: null }],
  })
const here = async ({ seat: { seat: own } }: CoreProcess) =>
  (await own.status({})).operator?.operatorId ?? null

it('during a call an enrolment is refused and its code stays good', async () => {
  const core = await seatBeforeEnrolment()
  await callBegins(core)
  const given = await code()
  expect(await codeOf(core.seat.sync.enrol({ code: given }))).toBe('CALL_IN_PROGRESS')
  expect(await here(core)).toBe('demo-9001')
  await callEnds(core)
  await core.seat.sync.enrol({ code: given })
  expect(await here(core)).toBeNull()
}, 120_000)

it('a call that comes while the centre is asked keeps its operator to its end', async () => {
  const core = await seatBeforeEnrolment()
  const enrolment = core.seat.sync.enrol({ code: await code() })
  await callBegins(core)
  await enrolment
  expect(await here(core)).toBe('demo-9001')
  await callEnds(core)
  await until(async () => (await here(core)) === null, 10_000, 'the session to end')
}, 120_000)
