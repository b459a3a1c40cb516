/** Callbacks over a real exchange and a real centre: closed by a conversation, claimed by one seat, never dialled too late. */
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { formatSip, parseSip } from '../../exchange/sip-message.ts'
import { callbackHeader, parseCallbackToken } from '../../shared/domain/callback-dial.ts'
import type { CallbackPolicy } from '../../shared/domain/callback-policy.ts'
import { seatAt } from '../central/processes.ts'
import { enrolAt } from '../e2e/with-centre.ts'
import { type CallbackCentre, startCallbackCentre, testPolicy } from '../support/callback-centre.ts'
import { tasksOf } from '../support/callback-tasks.ts'
import type { Lab } from '../support/lab/lab.ts'
import { startTcpLine } from '../support/tcp-line.ts'
import { TestSeat } from '../sync/seats.ts'
import { expect, type Seat, seatExtension, until } from './lab-fixture.ts'
import { test as lineTest, start } from './line-fixture.ts'

/** Claims that are over soon. */
const shortPolicy: CallbackPolicy = { ...testPolicy, leaseSeconds: 10, inviteSecondsLeft: 1 }

const test = lineTest.extend<{ centre: CallbackCentre }>({
  centre: async ({ lab }, use) => {
    const centre = await startCallbackCentre(join(lab.folder, 'centre'), 3)
    try {
      await lab.followCentre(centre)
      await use(centre)
    } finally {
      centre.child.kill('SIGCONT')
      await centre.end()
    }
  },
})

const list = (seat: Seat) => seat.region('回拨列表')
const hand = (seat: Seat) => seat.region('回拨任务')
const claimKey = (seat: Seat) => list(seat).getByRole('button', { name: '领取', exact: true })
const rowOf = (seat: Seat, end: string) =>
  list(seat)
    .getByRole('row')
    .filter({ hasText: `199****${end}` })

async function otherSeat(centre: CallbackCentre): Promise<TestSeat> {
  const other = new TestSeat()
  await other.start()
  await other.enrol(centre.url, centre.enrolmentCodes[1] ?? '', 'demo-1002')
  await other.settled(60_000)
  await other.signInAtCentre('1002')
  return other
}
const openAt = async (other: TestSeat) =>
  (await other.core.seat.callbacks.list({ show: 'open', limit: 10 })).rows

/** A citizen rings the seat and gives up, so many times. */
async function givesUp(seat: Seat, lab: Lab, number: string, times: number) {
  const citizen = await lab.softphone(number)
  await seat.page.keyboard.press('Alt+1')
  for (let each = 0; each < times; each += 1) {
    await citizen.dial(seatExtension)
    await expect(seat.button('接听')).toBeVisible()
    await citizen.hangUp()
    await expect(seat.button('接听')).toBeHidden()
  }
  return citizen
}

test('a call that the seat and the exchange both saw is one; of two seats one gets the task; a call that is answered closes it everywhere', async ({
  seat,
  lab,
  line,
  centre,
}) => {
  test.setTimeout(240_000)
  await centre.publish('1', testPolicy)
  await start(seat, lab, line)
  await enrolAt(seat, centre.url, centre.enrolmentCodes[0] ?? '')
  const other = await otherSeat(centre)
  try {
    const citizen = await givesUp(seat, lab, '19900000321', 2)
    await until(() => lab.missedCallsLog().length === 2, 10_000, 'the exchange to have both')
    await seat.page.keyboard.press('Alt+b')
    const row = rowOf(seat, '0321')
    await expect(row).toContainText('2 次', { timeout: 30_000 })
    await until(async () => (await openAt(other))[0]?.calls === 2, 30_000, 'the task at the other seat')
    await until(
      () => lab.missedCallsLog().every(({ outcome }) => outcome !== null),
      30_000,
      'the exchange to have posted both',
    )
    const tasks = await openAt(other)
    expect(tasks.map(({ calls }) => calls)).toEqual([2])
    const taskId = tasks[0]?.taskId ?? ''

    await row.getByRole('button').click()
    const [theirs] = await Promise.all([other.core.seat.callbacks.claim({ taskId }), claimKey(seat).click()])
    if (theirs.outcome === 'granted') {
      await expect(list(seat).getByRole('alert').filter({ hasText: '周伯安 已领取' })).toBeVisible()
      await other.core.seat.callbacks.decline({ taskId, reason: '' })
    } else {
      expect(theirs.passed[0]?.heldBy?.operatorName).toBe('林晓岚')
      await expect(hand(seat)).toContainText('领取剩余')
      await seat.page.keyboard.press('Alt+x')
    }
    await expect(row).toContainText('待领取', { timeout: 30_000 })
    await until(async () => (await openAt(other))[0]?.state === 'open', 30_000, 'it to be free again')

    await seat.page.keyboard.press('Alt+1')
    await citizen.dial(seatExtension)
    await expect(seat.button('接听')).toBeVisible()
    const since = performance.now()
    const after = () => Math.round(performance.now() - since)
    await seat.page.keyboard.press('F2')
    await seat.page.keyboard.press('Alt+b')
    const closed = await Promise.all([
      until(async () => (await openAt(other)).length === 0, 10_000, 'the other seat to know').then(after),
      expect(row).toHaveCount(0, { timeout: 10_000 }).then(after),
    ])
    console.log(`answered → closed at the other seat ${closed[0]} ms, on this seat's page ${closed[1]} ms`)
    await citizen.hangUp()
    const done = await other.core.seat.callbacks.list({ show: 'closed', limit: 10 })
    expect(done.rows.map(each => [each.taskId, each.closed?.reason])).toEqual([[taskId, 'answered']])
  } finally {
    await other.remove()
  }
})

/** One INVITE by hand, as a seat would send it; the exchange's final answer, or 180. */
async function inviteWith(lab: Lab, tokens: readonly string[]): Promise<number> {
  const socket = new WebSocket(lab.wsUrl, 'sip')
  await new Promise(resolve => socket.once('open', resolve))
  const id = Math.random().toString(36).slice(2)
  const answer = new Promise<number>(resolve =>
    socket.on('message', data => {
      const { status } = parseSip(String(data)) ?? { status: null }
      if (status !== null && status > 100) resolve(status)
    }),
  )
  socket.send(
    formatSip({
      startLine: 'INVITE sip:19900000329@127.0.0.1 SIP/2.0',
      method: 'INVITE',
      requestUri: 'sip:19900000329@127.0.0.1',
      status: null,
      headers: [
        ['Via', `SIP/2.0/WS seat.invalid;branch=z9hG4bK${id}`],
        ['Max-Forwards', '70'],
        ['From', `<sip:${seatExtension}@127.0.0.1>;tag=${id}`],
        ['To', '<sip:19900000329@127.0.0.1>'],
        ['Call-ID', id],
        ['CSeq', '1 INVITE'],
        ['Contact', '<sip:seat@seat.invalid;transport=ws>'],
        ...tokens.map((token): [string, string] => [callbackHeader, token]),
      ],
      body: '',
    }),
  )
  const status = await answer
  socket.close()
  return status
}

test('the exchange lets a callback through under its newest claim alone, and before its time is over', async ({
  lab,
  centre: _posted,
}) => {
  const citizen = await lab.citizen('19900000329', { temper: 'busy' })
  const soon = Math.floor(Date.now() / 1_000) + 60
  const statuses: number[] = []
  for (const tokens of [
    [],
    [`task-1;fence=2;until=${soon}`],
    // The same claim once more: a first INVITE that did not arrive.
    [`task-1;fence=2;until=${soon}`],
    [`task-1;fence=1;until=${soon}`],
    [`task-1;fence=3;until=${soon - 61}`],
    [`task-2;fence=1;until=${soon}`],
    ['task-1;fence=9'],
    [`task-1;fence=9;until=${soon}`, `task-1;fence=9;until=${soon}`],
    [`task-1;fence=3;until=${soon}`],
    [`task-1;fence=2;until=${soon}`],
  ])
    statuses.push(await inviteWith(lab, tokens))
  expect(statuses).toEqual([486, 486, 486, 412, 412, 486, 400, 400, 486, 412])
  expect(citizen.invites()).toHaveLength(5)
  expect(citizen.invites().join('')).not.toContain(callbackHeader)
})

test('an INVITE that is under way for longer than its claim rings nobody', async ({
  seat,
  lab,
  line,
  centre,
}) => {
  test.setTimeout(180_000)
  await centre.publish('1', shortPolicy)
  await start(seat, lab, line)
  await enrolAt(seat, centre.url, centre.enrolmentCodes[0] ?? '')
  const citizen = await lab.citizen('19900000322')
  await centre.miss({ originalCallId: 'late', number: '19900000322' })
  await seat.page.keyboard.press('Alt+b')
  await expect(rowOf(seat, '0322')).toBeVisible({ timeout: 30_000 })
  await seat.page.keyboard.press('Alt+l')
  await expect(hand(seat)).toContainText('199 0000 0322')
  const held = line.holdBack('up', /^INVITE /)
  await seat.page.keyboard.press('Alt+h')
  const goOn = await held
  const sent = line.messages.findLast(({ text }) => text.startsWith('INVITE '))?.text ?? ''
  const token = parseCallbackToken(new RegExp(`${callbackHeader}: (.*)`).exec(sent)?.[1] ?? '')
  if (token === null) throw new Error(`the INVITE has no token: ${sent}`)
  await until(() => Date.now() > token.until + 1_000, 60_000, 'the claim to be over')
  goOn()
  await until(
    () => line.messages.some(({ direction, text }) => direction === 'down' && text.startsWith('SIP/2.0 412')),
    10_000,
    'the exchange to refuse it',
  )
  await expect(hand(seat)).toContainText('没有接通')
  expect(citizen.invites()).toHaveLength(0)
})

test('a core that is stopped between the centre’s word and the INVITE, and woken later, dials nobody', async ({
  seat,
  lab,
  line,
  centre,
}) => {
  test.setTimeout(180_000)
  await centre.publish('1', shortPolicy)
  const toCentre = await startTcpLine({ port: Number(new URL(centre.url).port) })
  await start(seat, lab, line)
  await enrolAt(seat, `http://127.0.0.1:${toCentre.port}`, centre.enrolmentCodes[0] ?? '')
  const citizen = await lab.citizen('19900000323')
  const { client } = await seatAt(centre.url, centre.enrolmentCodes[2] ?? '')
  const task = async () => (await tasksOf(client))[0]
  await centre.miss({ originalCallId: 'stopped', number: '19900000323' })
  await seat.page.keyboard.press('Alt+b')
  await expect(rowOf(seat, '0323')).toBeVisible({ timeout: 30_000 })
  await seat.page.keyboard.press('Alt+l')
  await expect(hand(seat)).toContainText('199 0000 0323')

  const core = seat.process.ready.pids['core'] ?? 0
  expect(core).toBeGreaterThan(0)
  toCentre.holdAnswers()
  try {
    await seat.page.keyboard.press('Alt+h')
    // The centre has said yes, and its word is under way to the core, which stands still now.
    await until(async () => (await task())?.state === 'dialling', 10_000, 'the centre to have said yes')
    process.kill(core, 'SIGSTOP')
    toCentre.letAnswersGo()
    await until(async () => (await task())?.state === 'uncertain', 60_000, 'the claim to be over')
  } finally {
    process.kill(core, 'SIGCONT')
  }
  await expect(seat.page.getByRole('alert').filter({ hasText: '没有' })).toBeVisible({ timeout: 30_000 })
  expect(line.messages.filter(({ text }) => text.startsWith('INVITE '))).toEqual([])
  expect(citizen.invites()).toHaveLength(0)
  expect((await task())?.state).toBe('uncertain')
  await toCentre.close()
})
