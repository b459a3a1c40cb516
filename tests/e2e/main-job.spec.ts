import { expect, test } from './seat-fixture.ts'

test('a call rings, is answered by keyboard, the case is saved; after a power cut case and second draft are back', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  await seat.picture('workbench-empty')

  const callId = await seat.citizenCalls({ from: '19900000101', dialect: '澜湾话', displayName: '模拟市民' })
  await expect(seat.region('电话')).toContainText('199 0000 0101')
  await expect(seat.region('电话')).toContainText('澜湾话')
  await expect(seat.region('来电人')).toContainText('首次来电')
  await expect(seat.region('来电人')).toContainText('仅本机记录')
  await seat.picture('ringing')

  await seat.page.keyboard.press('F2')
  await expect(seat.button('挂断')).toBeVisible()
  await expect(seat.text('标题')).toBeFocused()
  const heard = await seat.heardForAnother(callId, 1)
  console.log(`the citizen hears the seat at ${heard.heardLevelDbfs} dBFS`)

  await seat.page.keyboard.type('社保卡丢失补办')
  await seat.page.keyboard.press('Tab')
  await seat.page.keyboard.type('市民的社保卡上周丢失，咨询补办材料、地点和时限。')
  await expect(seat.text('联系电话')).toHaveValue('19900000101')
  await seat.page.keyboard.press('Control+Enter')
  await expect(seat.region('工单')).toContainText('还缺少：处置方式')
  await seat.page.keyboard.press('Alt+5')
  await expect(seat.region('工单')).not.toContainText('还缺少')
  await expect(seat.region('工单')).toContainText('已保存到本机')
  await seat.picture('talking')

  await seat.button('保持').click()
  await expect(seat.button('恢复')).toBeVisible()
  expect((await seat.citizen(callId)).held).toBe(true)
  await seat.button('恢复').click()
  await expect(seat.button('保持')).toBeVisible()
  await seat.button('静音').click()
  await expect(seat.button('取消静音')).toBeVisible()
  await seat.button('取消静音').click()
  await seat.heardForAnother(callId, 0.5)

  await seat.page.keyboard.press('Control+Enter')
  const filed = seat.region('工单').locator('.case-number')
  await expect(filed).toHaveText(/^\d{8}-\d{5}-00001$/)
  const caseNumber = await filed.innerText()
  await seat.button('挂断').click()
  await expect(seat.region('电话')).toContainText('已接通')

  await seat.page.keyboard.press('Alt+n')
  await expect(seat.text('标题')).toBeFocused()
  await seat.page.keyboard.type('第二张草稿，还没有提交')
  await expect(seat.region('工单')).toContainText('已保存到本机')

  await seat.powerCut()
  await seat.start()
  // A program that was started again asks who sits there; the form is its owner's.
  await seat.signIn()
  await expect(seat.text('标题')).toHaveValue('第二张草稿，还没有提交')
  await seat.page.keyboard.press('Alt+2')
  await expect(seat.region('工单列表')).toContainText(caseNumber)
  await expect(seat.region('工单列表')).toContainText('社保卡丢失补办')
  await seat.picture('cases')
})
