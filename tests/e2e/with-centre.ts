/** What an operator does at a seat that has a demonstration's centre beside it. */
import { expect, type Seat } from './seat-fixture.ts'

const demoPassword = 'yanshi-12345'

/** By keyboard: the first of the list unless told, a wrong password, the right one. */
export async function signInWithPassword(seat: Seat, workNumber = ''): Promise<void> {
  await seat.chooseOperator(workNumber)
  const password = seat.page.getByLabel('口令', { exact: true })
  await expect(password).toBeFocused()
  await expect(seat.page.getByText('演示口令 yanshi-12345')).toBeVisible()
  await seat.page.keyboard.type('不是这个口令')
  await seat.page.keyboard.press('Enter')
  await expect(seat.page.getByRole('alert').filter({ hasText: '工号或口令不正确' })).toBeVisible()
  await seat.picture('sign-in-refused')
  await expect(password).toBeFocused()
  await expect(password).toHaveValue('')
  await seat.page.keyboard.type(demoPassword)
  await seat.page.keyboard.press('Enter')
  await seat.ready()
}

/** Files a case by hand and returns its number, which the caller is told at once. */
export async function fileCase(seat: Seat, title: string): Promise<string> {
  await seat.page.keyboard.press('Alt+1')
  await seat.page.keyboard.press('Alt+n')
  await expect(seat.text('标题')).toBeFocused()
  await seat.page.keyboard.type(title)
  await seat.page.keyboard.press('Tab')
  // A phrase at a time, as an input method gives it.
  await seat.page.keyboard.insertText(`${title}，请尽快处理。`)
  await seat.text('联系电话').fill('19900000101')
  await seat.page.keyboard.press('Alt+5')
  await seat.page.keyboard.press('Control+Enter')
  await expect(seat.text('标题')).toHaveCount(0)
  return seat.region('工单').locator('.case-number').innerText()
}

/** The administrator names the centre and enrols the seat, which ends their session; then whoever has this number signs in, else the first of the list. */
export async function enrolAt(seat: Seat, url: string, code: string, workNumber = ''): Promise<void> {
  const { page } = seat
  await seat.button('换人').click()
  await seat.signIn('9001')
  await page.keyboard.press('Alt+4')
  await seat.text('中心平台地址').fill(url)
  await seat.button('保存设置').click()
  await expect(page.getByRole('status').filter({ hasText: '已保存' })).toBeVisible()
  await page.keyboard.press('Alt+0')
  await seat.button('登记本坐席').click()
  await page.getByRole('dialog', { name: '登记本坐席' }).getByLabel('登记码').fill(code)
  await page.keyboard.press('Enter')
  await expect(page.getByText('本坐席已登记到中心，请用中心的工号登录')).toBeVisible({ timeout: 60_000 })
  await expect(seat.text('按工号或姓名查找')).toBeFocused()
  await page.keyboard.type(workNumber)
  await page.keyboard.press('Enter')
  await expect(page.getByLabel('口令', { exact: true })).toBeFocused()
  await page.keyboard.type(demoPassword)
  await page.keyboard.press('Enter')
  await seat.ready()
}
