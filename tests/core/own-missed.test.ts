/** 本席漏接: what a seat may do without a centre, only where its branch allows it, and what the centre makes of it afterwards. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { CallFacts } from '../../shared/domain/call.ts'
import { seatAt } from '../central/processes.ts'
import { type CallbackCentre, startCallbackCentre, testPolicy } from '../support/callback-centre.ts'
import { tasksOf } from '../support/callback-tasks.ts'
import { until } from '../support/seat-process.ts'
import { TestSeat } from '../sync/seats.ts'

const folder = mkdtempSync(join(tmpdir(), 'zuoxi-own-missed-'))
const seat = new TestSeat()
let centre: CallbackCentre

beforeAll(async () => {
  centre = await startCallbackCentre(folder)
  await centre.publish('1', testPolicy)
  await seat.start()
  await seat.enrol(centre.url, centre.enrolmentCodes[0] ?? '')
  await seat.settled(60_000)
  await seat.signInAtCentre('1001')
}, 180_000)
afterAll(async () => {
  await seat.remove()
  await centre.end()
  rmSync(folder, { recursive: true, force: true })
})

const own = () => seat.core.seat.ownMissed
const at = () => new Date().toISOString()
const facts = (callerNumber: string, calledNumber = '12345'): CallFacts => ({
  originalCallId: null,
  callerNumber,
  calledNumber,
  displayName: null,
  queue: null,
  skill: null,
  dialect: null,
  recordingId: null,
})
type Events = Parameters<TestSeat['core']['seat']['calls']['report']>[0]['events']
const report = (callId: string, ...events: Events) => seat.core.seat.calls.report({ callId, events })
const ended = (
  cause: 'hang-up' | 'cancelled' | 'no-answer',
  sipStatus: number | null = null,
): Events[number] => ({
  type: 'ended',
  at: at(),
  side: 'caller',
  cause,
  sipStatus,
})
const misses = (number: string) =>
  report(`in-${randomUUID()}`, { type: 'offered', at: at(), facts: facts(number) }, ended('cancelled'))
async function dials(numberKey: string): Promise<string> {
  const { number } = await own().dial({ numberKey })
  const callId = `out-${randomUUID()}`
  await report(callId, { type: 'dialled', at: at(), facts: facts('8001', number) })
  await own().dialled({ callId })
  return callId
}
const codeOf = async (work: Promise<unknown>) => {
  try {
    await work
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : String(error)
  }
  return 'none'
}
const offline = () =>
  until(async () => (await seat.core.seat.sync.status({})).centre === 'offline', 60_000, 'the seat to notice')

const [rings, answers, isTaken] = ['19900000411', '19900000412', '19900000413']

it('is off unless the branch’s policy has it, and while the centre can be asked', async () => {
  await misses(rings)
  expect(await own().list({})).toMatchObject({ allowed: false, rows: [] })
  await centre.end('SIGKILL')
  await offline()
  expect(await own().list({})).toMatchObject({ allowed: false, rows: [] })
  expect(await codeOf(own().dial({ numberKey: rings }))).toBe('OFFLINE_CALLBACK_NOT_ALLOWED')

  const again = await centre.again()
  centre = { ...centre, ...again }
  await centre.publish('2', { ...testPolicy, offlineBranches: ['云澜中心'] })
  await misses(rings)
  await misses(answers)
  await misses(isTaken)
  await seat.core.seat.sync.now({})
  await seat.settled(60_000)
  await until(
    async () => (await seat.core.seat.callbacks.list({ show: 'open', limit: 10 })).total === 3,
    60_000,
    'the tasks',
  )
  expect(await own().list({})).toMatchObject({ allowed: false, rows: [] })
  expect(await codeOf(own().dial({ numberKey: rings }))).toBe('OFFLINE_CALLBACK_NOT_ALLOWED')
}, 180_000)

it('calls back its own missed calls under the policy, never what somebody has, and the centre is told of each attempt', async () => {
  // Another seat has one of them in hand when the line goes.
  const { client, headers } = await seatAt(centre.url, centre.enrolmentCodes[1] ?? '')
  const session = await client.sessions.create({ workNumber: '1002', password: 'yanshi-12345' })
  const taskOf = async (number: string) =>
    (await tasksOf(client)).find(({ numberKey }) => numberKey === number)
  const taken = await taskOf(isTaken)
  headers['x-operator-session'] = session.accessToken
  await client.callbacks.claim({ requestId: randomUUID(), taskIds: [taken?.taskId ?? ''] })
  await until(
    async () =>
      (await seat.core.seat.callbacks.list({ show: 'open', limit: 10 })).rows.some(
        ({ state }) => state === 'claimed',
      ),
    60_000,
    'the claim to be known here',
  )
  await centre.end('SIGKILL')
  await offline()
  const listed = async () => {
    const { rows, held } = await own().list({})
    return { rows: rows.map(row => [row.numberKey, row.calls, row.tries, row.ready]), held }
  }
  expect(await own().list({})).toMatchObject({ allowed: true })
  expect((await listed()).rows).toEqual([
    [answers, 1, 0, true],
    [rings, 2, 0, true],
  ])
  expect(await codeOf(own().dial({ numberKey: isTaken }))).toBe('OFFLINE_CALLBACK_NOT_ALLOWED')
  expect(await codeOf(own().dial({ numberKey: '19900000499' }))).toBe('OFFLINE_CALLBACK_NOT_ALLOWED')

  const first = await dials(rings)
  expect(await codeOf(own().dial({ numberKey: answers }))).toBe('CALLBACK_IN_HAND')
  // A core that was killed in the middle knows it still.
  await seat.kill()
  await seat.start()
  // Who sits there proves it again: the secret was in the memory of the core that died.
  await seat.signInAtCentre('1001')
  await report(first, ended('no-answer', 480))
  expect((await listed()).held).toMatchObject({ numberKey: rings, phase: 'ended', proposed: 'no-answer' })
  await own().outcome({ outcome: 'no-answer' })
  await offline()
  expect(await listed()).toEqual({
    rows: [
      [answers, 1, 0, true],
      [rings, 2, 1, false],
    ],
    held: null,
  })
  expect(await codeOf(own().dial({ numberKey: rings }))).toBe('OFFLINE_CALLBACK_NOT_ALLOWED')

  const second = await dials(answers)
  await report(second, { type: 'answered', at: at() })
  expect((await listed()).held).toMatchObject({ phase: 'reached', talking: true })
  await report(second, ended('hang-up'))
  await own().outcome({ outcome: 'nothing-wanted' })
  expect((await listed()).rows.map(([number]) => number)).toEqual([rings])
  // What was never dialled is no attempt.
  expect(await codeOf(own().outcome({ outcome: 'failed' }))).toBe('CALLBACK_NOT_IN_HAND')

  const again = await centre.again()
  centre = { ...centre, ...again }
  await seat.core.seat.sync.now({})
  await seat.settled(60_000)
  const tried = await taskOf(rings)
  expect(tried).toMatchObject({ state: 'open', attempts: 1 })
  expect(await taskOf(answers)).toMatchObject({ state: 'closed', closed: { reason: 'answered' } })
  const history = async (number: string) =>
    (await client.callbacks.get({ taskId: (await taskOf(number))?.taskId ?? '' })).history.map(
      ({ kind }) => kind,
    )
  // Whether its two calls came in one batch or in two is left to the line.
  expect((await history(rings)).filter(kind => kind !== 'missed')).toEqual(['opened', 'offline-attempt'])
  expect(await history(answers)).toEqual(['opened', 'answered', 'offline-attempt'])
}, 180_000)
