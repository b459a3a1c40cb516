import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import {
  formatCallbackToken,
  leaseLeftMs,
  parseCallbackToken,
  proposedOutcome,
} from '../../shared/domain/callback-dial.ts'
import { claimChoices, compareRanks, orderCallbacks, rankOf } from '../../shared/domain/callback-order.ts'
import {
  afterQuiet,
  type CallbackPolicy,
  dueAt,
  isQuiet,
  sampleCallbackPolicy,
} from '../../shared/domain/callback-policy.ts'
import { someTask } from './some-callback.ts'

const now = Date.parse('2026-11-24T02:00:00.000Z')
const minute = 60_000
const zone = process.env['TZ']
afterAll(() => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
})

const task = fc
  .record({
    id: fc.integer({ min: 0, max: 30 }),
    waited: fc.integer({ min: 0, max: 5_000 }),
    calls: fc.integer({ min: 1, max: 40 }),
    note: fc.constantFrom('', '停水两天', '有人被困', '煤气和停电'),
    enterprise: fc.boolean(),
    dialect: fc.constantFrom(null, '苏州话'),
    later: fc.constantFrom(0, 0, 30),
    state: fc.constantFrom('open' as const, 'open' as const, 'claimed' as const),
  })
  .map(({ id, waited, later, state, ...rest }) =>
    someTask(now - waited * minute, {
      taskId: `t-${String(id).padStart(2, '0')}`,
      notBefore: later === 0 ? null : new Date(now + later * minute).toISOString(),
      state,
      ...rest,
    }),
  )
const tasks = fc.uniqueArray(task, { selector: each => each.taskId, maxLength: 25 })

/** The most that anything but age can add. */
const bound = ({ weights, urgentWords }: CallbackPolicy) =>
  weights.repeat * weights.mostRepeats +
  urgentWords.reduce((sum, { points }) => sum + points, 0) +
  weights.enterprise +
  weights.dialect +
  weights.overdue +
  weights.preferred

describe('the order of callbacks', () => {
  it('is total, and the same however the tasks came', () => {
    fc.assert(
      fc.property(tasks, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (some, random) => {
        const order = orderCallbacks(some, sampleCallbackPolicy, now)
        const shuffled = some
          .map(each => ({ each, by: random.next().value }))
          .sort((a, b) => a.by - b.by)
          .map(({ each }) => each)
        const ids = (of: typeof order) => of.map(rank => rank.taskId)
        expect(ids(orderCallbacks(shuffled, sampleCallbackPolicy, now))).toEqual(ids(order))
        for (const [place, rank] of order.entries())
          for (const other of order.slice(place + 1)) {
            expect(compareRanks(rank, other)).toBeLessThan(0)
            expect(compareRanks(other, rank)).toBeGreaterThan(0)
          }
      }),
    )
  })

  it('lets nothing starve: what waited longer by the bound stands before whatever came later', () => {
    const longest = (bound(sampleCallbackPolicy) / sampleCallbackPolicy.weights.ageMinute) * minute
    fc.assert(
      fc.property(task, task, (one, two) => {
        const old = { ...one, state: 'open' as const, notBefore: null, taskId: 'old' }
        const at = Date.parse(one.firstMissedAt) + longest + minute
        const young = { ...two, state: 'open' as const, notBefore: null, taskId: 'young' }
        const moved = new Date(Math.max(at, Date.parse(two.firstMissedAt))).toISOString()
        const later = { ...young, firstMissedAt: moved, lastMissedAt: moved }
        const noon = Date.parse('2026-12-24T04:00:00.000Z')
        expect(
          compareRanks(rankOf(old, sampleCallbackPolicy, noon), rankOf(later, sampleCallbackPolicy, noon)),
        ).toBeLessThan(0)
      }),
    )
  })

  it('rises with age and with each repeat, and says why', () => {
    const plain = someTask(now - 90 * minute)
    const rank = rankOf({ ...plain, calls: 3, note: '停水', enterprise: true }, sampleCallbackPolicy, now)
    expect(rank.reasons).toEqual([
      { kind: 'age', minutes: 90, points: 90 },
      { kind: 'repeats', calls: 3, points: 30 },
      { kind: 'urgent-word', word: '停水', points: 60 },
      { kind: 'enterprise', points: 10 },
      { kind: 'overdue', points: 60 },
    ])
    expect(rank.score).toBe(250)
    expect(rankOf(plain, sampleCallbackPolicy, now + minute).score).toBeGreaterThan(
      rankOf(plain, sampleCallbackPolicy, now).score,
    )
  })

  it('names choices for a claim: its first, the rest from further and further down, each once', () => {
    const order = Array.from({ length: 400 }, (_, place) => `t-${place}`)
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (length, random) => {
          const choices = claimChoices(order.slice(0, length), 16, () => random.next().value)
          expect(choices.slice(0, 1)).toEqual(order.slice(0, Math.min(1, length)))
          expect(new Set(choices).size).toBe(choices.length)
          expect(choices.length).toBeLessThanOrEqual(16)
          expect(choices.every(each => order.slice(0, length).includes(each))).toBe(true)
        },
      ),
    )
  })
})

describe('quiet hours', () => {
  it.each(['UTC', 'America/New_York', 'Asia/Shanghai', 'Pacific/Apia', 'Asia/Kolkata'])(
    'are China’s on a machine in %s',
    machine => {
      process.env['TZ'] = machine
      const clock = new Intl.DateTimeFormat('en-GB', {
        timeZone: 'Asia/Shanghai',
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
      })
      fc.assert(
        fc.property(
          // China had a summer time until 1991.
          fc.integer({ min: Date.UTC(1992, 0, 1), max: Date.UTC(2099, 0, 1) }),
          at => {
            const [hour, minutes] = clock.format(at).split(':').map(Number)
            const ofDay = (hour ?? 0) * 60 + (minutes ?? 0)
            const quiet = ofDay >= 21 * 60 + 30 || ofDay < 8 * 60
            expect(isQuiet(sampleCallbackPolicy, at)).toBe(quiet)
            const after = afterQuiet(sampleCallbackPolicy, at)
            expect(isQuiet(sampleCallbackPolicy, after)).toBe(false)
            if (!quiet) expect(after).toBe(at)
            else expect(clock.format(after)).toBe('08:00')
          },
        ),
      )
    },
  )

  it('put the due time off to their end, but not for urgent ones', () => {
    const night = Date.parse('2026-11-24T13:00:00.000Z')
    expect(new Date(dueAt(someTask(night), sampleCallbackPolicy)).toISOString()).toBe(
      '2026-11-25T00:00:00.000Z',
    )
    expect(dueAt(someTask(night, { note: '有人被困' }), sampleCallbackPolicy)).toBe(night + 15 * minute)
    const none = { ...sampleCallbackPolicy, quiet: { from: 480, to: 480 } }
    expect(isQuiet(none, night)).toBe(false)
  })
})

describe('dialling', () => {
  it('proposes an outcome of every final answer', () => {
    const of = (sipStatus: number | null, answered = false) => proposedOutcome({ answered, sipStatus })
    expect([486, 600, 480, 408, 404, 484, 604, 603, 403, 503, null].map(status => of(status))).toEqual([
      'busy',
      'busy',
      'no-answer',
      'no-answer',
      'invalid',
      'invalid',
      'invalid',
      'refused',
      'refused',
      'failed',
      'failed',
    ])
    expect(of(200, true)).toBe('reached')
  })

  it('writes the token for the INVITE and reads it again, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.integer({ min: 1, max: 999_999 }),
        fc.integer({ min: 0, max: 4_000_000_000 }),
        (taskId, fence, seconds) => {
          const token = { taskId, fence, until: seconds * 1_000 }
          expect(parseCallbackToken(formatCallbackToken(token))).toEqual(token)
        },
      ),
    )
    for (const bad of [
      '',
      'x',
      'a;fence=1',
      'a;fence=x;until=1',
      'a;fence=1;until=1;more',
      'a b;fence=1;until=1',
    ])
      expect(parseCallbackToken(bad)).toBeNull()
  })

  it('counts what is left of a lease by the stricter clock', () => {
    const asked = { monotonic: 1_000, wall: 50_000 }
    expect(leaseLeftMs(120, asked, { monotonic: 31_000, wall: 80_000 })).toBe(90_000)
    // Asleep: the monotonic clock stood still.
    expect(leaseLeftMs(120, asked, { monotonic: 2_000, wall: 150_000 })).toBe(20_000)
    // The wall clock was set back.
    expect(leaseLeftMs(120, asked, { monotonic: 31_000, wall: 10_000 })).toBe(0)
    expect(leaseLeftMs(120, asked, { monotonic: 500_000, wall: 80_000 })).toBe(0)
  })
})
