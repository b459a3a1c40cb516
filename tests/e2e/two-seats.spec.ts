/** Two seats of one centre change the same case: the operator enrols the seat, is told of the clash, and decides. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { noCaseFilter } from '../../shared/contract/seat.ts'
import { startCentralProcess } from '../central/processes.ts'
import { clusterIn } from '../support/clusters.ts'
import { root } from '../support/seat-process.ts'
import { startTcpLine } from '../support/tcp-line.ts'
import { TestSeat } from '../sync/seats.ts'
import { expect, test } from './seat-fixture.ts'
import { signInWithPassword } from './with-centre.ts'

const longContent = '小区东门外的路灯从上周三起一直不亮，晚上老人和孩子出门都看不清路，已经有人摔倒。'.repeat(
  12,
)

test('a seat is enrolled by hand; what two seats changed is decided field by field; a case is closed, a number shown', async ({
  seat,
}) => {
  test.setTimeout(180_000)
  const folder = join(seat.scratch, 'centre')
  await clusterIn(folder)
  const made = execFileSync(
    process.execPath,
    [join(root, 'central', 'main.ts'), 'enrolment-code', '--branch', '云澜中心', '--data-dir', folder],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const centre = await startCentralProcess(['--data-dir', folder, '--port', '0'])
  const line = await startTcpLine({ port: Number(new URL(centre.url).port) })
  const other = new TestSeat()
  try {
    await seat.start()
    await seat.signIn('9001')
    const { page } = seat
    const bar = seat.region('连接状态')

    await page.keyboard.press('Alt+4')
    await seat.text('中心平台地址').fill('http://10.0.0.1')
    await expect(page.getByRole('alert').filter({ hasText: '其他地址请用 https://' })).toBeVisible()
    await expect(seat.button('保存设置')).toBeDisabled()
    await seat.text('中心平台地址').fill(`http://127.0.0.1:${line.port}`)
    await seat.button('保存设置').click()
    await expect(page.getByRole('status').filter({ hasText: '已保存' })).toBeVisible()

    await page.keyboard.press('Alt+0')
    const sync = seat.region('同步')
    await seat.button('登记本坐席').click()
    const enrolment = page.getByRole('dialog', { name: '登记本坐席' })
    await expect(enrolment.getByLabel('登记码')).toBeFocused()
    await page.keyboard.type('wrong-code')
    await page.keyboard.press('Enter')
    await expect(enrolment.getByRole('alert')).toContainText('登记码无效')
    await seat.picture('enrolment-refused')
    await enrolment.getByLabel('登记码').fill(made.trim().split(' ')[0] ?? '')
    await page.keyboard.press('Enter')
    // Whoever files from here on signs in at the centre, and proves it.
    await expect(page.getByText('本坐席已登记到中心，请用中心的工号登录')).toBeVisible()
    await seat.picture('enrolled')
    await signInWithPassword(seat, '9001')
    await page.keyboard.press('Alt+0')
    await expect(sync).toContainText('在线')

    await page.keyboard.press('Alt+1')
    await page.keyboard.press('Alt+n')
    await expect(seat.text('标题')).toBeFocused()
    await page.keyboard.type('路灯不亮')
    await seat.text('诉求内容').fill(longContent)
    await seat.text('联系电话').fill('19900000101')
    await page.keyboard.press('Alt+5')
    await page.keyboard.press('Control+Enter')
    await expect(bar).toContainText('中心 已同步', { timeout: 60_000 })

    await other.start()
    await other.enrol(centre.url, centre.enrolmentCode, 'demo-1002')
    await other.settled(60_000)
    const [theirs] = (await other.core.seat.cases.list({ filter: noCaseFilter, limit: 1, cursor: null }))
      .cases
    if (theirs === undefined) throw new Error('the case did not arrive at the other seat')

    // Both change the title and the text while the line of this one is cut.
    line.cut()
    await page.keyboard.press('Alt+2')
    await seat.region('工单列表').getByText('路灯不亮').click()
    await seat.button('编辑').click()
    const form = page.getByRole('dialog')
    await expect(form.getByRole('textbox', { name: '标题', exact: true })).toBeFocused()
    await form.getByRole('textbox', { name: '标题', exact: true }).fill('东门路灯不亮')
    await form.getByRole('textbox', { name: '诉求内容', exact: true }).fill(`${longContent}请今晚修好。`)
    await seat.picture('case-edit')
    await form.getByRole('button', { name: '保存修改', exact: true }).click()
    await expect(form.getByText('东门路灯不亮').first()).toBeVisible()
    await seat.picture('case-edited-offline')
    await other.core.seat.cases.edit({
      caseId: theirs.caseId,
      requestId: 'other-edit',
      changes: [
        { field: 'title', from: '路灯不亮', to: '小区路灯全部不亮' },
        { field: 'content', from: longContent, to: `${longContent}共七盏。` },
      ],
    })
    await other.settled(60_000)
    line.restore()

    await expect(bar).toContainText('搁置', { timeout: 90_000 })
    // The drawer of the case is in the way of the mouse, not of the keyboard.
    await page.keyboard.press('Alt+0')
    await expect(sync).toContainText('已搁置（1）')
    await seat.picture('sync-parked')
    await seat.button('处理冲突').click()
    const conflict = page.getByRole('dialog', { name: /^处理冲突/ })
    await expect(conflict).toContainText('小区路灯全部不亮')
    await expect(conflict).toContainText('周伯安')
    await expect(conflict.getByRole('button', { name: '确定', exact: true })).toBeDisabled()
    await conflict.getByRole('radiogroup', { name: '标题' }).getByText('我的').click()
    await conflict.getByRole('radiogroup', { name: '诉求内容' }).getByText('中心的').click()
    await expect(conflict.getByRole('status')).toContainText('以中心的为准：诉求内容')
    await seat.picture('conflict')
    await conflict.getByRole('button', { name: '确定', exact: true }).click()
    await expect(conflict).toHaveCount(0)
    await expect(sync).toContainText('没有未同步的内容', { timeout: 60_000 })
    await expect
      .poll(
        async () => {
          const { fields } = await other.core.seat.cases.get({ caseId: theirs.caseId })
          return [fields.title, fields.content]
        },
        { timeout: 60_000 },
      )
      .toEqual(['东门路灯不亮', `${longContent}共七盏。`])

    await page.keyboard.press('Alt+2')
    const open = page.getByRole('dialog', { name: theirs.caseNumber })
    await open.getByRole('button', { name: '办结', exact: true }).click()
    const move = page.getByRole('dialog', { name: `办结 · ${theirs.caseNumber}` })
    await move.getByLabel('说明').fill('已修好，市民确认')
    await seat.picture('case-move')
    await move.getByRole('button', { name: '确定', exact: true }).click()
    await expect(move).toHaveCount(0)
    await expect(open).toContainText('已办结')
    await seat.picture('case-closed')
    await page.keyboard.press('Escape')

    const list = seat.region('工单列表')
    await expect(list).not.toContainText('19900000101')
    await list.getByRole('button', { name: '查看完整号码' }).first().click()
    await page.getByRole('textbox', { name: '原因', exact: true }).fill('回拨核实')
    await seat.picture('case-reveal')
    await page.keyboard.press('Enter')
    await expect(list).toContainText('19900000101')
  } finally {
    await other.remove()
    await line.close()
    await centre.end()
  }
})
