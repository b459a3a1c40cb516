/** 派单目录 with a centre beside the seat: found by keyboard, proposed with its reasons, replaced while a form is open. */
import { join } from 'node:path'
import type { DispatchCatalogue } from '../../shared/domain/catalogue.ts'
import { startCentralProcess } from '../central/processes.ts'
import { sampleCatalogue } from '../domain/some-catalogue.ts'
import { beforeItServes, codesOf } from '../support/callback-centre.ts'
import { startTcpLine } from '../support/tcp-line.ts'
import { expect, type Seat, test } from './seat-fixture.ts'
import { enrolAt } from './with-centre.ts'

async function startCatalogueCentre(folder: string) {
  const { key, code } = await beforeItServes(folder, undefined, async central => ({
    key: await central.apiKeys.create('city', ['publication.publish']),
    code: (await codesOf(central, 1))[0] ?? '',
  }))
  const centre = await startCentralProcess(['--data-dir', folder, '--port', '0'])
  return {
    ...centre,
    code,
    publish: async (catalogue: DispatchCatalogue) => {
      const path = `/v1/publications/dispatch-catalogue/${encodeURIComponent(catalogue.version)}`
      const effectiveAt = new Date(Date.now() - 1_000).toISOString()
      const response = await fetch(new URL(path, centre.url), {
        method: 'PUT',
        headers: { 'content-type': 'application/json', 'x-api-key': key },
        body: JSON.stringify({ effectiveAt, content: catalogue }),
      })
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    },
  }
}

const version = (name: string, change: (one: DispatchCatalogue['categories'][number]) => object | null) => ({
  ...sampleCatalogue,
  version: name,
  sample: false,
  categories: sampleCatalogue.categories.flatMap(one => {
    const changed = change(one)
    return changed === null ? [] : [{ ...one, ...changed }]
  }),
})

/** By keyboard alone: types, and takes the first. */
async function pick(seat: Seat, typed: string, name: string): Promise<void> {
  const box = seat.page.getByRole('combobox', { name: '诉求分类', exact: true })
  await box.focus()
  await seat.page.keyboard.type(typed)
  await expect(seat.page.locator('.ant-select-item-option-active .category-name')).toHaveText(name)
  await seat.page.keyboard.press('Enter')
  await expect(seat.region('工单').locator('.field-categoryCode')).toContainText(name)
}

test('a category is found by pinyin, initials, code and Chinese; units and times are proposed with reasons', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  const { page } = seat
  await page.keyboard.press('Alt+n')
  await expect(seat.text('标题')).toBeFocused()
  const dispatch = seat.region('派单')
  const limits = seat.region('办理时限')
  await expect(dispatch).toContainText('选好诉求分类后')
  await expect(limits).toHaveCount(0)

  await pick(seat, 'sybz', '水压不足')
  await expect(dispatch).toContainText('目录规定“水压不足”由该单位主办')
  await expect(dispatch.locator('.dispatch-units')).toContainText('云澜供水集团')
  await expect(dispatch.getByRole('status')).toContainText('请填写详细地点')
  await expect(limits).toContainText('30 分钟')
  await expect(limits).toContainText('2 个工作日')
  await expect(limits.getByText(/剩 29 分 \d+ 秒|剩 30 分 0 秒/)).toBeVisible()
  await limits.scrollIntoViewIfNeeded()
  await seat.picture('dispatch-missing')
  await seat.text('详细地点').fill('青石路 12 号')
  await expect(dispatch.getByRole('status')).toHaveCount(0)

  await seat.text('诉求内容').fill('小区水管爆裂，水已经漫到路上')
  await expect(limits).toContainText('诉求中有“爆裂”，按紧急计时')
  await expect(limits).toContainText('24 小时')
  await limits.scrollIntoViewIfNeeded()
  await seat.picture('dispatch-proposed')

  await page.getByRole('combobox', { name: '诉求分类', exact: true }).focus()
  await page.keyboard.type('ting')
  await expect(page.locator('.category-name').first()).toBeVisible()
  await seat.picture('category-search')
  await page.keyboard.press('Escape')
  await pick(seat, 'ranqi', '燃气泄漏')
  await pick(seat, '020401', '流动摊贩占道')
  await expect(dispatch).toContainText('请填写行政区划')
  await pick(seat, '欠 工资', '拖欠工资')
  await page.getByRole('combobox', { name: '诉求分类', exact: true }).focus()
  await page.keyboard.type('qita zzz')
  await expect(page.getByText('没有匹配的分类')).toBeVisible()
  await page.keyboard.press('Escape')

  // A unit of one's own choice, and back to the catalogue's.
  await pick(seat, 'tszx', '停水咨询')
  await page.getByRole('combobox', { name: '主办单位', exact: true }).focus()
  await page.keyboard.type('卫生健康')
  await page.keyboard.press('Enter')
  await expect(dispatch).toContainText('由您选择，与目录不同')
  await dispatch.getByRole('textbox', { name: '派单意见', exact: true }).fill('请今日联系来电人')
  await seat.picture('dispatch-chosen')
  // The choice is kept with the draft: another page, and the same form again.
  await page.reload()
  await expect(dispatch).toContainText('由您选择，与目录不同')
  await expect(dispatch.getByRole('textbox', { name: '派单意见', exact: true })).toHaveValue(
    '请今日联系来电人',
  )
  await dispatch.getByRole('button', { name: '按目录', exact: true }).click()
  await expect(dispatch).toContainText('目录规定“停水咨询”由该单位主办')

  await page.keyboard.press('Alt+8')
  await expect(dispatch).toHaveCount(0)
  await page.keyboard.press('Alt+5')
  await expect(dispatch).toBeVisible()
})

test('a catalogue published while a form is open changes its dispatch, not its text; what waited comes back', async ({
  seat,
}) => {
  test.setTimeout(240_000)
  const centre = await startCatalogueCentre(join(seat.scratch, 'centre'))
  const line = await startTcpLine({ port: Number(new URL(centre.url).port) })
  try {
    await seat.start()
    await seat.signIn()
    const { page } = seat
    await enrolAt(seat, `http://127.0.0.1:${line.port}`, centre.code)
    await page.keyboard.press('Alt+1')
    await page.keyboard.press('Alt+n')
    await expect(seat.text('标题')).toBeFocused()
    await page.keyboard.type('楼上漏水')
    await seat.text('诉求内容').fill('早上起来厨房没有水')
    await seat.text('联系电话').fill('19900000101')
    await seat.text('详细地点').fill('青石路 12 号')
    await pick(seat, 'sybz', '水压不足')
    const dispatch = seat.region('派单')
    await expect(dispatch.locator('.dispatch-units')).toContainText('云澜供水集团')

    await centre.publish(
      version('2026-12-A', one => (one.code === '110102' ? { leadUnits: ['D22'], limitCode: 'T1' } : {})),
    )
    await expect(dispatch.locator('.dispatch-units')).toContainText('云澜市水利局', { timeout: 60_000 })
    await expect(dispatch).toContainText('目录 2026-12-A')
    await expect(dispatch).toContainText('已生效')
    await expect(seat.region('办理时限')).toContainText('15 分钟')
    await expect(seat.text('诉求内容')).toHaveValue('早上起来厨房没有水')
    const notice = page.getByRole('alert').filter({ hasText: '派单目录已更新为“2026-12-A”' })
    await expect(notice).toContainText('您用过或正在填写的分类有变化：水压不足')
    await notice.getByText('共 1 处变化').click()
    await expect(notice).toContainText('主办单位、办理时限')
    await seat.picture('catalogue-notice')
    await notice.getByRole('button', { name: '知道了', exact: true }).click()
    await expect(notice).toHaveCount(0)

    // Filed without the centre under an entry that the next version has no more.
    line.cut()
    await page.keyboard.press('Alt+5')
    await page.keyboard.press('Control+Enter')
    await expect(seat.text('标题')).toHaveCount(0)
    const number = await seat.region('工单').locator('.case-number').innerText()
    await page.keyboard.press('Alt+n')
    await expect(seat.text('标题')).toBeFocused()
    await page.keyboard.type('另一张')
    await pick(seat, '水压', '水压不足')
    await centre.publish(version('2026-12-B', one => (one.code === '110102' ? null : {})))
    line.restore()

    await expect(dispatch.getByRole('status')).toContainText('水压不足”已不在目录中，请重新选择', {
      timeout: 90_000,
    })
    await expect(seat.region('工单').locator('.field-categoryCode')).toContainText('已不在目录中，请重选')
    await expect(seat.text('标题')).toHaveValue('另一张')
    await seat.picture('catalogue-entry-gone')
    await pick(seat, '水质', '水质异常')
    await expect(dispatch).toContainText('目录 2026-12-B')

    await page.keyboard.press('Alt+0')
    const sync = seat.region('同步')
    await expect(sync).toContainText('已搁置（1）', { timeout: 60_000 })
    await expect(sync).toContainText('原分类“水压不足”已取消，请重新选择分类')
    await seat.picture('dispatch-came-back')
    await seat.button('改分类').click()
    const dialog = page.getByRole('dialog', { name: '改分类' })
    await expect(dialog.getByRole('combobox', { name: '新的分类' })).toBeFocused()
    await page.keyboard.type('szyc')
    await page.keyboard.press('Enter')
    await seat.picture('dispatch-recategorise')
    await dialog.getByRole('button', { name: '确定', exact: true }).click()
    await expect(sync).toContainText('没有未同步的内容', { timeout: 60_000 })

    await page.keyboard.press('Alt+2')
    await seat.region('工单列表').getByText('楼上漏水').click()
    const filed = page.getByRole('dialog', { name: number })
    await expect(filed).toContainText('水质异常')
    await expect(filed).toContainText('2026-12-B')
  } finally {
    await line.close()
    await centre.end()
  }
})
