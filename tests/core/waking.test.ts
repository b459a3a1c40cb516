/** When the stream of events is asked for again. */
import { expect, it } from 'vitest'
import type { CentreLink } from '../../electron/core/sync/centre.ts'
import { createWaking } from '../../electron/core/sync/waking.ts'

const pollMs = 30_000
const firstMs = 2_000

/** A seat whose random numbers are all `fraction`, and whose streams the test ends. */
function seat(fraction: number) {
  const time = { ms: 0 }
  const pauses: number[] = []
  const open: (() => void)[] = []
  const waking = createWaking({
    clock: { now: () => time.ms, after: () => () => {} },
    random: { bytes: count => new Uint8Array(count).fill(Math.floor(fraction * 256)), uuid: () => '' },
    pollMs,
    firstMs,
    woken: () => {},
    sessionsEnded: () => {},
    ended: pauseMs => void pauses.push(pauseMs),
  })
  const link = {
    device: { token: () => Promise.resolve('token') },
    line: {
      listen: (_path: string, _headers: unknown, { ended }: { ended(): void }) => {
        open.push(ended)
        return () => {}
      },
    },
  } as unknown as CentreLink
  return {
    pauses,
    opened: () => open.length,
    listen: async () => {
      waking.listen(link)
      await Promise.resolve()
      await Promise.resolve()
    },
    endAfter: (ms: number) => {
      time.ms += ms
      open.at(-1)?.()
    },
    pass: (ms: number) => {
      time.ms += ms
    },
  }
}

it('spreads the seats whose streams a restarting centre ended at the same moment', async () => {
  const pauses: number[] = []
  for (const fraction of [0, 0.25, 0.5, 0.999]) {
    const one = seat(fraction)
    await one.listen()
    one.endAfter(pollMs)
    pauses.push(...one.pauses)
  }
  expect(Math.max(...pauses) - Math.min(...pauses)).toBeGreaterThan(firstMs * 0.9)
  expect(Math.max(...pauses)).toBeLessThanOrEqual(firstMs)
})

it('asks a proxy that allows no stream less and less often, and opens one stream at a time', async () => {
  const one = seat(0.999)
  for (let times = 1; times <= 12; times += 1) {
    await one.listen()
    await one.listen()
    expect(one.opened()).toBe(times)
    one.endAfter(10)
    await one.listen()
    expect(one.opened()).toBe(times)
    one.pass(one.pauses.at(-1) ?? 0)
  }
  expect(one.pauses.every((ms, place) => place === 0 || ms >= (one.pauses[place - 1] ?? 0))).toBe(true)
  expect(one.pauses.at(-1)).toBeGreaterThan(9 * pollMs)
  expect(one.pauses.at(-1)).toBeLessThanOrEqual(10 * pollMs)
})
