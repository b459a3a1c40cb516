/** The page is reloaded in a call with a far end that knows no Replaces: nobody can take that call back. */
import { expect } from './lab-fixture.ts'
import { start, talk, test } from './line-fixture.ts'

test('a call that cannot be taken back is recorded as interrupted, may be dialled again, and its form is as it was', async ({
  seat,
  lab,
  line,
}) => {
  await start(seat, lab, line)
  const citizen = await talk(seat, lab)
  await expect(seat.text('标题')).toBeFocused()
  await seat.page.keyboard.type('断开之前写下的')
  await expect(seat.region('工单')).toContainText('已保存到本机')
  await seat.page.reload()
  await expect(seat.region('电话')).toContainText('呼入 · 通话中断')
  await expect(seat.button('挂断')).toBeHidden()
  await expect(seat.text('标题')).toHaveValue('断开之前写下的')
  // It was asked for as it should be, and refused by a phone that does not know it.
  const asked = line.messages.findLast(({ text }) => /^INVITE [^]*\r\nReplaces: /i.test(text))
  expect(asked?.text).toContain('Require: replaces')
  expect(citizen.events().filter(({ type }) => type === 'CALL_INCOMING')).toHaveLength(0)

  await citizen.hangUp()
  await seat.page.getByRole('button', { name: /^回拨 199/ }).click()
  await expect.poll(() => citizen.events().some(({ type }) => type === 'CALL_INCOMING')).toBe(true)
  await seat.page.keyboard.press('F4')
  await expect(seat.region('电话')).toContainText('呼出 · 已取消')
})
