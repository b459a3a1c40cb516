/** Who typed nothing wrong waits for nothing, whatever the clocks of the centre's processes do. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSignInFailures } from '../../central/identity/sign-in-failures.ts'
import { startCentre, type TestCentre } from './centre.ts'

let centre: TestCentre
beforeAll(async () => {
  centre = await startCentre(null)
}, 60_000)
afterAll(() => centre.end())

const begun = Date.parse('2026-11-23T01:00:00.000Z')
/** Answers each look with the next of these times, relative to `begun`. */
const failuresAt = (next: (look: number) => number) => {
  let looks = 0
  const now = () => {
    looks += 1
    return begun + next(looks)
  }
  return createSignInFailures({ ...centre.context, clock: { now, after: () => () => {} } })
}

it('the first attempt is never refused, though a millisecond passes while it is counted', async () => {
  const failures = failuresAt(look => look)
  expect(await failures.begin('seat:first', '1001', false)).toEqual({ refused: false, retryAfterSeconds: 0 })
})

it('after a sign-in, the next one at a process whose clock is behind is not refused', async () => {
  const ahead = failuresAt(() => 2_000)
  const behind = failuresAt(() => 0)
  for (const known of [false, true]) {
    await ahead.begin('seat:skewed', '1002', known)
    await ahead.undo('seat:skewed', '1002', true)
    expect(await behind.begin('seat:skewed', '1002', known)).toMatchObject({ refused: false })
    await behind.undo('seat:skewed', '1002', false)
  }
})

it('a clock that is put back makes nobody wait for longer than the longest wait', async () => {
  let time = 24 * 3_600_000
  const failures = failuresAt(() => time)
  const attempt = () => failures.begin('seat:clock', '1004', true)
  for (let failed = 0; failed < 12; failed += 1) await attempt()
  expect((await attempt()).refused).toBe(true)
  time = 0
  expect(await attempt()).toMatchObject({ refused: false })
})

it('two right attempts at once are both looked at', async () => {
  let time = 0
  const failures = failuresAt(() => time)
  const first = await failures.begin('seat:twice', '1003', true)
  // The second looked at the clock before the first was found right.
  time = 0
  const second = failures.begin('seat:twice', '1003', true)
  time = 500
  await failures.undo('seat:twice', '1003', true)
  expect([first.refused, (await second).refused]).toEqual([false, false])
})
