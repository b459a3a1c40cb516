import { expect, test } from './seat-fixture.ts'

test('whoever leaves leaves nothing in the page, keeps their form, and the next one sees none of it', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  const { page } = seat
  await seat.citizenCalls({ from: '19900007711', displayName: '欧阳模拟戊' })
  await expect(seat.region('电话')).toContainText('欧阳模拟戊')
  await page.keyboard.press('F2')
  await expect(seat.text('标题')).toBeFocused()
  await page.keyboard.type('甲坐席未提交的标题')
  await page.keyboard.press('F4')
  await expect(seat.button('挂断')).toHaveCount(0)
  // With the last keys still on their way.
  await page.keyboard.type('尾')
  await seat.button('换人').click()
  await expect(seat.text('按工号或姓名查找')).toBeFocused()
  const left = await page.evaluate(() => document.documentElement.outerHTML + document.title)
  for (const text of ['甲坐席未提交的标题', '欧阳模拟戊', '19900007711', '199****7711'])
    expect(left).not.toContain(text)
  await expect(page.getByRole('navigation')).toHaveCount(0)
  await seat.picture('signed-out')

  await seat.signIn('1002')
  await expect(seat.text('标题')).toHaveCount(0)
  await expect(seat.region('电话')).not.toContainText('欧阳模拟戊')
  await page.keyboard.press('Alt+0')
  await expect(seat.region('同步')).toContainText('他人未提交的草稿 1 份')
  await seat.button('换人').click()

  await seat.signIn()
  await expect(seat.text('标题')).toHaveValue('甲坐席未提交的标题尾')
})
