import { until } from '../support/seat-process.ts'
import { socketErrors, test } from './own-exchange.ts'
import { expect, type Seat } from './seat-fixture.ts'

const now = (seat: Seat) => seat.region('坐席状态').getByRole('status')

async function talkAndEnd(seat: Seat, from: string) {
  const callId = await seat.citizenCalls({ from })
  await expect(seat.button('接听')).toBeVisible()
  await seat.page.keyboard.press('F2')
  await seat.heardForAnother(callId, 0.3)
  await expect(now(seat)).toContainText('通话')
  await seat.control(`/calls/${encodeURIComponent(callId)}`, { method: 'DELETE' })
}

async function discardDraft(seat: Seat) {
  await seat.button('放弃').click()
  await seat.page.locator('.ant-popconfirm').getByRole('button', { name: '放弃', exact: true }).click()
}

test('a shift: ready, a break with its reason, an outgoing call and back to the break, wrap-up extended and ended', async ({
  seat,
  own,
}) => {
  await own.start(seat, { wrapUpSeconds: 20 })
  await seat.signIn()
  await expect(now(seat)).toContainText('示忙')
  await seat.button('示闲').click()
  await expect(now(seat)).toContainText('示闲')
  await seat.button('小休').click()
  await seat.picture('seat-state-break-reasons')
  await seat.page.getByRole('menuitem', { name: '用餐' }).click()
  await expect(now(seat)).toContainText('小休')
  await expect(now(seat)).toContainText('用餐')

  await seat.page.keyboard.press('F9')
  await seat.page.keyboard.type('09995550611')
  await seat.page.keyboard.press('Enter')
  await expect(now(seat)).toContainText('通话')
  await expect(now(seat)).toContainText('之后：小休')
  await expect(seat.region('电话')).toContainText('通话中')
  await seat.page.keyboard.press('F4')
  await expect(now(seat)).toContainText('用餐')
  await discardDraft(seat)

  await seat.page.keyboard.press('Control+F2')
  await expect(now(seat)).toContainText('示闲')
  await talkAndEnd(seat, '19900000612')
  await expect(now(seat)).toContainText('话后整理')
  await expect(now(seat)).toContainText(/剩 0:(20|1\d)/)
  await seat.button('延长 1 分钟').click()
  await expect(now(seat)).toContainText(/剩 1:(20|1\d)/)
  await seat.picture('seat-state-wrap-up')
  await seat.button('结束整理').click()
  await expect(now(seat)).toContainText('示闲')
})

test('wrap-up runs out by itself; a call whose case was left out is listed until one is filed', async ({
  seat,
  own,
}) => {
  await own.start(seat, { wrapUpSeconds: 4 })
  await seat.signIn()
  await seat.button('示闲').click()
  await talkAndEnd(seat, '19900000613')
  await expect(now(seat)).toContainText('话后整理')
  // Asked for in wrap-up's time: nothing but the clock ends it.
  await expect(now(seat)).toContainText('示闲', { timeout: 20_000 })
  // Its form is still open, and missing all the same.
  await expect(seat.region('电话')).toContainText('待补工单（1）')
  await discardDraft(seat)
  await expect(seat.region('电话')).toContainText('待补工单（1）')
  await seat.picture('calls-without-case')
  await seat.region('电话').getByRole('button', { name: /^补录/ }).click()
  await expect(seat.text('联系电话')).toHaveValue('19900000613')
  await expect(seat.text('标题')).toBeFocused()
  await seat.page.keyboard.type('补录的工单')
  await seat.text('诉求内容').fill('市民来电反映路灯不亮。')
  await seat.page.keyboard.press('Alt+5')
  await seat.page.keyboard.press('Control+Enter')
  await expect(seat.region('工单').locator('.case-number')).toBeVisible()
  await expect(seat.region('电话')).not.toContainText('待补工单')
})

test('a seat that loses its exchange is not ready, says why, and is ready again by itself; one that was busy stays so', async ({
  seat,
  own,
}) => {
  seat.expected.push(socketErrors)
  await own.start(seat)
  await seat.signIn()
  await seat.button('示闲').click()
  await expect(now(seat)).toContainText('示闲')
  own.line.cut()
  await expect(now(seat)).toContainText('示忙')
  await expect(seat.region('坐席状态')).toContainText('话务台断开，已自动示忙')
  await expect(seat.button('示闲')).toBeDisabled()
  await seat.picture('seat-state-line-lost')
  own.line.restore()
  await expect(now(seat)).toContainText('示闲', { timeout: 20_000 })
  await expect(seat.region('坐席状态')).not.toContainText('话务台断开')

  await seat.button('示忙').click()
  await expect(now(seat)).toContainText('示忙')
  own.line.cut()
  await expect(seat.region('连接状态')).not.toContainText('话务台 已注册')
  await expect(seat.region('坐席状态')).not.toContainText('话务台断开')
  own.line.restore()
  await seat.ready()
  await expect(now(seat)).toContainText('示忙')
})

test('signing out and in again: off, and what was chosen is back after a reload', async ({ seat, own }) => {
  await own.start(seat)
  await seat.signIn()
  await seat.button('小休').click()
  await seat.page.getByRole('menuitem', { name: '培训' }).click()
  await expect(now(seat)).toContainText('培训')
  await seat.page.reload()
  await seat.ready()
  await expect(now(seat)).toContainText('小休')
  await expect(now(seat)).toContainText('培训')
})

test('signed out (下线): nobody rings at an empty seat; whoever sits down next is registered and is called', async ({
  seat,
  own,
}) => {
  await own.start(seat)
  await seat.signIn()
  await seat.button('示闲').click()
  await expect(now(seat)).toContainText('示闲')
  await seat.button('换人').click()
  await expect(seat.text('按工号或姓名查找')).toBeVisible()
  await expect(now(seat)).toContainText('下线')
  const unregistered = () =>
    own.line.messages.some(
      ({ direction, text }) =>
        direction === 'up' && /^REGISTER [^]*\r\n(Expires: 0|Contact:[^\r]*expires=0)\r/i.test(text),
    )
  await until(unregistered, 10_000, 'the seat to say goodbye to the exchange')
  const callId = await seat.citizenCalls({ from: '19900000615' })
  await until(async () => (await seat.citizen(callId)).state === 'ended', 10_000, 'the call to be refused')
  await expect(seat.button('接听')).toHaveCount(0)

  await seat.signIn()
  await expect(now(seat)).not.toContainText('下线')
  await seat.citizenCalls({ from: '19900000616' })
  await expect(seat.button('接听')).toBeVisible()
})
