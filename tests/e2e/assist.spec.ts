/** Help while the caller talks, as an operator meets it: proposals with their reasons, taken one by one with a press. */
import { join } from 'node:path'
import { assistModelName } from '../../shared/domain/assist/published-model.ts'
import { knowledgeName } from '../../shared/domain/knowledge/article.ts'
import { someArticle, someKnowledge } from '../domain/knowledge/some-articles.ts'
import { startCallbackCentre } from '../support/callback-centre.ts'
import { trainedModel } from './made-model.ts'
import { expect, test } from './seat-fixture.ts'
import { enrolAt, fileCase } from './with-centre.ts'

test('without a centre: urgency from the table and an earlier case of the same matter, found while typing', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  await fileCase(seat, '青石巷百味夜宵摊油烟扰民')
  await seat.page.keyboard.press('Alt+n')
  await expect(seat.text('标题')).toBeFocused()
  await seat.page.keyboard.press('Tab')
  await seat.page.keyboard.type('楼下百味夜宵摊油烟飘进来，昨天晚上还停水了')
  const repeats = seat.region('重复诉求')
  await expect(repeats).toContainText('青石巷百味夜宵摊油烟扰民')
  await expect(repeats).toContainText('百味夜宵摊油烟')
  const drafts = seat.region('填单建议')
  const urgency = drafts.getByRole('listitem', { name: '紧急程度' })
  await expect(urgency).toContainText('停水')
  await expect(drafts).toContainText('昨天晚上')
  await seat.picture('help')
  await urgency.getByRole('button', { name: '采用', exact: true }).click()
  await expect(urgency).toHaveCount(0)
  // What was typed is as it was; nothing else was taken.
  await expect(seat.text('诉求内容')).toHaveValue('楼下百味夜宵摊油烟飘进来，昨天晚上还停水了')
})

test('with what the centre published: the category with its words, an answer inserted with its source', async ({
  seat,
}) => {
  test.setTimeout(240_000)
  const centre = await startCallbackCentre(join(seat.scratch, 'centre'))
  try {
    await centre.publish('1', trainedModel(), assistModelName)
    const { body: _, ...rest } = someArticle('cover', '窨井盖缺失如何处理', '')
    await centre.publish(
      '1',
      {
        ...someKnowledge([]),
        articles: [
          {
            ...rest,
            bodyHtml: '<p>窨井盖不见的，<b>两小时内</b>到场设围挡。</p><script>document.title=1</script>',
          },
        ],
      },
      knowledgeName,
    )
    await seat.start()
    await seat.signIn()
    await enrolAt(seat, centre.url, centre.enrolmentCodes[0] ?? '')
    await seat.page.keyboard.press('Alt+1')
    await seat.page.keyboard.press('Alt+n')
    await expect(seat.text('标题')).toBeFocused()
    await seat.page.keyboard.press('Tab')
    await seat.page.keyboard.type('来电反映窨井盖不见了，人行道的砖松动')
    const category = seat.region('填单建议').getByRole('listitem', { name: '诉求分类' }).first()
    await expect(async () => {
      // The publications come with the first catch-up; the next pause in typing asks again.
      await seat.page.keyboard.type('。')
      await expect(category).toContainText('窨井盖', { timeout: 2_000 })
    }).toPass({ timeout: 60_000 })
    // The first proposal by its key, without leaving the text: what the table of urgency words says, then the category.
    const urgency = seat.region('填单建议').getByRole('listitem', { name: '紧急程度' })
    await expect(urgency).toContainText('井盖不见')
    await seat.page.keyboard.press('Alt+a')
    await expect(urgency).toHaveCount(0)
    await seat.page.keyboard.press('Alt+a')
    await expect(category).toHaveCount(0)
    await expect(seat.text('诉求内容')).toBeFocused()
    await seat.region('知识建议').getByRole('button', { name: '窨井盖缺失如何处理' }).click()
    const reading = seat.page.getByRole('dialog')
    await expect(reading).toContainText('两小时内到场设围挡')
    await seat.picture('help-article')
    await reading.getByRole('button', { name: '采用', exact: true }).click()
    await expect(seat.text('诉求内容')).toHaveValue(
      /窨井盖不见的，两小时内到场设围挡。\n（来源：《窨井盖缺失如何处理》第 1 版/,
    )
    expect(await seat.page.title()).toBe('坐席台')
  } finally {
    await centre.end()
  }
})
