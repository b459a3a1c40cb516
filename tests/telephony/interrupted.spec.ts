/** The page is reloaded in a call: taken back from a far end that knows Replaces, and ended where it does not. */
import { expect, type Seat, seatExtension, until } from './lab-fixture.ts'
import { audible, start, talk, test } from './line-fixture.ts'

const phone = (seat: Seat) => seat.region('电话')

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

  // The citizen is not left in silence: the old call is ended by the page that could not take it back.
  await until(
    () => citizen.events().some(({ type }) => type === 'CALL_CLOSED'),
    10_000,
    'the old call to end',
  )
  expect(line.messages.findLast(({ text }) => text.startsWith('BYE '))?.direction).toBe('up')
  await seat.page.getByRole('button', { name: /^回拨 199/ }).click()
  await expect.poll(() => citizen.events().some(({ type }) => type === 'CALL_INCOMING')).toBe(true)
  await seat.page.keyboard.press('F4')
  await expect(seat.region('电话')).toContainText('呼出 · 已取消')
})

test('a far end that knows Replaces is taken back through the exchange, and everything works on the new dialog', async ({
  seat,
  lab,
  line,
}) => {
  await start(seat, lab, line)
  const citizen = await lab.citizen('19900000161')
  await citizen.dial(seatExtension)
  await expect(seat.button('接听')).toBeVisible()
  await seat.page.keyboard.press('F2')
  const heardAgain = async () => {
    const before = citizen.talking()?.heard().seconds ?? 0
    await until(
      () => (citizen.talking()?.heard().seconds ?? 0) > before + 0.5,
      20_000,
      'the operator to be heard',
    )
  }
  await heardAgain()
  await expect(seat.text('标题')).toBeFocused()
  await seat.page.keyboard.type('断开之前写下的')
  await expect(seat.region('工单')).toContainText('已保存到本机')
  const before = citizen.talking()?.callId
  const since = Date.now()
  await seat.page.reload()
  await until(
    () => citizen.talking()?.callId !== before,
    20_000,
    'another dialog in the place of the old one',
  )
  await until(() => (citizen.talking()?.heard().seconds ?? 0) > 0.3, 20_000, 'the operator to be heard again')
  console.log(
    `reloaded: the citizen heard the operator again within ${Date.now() - since} ms, through Kamailio`,
  )
  await expect(phone(seat)).toContainText('通话中')
  await expect(seat.text('标题')).toHaveValue('断开之前写下的')
  await audible(seat)
  await seat.page.keyboard.press('F8')
  await expect(seat.button('恢复')).toBeVisible()
  expect(citizen.talking()?.held()).toBe(true)
  await seat.page.keyboard.press('F8')
  await expect(seat.button('保持')).toBeVisible()
  await heardAgain()
  citizen.talking()?.hangUp()
  await expect(seat.button('挂断')).toBeHidden()
  await expect(phone(seat)).toContainText('呼入 · 已接通')
})
