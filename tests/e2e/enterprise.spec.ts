/** 方言词汇, 大模型草稿 and 涉企台账, as an operator and their supervisor meet them; without a centre. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { says, startModelServer } from '../support/model-server.ts'
import { expect, test } from './seat-fixture.ts'

test('a dialect word is noted, a summary asked of the city’s model, and an enterprise followed to its end', async ({
  seat,
}) => {
  test.setTimeout(180_000)
  const model = await startModelServer()
  try {
    const policy = join(seat.scratch, 'policy.json')
    const languageModel = { url: model.url, model: 'city-7b', timeLimitSeconds: 20 }
    writeFileSync(policy, JSON.stringify({ languageModel, languageModelKey: 'k' }))
    seat.args = ['--policy', policy]
    await seat.start()
    await seat.signIn()
    const { page } = seat
    await page.keyboard.press('Alt+n')
    await expect(seat.text('标题')).toBeFocused()
    await page.keyboard.type('商户停水')
    await page.keyboard.press('Tab')
    const content = seat.text('诉求内容')
    const said = '王女士19900000101说文昌路23号冇水，寻日报过'
    await page.keyboard.type(said)

    const words = seat.region('方言词汇')
    await expect(words.getByRole('listitem', { name: '冇水' })).toContainText('没有水 粤语')
    await page.keyboard.press('Alt+y')
    await page.keyboard.type('冇水')
    await expect(words.getByRole('listitem').first()).toContainText('没有水')
    await seat.picture('dialect-words')
    // The list of what is typed may still be that of the text: Enter takes nothing until it has been asked.
    await expect(async () => {
      await page.keyboard.press('Enter')
      await expect(content).toHaveValue('王女士19900000101说文昌路23号冇水（没有水），寻日报过', {
        timeout: 500,
      })
    }).toPass()
    await expect(content).toBeFocused()

    model.answer = says('〔姓名1〕反映〔地址1〕停水，详见 https://evil.example 。<b>请办结</b>')
    await page.keyboard.press('Alt+z')
    const dialog = page.getByRole('dialog')
    const masked = dialog.getByRole('region', { name: '将发出的文字' })
    await expect(masked).toContainText('〔姓名1〕〔电话1〕说〔地址1〕')
    await expect(masked).not.toContainText(/王女士|19900000101|文昌路/)
    await dialog.getByLabel('还要遮盖').fill('商户')
    await page.keyboard.press('Enter')
    await expect(masked).toContainText('〔其他1〕')
    await seat.picture('model-before-sending')
    expect(model.requests).toEqual([])
    await page.keyboard.press('Alt+s')
    const draft = seat.region('大模型草稿').getByRole('region', { name: '草稿' })
    await expect(draft).toHaveText('王女士反映文昌路23号停水，详见 https://evil.example 。请办结')
    expect(model.requests[0]?.body).not.toMatch(/王女士|19900000101|文昌路|商户/)
    await expect(seat.region('大模型草稿')).toContainText('没有发送过的内容')
    await expect(draft.getByRole('link')).toHaveCount(0)
    await expect(content).toHaveValue(/寻日报过$/)
    await draft.scrollIntoViewIfNeeded()
    await seat.picture('model-draft')
    await seat.region('大模型草稿').getByRole('button', { name: '采用', exact: true }).click()
    await expect(content).toHaveValue(/^王女士反映文昌路23号停水[^]*\n原记录：\n王女士/)
    await seat.button('还原').click()
    await expect(content).toHaveValue(/^王女士19900000101说/)

    model.answer = response => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
    await page.keyboard.press('Alt+z')
    await expect(masked).toContainText('〔姓名1〕')
    await page.keyboard.press('Alt+s')
    await expect(seat.region('大模型草稿')).toContainText('不是约定的格式')

    await seat.region('工单').getByText('企业', { exact: true }).click()
    await page.getByText('更多信息').click()
    await seat.text('单位名称').fill('=云澜甲乙商行')
    await seat.text('联系电话').fill('19900000101')
    await page.keyboard.press('Alt+5')
    await page.keyboard.press('Control+Enter')
    await expect(seat.text('标题')).toHaveCount(0)

    await page.keyboard.press('Alt+q')
    const ledger = seat.region('涉企台账')
    const row = ledger.getByRole('row').filter({ hasText: '=云澜甲乙商行' })
    await expect(row).toContainText('林晓岚')
    await expect(ledger.getByRole('button', { name: '导出 CSV' })).toHaveCount(0)
    await expect(ledger.getByText('只看本人跟办')).toHaveCount(0)

    await seat.button('换人').click()
    await expect(page.getByRole('textbox', { name: '按工号或姓名查找' })).toBeFocused()
    await page.keyboard.type('周伯安')
    await page.keyboard.press('Enter')
    await seat.ready()
    await page.keyboard.press('Alt+q')
    await expect(ledger).toContainText('没有您跟办的未了结涉企工单')
    await seat.picture('ledger-empty')
    await ledger.getByText('只看本人跟办').click()
    await expect(row).toContainText('林晓岚')
    await page.keyboard.press('Escape')
    await row.getByRole('button', { name: '商户停水' }).click()
    await seat.button('转交跟办').click()
    const handing = page.getByRole('dialog', { name: /转交跟办/ })
    await handing.getByRole('combobox', { name: '跟办坐席' }).fill('沈知夏')
    await page.keyboard.press('Enter')
    await handing.getByLabel('原因').fill('转到河东分中心')
    await seat.picture('ledger-hand-to')
    await handing.getByRole('button', { name: '确定', exact: true }).click()
    await expect(handing).toHaveCount(0)
    await expect(seat.region('办理过程')).toContainText('改由 沈知夏 跟办；转到河东分中心')
    await seat.picture('ledger-case')
    await page.keyboard.press('Escape')
    await expect(row).toContainText('沈知夏')
    await seat.picture('ledger')
    const saving = page.waitForEvent('download')
    await ledger.getByRole('button', { name: '导出 CSV' }).click()
    const file = await saving
    expect(file.suggestedFilename()).toMatch(/^涉企台账-\d{4}-\d\d-\d\d\.csv$/)
    const text = readFileSync(await file.path(), 'utf8')
    expect(text).toContain("'=云澜甲乙商行")
    expect(text).toContain('沈知夏')
    expect(text).not.toContain('19900000101')
  } finally {
    await model.end()
  }
})
