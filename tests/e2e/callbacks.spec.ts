/** 回拨 with a centre beside the seat: missed, listed, claimed by one seat alone, rung under its fence, closed. */
import { join } from 'node:path'
import { startCallbackCentre, testPolicy } from '../support/callback-centre.ts'
import { until } from '../support/seat-process.ts'
import { TestSeat } from '../sync/seats.ts'
import { expect, test } from './seat-fixture.ts'
import { enrolAt } from './with-centre.ts'

const answering = '19900000311'
const busy = '19900000001'

test('a missed call is called back once: claimed, dialled, answered, confirmed; others are told who has it', async ({
  seat,
}) => {
  test.setTimeout(240_000)
  const centre = await startCallbackCentre(join(seat.scratch, 'centre'))
  const other = new TestSeat()
  try {
    await centre.publish('1', testPolicy)
    await seat.start()
    await seat.signIn()
    const { page } = seat
    const invites: string[] = []
    page.on('websocket', socket =>
      socket.on('framesent', ({ payload }) => {
        const text = String(payload)
        if (text.startsWith('INVITE ')) invites.push(text)
      }),
    )
    await enrolAt(seat, centre.url, centre.enrolmentCodes[0] ?? '')
    await other.start()
    await other.enrol(centre.url, centre.enrolmentCodes[1] ?? '', 'demo-1002')
    await until(
      async () => (await other.core.seat.sync.status({})).centre === 'online',
      60_000,
      'the other seat to be online',
    )
    await other.signInAtCentre('1002')

    await page.keyboard.press('Alt+b')
    const list = seat.region('回拨列表')
    const hand = seat.region('回拨任务')
    await expect(list).toContainText('没有待回拨的来电')
    await expect(list.getByRole('button', { name: '领取', exact: true })).toBeDisabled()
    await seat.picture('callbacks-empty')

    // The citizen gives up while this seat rings, and calls once more through the exchange's own report.
    await page.keyboard.press('Alt+1')
    const call = await seat.citizenCalls({ from: answering })
    await expect(seat.region('电话')).toContainText('199 0000 0311')
    await seat.control(`/calls/${encodeURIComponent(call)}`, { method: 'DELETE' })
    const longAgo = new Date(Date.now() - 3 * 3_600_000).toISOString()
    await centre.miss(
      { originalCallId: 'again', number: `+86${answering}` },
      { originalCallId: 'withheld', number: null, withheld: true },
      {
        originalCallId: 'busy',
        number: busy,
        missedAt: longAgo,
        note: '小区停水两天了，老人和孩子都没有水喝。'.repeat(20),
      },
    )
    await page.keyboard.press('Alt+b')
    await expect(page.getByText('有 1 个回拨已到期')).toBeVisible({ timeout: 60_000 })
    const row = list.getByRole('row').filter({ hasText: '199****0311' })
    await expect(row).toContainText('2 次', { timeout: 60_000 })
    await expect(row).toContainText('待领取')
    await expect(row).toContainText('已等')
    await expect(list).toContainText('匿名来电 1 次')
    await expect(list.getByRole('row').filter({ hasText: '199****0001' })).toContainText('提到“停水”')
    await seat.picture('callbacks-list')

    // Both press at one moment.
    await until(
      async () =>
        (await other.core.seat.callbacks.list({ show: 'open', limit: 10 })).rows.some(
          ({ calls }) => calls === 2,
        ),
      60_000,
      'the task to be at the other seat',
    )
    const { rows } = await other.core.seat.callbacks.list({ show: 'open', limit: 10 })
    const taskId = rows.find(({ calls }) => calls === 2)?.taskId ?? ''
    await row.getByRole('button').click()
    const [theirs] = await Promise.all([
      other.core.seat.callbacks.claim({ taskId }),
      list.getByRole('button', { name: '领取', exact: true }).click(),
    ])
    if (theirs.outcome === 'granted') {
      await expect(list.getByRole('alert').filter({ hasText: '周伯安 已领取' })).toBeVisible()
      await seat.picture('callbacks-refused')
      await other.core.seat.callbacks.decline({ taskId, reason: '' })
      await expect(row).toContainText('待领取', { timeout: 60_000 })
      await list.getByRole('button', { name: '领取', exact: true }).click()
    } else expect(theirs.passed[0]?.heldBy?.operatorName).toBe('林晓岚')

    await expect(hand).toContainText('199 0000 0311')
    await expect(hand).toContainText('领取剩余')
    await expect(hand.getByRole('region', { name: '来电人' })).toContainText('漏接 1 次')
    await seat.picture('callbacks-claimed')
    await page.keyboard.press('Alt+h')
    await expect(seat.region('电话')).toContainText('通话中', { timeout: 30_000 })
    expect(invites).toHaveLength(1)
    expect(invites[0]).toMatch(new RegExp(`X-Zuoxi-Callback: ${taskId};fence=\\d+;until=\\d+`))
    await expect(hand).toContainText('通话中，任务已关闭', { timeout: 30_000 })
    await seat.picture('callbacks-talking')
    await page.keyboard.press('F4')
    await expect(hand).toContainText('请选择结果')
    await expect(hand.getByRole('button', { name: '已接通' })).toBeFocused()
    await seat.picture('callbacks-reached')
    await page.keyboard.press('2')
    await expect(list).toBeVisible()
    await expect(row).toHaveCount(0)
    await list.getByText('已关闭', { exact: true }).click()
    await expect(row).toContainText('无诉求', { timeout: 60_000 })

    await page.keyboard.press('Alt+1')
    await expect(seat.text('标题')).toHaveCount(0)
    await page.keyboard.press('Alt+b')

    // Busy: proposed, and confirmed by one key.
    await list.getByText('待办', { exact: true }).click()
    await page.keyboard.press('Alt+l')
    await expect(hand).toContainText('199 0000 0001')
    await page.keyboard.press('Alt+h')
    await expect(hand.getByRole('button', { name: '占线' })).toBeFocused({ timeout: 30_000 })
    await seat.picture('callbacks-busy')
    await page.keyboard.press('Enter')
    const tried = list.getByRole('row').filter({ hasText: '199****0001' })
    await expect(tried).toContainText('占线')
    await expect(tried).toContainText('未到时间')

    // What the citizen asks for.
    await centre.miss({ originalCallId: 'later', number: '19900000312' })
    await expect(list).toContainText('199****0312', { timeout: 60_000 })
    await page.keyboard.press('Alt+l')
    await expect(hand).toContainText('199 0000 0312')
    await page.keyboard.press('Alt+g')
    const dialog = page.getByRole('dialog', { name: '改约' })
    await expect(dialog.getByLabel('改约到')).toBeFocused()
    await dialog.getByLabel('来电人的要求').fill('下班以后')
    await seat.picture('callbacks-reschedule')
    await page.keyboard.press('Enter')
    await expect(list.getByRole('row').filter({ hasText: '199****0312' })).toContainText('约在')
    await expect(hand).toContainText('手上没有回拨任务')

    // The machine sleeps between the report and the INVITE: none goes, and the line is said to have failed.
    await centre.miss({ originalCallId: 'late', number: '19900000313' })
    await expect(list).toContainText('199****0313', { timeout: 60_000 })
    await page.keyboard.press('Alt+l')
    await expect(hand).toContainText('199 0000 0313')
    const before = invites.length
    await page.evaluate(() => {
      const { mediaDevices } = navigator
      const open = mediaDevices.getUserMedia.bind(mediaDevices)
      const now = Date.now.bind(Date)
      mediaDevices.getUserMedia = async constraints => {
        const stream = await open(constraints)
        mediaDevices.getUserMedia = open
        Date.now = () => now() + 600_000
        return stream
      }
    })
    await page.keyboard.press('Alt+h')
    const late = list.getByRole('row').filter({ hasText: '199****0313' })
    await expect(late).toContainText('线路原因未拨通', { timeout: 30_000 })
    await expect(list.getByRole('alert').filter({ hasText: '没有拨出' })).toBeVisible()
    expect(invites).toHaveLength(before)
    await seat.picture('callbacks-too-late')

    // Without the centre.
    await centre.end('SIGKILL')
    await expect(list.getByRole('status').filter({ hasText: '现在不能领取' })).toBeVisible({
      timeout: 60_000,
    })
    await expect(list.getByRole('button', { name: '领取', exact: true })).toBeDisabled()
    await expect(tried).toBeVisible()
    await seat.picture('callbacks-offline')
  } finally {
    await other.remove()
    await centre.end()
  }
})
