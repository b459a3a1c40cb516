/** The delivered Kamailio adapter: callers who give up become tasks of a real centre, and a centre that stands still delays nobody. */
import { join } from 'node:path'
import { seatAt } from '../central/processes.ts'
import { type CallbackCentre, startCallbackCentre, testPolicy } from '../support/callback-centre.ts'
import { tasksOf } from '../support/callback-tasks.ts'
import type { Lab } from '../support/lab/lab.ts'
import {
  callAndGiveUp,
  callUntilRefused,
  startRingingPhone,
  startSilentPhone,
} from '../support/lab/udp-phone.ts'
import { expect, test as labTest, until } from './lab-fixture.ts'
import { crowd } from './sipp-scenarios.ts'

const hotline = '12345'

type Ringing = Awaited<ReturnType<typeof startRingingPhone>>
const test = labTest.extend<{ centre: CallbackCentre; ringing: Ringing }>({
  centre: async ({ lab }, use) => {
    const centre = await startCallbackCentre(join(lab.folder, 'centre'), 1, ['--area-code', '0999'])
    try {
      await centre.publish('1', testPolicy)
      await lab.followCentre(centre)
      await use(centre)
    } finally {
      centre.child.kill('SIGCONT')
      await centre.end()
    }
  },
  ringing: async ({ lab, centre: _first }, use) => {
    const phone = await startRingingPhone({
      extension: hotline,
      secret: lab.secret,
      exchangePort: lab.sipPort,
    })
    try {
      await use(phone)
    } finally {
      phone.stop()
    }
  },
})

const settled = (lab: Lab, calls: number) =>
  until(
    () => {
      const log = lab.missedCallsLog()
      return log.length === calls && log.every(({ outcome }) => outcome !== null)
    },
    30_000,
    `${calls} missed calls to be posted`,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${JSON.stringify(lab.missedCallsLog())}\n${lab.exchangeOutput()}`)
  })

/** 60 callers: every way in which each writes its number, and the form that the centre should know it by. */
const callers: { key: string; written: string[]; calls: number }[] = [
  ...Array.from({ length: 40 }, (_, each) => {
    const key = `199000010${String(each).padStart(2, '0')}`
    const written = [key, `+86${key}`, `0086${key}`, `0${key}`, `86${key}`]
    return { key, written, calls: each < 26 ? 4 : 3 }
  }),
  ...Array.from({ length: 8 }, (_, each) => {
    const local = `55501${String(each).padStart(2, '0')}`
    const written = [`0999${local}-801`, `+86999${local}`, local, `0086999${local},12`]
    return { key: `0999${local}`, written, calls: 3 }
  }),
  ...['95588', '95533', '96110', '12320'].map(key => ({ key, written: [key], calls: 3 })),
  ...['+442079460000', '+12025550101', '+81312345678', '+85225550123', '+6565550123'].map(key => ({
    key,
    written: [key, `00${key.slice(1)}`],
    calls: 3,
  })),
  // What is no number is a task by itself each time.
  ...['alice', 'reception', 'x-lite'].map(key => ({ key, written: [key], calls: 1 })),
]

test('200 calls that are given up, from 60 numbers in every way of writing them: 60 tasks, each call counted once', async ({
  lab,
  centre,
  ringing,
}) => {
  const written = callers.flatMap((caller, place) =>
    Array.from(
      { length: caller.calls },
      (_, call) => caller.written[(place + call) % caller.written.length] ?? '',
    ),
  )
  expect([callers.length, written.length]).toEqual([60, 200])
  // Not one caller after the other.
  const lines = written.map((_, each) => written[(each * 77) % 200] ?? '')
  const scenario = crowd('<sip:[field0]@citizens.invalid>', 300)
  const since = performance.now()
  const { code, output } = await lab.sipp('given-up', scenario, hotline, 30, { lines, perSecond: 50 })
  expect(code, output).toBe(0)
  expect(ringing.invites()).toHaveLength(200)
  await settled(lab, 200)
  console.log(`200 calls given up, ${(200_000 / (performance.now() - since)).toFixed(0)}/s, all posted`)

  const { client } = await seatAt(centre.url, centre.enrolmentCodes[0] ?? '')
  const tasks = await tasksOf(client)
  const counted = tasks.map(task => `${task.numberKey ?? task.number} ${task.calls}`).sort()
  expect(counted).toEqual(callers.map(({ key, calls }) => `${key} ${calls}`).sort())
  expect(tasks.filter(({ dialable }) => !dialable)).toHaveLength(3)
})

test('a call that rings out, is refused, or finds nobody is a missed one; one that is answered is none', async ({
  lab,
  centre,
}) => {
  const { secret, sipPort: exchangePort } = lab
  const silent = await startSilentPhone({ extension: '8101', secret, exchangePort })
  try {
    await lab.citizen('8102', { temper: 'busy' })
    await lab.softphone('8103', { answers: true })
    const refused = (number: string, extension: string) =>
      callUntilRefused({ from: `<sip:${number}@citizens.invalid>`, extension, exchangePort })
    expect(
      await Promise.all([
        refused('19900003001', '8101'),
        refused('19900003002', '8102'),
        refused('+869995550123;ext=801', '8104'),
        refused('anonymous', '8104'),
      ]),
    ).toEqual([408, 486, 404, 404])
    const citizen = await lab.softphone('19900003003')
    await citizen.dial('8103')
    await until(
      () => citizen.events().some(({ type }) => type === 'CALL_ESTABLISHED'),
      15_000,
      'the call to be answered',
    )
    await citizen.hangUp()
    await settled(lab, 4)
    const { client } = await seatAt(centre.url, centre.enrolmentCodes[0] ?? '')
    const tasks = await tasksOf(client)
    const listed = tasks.map(({ kind, numberKey, extension, calls }) =>
      [kind, numberKey, extension, calls].join(' '),
    )
    expect(listed.sort()).toEqual([
      'number 09995550123 801 1',
      'number 19900003001  1',
      'number 19900003002  1',
      'withheld   1',
    ])
  } finally {
    silent.stop()
  }
})

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

test('a centre that stands still delays no call; what was missed meanwhile is kept, posted when it is back, and counted once', async ({
  lab,
  centre,
  ringing: _rings,
}) => {
  const calls = async (numbers: readonly string[]) => {
    const times: { ringingMs: number; endedMs: number }[] = []
    for (const number of numbers)
      times.push(
        await callAndGiveUp({
          from: `<sip:${number}@citizens.invalid>`,
          extension: hotline,
          exchangePort: lab.sipPort,
        }),
      )
    return {
      ringing: median(times.map(({ ringingMs }) => ringingMs)),
      ended: median(times.map(({ endedMs }) => endedMs)),
      slowest: Math.max(...times.flatMap(({ ringingMs, endedMs }) => [ringingMs, endedMs])),
    }
  }
  const numbers = Array.from({ length: 60 }, (_, each) => `1990000${String(2_000 + (each % 30))}`)
  const withCentre = await calls(numbers)
  await settled(lab, 60)

  centre.child.kill('SIGSTOP')
  const withoutCentre = await calls(numbers)
  const told = ({ ringing, ended, slowest }: typeof withCentre) =>
    `INVITE → 180 ${ringing.toFixed(2)} ms, CANCEL → 487 ${ended.toFixed(2)} ms, slowest ${slowest.toFixed(1)} ms`
  console.log(`the centre answers: ${told(withCentre)}\nit stands still:    ${told(withoutCentre)}`)
  // A SIP worker that waited for the centre would wait for the five seconds of its time-out.
  expect(withoutCentre.ringing).toBeLessThan(3 * withCentre.ringing + 10)
  expect(withoutCentre.ended).toBeLessThan(3 * withCentre.ended + 10)
  expect(withoutCentre.slowest).toBeLessThan(1_000)
  const waiting = () => lab.missedCallsLog().filter(({ outcome }) => outcome === null).length
  await until(() => lab.missedCallsLog().length === 120, 10_000, 'the log to have all calls')
  expect(waiting()).toBe(60)

  // The exchange is started anew before the centre is back.
  await lab.restartExchange()
  expect(waiting()).toBe(60)
  const since = performance.now()
  centre.child.kill('SIGCONT')
  await settled(lab, 120)
  console.log(
    `60 missed calls posted ${((performance.now() - since) / 1_000).toFixed(1)} s after the centre was back`,
  )
  const { client } = await seatAt(centre.url, centre.enrolmentCodes[0] ?? '')
  const counts = async () =>
    (await tasksOf(client)).map(({ numberKey, calls: count }) => `${numberKey} ${count}`).sort()
  const once = numbers.slice(0, 30).map(number => `${number} 4`)
  expect(await counts()).toEqual(once)

  lab.replayMissedCalls()
  await until(
    () => lab.missedCallsLog().every(({ outcome }) => outcome === 'duplicate'),
    30_000,
    'all calls to be posted once more',
  )
  expect(await counts()).toEqual(once)
})
