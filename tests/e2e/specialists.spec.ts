/** 专席: who speaks the caller's dialect and is ready is offered first; the caller's dialect is remembered for the next call. */
import { join } from 'node:path'
import { startCallbackCentre } from '../support/callback-centre.ts'
import { until } from '../support/seat-process.ts'
import { TestSeat } from '../sync/seats.ts'
import { expect, test } from './seat-fixture.ts'
import { enrolAt } from './with-centre.ts'

test('a dialect caller is transferred to the seat that speaks it, and is known when they call again', async ({
  seat,
}) => {
  test.setTimeout(180_000)
  const centre = await startCallbackCentre(join(seat.scratch, 'centre'))
  const other = new TestSeat()
  try {
    await seat.start()
    await seat.signIn()
    const { page } = seat
    await enrolAt(seat, centre.url, centre.enrolmentCodes[0] ?? '')
    await other.start()
    await other.enrol(centre.url, centre.enrolmentCodes[1] ?? '', 'demo-9001')
    await other.core.seat.settings.save({
      settings: { exchangeUrl: 'ws://127.0.0.1:9', extension: '110' },
      extensionSecret: '不用',
    })
    await until(
      async () => (await other.core.seat.sync.status({})).centre === 'online',
      60_000,
      'the other seat to be online',
    )
    await other.signInAtCentre('1004')
    const state = {
      kind: 'ready' as const,
      since: Date.now(),
      former: 'ready' as const,
      reason: null,
      lineLost: false,
      wrapUpEndsAt: null,
      wrapUpDue: false,
      calls: [],
    }
    await other.core.seat.seatState.report({ state })

    await page.keyboard.press('Alt+3')
    await seat.button('开始呼叫：讲方言的来电').click()
    await page.keyboard.press('Alt+1')
    await expect(seat.button('接听')).toBeVisible()
    const caller = seat.region('来电人')
    const offered = caller.getByRole('button', { name: '来电标为粤语' })
    await offered.click()
    await expect(offered).toHaveCount(0)
    await expect(caller.getByLabel('方言')).toHaveValue('粤语')
    await caller.getByText('企业', { exact: true }).click()
    await page.keyboard.press('F2')
    await expect(seat.region('电话')).toContainText('通话中')
    await page.keyboard.press('F6')
    const offer = page.getByRole('list', { name: '专席' }).getByRole('button').first()
    await expect(offer).toContainText('周敏 110 粤语、涉企 · 示闲', { timeout: 60_000 })
    await seat.picture('specialists-offered')
    await page.keyboard.press('Tab')
    await expect(offer).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(seat.button('挂断')).toHaveCount(0, { timeout: 15_000 })

    // Another seat of the city knows the caller.
    const number = (await other.core.seat.callers.lookup({ number: '19900000105', excludeCallId: null }))
      .number
    await until(
      async () =>
        (await other.core.seat.callers.atCentre({ number: number.key ?? '' }))?.profile?.dialect === '粤语',
      60_000,
      'the profile to be at the centre',
    )
    expect(await other.core.seat.callers.atCentre({ number: number.key ?? '' })).toMatchObject({
      profile: { dialect: '粤语', callerKind: 'enterprise' },
    })

    await page.keyboard.press('Alt+3')
    await seat.button('开始呼叫：讲方言的来电').click()
    await page.keyboard.press('Alt+1')
    await expect(caller.getByLabel('方言')).toHaveValue('粤语')
    await seat.picture('caller-known')
  } finally {
    await other.remove()
    await centre.end()
  }
})
