/** 两路来电: what belongs to one caller stays with that caller. */
import { expect, test } from './seat-fixture.ts'

test('a call that rings in a conversation leaves the form alone, and so does a note about the case before', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  const { page } = seat
  const tabs = page.getByRole('tablist', { name: '草稿' }).getByRole('tab')
  const first = await seat.citizenCalls({ from: '19900000501', toneHertz: 660 })
  await expect(seat.button('接听')).toBeVisible()
  await page.keyboard.press('F2')
  await seat.heardForAnother(first, 0.3)
  await expect(seat.text('标题')).toBeFocused()
  await page.keyboard.type('河堤路灯不亮')
  // The hand is off the form for a moment: somebody clicks on blank space.
  await page.locator('.phone').click({ position: { x: 4, y: 4 } })
  const second = await seat.citizenCalls({ from: '19900000502', toneHertz: 880 })
  await expect(seat.button('接听')).toBeVisible()
  await expect(tabs).toHaveCount(2)
  await expect(seat.text('标题')).toHaveValue('河堤路灯不亮')
  await seat.text('诉求内容').click()
  await page.keyboard.type('河堤一段三盏路灯不亮。')
  await page.keyboard.press('Alt+5')
  await page.keyboard.press('Control+Enter')
  const filed = page.getByText('工单已提交')
  await expect(filed).toBeVisible()
  // The second caller's form is not what comes next by itself: the first one is still on the line.
  await expect(seat.text('标题')).toHaveCount(0)
  await seat.picture('filed-while-another-rings')
  await page.keyboard.press('F4')
  await expect(seat.region('电话')).toContainText('来电振铃')
  await page.keyboard.press('F2')
  await seat.heardForAnother(second, 0.3)
  await expect(seat.text('标题')).toHaveValue('')
  await expect(filed).toHaveCount(0)
  await page.keyboard.press('F4')
})

test('a call that rang in vain gives the form back that it came over', async ({ seat }) => {
  await seat.start()
  await seat.signIn()
  const { page } = seat
  await page.keyboard.press('Alt+N')
  await expect(seat.text('标题')).toBeFocused()
  await page.keyboard.type('先前没写完的')
  await page.keyboard.press('Alt+N')
  await expect(seat.text('标题')).toHaveValue('')
  await page.keyboard.type('正在写的')
  await page.locator('.phone').click({ position: { x: 4, y: 4 } })
  const callId = await seat.citizenCalls({ from: '19900000503', toneHertz: 660 })
  await expect(seat.text('标题')).toHaveValue('')
  await seat.control(`/calls/${encodeURIComponent(callId)}`, { method: 'DELETE' })
  await expect(seat.button('接听')).toHaveCount(0)
  await expect(seat.text('标题')).toHaveValue('正在写的')

  const tabs = page.getByRole('tablist', { name: '草稿' }).getByRole('tab')
  await tabs.nth(1).focus()
  await page.keyboard.press('ArrowRight')
  await expect(tabs.nth(0)).toBeFocused()
  await expect(seat.text('标题')).toHaveValue('先前没写完的')
  await page.keyboard.press('End')
  await expect(seat.text('标题')).toHaveValue('正在写的')
})

test('a call is seen and handled on every page: one key answers it, and its keys work there', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  const { page } = seat
  await page.keyboard.press('Alt+2')
  await expect(seat.region('通话栏')).toHaveCount(0)
  const callId = await seat.citizenCalls({ from: '19900000504', toneHertz: 660 })
  const bar = seat.region('通话栏')
  await expect(bar.getByRole('button', { name: '接听' })).toBeVisible()
  await expect(bar.getByRole('status')).toHaveText('来电 199 0000 0504，按 F2 接听')
  await seat.picture('call-bar-ringing')
  await page.keyboard.press('F2')
  await seat.heardForAnother(callId, 0.3)
  await expect(seat.text('标题')).toBeFocused()

  await page.keyboard.press('Alt+3')
  await expect(bar).toContainText('通话中')
  await page.keyboard.press('F7')
  await expect(bar).toContainText('已静音')
  await page.keyboard.press('F7')
  await page.keyboard.press('F8')
  await expect(bar).toContainText('已保持')
  await seat.picture('call-bar-held')
  await page.setViewportSize({ width: 1024, height: 700 })
  await seat.picture('call-bar-1024')
  await page.keyboard.press('F8')
  await expect(bar).toContainText('通话中')
  await page.keyboard.press('F4')
  await expect(bar).toHaveCount(0)
})
