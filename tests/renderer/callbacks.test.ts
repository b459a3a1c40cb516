/** A callback is told before it is rung, rung only in time, and what was not rung is told too; reasons and times in words. */
import { expect, it } from 'vitest'
import type { Bridge } from '../../renderer/bridge/bridge.ts'
import { fromInput, toInput } from '../../renderer/features/callbacks/CallbackDialogs.tsx'
import { dialCallback } from '../../renderer/features/callbacks/callback-work.ts'
import {
  type CallbackSay,
  saySpan,
  stateOf,
  whyHere,
} from '../../renderer/features/callbacks/callbacks-text.ts'
import type { DialOptions } from '../../renderer/phone/phone.ts'
import type { CallbackRow } from '../../shared/contract/seat-callbacks.ts'

const header = { name: 'X-Zuoxi-Callback', value: 'task-1;fence=3;until=1' }

/** The phone asks whether it may go after so many milliseconds of each clock. */
function dialling(secondsLeft: number, elapsed: { monotonic: number; wall: number }) {
  const said: string[] = []
  let at = { monotonic: 1_000, wall: 1_000_000 }
  const seat = {
    callbacks: {
      dialling: async () => {
        said.push('dialling')
        at = { monotonic: at.monotonic + elapsed.monotonic, wall: at.wall + elapsed.wall }
        return { number: '19900000001', header, secondsLeft, neededSeconds: 10 }
      },
      dialled: async ({ callId }: { callId: string }) => void said.push(`dialled ${callId}`),
      outcome: async ({ outcome }: { outcome: string }) => void said.push(`outcome ${outcome}`),
    },
  }
  const phone = {
    dial: async (number: string, options: DialOptions = {}) => {
      if (options.mayGo?.() !== true) throw new Error('剩下的时间不够，没有拨出')
      said.push(`INVITE ${number} ${options.headers?.map(({ value }) => value).join()}`)
      return 'call-1'
    },
  }
  const done = dialCallback({ seat } as unknown as Bridge, phone, 'task-1', () => at)
  return { said, done }
}

it('is reported before the INVITE, which carries the token', async () => {
  const { said, done } = dialling(120, { monotonic: 50, wall: 50 })
  await done
  expect(said).toEqual(['dialling', `INVITE 19900000001 ${header.value}`, 'dialled call-1'])
})

it.each([
  ['the machine slept: only the wall clock went on', { monotonic: 50, wall: 115_000 }],
  ['the wall clock was set: only the other went on', { monotonic: 115_000, wall: 50 }],
  ['the wall clock went back', { monotonic: 50, wall: -60_000 }],
])('no INVITE goes when %s, and that is told', async (_, elapsed) => {
  const { said, done } = dialling(120, elapsed)
  await expect(done).rejects.toThrow('没有拨出')
  expect(said).toEqual(['dialling', 'outcome failed'])
})

/** The key and its values, so that no language is tested. */
const say = ((key: string, values: object = {}) =>
  `${key} ${Object.values(values).join(' ')}`.trim()) as CallbackSay
const row = (part: Partial<CallbackRow>): CallbackRow =>
  ({
    reasons: [],
    othersFirstUntil: null,
    dialable: true,
    state: 'open',
    ready: true,
    ...part,
  }) as CallbackRow

it('says what keeps a task waiting first, then what counts most', () => {
  const reasons: CallbackRow['reasons'] = [
    { kind: 'age', minutes: 12, points: 12.4 },
    { kind: 'urgent-word', word: '停水', points: 60 },
    { kind: 'repeats', calls: 3, points: 30 },
    { kind: 'held', state: 'claimed' },
  ]
  expect(whyHere(say, row({ reasons }), 0).split(' · ')).toEqual([
    'reason.held',
    'reason.points reason.urgent-word 停水 60',
    'reason.points reason.repeats 3 30',
    'reason.points reason.age span.minutes 12 12',
  ])
  expect(whyHere(say, row({ othersFirstUntil: '2026-11-25T01:00:00.000Z' }), 0)).toContain('reason.others')
})

it('has one word for a state, which says why a task cannot be claimed', () => {
  expect(stateOf(row({}))).toBe('open')
  expect(stateOf(row({ ready: false }))).toBe('waits')
  expect(stateOf(row({ dialable: false }))).toBe('not-dialable')
  expect(stateOf(row({ othersFirstUntil: 'x' }))).toBe('others')
  expect(stateOf(row({ state: 'uncertain', ready: false }))).toBe('uncertain')
})

it('spans in the unit that is read at a glance; times of appointments are China’s', () => {
  expect(saySpan(say, 59_000)).toBe('span.seconds')
  expect(saySpan(say, -125 * 60_000)).toBe('span.hours 2 5')
  expect(saySpan(say, 50 * 3_600_000)).toBe('span.days 2')
  expect(toInput(Date.parse('2026-11-25T09:30:00.000Z'))).toBe('2026-11-25T17:30')
  expect(fromInput('2026-11-25T17:30')).toBe(Date.parse('2026-11-25T09:30:00.000Z'))
  expect(fromInput('')).toBeNaN()
})
