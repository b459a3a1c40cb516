/** 两步验证: whom the city's policy asks for it sets it up at the gate, and enters with a code from then on, also without the centre. */
import { join } from 'node:path'
import { Secret, TOTP } from 'otpauth'
import { identityPolicyName } from '../../shared/domain/identity-policy.ts'
import { beforeItServes, startCallbackCentre } from '../support/callback-centre.ts'
import { expect, test } from './seat-fixture.ts'

const password = 'yanshi-12345'

test('a lead sets up the second factor at the gate, and signs in with its codes', async ({ seat }) => {
  test.setTimeout(360_000)
  const folder = join(seat.scratch, 'centre')
  // The demonstration's people are there once it has served.
  const first = await startCallbackCentre(folder)
  await first.publish('1', { secondFactor: ['lead'] }, identityPolicyName)
  await first.end()
  await beforeItServes(folder, undefined, central => central.secondFactors.open('demo-1002', null))
  const centre = await first.again()
  try {
    await seat.start()
    await seat.signIn('9001')
    const { page } = seat
    await page.keyboard.press('Alt+4')
    await seat.text('中心平台地址').fill(centre.url)
    await seat.button('保存设置').click()
    await expect(page.getByRole('status').filter({ hasText: '已保存' })).toBeVisible()
    await page.keyboard.press('Alt+0')
    await seat.button('登记本坐席').click()
    await page
      .getByRole('dialog', { name: '登记本坐席' })
      .getByLabel('登记码')
      .fill(first.enrolmentCodes[0] ?? '')
    await page.keyboard.press('Enter')
    await expect(page.getByText('本坐席已登记到中心，请用中心的工号登录')).toBeVisible()

    const enterPassword = async () => {
      await expect(seat.text('按工号或姓名查找')).toBeFocused()
      await page.keyboard.type('1002')
      await page.keyboard.press('Enter')
      await expect(page.getByLabel('口令', { exact: true })).toBeFocused()
      await page.keyboard.type(password)
      await page.keyboard.press('Enter')
    }
    await enterPassword()
    await expect(page.getByRole('heading', { name: '登记两步验证' })).toBeVisible({ timeout: 30_000 })
    const shown = page.locator('.factor-secret')
    await expect(shown).toBeVisible({ timeout: 30_000 })
    await expect(page.locator('.factor svg')).toBeVisible()
    await seat.picture('second-factor-qr')
    const totp = new TOTP({ secret: Secret.fromBase32((await shown.innerText()).replaceAll(' ', '')) })
    const code = page.getByLabel('动态验证码', { exact: true })
    await code.fill('000000')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('alert')).toContainText('动态验证码不正确')
    await code.fill(totp.generate())
    await page.keyboard.press('Enter')
    const recovery = page.getByRole('dialog', { name: '恢复码', exact: true })
    await expect(recovery.getByRole('listitem')).toHaveCount(10, { timeout: 30_000 })
    await seat.picture('recovery-codes')
    const [spare] = await recovery.getByRole('listitem').allInnerTexts()
    await seat.button('已保存好，继续').click()
    await expect(recovery).toHaveCount(0)
    await seat.ready()

    await seat.button('换人').click()
    await enterPassword()
    await expect(code).toBeFocused({ timeout: 30_000 })
    await seat.picture('second-factor-code')
    await page.keyboard.type(spare ?? '')
    await page.keyboard.press('Enter')
    await seat.ready()
    // Once more: a recovery code works once.
    await seat.button('换人').click()
    await enterPassword()
    await expect(code).toBeFocused({ timeout: 30_000 })
    await page.keyboard.type(spare ?? '')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('alert')).toContainText('动态验证码不正确')
  } finally {
    await centre.end()
  }
})
