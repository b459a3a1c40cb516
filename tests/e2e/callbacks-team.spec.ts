/** What a supervisor does with others' callbacks, and what is done without the centre. */
import { testPolicy } from '../support/callback-centre.ts'
import { until } from '../support/seat-process.ts'
import { TestSeat } from '../sync/seats.ts'
import { test } from './callback-fixture.ts'
import { expect, type Seat } from './seat-fixture.ts'
import { enrolAt } from './with-centre.ts'

const list = (seat: Seat) => seat.region('回拨列表')
const hand = (seat: Seat) => seat.region('回拨任务')
const selected = (seat: Seat) => seat.region('经过')
const rowOf = (seat: Seat, end: string) =>
  list(seat)
    .getByRole('row')
    .filter({ hasText: `199****${end}` })

async function confirm(seat: Seat, title: string, reason: string) {
  await selected(seat).getByRole('button', { name: title, exact: true }).click()
  const dialog = seat.page.getByRole('dialog', { name: title })
  await expect(dialog.getByLabel('原因')).toBeFocused()
  await seat.page.keyboard.type(reason)
  await seat.page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
}

test('a supervisor takes over, assigns, releases and removes, and takes a removal back', async ({
  seat,
  centre,
}) => {
  test.setTimeout(240_000)
  await centre.publish('1', testPolicy)
  await seat.start()
  await seat.signIn()
  const { page } = seat
  await enrolAt(seat, centre.url, centre.enrolmentCodes[0] ?? '')
  await seat.button('换人').click()
  await expect(page.getByRole('textbox', { name: '按工号或姓名查找' })).toBeFocused()
  await page.keyboard.type('1002')
  await page.keyboard.press('Enter')
  await expect(page.getByLabel('口令', { exact: true })).toBeFocused()
  await page.keyboard.type('yanshi-12345')
  await page.keyboard.press('Enter')
  await seat.ready()
  const other = new TestSeat()
  try {
    await other.start()
    await other.enrol(centre.url, centre.enrolmentCodes[1] ?? '')
    await other.settled(60_000)
    await other.signInAtCentre('1001')
    const { callbacks } = other.core.seat
    const [result] = await centre.miss({ originalCallId: 'one', number: '19900000501' })
    const taskId = result?.outcome === 'opened' ? (result.taskId ?? '') : ''
    const there = (what: string, is: (row: { state: string }) => boolean) =>
      until(
        async () => (await callbacks.list({ show: 'open', limit: 10 })).rows.some(is),
        60_000,
        `the other seat to see it ${what}`,
      )
    const claims = async () => {
      await there('open', ({ state }) => state === 'open')
      expect((await callbacks.claim({ taskId })).outcome).toBe('granted')
    }
    const lost = () =>
      until(
        async () => (await callbacks.held({}))?.phase === 'lapsed',
        60_000,
        'the other seat to have lost it',
      ).then(() => callbacks.putAway({ taskId }))

    await claims()
    await page.keyboard.press('Alt+b')
    const row = rowOf(seat, '0501')
    await expect(row).toContainText('已领取', { timeout: 60_000 })
    await expect(row).toContainText('林晓岚')
    await row.getByRole('button').click()
    await selected(seat).getByRole('button', { name: '接管', exact: true }).click()
    await expect(hand(seat)).toContainText('199 0000 0501')
    await expect(hand(seat)).toContainText('领取剩余')
    await lost()
    await expect(selected(seat)).toContainText('班长接管')
    await seat.picture('callbacks-taken-over')
    await page.keyboard.press('Alt+x')
    await expect(row).toContainText('待领取')

    await selected(seat).getByRole('button', { name: '指派', exact: true }).click()
    const assign = page.getByRole('dialog', { name: '指派' })
    await expect(assign).toBeVisible()
    await assign.getByLabel('指派给').fill('1001')
    await page.keyboard.press('Enter')
    await assign.getByRole('button', { name: '确定', exact: true }).click()
    await expect(assign).toBeHidden()
    await expect(row).toContainText('指派给 林晓岚')
    await expect(row).toContainText('先给他人')

    await claims()
    await expect(row).toContainText('已领取', { timeout: 60_000 })
    await confirm(seat, '放行', '坐席已离席')
    await expect(row).toContainText('先给他人')
    await lost()

    await confirm(seat, '移除', '市民已当面答复')
    await expect(row).toHaveCount(0)
    await list(seat).getByText('已关闭', { exact: true }).click()
    await expect(row).toContainText('班长移除')
    await seat.picture('callbacks-removed')
    await row.getByRole('button').click()
    await confirm(seat, '撤销关闭', '误移除')
    await expect(row).toHaveCount(0)
    await list(seat).getByText('待办', { exact: true }).click()
    await expect(row).toContainText('先给他人')
    await there('open again', ({ state }) => state === 'open')
  } finally {
    await other.remove()
  }
})

test('without the centre, where the branch allows it: the seat’s own missed calls, marked for the centre', async ({
  seat,
  centre,
}) => {
  test.setTimeout(240_000)
  await centre.publish('1', { ...testPolicy, offlineBranches: ['云澜中心'] })
  await seat.start()
  await seat.signIn()
  const { page } = seat
  await enrolAt(seat, centre.url, centre.enrolmentCodes[0] ?? '')
  await page.keyboard.press('Alt+1')
  const [answers, busy] = ['19900000311', '19900000001']
  for (const from of [answers, busy]) {
    const call = await seat.citizenCalls({ from })
    await expect(seat.button('接听')).toBeVisible()
    await seat.control(`/calls/${encodeURIComponent(call)}`, { method: 'DELETE' })
    await expect(seat.button('接听')).toBeHidden()
  }
  await page.keyboard.press('Alt+b')
  await expect(rowOf(seat, '0311')).toBeVisible({ timeout: 60_000 })
  await expect(rowOf(seat, '0001')).toBeVisible({ timeout: 60_000 })
  const own = seat.region('本席漏接')
  await expect(own).toHaveCount(0)
  await centre.end('SIGKILL')
  await expect(own).toBeVisible({ timeout: 60_000 })
  await expect(own).toContainText('其他坐席可能也在回拨')
  const ownRow = (end: string) => own.getByRole('listitem').filter({ hasText: `199****${end}` })
  await expect(ownRow('0311')).toContainText('漏接 1 次')
  await seat.picture('callbacks-own-missed')

  await ownRow('0311').getByRole('button', { name: '离线回拨', exact: true }).click()
  await expect(seat.region('电话')).toContainText('通话中', { timeout: 30_000 })
  await expect(hand(seat)).toContainText('199 0000 0311')
  await page.keyboard.press('F4')
  await expect(hand(seat).getByRole('button', { name: '已接通' })).toBeFocused()
  await seat.picture('callbacks-own-reached')
  await page.keyboard.press('2')
  await expect(hand(seat)).toContainText('手上没有回拨任务')
  await expect(ownRow('0311')).toHaveCount(0)

  await ownRow('0001').getByRole('button', { name: '离线回拨', exact: true }).click()
  await expect(hand(seat).getByRole('button', { name: '占线' })).toBeFocused({ timeout: 30_000 })
  await page.keyboard.press('Enter')
  await expect(hand(seat)).toContainText('手上没有回拨任务')
  await expect(ownRow('0001')).toContainText('本席已拨 1 次 · 占线')
  await expect(ownRow('0001').getByRole('button')).toBeDisabled()

  const again = await centre.again()
  try {
    await expect(own).toHaveCount(0, { timeout: 60_000 })
    await expect(rowOf(seat, '0311')).toHaveCount(0, { timeout: 60_000 })
    await expect(rowOf(seat, '0001')).toContainText('未到时间', { timeout: 60_000 })
    await rowOf(seat, '0001').getByRole('button').click()
    await expect(selected(seat)).toContainText('离线回拨', { timeout: 30_000 })
  } finally {
    await again.end()
  }
})
