import { expect, type Seat } from './seat-fixture.ts'

/** A citizen who knows Replaces (RFC 3891) is taken back by a page that has taken the place of the one that had the call. */
export async function takenBack(seat: Seat, how: string, away: () => Promise<unknown>) {
  await seat.start()
  await seat.signIn()
  const callId = await seat.citizenCalls({ from: '19900000211', toneHertz: 600 })
  await expect(seat.button('接听')).toBeVisible()
  await seat.page.keyboard.press('F2')
  await seat.heardForAnother(callId, 0.5)
  await expect(seat.text('标题')).toBeFocused()
  await seat.page.keyboard.type('断开之前写下的')
  await expect(seat.region('工单')).toContainText('已保存到本机')

  const gone = Date.now()
  await away()
  await expect(seat.button('挂断')).toBeVisible()
  await expect(seat.region('电话')).toContainText('通话中')
  await seat.heardForAnother(callId, 0.5)
  console.log(`page ${how}: the citizen heard the operator again within ${Date.now() - gone} ms`)
  expect((await seat.citizen(callId)).state).toBe('talking')
  await expect(seat.text('标题')).toHaveValue('断开之前写下的')

  // Held, resumed and hung up by the other side as if nothing had been.
  await seat.page.keyboard.press('F8')
  await expect(seat.button('恢复')).toBeVisible()
  expect((await seat.citizen(callId)).held).toBe(true)
  await seat.page.keyboard.press('F8')
  await expect(seat.button('保持')).toBeVisible()
  await seat.heardForAnother(callId, 0.3)
  await seat.control(`/calls/${encodeURIComponent(callId)}`, { method: 'DELETE' })
  await expect(seat.button('挂断')).toBeHidden()
  await expect(seat.region('电话')).toContainText('呼入 · 已接通')
  await expect(seat.text('标题')).toHaveValue('断开之前写下的')
}
