/** 并单 and 纠错 while the centre cannot be reached: kept, told as unsent in plain words, and there once when the line is back. */
import { join } from 'node:path'
import { noCaseFilter } from '../../shared/contract/seat.ts'
import { knowledgeName } from '../../shared/domain/knowledge/article.ts'
import { someArticle, someKnowledge } from '../domain/knowledge/some-articles.ts'
import { startCallbackCentre } from '../support/callback-centre.ts'
import { startTcpLine } from '../support/tcp-line.ts'
import { TestSeat } from '../sync/seats.ts'
import { expect, test } from './seat-fixture.ts'
import { enrolAt, fileCase } from './with-centre.ts'

const matter = '青石巷百味夜宵摊油烟扰民'
const article = '夜宵摊油烟如何处理'
const wrong = '现由生态环境局牵头'

test('the line goes while a repeat is written: the merge and the correction wait, arrive once, and the merge is taken back', async ({
  seat,
}) => {
  test.setTimeout(240_000)
  const centre = await startCallbackCentre(join(seat.scratch, 'centre'))
  const line = await startTcpLine({ port: Number(new URL(centre.url).port) })
  const lead = new TestSeat()
  try {
    await centre.publish(
      '1',
      someKnowledge([someArticle('fume', article, '夜宵摊油烟由城管部门到场核查。')]),
      knowledgeName,
    )
    await seat.start()
    await seat.signIn()
    await enrolAt(seat, `http://127.0.0.1:${line.port}`, centre.enrolmentCodes[0] ?? '')
    await lead.start()
    await lead.enrol(centre.url, centre.enrolmentCodes[1] ?? '', 'demo-1002')
    await lead.signInAtCentre('1002')
    const { page } = seat
    const bar = seat.region('连接状态')
    const atLead = async (number: string) => {
      const { cases } = await lead.core.seat.cases.list({
        filter: { ...noCaseFilter, text: number },
        limit: 10,
        cursor: null,
      })
      const [found] = cases
      return found === undefined ? null : lead.core.seat.cases.get({ caseId: found.caseId })
    }
    const open = async () => (await lead.core.seat.assist.corrections({ state: 'open' })).corrections

    const main = await fileCase(seat, matter)
    await expect.poll(async () => (await atLead(main))?.related, { timeout: 60_000 }).toEqual([])

    await page.keyboard.press('Alt+n')
    await expect(seat.text('标题')).toBeFocused()
    await seat.text('联系电话').fill('19900000102')
    await seat.text('诉求内容').focus()
    await page.keyboard.insertText('楼下百味夜宵摊油烟又飘进来了')
    await expect(seat.region('重复诉求')).toContainText(matter)
    await expect(async () => {
      // The publication comes with the first catch-up; the next pause in typing asks again.
      await page.keyboard.type('。')
      await expect(seat.region('知识建议')).toContainText(article, { timeout: 3_000 })
    }).toPass({ timeout: 60_000 })

    line.cut()
    await expect(bar).toContainText('中心 离线', { timeout: 60_000 })
    await page.keyboard.press('Alt+m')
    await expect(seat.region('重复诉求').getByRole('button', { name: '并单', exact: true })).toHaveAttribute(
      'aria-pressed',
      'true',
    )
    await page.keyboard.press('Alt+j')
    const correct = page.getByRole('dialog', { name: `纠错 · ${article}` })
    await expect(correct.getByRole('textbox', { name: '哪里不对' })).toBeFocused()
    await page.keyboard.insertText(wrong)
    await page.keyboard.press('Control+Enter')
    await expect(correct).toHaveCount(0)
    await page.keyboard.press('Alt+5')
    await page.keyboard.press('Control+Enter')
    await expect(seat.text('标题')).toHaveCount(0)
    const form = seat.region('工单')
    const merged = await form.locator('.case-number').innerText()
    await expect(form).toContainText(`已并入 ${main}`)

    // Kept here, and each told as waiting.
    await page.keyboard.press('Alt+0')
    const sync = seat.region('同步')
    const unsent = (what: string) => sync.getByRole('listitem').filter({ hasText: what })
    await expect(unsent('知识纠错')).toHaveCount(1)
    await expect(unsent('知识纠错')).toContainText('等待上传')
    await expect(unsent('并单')).toHaveCount(1)
    await expect(unsent('并单')).toContainText(merged)
    await expect(unsent('并单')).toContainText('等待上传')
    await expect(bar).toContainText('条待上传')
    await seat.picture('repeats-unsent')
    expect((await atLead(main))?.related).toEqual([])
    expect(await atLead(merged)).toBeNull()
    expect(await open()).toEqual([])

    line.restore()
    await expect(bar).toContainText('中心 已同步', { timeout: 90_000 })
    await expect(sync).toContainText('没有未同步的内容')
    await expect
      .poll(async () => (await atLead(main))?.related, { timeout: 60_000 })
      .toMatchObject([{ kind: 'merged-here', caseNumber: merged, refused: null }])
    expect((await atLead(merged))?.related).toMatchObject([{ kind: 'merged-into', caseNumber: main }])
    expect(await open()).toMatchObject([{ title: article, remark: wrong, operatorName: '林晓岚' }])

    // Taken back by whoever made it, from the list of cases.
    await page.keyboard.press('Alt+2')
    await seat
      .region('工单列表')
      .getByRole('row')
      .filter({ hasText: merged })
      .getByRole('button')
      .first()
      .click()
    const related = page.getByRole('dialog').getByRole('region', { name: '关联工单' })
    await related.getByRole('button', { name: '撤销并单' }).press('Enter')
    await expect(related).not.toContainText('已并入')
    await expect.poll(async () => (await atLead(main))?.related, { timeout: 60_000 }).toEqual([])
    expect(await open()).toHaveLength(1)
  } finally {
    await lead.remove()
    await line.close()
    await centre.end()
  }
})
