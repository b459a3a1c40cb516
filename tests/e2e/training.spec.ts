import { expect, test } from './seat-fixture.ts'

test('the training scripts: dialect is shown with the call, an emergency is transferred in one key', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  await seat.page.keyboard.press('Alt+3')
  for (const title of ['燃气泄漏紧急求助', '辱骂来电', '讲方言的来电'])
    await expect(seat.button(`开始呼叫：${title}`)).toBeVisible()
  await seat.picture('training')
  const start = async (title: string) => {
    await seat.page.keyboard.press('Alt+3')
    await seat.button(`开始呼叫：${title}`).click()
    await seat.page.keyboard.press('Alt+1')
    await expect(seat.button('接听')).toBeVisible()
  }

  await start('讲方言的来电')
  const phone = seat.region('电话')
  await expect(phone).toContainText('粤语')
  await expect(phone).toContainText('方言专席')
  await seat.picture('dialect')
  await seat.page.keyboard.press('F2')
  await expect(phone).toContainText('通话中')
  await expect(phone).toContainText('粤语')
  await seat.page.keyboard.press('F4')
  await expect(seat.button('挂断')).toHaveCount(0)

  await start('燃气泄漏紧急求助')
  await expect(phone).toContainText('紧急')
  await seat.page.keyboard.press('F2')
  await expect(phone).toContainText('通话中')
  await seat.page.keyboard.press('F6')
  await seat.page.keyboard.type('119')
  await seat.picture('transfer-box')
  await seat.page.keyboard.press('Enter')
  await expect(seat.button('挂断')).toHaveCount(0, { timeout: 15_000 })

  await start('辱骂来电')
  await seat.page.keyboard.press('F2')
  await expect(phone).toContainText('通话中')
})
