import { expect, it } from 'vitest'
import { createPresence } from '../../electron/core/presence/presence.ts'
import { CentreFailure } from '../../electron/core/sync/centre-client.ts'

/** Timers that fire when the test says how late it is. */
function fakeClock() {
  let at = 1_000_000
  const timers = new Map<object, { due: number; run: () => void }>()
  return {
    now: () => at,
    after: (ms: number, run: () => void) => {
      const timer = {}
      timers.set(timer, { due: at + ms, run })
      return () => void timers.delete(timer)
    },
    pass: async (ms: number) => {
      const until = at + ms
      for (;;) {
        const next = [...timers].filter(([, { due }]) => due <= until).sort((a, b) => a[1].due - b[1].due)[0]
        if (next === undefined) break
        timers.delete(next[0])
        at = Math.max(at, next[1].due)
        next[1].run()
        await new Promise(resolve => setImmediate(resolve))
      }
      at = until
    },
  }
}

const colleague = {
  operatorId: 'o2',
  operatorName: '周敏',
  branch: '云澜中心',
  skills: ['涉企'],
  extension: '8004',
  kind: 'ready',
  since: '2026-11-24T02:00:00.000Z',
}

it('tells its state soon after a change and every few seconds, and believes the centre for a minute', async () => {
  const clock = fakeClock()
  const told: unknown[] = []
  let published = 0
  let reachable = true
  let own: { state: { kind: 'ready' | 'busy'; since: number }; extension: string } | null = {
    state: { kind: 'ready', since: 5_000 },
    extension: '8001',
  }
  const presence = createPresence({
    clock,
    own: () => own,
    published: () => {
      published += 1
    },
    centre: {
      asOperator: async ({ path, body }, output) => {
        if (!reachable) throw new CentreFailure('network', '连不上')
        told.push([path, body])
        return output.parse({ seats: [colleague] })
      },
    },
  })
  expect(presence.list()).toEqual([])
  presence.changed()
  presence.changed()
  await clock.pass(1_000)
  expect(told).toEqual([
    ['/v1/presence', { kind: 'ready', since: '1970-01-01T00:00:05.000Z', extension: '8001' }],
  ])
  expect(presence.list()).toEqual([colleague])
  await clock.pass(60_000)
  expect([told.length, published]).toEqual([4, 1])

  reachable = false
  await clock.pass(30_000)
  expect(presence.list()).toEqual([colleague])
  await clock.pass(60_000)
  expect(presence.list()).toEqual([])
  expect(published).toBe(2)

  reachable = true
  own = null
  await clock.pass(60_000)
  expect(told.length).toBe(4)
  presence.stop()
})
