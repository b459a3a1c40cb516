/** A repeat as an operator meets it, by keyboard: 关联, 并单 and 催办 while the form is open, taken back in the case, 纠错 of an answer. */
import { join } from 'node:path'
import { noCaseFilter } from '../../shared/contract/seat.ts'
import { knowledgeName } from '../../shared/domain/knowledge/article.ts'
import { someArticle, someKnowledge } from '../domain/knowledge/some-articles.ts'
import { startCallbackCentre } from '../support/callback-centre.ts'
import { TestSeat } from '../sync/seats.ts'
import { expect, type Seat, test } from './seat-fixture.ts'
import { enrolAt, fileCase } from './with-centre.ts'

const matter = '青石巷百味夜宵摊油烟扰民'

/** A form about the same matter, with the repeat found; what is typed is the caller's. */
async function typeRepeat(seat: Seat, text: string): Promise<void> {
  await seat.page.keyboard.press('Alt+1')
  await seat.page.keyboard.press('Alt+n')
  await expect(seat.text('标题')).toBeFocused()
  // The number alone finds the caller's own cases, as when a call pops up.
  await seat.text('联系电话').fill('19900000101')
  await expect(seat.region('重复诉求')).toContainText('同一号码')
  await seat.text('诉求内容').focus()
  await seat.page.keyboard.type(text)
  await expect(seat.region('重复诉求')).toContainText(matter)
}

async function submit(seat: Seat): Promise<string> {
  await seat.text('联系电话').fill('19900000102')
  await seat.page.keyboard.press('Alt+5')
  await seat.page.keyboard.press('Control+Enter')
  await expect(seat.text('标题')).toHaveCount(0)
  return seat.region('工单').locator('.case-number').innerText()
}

async function openCase(seat: Seat, number: string) {
  await seat.page.keyboard.press('Alt+2')
  await seat
    .region('工单列表')
    .getByRole('row')
    .filter({ hasText: number })
    .getByRole('button')
    .first()
    .click()
  const page = seat.page.getByRole('dialog')
  await expect(page).toContainText(number)
  return page
}

test('without a centre: merged and linked by a key each with what the form is filed as, urged at once, taken back in the case', async ({
  seat,
}) => {
  test.setTimeout(240_000)
  await seat.start()
  await seat.signIn()
  const { page } = seat
  const main = await fileCase(seat, matter)
  const repeats = seat.region('重复诉求')

  // The place is proposed from what is typed, in its parts.
  await typeRepeat(seat, '住在青石巷12号，楼下百味夜宵摊油烟飘进来')
  const place = seat.region('填单建议').getByRole('listitem', { name: '详细地点' })
  await expect(place).toContainText('道路 青石巷 · 门牌 12号')
  await place.getByRole('button', { name: '采用', exact: true }).click()
  await expect(seat.text('详细地点')).toHaveValue('青石巷12号')

  // Out of Tab's way, and one key away.
  await page.keyboard.press('Alt+o')
  await expect(seat.text('来电人原话')).toBeFocused()

  // Chosen by a key, without leaving the text; the other choice takes its place.
  await seat.text('诉求内容').focus()
  await page.keyboard.press('Alt+r')
  await expect(repeats.getByRole('button', { name: '关联', exact: true })).toHaveAttribute(
    'aria-pressed',
    'true',
  )
  await page.keyboard.press('Alt+m')
  await expect(repeats.getByRole('button', { name: '并单', exact: true })).toHaveAttribute(
    'aria-pressed',
    'true',
  )
  await expect(repeats.getByRole('button', { name: '关联', exact: true })).toHaveAttribute(
    'aria-pressed',
    'false',
  )
  await expect(seat.text('诉求内容')).toBeFocused()
  await seat.picture('repeats-chosen')
  const merged = await submit(seat)
  await expect(seat.region('工单')).toContainText(`已并入 ${main}`)
  await seat.picture('repeats-filed')

  // In the case: merged, no dispatch, its caller still to be answered; taken back.
  const drawer = await openCase(seat, merged)
  const related = drawer.getByRole('region', { name: '关联工单' })
  await expect(related).toContainText('已并入')
  await expect(related).toContainText(main)
  await expect(drawer.getByRole('region', { name: '办理过程' })).toContainText(`并单，并入`)
  await expect(drawer.getByRole('button', { name: '派单', exact: true })).toHaveCount(0)
  await seat.picture('case-merged')
  await related.getByRole('button', { name: '撤销并单' }).press('Enter')
  await expect(related).not.toContainText('已并入')
  await expect(drawer.getByRole('button', { name: '派单', exact: true })).toBeVisible()
  await expect(drawer.getByRole('region', { name: '办理过程' })).toContainText('撤销并单')

  // Once more by its number, and from the main case's side.
  await related.getByRole('textbox', { name: '工单编号' }).fill(main)
  await related.getByRole('button', { name: '并单', exact: true }).press('Enter')
  await expect(related).toContainText('已并入')
  await related.getByRole('button', { name: main }).press('Enter')
  await expect(related).toContainText('并入本单')
  await expect(related).toContainText('待回复来电人')
  await seat.picture('case-main')

  // Closing the main case says whom it does not answer.
  await drawer.getByRole('button', { name: '办结', exact: true }).press('Enter')
  const closing = page.getByRole('dialog', { name: /^办结/ })
  await expect(closing).toContainText('还有 1 件没有回复来电人')
  await closing.getByRole('button', { name: '确定', exact: true }).press('Enter')
  await expect(closing).toHaveCount(0)
  await expect(drawer).toContainText('已办结')
  await expect(related).toContainText('待回复来电人')
  await page.keyboard.press('Escape')

  // An edit of what was said keeps the caller's own words.
  const again = await openCase(seat, merged)
  await again.getByRole('button', { name: '编辑', exact: true }).press('Enter')
  await again.getByRole('textbox', { name: '诉求内容', exact: true }).fill('夜宵摊油烟扰民')
  await page.keyboard.press('Tab')
  await expect(again.getByRole('radio', { name: '咨询', exact: true })).toBeFocused()
  await again.getByRole('button', { name: '保存修改', exact: true }).press('Enter')
  await expect(again).toContainText('来电人原话')
  await expect(again).toContainText('楼下百味夜宵摊油烟飘进来')
  await seat.picture('caller-words')
})

test('with a centre: a dispatched repeat is urged, a merge reaches the other seat, and 纠错 reaches who decides', async ({
  seat,
}) => {
  test.setTimeout(300_000)
  const folder = join(seat.scratch, 'centre')
  const centre = await startCallbackCentre(folder, 2)
  const other = new TestSeat()
  try {
    await centre.publish(
      '1',
      someKnowledge([someArticle('fume', '夜宵摊油烟如何处理', '夜宵摊油烟由城管部门到场核查。')]),
      knowledgeName,
    )
    await seat.start()
    await seat.signIn()
    await enrolAt(seat, centre.url, centre.enrolmentCodes[0] ?? '')
    await other.start()
    await other.enrol(centre.url, centre.enrolmentCodes[1] ?? '', 'demo-1002')
    await other.signInAtCentre('1002')
    const { page } = seat
    const main = await fileCase(seat, matter)
    const repeats = seat.region('重复诉求')
    const found = async (title: string) =>
      (await other.core.seat.cases.list({ filter: { ...noCaseFilter, text: title }, limit: 1, cursor: null }))
        .cases[0]
    await expect.poll(() => found(matter), { timeout: 60_000 }).toBeTruthy()
    const { caseId = '' } = (await found(matter)) ?? {}
    await other.core.seat.cases.move({
      caseId,
      requestId: crypto.randomUUID(),
      move: 'dispatch',
      reason: '',
      order: {
        catalogueVersion: 'test',
        categoryCode: '010201',
        lead: { code: 'C07', name: '城管局' },
        assist: [],
        signBy: null,
        replyBy: null,
        opinion: '',
      },
    })
    await typeRepeat(seat, '楼下百味夜宵摊油烟又飘进来了')
    await expect(async () => {
      // It is found as it stands now: the next pause in typing asks again.
      await page.keyboard.type('。')
      await expect(repeats.getByRole('button', { name: '催办', exact: true })).toBeVisible({ timeout: 3_000 })
    }).toPass({ timeout: 60_000 })
    await page.keyboard.press('Alt+u')
    await expect(repeats.getByRole('status')).toContainText('已催办')
    await page.keyboard.press('Alt+m')
    await expect(repeats.getByRole('button', { name: '并单', exact: true })).toHaveAttribute(
      'aria-pressed',
      'true',
    )

    // 纠错 by its key, while the text keeps what was typed.
    await expect(seat.region('知识建议')).toContainText('夜宵摊油烟如何处理')
    await page.keyboard.press('Alt+j')
    const correct = page.getByRole('dialog', { name: '纠错 · 夜宵摊油烟如何处理' })
    await expect(correct.getByRole('textbox', { name: '哪里不对' })).toBeFocused()
    await page.keyboard.type('现由生态环境局牵头')
    await seat.picture('correct')
    await page.keyboard.press('Control+Enter')
    await expect(correct).toHaveCount(0)
    await seat.region('知识建议').getByRole('button', { name: '夜宵摊油烟如何处理' }).press('Enter')
    await expect(page.getByRole('dialog')).toContainText('本席已提出：现由生态环境局牵头')
    await seat.picture('article-corrected')
    await page.keyboard.press('Escape')
    await seat.text('诉求内容').focus()
    await submit(seat)

    await expect
      .poll(async () => (await other.core.seat.cases.get({ caseId })).related.map(({ kind }) => kind), {
        timeout: 60_000,
      })
      .toEqual(['merged-here'])
    expect((await other.core.seat.cases.get({ caseId })).loop?.urged).toBe(1)
    expect(main).toBe((await other.core.seat.cases.get({ caseId })).caseNumber)
    const open = () => other.core.seat.assist.corrections({ state: 'open' })
    await expect.poll(async () => (await open()).corrections.length, { timeout: 60_000 }).toBe(1)

    // The team lead, at this seat.
    await seat.button('换人').click()
    await expect(page.getByRole('textbox', { name: '按工号或姓名查找' })).toBeFocused()
    await page.keyboard.type('1002')
    await page.keyboard.press('Enter')
    await expect(page.getByLabel('口令', { exact: true })).toBeFocused()
    await page.keyboard.type('yanshi-12345')
    await page.keyboard.press('Enter')
    await seat.ready()
    await page.keyboard.press('Alt+k')
    const list = seat.region('知识纠错')
    await expect(list).toContainText('现由生态环境局牵头')
    await seat.picture('corrections')
    await list.getByRole('textbox', { name: '处理说明' }).fill('第 2 版已改')
    await list.getByRole('button', { name: '采纳', exact: true }).press('Enter')
    await expect(list).toContainText('没有这样的纠错')
    expect((await open()).corrections).toEqual([])
  } finally {
    await other.remove()
    await centre.end()
  }
})
