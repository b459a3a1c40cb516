/** A protected seat without a centre: its administrator is set up at the first start, adds people, and nobody enters without a password. */
import { expect, test } from './seat-fixture.ts'

const vault = '本机数据的长口令-2026'
const administrator = 'Guanliyuan-2026'
const given = 'Linshi-Mima-77'
const own = 'Anna-Eigen-2026'

test('the first start makes the administrator, who adds somebody, who replaces the given password', async ({
  seat,
}) => {
  test.setTimeout(240_000)
  seat.args = ['--protected']
  await seat.start()
  const { page } = seat
  const field = (name: string) => page.getByLabel(name, { exact: true })
  await field('口令').fill(vault)
  await field('再输入一次').fill(vault)
  await page.keyboard.press('Enter')

  await expect(page.getByRole('heading', { name: '设置本坐席的管理员' })).toBeVisible({ timeout: 30_000 })
  await expect(field('工号')).toBeFocused()
  await field('工号').fill('9001')
  await field('坐席姓名').fill('管理员')
  await field('分中心').fill('云澜中心')
  await field('口令').fill('12345678')
  await seat.picture('first-administrator-weak')
  await expect(seat.button('设置并进入')).toBeDisabled()
  await field('口令').fill(administrator)
  await field('再输入一次').fill(administrator)
  await seat.picture('first-administrator')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('navigation')).toBeVisible()

  // 账号: somebody is added, and one's own password changed, by keyboard.
  const menu = async (name: string) => {
    await seat.button('账号').press('Enter')
    await page.getByRole('menuitem', { name, exact: true }).click()
    return page.getByRole('dialog', { name, exact: true })
  }
  const adding = await menu('添加坐席人员')
  await expect(adding.getByLabel('工号', { exact: true })).toBeFocused()
  await page.keyboard.type('1001')
  await adding.getByLabel('坐席姓名', { exact: true }).fill('安娜')
  await adding.getByLabel('首次口令', { exact: true }).fill(given)
  await adding.getByLabel('再输入一次', { exact: true }).fill(given)
  await seat.picture('add-person')
  await page.keyboard.press('Enter')
  await expect(adding).toHaveCount(0)
  const changing = await menu('修改口令')
  await expect(changing.getByLabel('原口令', { exact: true })).toBeFocused()
  await page.keyboard.type(administrator)
  await changing.getByLabel('新口令', { exact: true }).fill('Guanliyuan-2027')
  await changing.getByLabel('再输入一次', { exact: true }).fill('Guanliyuan-2027')
  await seat.picture('change-password')
  await page.keyboard.press('Enter')
  await expect(changing).toHaveCount(0)

  await seat.button('换人').click()
  await expect(seat.text('按工号或姓名查找')).toBeFocused()
  await page.keyboard.type('1001')
  await page.keyboard.press('Enter')
  await expect(field('口令')).toBeFocused()
  await page.keyboard.type(given)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: '请设置自己的口令' })).toBeVisible()
  await expect(field('新口令')).toBeFocused()
  await page.keyboard.type(given)
  await field('再输入一次').fill(given)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toContainText('新口令与原口令相同')
  await seat.picture('replace-password')
  await field('新口令').fill(own)
  await field('再输入一次').fill(own)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('navigation')).toBeVisible()
  await seat.button('账号').press('Enter')
  await expect(page.getByRole('menuitem', { name: '修改口令', exact: true })).toBeVisible()
  await expect(page.getByRole('menuitem', { name: '添加坐席人员', exact: true })).toHaveCount(0)
  await page.keyboard.press('Escape')

  await page.setViewportSize({ width: 1024, height: 700 })
  await page.keyboard.press('Control+l')
  const locked = page.getByRole('dialog', { name: '坐席已锁定', exact: true })
  await seat.picture('locked-1024')
  await expect(locked.getByLabel('口令', { exact: true })).toBeFocused()
  await page.keyboard.type(given)
  await page.keyboard.press('Enter')
  await expect(locked.getByRole('alert')).toContainText('工号或口令不正确')
  await page.keyboard.type(own)
  await page.keyboard.press('Enter')
  await expect(locked).toHaveCount(0)
})
