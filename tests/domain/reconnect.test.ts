import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createReconnect, waitAfter } from '../../shared/domain/reconnect.ts'

const waits = { firstMs: 100, longestMs: 5_000 }
const wellMs = 10_000

/** A clock that the test turns, and a server that answers an attempt when the test says so. */
function world({ random = (): number => 0.5, atOnce = false } = {}) {
  let nowMs = 0
  const timers: { at: number; run: () => void }[] = []
  const attempts: { resolve(): void; reject(error: Error): void }[] = []
  const begunAt: number[] = []
  const reconnect = createReconnect({
    attempt: () => {
      begunAt.push(nowMs)
      return new Promise<void>((resolve, reject) => attempts.push({ resolve, reject }))
    },
    waits,
    wellMs,
    atOnce,
    now: () => nowMs,
    after: (ms, run) => {
      const timer = { at: nowMs + ms, run }
      timers.push(timer)
      return () => {
        if (timers.includes(timer)) timers.splice(timers.indexOf(timer), 1)
      }
    },
    random,
  })
  const settle = () => new Promise<void>(resolve => setImmediate(resolve))
  return {
    reconnect,
    begunAt,
    underWay: () => attempts.length,
    pending: () => timers.map(({ at }) => at - nowMs),
    succeed: () => {
      attempts.shift()?.resolve()
      return settle()
    },
    fail: () => {
      attempts.shift()?.reject(new Error('refused'))
      return settle()
    },
    pass: async (ms: number) => {
      nowMs += ms
      for (const due of timers.filter(({ at }) => at <= nowMs)) {
        timers.splice(timers.indexOf(due), 1)
        due.run()
      }
      await settle()
    },
  }
}

it('waits longer after each failure, up to the bound, and never longer than the doubled time', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, fraction) => {
        const ms = waitAfter(failures, waits, fraction)
        expect(ms).toBeGreaterThanOrEqual(0)
        expect(ms).toBeLessThanOrEqual(Math.min(waits.longestMs, waits.firstMs * 2 ** (failures - 1)))
        expect(waitAfter(failures + 1, waits, fraction)).toBeGreaterThanOrEqual(ms)
      },
    ),
  )
})

it('makes one attempt at a time and keeps at most one timer, whatever happens in whatever order', async () => {
  const step = fc.oneof(
    fc.record({ what: fc.constant('pass' as const), ms: fc.nat(20_000) }),
    fc.record({ what: fc.constantFrom('start', 'lost', 'succeed', 'fail' as const) }),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.boolean(),
      fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
      async (steps, atOnce, draws) => {
        const { reconnect, ...it } = world({ atOnce, random: () => draws.next().value as number })
        reconnect.start()
        let connected = false
        for (const each of steps) {
          const before = it.underWay()
          if (each.what === 'pass') await it.pass('ms' in each ? each.ms : 0)
          if (each.what === 'start') reconnect.start()
          if (each.what === 'fail') await it.fail()
          if (each.what === 'succeed') {
            await it.succeed()
            connected ||= before > 0 && it.underWay() === 0 && it.pending().length === 0
          }
          if (each.what === 'lost') {
            reconnect.lost()
            connected = false
          }
          expect(it.underWay()).toBeLessThanOrEqual(1)
          // Exactly one thing goes on: an attempt, a wait, or a connection.
          expect(it.underWay() + it.pending().length + (connected ? 1 : 0)).toBe(1)
          for (const ms of it.pending()) expect(ms).toBeLessThanOrEqual(waits.longestMs)
        }
        reconnect.stop()
        const tried = it.begunAt.length
        await it.fail()
        await it.pass(100_000)
        expect([it.pending(), it.begunAt.length]).toEqual([[], tried])
      },
    ),
    { numRuns: 200 },
  )
})

it('draws the wait from the whole of its range', async () => {
  const drawn = [0, 0.999, 0.25]
  const { reconnect, ...it } = world({ random: () => drawn.shift() ?? 0 })
  reconnect.start()
  await it.fail()
  expect(it.pending()).toEqual([0])
  await it.pass(0)
  await it.fail()
  expect(it.pending()).toEqual([199.8])
  await it.pass(200)
  await it.fail()
  expect(it.pending()).toEqual([100])
})

it('begins with the shortest wait again only after a connection that lasted', async () => {
  const { reconnect, ...it } = world()
  reconnect.start()
  for (let failures = 1; failures <= 4; failures += 1) {
    await it.fail()
    await it.pass(5_000)
  }
  await it.succeed()
  await it.pass(wellMs - 1)
  reconnect.lost()
  expect(it.pending()).toEqual([(waits.firstMs * 2 ** 4) / 2])
  await it.pass(5_000)
  await it.succeed()
  await it.pass(wellMs)
  reconnect.lost()
  expect(it.pending()).toEqual([waits.firstMs / 2])
})

it('tries at once, and only once, where nobody competes', async () => {
  const { reconnect, ...it } = world({ atOnce: true })
  reconnect.start()
  await it.succeed()
  await it.pass(wellMs)
  reconnect.lost()
  expect(it.pending()).toEqual([0])
  await it.pass(0)
  await it.succeed()
  reconnect.lost()
  expect(it.pending()).toEqual([waits.firstMs / 2])
})

it('makes the connection again that ended before its attempt was over', async () => {
  const { reconnect, ...it } = world()
  reconnect.start()
  reconnect.lost()
  expect(it.pending()).toEqual([])
  await it.succeed()
  expect(it.pending()).toHaveLength(1)
})
