/** What is told of callbacks that are due, by the system of either shell. */
import { testPolicy } from '../support/callback-centre.ts'
import { test } from './callback-fixture.ts'
import { expect } from './seat-fixture.ts'
import { enrolAt } from './with-centre.ts'

test('what comes due is told by the system while the window is not in front, without a number', async ({
  seat,
  centre,
}) => {
  test.setTimeout(180_000)
  await centre.publish('1', testPolicy)
  await seat.start()
  await seat.signIn()
  const { page, electronApp } = seat
  await enrolAt(seat, centre.url, centre.enrolmentCodes[0] ?? '')
  type Told = { title: string; body: string }
  if (electronApp !== null)
    await electronApp.evaluate(({ ipcMain }) => {
      const told: Told[] = []
      Reflect.set(globalThis, 'told', told)
      ipcMain.on('due:announce', (_, text: Told) => void told.push(text))
    })
  else await page.context().grantPermissions(['notifications'])
  // The window is behind another one: a test's own is always in front.
  await page.evaluate(() => {
    const told: Told[] = []
    Reflect.set(window, 'told', told)
    document.hasFocus = () => false
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })
    document.dispatchEvent(new Event('visibilitychange'))
    window.Notification = class extends Notification {
      constructor(title: string, options?: NotificationOptions) {
        super(title, options)
        told.push({ title, body: options?.body ?? '' })
      }
    }
  })
  const told = () =>
    electronApp === null
      ? page.evaluate(() => Reflect.get(window, 'told') as Told[])
      : electronApp.evaluate(() => Reflect.get(globalThis, 'told') as Told[])
  const due = (originalCallId: string, number: string) =>
    centre.miss({ originalCallId, number, missedAt: new Date(Date.now() - 3 * 3_600_000).toISOString() })
  await due('due', '19900000511')
  await expect.poll(told, { timeout: 60_000 }).toEqual([{ title: '回拨到期', body: '有 1 个回拨已到期' }])
  await centre.miss({ originalCallId: 'not-yet', number: '19900000512' })
  await due('due too', '19900000513')
  await expect
    .poll(async () => (await told()).at(-1), { timeout: 60_000 })
    .toEqual({ title: '回拨到期', body: '有 2 个回拨已到期' })
  expect(await told()).toHaveLength(2)
})
