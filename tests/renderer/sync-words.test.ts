import fc from 'fast-check'
import { expect, it } from 'vitest'
import { centreTruth, centreWords, coarseLag } from '../../renderer/features/connection/truths.ts'
import {
  arrange,
  catchUpPercent,
  changedPart,
  decide,
  numbersLeft,
} from '../../renderer/features/sync-status/unsent.ts'
import { age } from '../../renderer/ui/time.ts'
import { type SyncStatus, syncStatus, type UnsentItem } from '../../shared/contract/seat.ts'

const minute = 60_000
const item = (seq: number, state: UnsentItem['state']): UnsentItem => ({
  seq,
  commandId: `command-${seq}`,
  name: 'case.create',
  caseId: null,
  caseNumber: null,
  sentence: '提交工单',
  operatorName: null,
  issuedAt: '2026-01-01T00:00:00.000Z',
  state,
  parked: null,
})

it('tells an age in the coarsest unit, and no age of what seems to be of the future', () => {
  expect(age(59_999)).toEqual({ unit: 'now', count: 0 })
  expect(age(-5 * minute)).toEqual({ unit: 'now', count: 0 })
  expect(age(minute)).toEqual({ unit: 'minutes', count: 1 })
  expect(age(59 * minute)).toEqual({ unit: 'minutes', count: 59 })
  expect(age(60 * minute)).toEqual({ unit: 'hours', count: 1 })
  expect(age(24 * 60 * minute)).toEqual({ unit: 'days', count: 1 })
})

it('says of the centre what is wrong before what is on its way', () => {
  const words = (
    centre: SyncStatus['centre'],
    waiting = 0,
    parked = 0,
    alarm = false,
    feedLagSeconds: number | null = null,
  ) => centreWords(centreTruth({ centre, waiting, parked, alarm, feedLagSeconds }))
  expect(words('online')).toEqual(['centre.synced'])
  expect(words('online', 3)).toEqual(['waiting'])
  expect(words('online', 3, 1)).toEqual(['parked', 'waiting'])
  expect(words('online', 3, 1, true)).toEqual(['centre.alarm', 'parked', 'waiting'])
  expect(words('offline', 2)).toEqual(['centre.offline', 'waiting'])
  expect(words('refused', 0, 1)).toEqual(['centre.refused', 'parked'])
  expect(words('none', 4)).toEqual(['centre.none'])
  expect(words('online', 0, 0, false, 12)).toEqual(['centre.lagging'])
  expect(words('online', 2, 0, false, 12)).toEqual(['centre.lagging', 'waiting'])
  expect(words('online', 0, 1, false, 12)).toEqual(['parked', 'centre.lagging'])
  expect(words('online', 0, 0, true, 12)).toEqual(['centre.alarm', 'centre.lagging'])
  expect(words('offline', 0, 0, false, 12)).toEqual(['centre.offline'])
  expect(centreWords(centreTruth(undefined))).toEqual(['centre.connecting'])
})

it('never says 已同步 while anything is unsent or the centre is not reached', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...syncStatus.shape.centre.options),
      fc.nat(1_000),
      fc.nat(1_000),
      fc.boolean(),
      fc.option(fc.integer({ min: 5, max: 100_000 })),
      (centre, waiting, parked, alarm, feedLagSeconds) => {
        const truth = centreTruth({ centre, waiting, parked, alarm, feedLagSeconds })
        const isInStep = waiting === 0 && parked === 0 && !alarm && feedLagSeconds === null
        const synced = centre === 'online' && isInStep
        expect(truth.state === 'synced').toBe(synced)
        expect(truth.health === 'good').toBe(synced)
      },
    ),
  )
})

it('tells how far the feed is behind in steps that are not announced all the time', () => {
  expect([null, 0, 4, 5, 9, 10, 59, 60, 119, 100_000].map(coarseLag)).toEqual([
    0, 0, 0, 5, 5, 10, 30, 60, 60, 3_600,
  ])
})

it('puts what wants a decision first and counts what the core did not list', () => {
  const items = [item(1, 'waiting'), item(2, 'parked'), item(3, 'behind-parked')]
  const { parked, waiting, beyond } = arrange(items, { waiting: 9, parked: 1 })
  expect(parked.map(({ seq }) => seq)).toEqual([2])
  expect(waiting.map(({ seq }) => seq)).toEqual([1, 3])
  expect(beyond).toBe(7)
  // The list may be older than the status.
  expect(arrange(items, { waiting: 0, parked: 0 }).beyond).toBe(0)
})

it('shows a catch-up as whole only when nothing is left', () => {
  expect(catchUpPercent({ done: 0, remaining: 0 })).toBe(100)
  expect(catchUpPercent({ done: 9_999, remaining: 1 })).toBe(99)
  expect(catchUpPercent({ done: 5_000, remaining: 5_000 })).toBe(50)
  expect(catchUpPercent({ done: 10, remaining: 0 })).toBe(100)
})

it('warns of official numbers before they are used up', () => {
  expect([null, 0, 19, 20].map(numbersLeft)).toEqual(['none', 'out', 'low', 'enough'])
})

it('counts a field as decided only by a choice, and names every own value that is given up', () => {
  expect(decide(['title', 'place'], {})).toEqual({ mine: [], givenUp: [], undecided: 2 })
  expect(decide(['title', 'place'], { title: 'mine', place: 'theirs', remarks: 'mine' })).toEqual({
    mine: ['title'],
    givenUp: ['place'],
    undecided: 0,
  })
})

it('shows what of a long text was changed, with a little around it', () => {
  const long = '路灯不亮。'.repeat(20)
  expect(changedPart(long, `${long}共七盏。`)).toEqual({
    before: `…${'路灯不亮。'.repeat(5).slice(1)}`,
    changed: '共七盏。',
    after: '',
  })
  expect(changedPart('东门路灯', '西门路灯')).toEqual({ before: '', changed: '西', after: '门路灯' })
  // A repeated character belongs to one of the two ends, not to both.
  expect(changedPart('灯灯', '灯')).toEqual({ before: '灯', changed: '', after: '' })
  expect(changedPart('', '新')).toEqual({ before: '', changed: '新', after: '' })
  expect(changedPart('同𠮷', '同𠮶')).toEqual({ before: '同', changed: '𠮶', after: '' })
})
