/** Callbacks at real seats, with a real centre beside them: claimed by one, dialled under a fence, told, and kept through a kill. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { CallFacts } from '../../shared/domain/call.ts'
import { parseCallbackToken } from '../../shared/domain/callback-dial.ts'
import { type CallbackCentre, startCallbackCentre, testPolicy } from '../support/callback-centre.ts'
import { until } from '../support/seat-process.ts'
import { TestSeat } from '../sync/seats.ts'

const folder = mkdtempSync(join(tmpdir(), 'zuoxi-callbacks-'))
const seats = [new TestSeat(), new TestSeat()] as const
const [mine, lead] = seats
let centre: CallbackCentre

beforeAll(async () => {
  centre = await startCallbackCentre(folder)
  await centre.publish('1', testPolicy)
  for (const [index, seat] of seats.entries()) {
    await seat.start()
    await seat.enrol(centre.url, centre.enrolmentCodes[index] ?? '')
    await until(async () => (await statusOf(seat)).centre === 'online', 60_000, 'the seat to be online')
    await seat.signInAtCentre(index === 0 ? '1001' : '1002')
  }
}, 180_000)
afterAll(async () => {
  for (const seat of seats) await seat.remove()
  await centre.end()
  rmSync(folder, { recursive: true, force: true })
})

const statusOf = (seat: TestSeat) => seat.core.seat.sync.status({})
const callbacks = (seat: TestSeat) => seat.core.seat.callbacks
const listOf = (seat: TestSeat, show: 'open' | 'closed' = 'open') =>
  callbacks(seat).list({ show, limit: 500 })
const rowOf = async (seat: TestSeat, taskId: string) => {
  const both = [...(await listOf(seat)).rows, ...(await listOf(seat, 'closed')).rows]
  return both.find(row => row.taskId === taskId)
}
let numbers = 0
/** A number of its own for each test. */
beforeEach(() => {
  numbers += 1
})
const numberNow = () => `1990000${String(1_000 + numbers)}`

/** A task of one missed call that both seats know. */
async function missed(number = numberNow(), more: object = {}): Promise<string> {
  const [result] = await centre.miss({ originalCallId: randomUUID(), number, ...more })
  const taskId = result?.outcome === 'rejected' ? null : (result?.taskId ?? null)
  if (taskId === null) throw new Error(`no task: ${JSON.stringify(result)}`)
  for (const seat of seats)
    await until(async () => (await rowOf(seat, taskId))?.state === 'open', 60_000, 'the task to arrive')
  return taskId
}
const codeOf = async (work: Promise<unknown>) => {
  try {
    await work
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : String(error)
  }
  return 'none'
}
async function claimed(seat: TestSeat, taskId: string) {
  const answer = await callbacks(seat).claim({ taskId })
  if (answer.outcome !== 'granted') throw new Error(JSON.stringify(answer.passed))
  return answer.held
}
const facts = (number: string): CallFacts => ({
  originalCallId: null,
  callerNumber: '8001',
  calledNumber: number,
  displayName: null,
  queue: null,
  skill: null,
  dialect: null,
  recordingId: null,
})
const at = () => new Date().toISOString()
const report = (seat: TestSeat, callId: string, ...events: Parameters<typeof reportOf>[2]) =>
  reportOf(seat, callId, events)
const reportOf = (
  seat: TestSeat,
  callId: string,
  events: Parameters<TestSeat['core']['seat']['calls']['report']>[0]['events'],
) => seat.core.seat.calls.report({ callId, events })
async function dialled(seat: TestSeat, taskId: string): Promise<string> {
  const { number } = await callbacks(seat).dialling({ taskId })
  const callId = `call-${randomUUID()}`
  await report(seat, callId, { type: 'dialled', at: at(), facts: facts(number) })
  await callbacks(seat).dialled({ taskId, callId })
  return callId
}
const stateAt = (seat: TestSeat, taskId: string, state: string) =>
  until(async () => (await rowOf(seat, taskId))?.state === state, 60_000, `the task to be ${state}`)

it('two seats that claim one task: one has it, the other is told who; its number is shown to the one alone', async () => {
  const number = numberNow()
  const taskId = await missed(number)
  const [one, two] = await Promise.all(seats.map(seat => callbacks(seat).claim({ taskId })))
  const winner = one?.outcome === 'granted' ? mine : lead
  const [granted, refused] = winner === mine ? [one, two] : [two, one]
  expect(granted).toMatchObject({
    outcome: 'granted',
    held: { phase: 'claimed', row: { numberKey: number } },
  })
  expect(refused).toMatchObject({
    outcome: 'none',
    passed: [
      { taskId, code: 'CALLBACK_HELD', heldBy: { operatorName: winner === mine ? '林晓岚' : '周伯安' } },
    ],
  })
  expect(await codeOf(callbacks(winner).claim({ taskId: null }))).toBe('CALLBACK_IN_HAND')
  const other = winner === mine ? lead : mine
  await stateAt(other, taskId, 'claimed')
  const shown = await rowOf(other, taskId)
  expect(shown).toMatchObject({ heldBy: winner === mine ? '林晓岚' : '周伯安', numberKey: null })
  expect(shown?.number).not.toContain(number.slice(3, 7))
  await callbacks(winner).decline({ taskId, reason: '' })
  expect(await callbacks(winner).held({})).toBeNull()
  await stateAt(other, taskId, 'open')
  expect((await rowOf(other, taskId))?.attempts).toBe(0)
})

it('is dialled under its fence, closed by the answer, and says what came of the conversation', async () => {
  const number = numberNow()
  const taskId = await missed(number)
  await claimed(mine, taskId)
  const dial = await callbacks(mine).dialling({ taskId })
  expect(dial.number).toBe(number)
  expect(dial.header.name).toBe('X-Zuoxi-Callback')
  expect(parseCallbackToken(dial.header.value)).toMatchObject({ taskId, fence: 1 })
  expect(dial.secondsLeft).toBeGreaterThan(dial.neededSeconds)
  expect(await codeOf(callbacks(mine).decline({ taskId, reason: '' }))).toBe('CALLBACK_DIALLING')
  const callId = `call-${randomUUID()}`
  await report(
    mine,
    callId,
    { type: 'dialled', at: at(), facts: facts(number) },
    { type: 'answered', at: at() },
  )
  await callbacks(mine).dialled({ taskId, callId })
  await stateAt(lead, taskId, 'closed')
  expect(await callbacks(mine).held({})).toMatchObject({ phase: 'reached', talking: true, callId })
  await report(mine, callId, { type: 'ended', at: at(), side: 'caller', cause: 'hang-up', sipStatus: null })
  expect(await callbacks(mine).held({})).toMatchObject({ phase: 'reached', talking: false })
  const told = await callbacks(mine).outcome({ taskId, outcome: 'nothing-wanted', note: '已解决' })
  expect(told).toEqual({ delivered: true })
  await until(
    async () => (await rowOf(lead, taskId))?.closed?.outcome === 'nothing-wanted',
    60_000,
    'the outcome to be known',
  )
  const history = await callbacks(lead).history({ taskId })
  expect(history.map(({ kind }) => kind)).toEqual(['opened', 'claimed', 'dialling', 'outcome', 'concluded'])
  expect(history.at(-1)?.operatorName).toBe('林晓岚')
})

it('proposes what SIP said, tries again later, and a case that is filed from the conversation belongs to the task', async () => {
  const taskId = await missed()
  await claimed(mine, taskId)
  const busy = await dialled(mine, taskId)
  await report(mine, busy, { type: 'ended', at: at(), side: 'exchange', cause: 'busy', sipStatus: 486 })
  expect(await callbacks(mine).held({})).toMatchObject({ phase: 'ended', proposed: 'busy' })
  await callbacks(mine).outcome({ taskId, outcome: 'no-answer', note: '' })
  await until(async () => (await rowOf(lead, taskId))?.attempts === 1, 60_000, 'the attempt to be known')
  expect(await rowOf(lead, taskId)).toMatchObject({
    state: 'open',
    ready: false,
    lastTry: { outcome: 'no-answer', operatorName: '林晓岚' },
    reasons: expect.arrayContaining([expect.objectContaining({ kind: 'waits', because: 'spacing' })]),
  })
  expect(await callbacks(mine).claim({ taskId })).toMatchObject({ passed: [{ code: 'CALLBACK_NOT_YET' }] })

  const second = await missed(`${numberNow().slice(0, -1)}9`)
  await claimed(mine, second)
  const callId = await dialled(mine, second)
  await report(mine, callId, { type: 'answered', at: at() })
  const { draftId, fields } = await mine.core.seat.drafts.open({
    callId,
    callingNumber: '',
    contactNumber: numberNow(),
  })
  const { caseId } = await mine.core.seat.cases.submit({
    draftId,
    fields: { ...fields, content: '路灯不亮', disposition: 'accept' },
  })
  await until(
    async () => (await rowOf(lead, second))?.closed?.outcome === 'case-filed',
    60_000,
    'the case to be known',
  )
  expect(caseId).not.toBe('')
  expect(await callbacks(mine).held({})).toBeNull()
})

it('a core that was killed has its task still, and goes on under the same fence', async () => {
  const taskId = await missed()
  const before = await claimed(mine, taskId)
  await mine.kill()
  await mine.start()
  const after = await callbacks(mine).held({})
  expect(after).toMatchObject({ phase: 'claimed', row: { taskId, numberKey: before.row.numberKey } })
  expect(after?.secondsLeft).toBeLessThanOrEqual(before.secondsLeft)
  await until(async () => (await statusOf(mine)).centre === 'online', 60_000, 'the seat to be online')
  const { header } = await callbacks(mine).dialling({ taskId })
  expect(parseCallbackToken(header.value)).toMatchObject({ taskId, fence: 1 })
  // What the citizen asks for: later.
  const later = new Date(Date.now() + 3_600_000).toISOString()
  await callbacks(mine).reschedule({ taskId, at: later, note: '下班后' })
  expect(await rowOf(mine, taskId)).toMatchObject({ state: 'open', attempts: 0, preferred: { at: later } })
  expect(await callbacks(mine).held({})).toBeNull()
})

it('supervisors take over, assign, release and remove; others may not; what was closed can be undone', async () => {
  const taskId = await missed()
  await claimed(mine, taskId)
  expect(await codeOf(callbacks(mine).takeOver({ taskId }))).toBe('FORBIDDEN')
  expect(await codeOf(callbacks(mine).figures({ from: at(), to: at() }))).toBe('FORBIDDEN')
  expect(await callbacks(lead).takeOver({ taskId })).toMatchObject({ phase: 'claimed' })
  await until(
    async () => (await callbacks(mine).held({}))?.phase === 'lapsed',
    60_000,
    'the seat to hear that it has lost the task',
  )
  expect(await codeOf(callbacks(mine).dialling({ taskId }))).toBe('FENCE_STALE')
  await callbacks(mine).putAway({ taskId })
  await callbacks(lead).decline({ taskId, reason: '' })
  await callbacks(lead).assign({ taskId, operatorId: 'demo-1002' })
  await until(async () => (await rowOf(mine, taskId))?.othersFirstUntil != null, 60_000, 'the assignment')
  expect(await callbacks(mine).claim({ taskId })).toMatchObject({
    passed: [{ code: 'CALLBACK_OTHERS_FIRST' }],
  })
  await callbacks(lead).remove({ taskId, reason: '市民已当面答复' })
  await stateAt(mine, taskId, 'closed')
  expect(await codeOf(callbacks(mine).undo({ taskId, reason: '误删' }))).toBe('FORBIDDEN')
  await callbacks(lead).undo({ taskId, reason: '误删' })
  await stateAt(mine, taskId, 'open')
  const from = new Date(Date.now() - 3_600_000).toISOString()
  const figures = await callbacks(lead).figures({ from, to: new Date(Date.now() + 60_000).toISOString() })
  expect(figures).toMatchObject({ reached: 2, reachedOnFirstTry: 2 })
  expect(figures.open).toBeGreaterThan(0)
})

it('another policy is one publication: every task is ordered by it; withheld calls are counted and cannot be claimed', async () => {
  const taskId = await missed(numberNow(), { note: '家里煤气泄漏' })
  await centre.miss(
    { originalCallId: randomUUID(), number: null, withheld: true },
    { originalCallId: randomUUID(), number: 'anonymous' },
  )
  await until(async () => (await listOf(mine)).counts.withheldCalls === 2, 60_000, 'withheld calls')
  const { rows, counts } = await listOf(mine)
  expect(rows[0]).toMatchObject({
    taskId,
    reasons: expect.arrayContaining([expect.objectContaining({ word: '煤气' })]),
  })
  expect(counts).toMatchObject({ notDialable: 2 })
  await centre.publish('2', { ...testPolicy, urgentWords: [], attempts: 7 })
  await until(async () => (await listOf(mine)).policy.attempts === 7, 60_000, 'the policy')
  const again = (await listOf(mine)).rows.find(row => row.taskId === taskId)
  expect(again?.reasons.some(({ kind }) => kind === 'urgent-word')).toBe(false)
})

it('without the centre nothing is claimed, the list stays with its age, and a result is told when it is back', async () => {
  const taskId = await missed()
  await claimed(mine, taskId)
  const callId = await dialled(mine, taskId)
  await centre.end('SIGKILL')
  await until(async () => !(await listOf(mine)).online, 60_000, 'the seat to notice')
  const { rows, asOf } = await listOf(mine)
  expect(rows.length).toBeGreaterThan(0)
  expect(Date.parse(asOf ?? '')).toBeLessThanOrEqual(Date.now())
  await report(mine, callId, { type: 'answered', at: at() })
  await report(mine, callId, { type: 'ended', at: at(), side: 'caller', cause: 'hang-up', sipStatus: null })
  expect(await callbacks(mine).outcome({ taskId, outcome: 'nothing-wanted', note: '' })).toEqual({
    delivered: false,
  })
  expect(await callbacks(mine).held({})).toBeNull()
  expect(await codeOf(callbacks(mine).claim({ taskId: null }))).toBe('CENTRE_UNREACHABLE')
  const again = await centre.again()
  try {
    await mine.core.seat.sync.now({})
    await mine.settled(60_000)
    await until(
      async () => (await rowOf(mine, taskId))?.closed?.outcome === 'nothing-wanted',
      60_000,
      'the result to arrive',
    )
  } finally {
    await again.end()
  }
}, 120_000)
