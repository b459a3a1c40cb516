/** A case lived from the call through the unit's page to the follow-up: the hotline at its seat, the unit in a browser of its own. */
import { readFileSync } from 'node:fs'
import { type Browser, chromium, type Page } from '@playwright/test'
import { chromiumPath, quietSwitches, utf8Environment } from '../support/chromium.ts'
import { png } from '../support/picture.ts'
import { expect, type Seat, test } from './seat-fixture.ts'
import { signInWithPassword } from './with-centre.ts'

const demoPassword = 'yanshi-12345'

/** From a call, with a category that the sample catalogue gives to the lighting centre. */
async function fileLighting(seat: Seat): Promise<void> {
  const { page } = seat
  await page.keyboard.press('Alt+1')
  await seat.citizenCalls({ from: '19900000101' })
  await expect(seat.button('接听')).toBeVisible()
  await page.keyboard.press('F2')
  await expect(seat.region('电话')).toContainText('通话中')
  await seat.text('标题').focus()
  await page.keyboard.type('路灯不亮')
  await page.keyboard.press('Tab')
  await page.keyboard.type('河东路 12 号门前路灯三天不亮。')
  await seat.text('姓名').fill('王小明')
  await seat.text('详细地点').fill('河东路 12 号')
  await expect(seat.text('联系电话')).toHaveValue('19900000101')
  await page.getByRole('combobox', { name: '诉求分类', exact: true }).fill('路灯不亮')
  await expect(page.getByRole('option', { name: /路灯不亮/ }).first()).toBeAttached()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Alt+5')
  await page.keyboard.press('Control+Enter')
  await expect(seat.text('标题')).toHaveCount(0)
  await page.keyboard.press('F4')
  await expect(seat.button('挂断')).toHaveCount(0)
}

/** The key, and what its dialog asks for, then Enter on its own button. */
async function move(
  seat: Seat,
  name: string,
  fill?: (dialog: ReturnType<Page['getByRole']>) => Promise<void>,
) {
  const process = seat.region('办理过程')
  await process.getByRole('button', { name, exact: true }).focus()
  await seat.page.keyboard.press('Enter')
  const dialog = seat.page.getByRole('dialog', { name: new RegExp(`^${name} · `) })
  // The dialog gives its first field the keyboard when it stands: before that, nobody types.
  await expect(dialog.locator('form').locator('input, textarea, button').first()).toBeFocused()
  if (fill !== undefined) await fill(dialog)
  const confirm = dialog.getByRole('button', { name: '确定', exact: true })
  await expect(confirm).toBeEnabled()
  await confirm.focus()
  await seat.page.keyboard.press('Enter')
  await expect(dialog).toHaveCount(0)
}

/** Opened by its key, a picture is seen as wide as it was sent. */
async function look(seat: Seat, files: ReturnType<Page['getByRole']>, name: string, width: number) {
  await files.getByRole('button', { name: `查看 ${name}` }).focus()
  await seat.page.keyboard.press('Enter')
  const picture = seat.page.getByRole('dialog', { name }).getByRole('img', { name })
  await expect
    .poll(() => picture.evaluate(image => (image as HTMLImageElement).naturalWidth), { timeout: 20_000 })
    .toBe(width)
  await seat.page.keyboard.press('Escape')
  await expect(picture).toHaveCount(0)
}

async function unitPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ locale: 'zh-CN' })
  await page.goto(`${url}/units`)
  await page.getByLabel('工号').fill('5001')
  await page.getByLabel('口令').fill(demoPassword)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('region', { name: '派给本单位的工单' })).toBeVisible()
  return page
}

test('a case is dispatched, signed for, answered, closed and followed up', async ({ seat }) => {
  test.setTimeout(240_000)
  seat.central = true
  await seat.start()
  const central = seat.process.ready.central ?? ''
  await signInWithPassword(seat)
  await fileLighting(seat)

  await seat.page.keyboard.press('Alt+2')
  await expect(seat.region('工单列表')).toContainText('路灯不亮')
  await seat.region('工单列表').getByRole('button', { name: '路灯不亮' }).click()
  const process = seat.region('办理过程')
  await expect(process.getByRole('button', { name: '派单', exact: true })).toBeVisible()
  // An agent decides nothing that is a supervisor's, nor acts for a unit.
  for (const name of ['退单', '改派', '延期', '回访', '签收'])
    await expect(process.getByRole('button', { name, exact: true })).toHaveCount(0)
  const lamp = png(40)
  for (const name of ['路灯.png', '身份证.png']) {
    const choosing = seat.page.waitForEvent('filechooser')
    await seat.button('添加附件').focus()
    await seat.page.keyboard.press('Enter')
    await (await choosing).setFiles([{ name, mimeType: 'image/png', buffer: lamp }])
    await expect(seat.region('附件').getByRole('listitem').filter({ hasText: name })).toContainText(
      '已在中心',
      {
        timeout: 60_000,
      },
    )
  }
  await move(seat, '派单', async dialog => {
    await expect(dialog).toContainText('云澜城市照明中心')
    await expect(dialog.getByText('答复时限')).toBeVisible()
    await dialog.getByRole('checkbox', { name: '路灯.png' }).focus()
    await seat.page.keyboard.press('Space')
    await expect(dialog.getByRole('checkbox', { name: '路灯.png' })).toBeChecked()
    await expect(dialog.getByRole('checkbox', { name: '身份证.png' })).not.toBeChecked()
    await seat.picture('loop-dispatch')
  })
  await expect(process).toContainText('主办 云澜城市照明中心')
  await expect(process).toContainText('附件 1 个交承办单位')
  await move(seat, '催办')
  await expect(process).toContainText('催办 1 次')

  const executablePath = chromiumPath()
  const browser = await chromium.launch({
    args: quietSwitches,
    env: utf8Environment(),
    ...(executablePath === null ? {} : { executablePath }),
  })
  try {
    const unit = await unitPage(browser, central)
    await expect
      .poll(
        async () => {
          await unit.reload()
          return unit.getByRole('row').filter({ hasText: '路灯不亮' }).count()
        },
        { timeout: 60_000 },
      )
      .toBe(1)
    await unit.getByRole('row').filter({ hasText: '路灯不亮' }).getByRole('link').click()
    expect(await unit.content()).not.toMatch(/王小明|19900000101|身份证/)
    // What was ticked at the desk, and nothing else.
    const downloading = unit.waitForEvent('download')
    await unit.getByRole('link', { name: '路灯.png' }).click()
    expect(readFileSync(await (await downloading).path()).equals(lamp)).toBe(true)
    await unit.getByRole('button', { name: '签收', exact: true }).click()
    await unit.getByLabel('答复内容').fill('路灯已修复')
    await unit
      .getByLabel(/^附件（可不选/)
      .setInputFiles({ name: '修复后.png', mimeType: 'image/png', buffer: png(48) })
    await unit.getByRole('button', { name: '答复', exact: true }).click()
    await expect(unit.getByRole('region', { name: '办理过程' })).toContainText('答复 路灯已修复')
    await unit.screenshot({ path: test.info().outputPath('loop-unit.png'), fullPage: true })
  } finally {
    await browser.close()
  }

  // The seat is told by the feed.
  await expect(process).toContainText('韩立言 · 答复', { timeout: 60_000 })
  await expect(process.getByRole('button', { name: '催办', exact: true })).toHaveCount(0)
  const files = seat.region('附件')
  await expect(files.getByRole('listitem').filter({ hasText: '修复后.png' })).toContainText(
    '云澜城市照明中心 韩立言 添加',
  )
  await look(seat, files, '修复后.png', 48)
  await move(seat, '办结')
  await move(seat, '回访', async dialog => {
    // Called from here; the call is the case's, and opens no form of its own.
    await seat.page.keyboard.press('Alt+h')
    await expect(dialog.getByRole('status')).toContainText('通话中', { timeout: 15_000 })
    await seat.picture('loop-follow-up-call')
    await seat.page.keyboard.press('F4')
    await expect(dialog.getByRole('status')).toHaveText('已接通')
    await expect(dialog.getByRole('radio', { name: '已联系', exact: true })).toBeChecked()
    await dialog.getByRole('radiogroup', { name: '是否解决' }).getByText('已解决', { exact: true }).click()
    await dialog.getByRole('radiogroup', { name: '是否满意' }).getByText('不满意', { exact: true }).click()
    await seat.picture('loop-follow-up')
  })
  await expect(process).toContainText('已解决，不满意')
  await seat.picture('loop-process')
  await expect(process.getByRole('button', { name: '回访', exact: true })).toHaveCount(0)
  await seat.page.keyboard.press('Alt+1')
  await expect(seat.region('工单').getByRole('tab')).toHaveCount(0)
  await expect(seat.region('连接状态')).toContainText('中心 已同步', { timeout: 60_000 })
})

test('what somebody sent by the public form becomes a case with its picture, and its progress can be looked up', async ({
  seat,
}) => {
  test.setTimeout(240_000)
  seat.central = true
  await seat.start()
  const central = seat.process.ready.central ?? ''
  await signInWithPassword(seat)
  const executablePath = chromiumPath()
  const browser = await chromium.launch({
    args: quietSwitches,
    env: utf8Environment(),
    ...(executablePath === null ? {} : { executablePath }),
  })
  try {
    const citizen = await browser.newPage({ locale: 'zh-CN' })
    await citizen.goto(`${central}/public`)
    await citizen.getByLabel('姓名').fill('王女士')
    await citizen.getByLabel('联系电话（必填）').fill('19900000102')
    await citizen.getByLabel('标题').fill('井盖松动')
    await citizen.getByLabel('诉求内容（必填，不超过 5000 字）').fill('<b>河东路</b> 12 号门前井盖松动。')
    // A file that is not taken is told by name, and what was typed and chosen stands still.
    const chooser = citizen.getByLabel(/^照片、录像或文件/)
    const picture = { name: '井盖.png', mimeType: 'image/png', buffer: png(64) }
    await chooser.setInputFiles([
      picture,
      { name: '说明.html', mimeType: 'text/html', buffer: Buffer.from('<script>alert(1)</script>') },
    ])
    await citizen.getByRole('button', { name: '提交' }).focus()
    await citizen.keyboard.press('Enter')
    await expect(citizen.getByRole('alert')).toContainText('“说明.html”不是可用的文件类型')
    await expect(citizen.getByLabel('标题')).toHaveValue('井盖松动')
    await expect(citizen.getByRole('checkbox', { name: '井盖.png' })).toBeChecked()
    await citizen.screenshot({ path: test.info().outputPath('public-refused.png'), fullPage: true })
    await citizen.getByRole('button', { name: '提交' }).focus()
    await citizen.keyboard.press('Enter')
    await expect(citizen.getByRole('region', { name: '已收到' })).toContainText('附件 1 个')
    await citizen.screenshot({ path: test.info().outputPath('public-received.png') })
    const receipt = /W\d{8}-[0-9A-F]{10}/.exec(await citizen.getByRole('status').innerText())?.[0] ?? ''
    expect(receipt).not.toBe('')
    const code = /查询码 (\d{4} \d{4})/.exec(await citizen.getByRole('status').innerText())?.[1] ?? ''
    expect(code).not.toBe('')

    await seat.page.keyboard.press('Alt+w')
    const row = seat.region('互联网受理').getByRole('row').filter({ hasText: receipt })
    await expect(row).toContainText('199****0102')
    await expect(row).toContainText('附件 1')
    await seat.picture('intake-list')
    await row.getByRole('button', { name: '受理', exact: true }).focus()
    await seat.page.keyboard.press('Enter')
    await expect(seat.text('标题')).toHaveValue('井盖松动')
    await expect(seat.text('诉求内容')).toHaveValue('河东路 12 号门前井盖松动。')
    const brought = seat.region('诉求附件')
    await expect(brought).toContainText('井盖.png')
    await seat.picture('intake-form')
    await look(seat, brought, '井盖.png', 64)
    await seat.page.keyboard.press('Alt+5')
    await seat.page.keyboard.press('Control+Enter')
    await expect(seat.text('标题')).toHaveCount(0)
    await expect(brought).toHaveCount(0)
    await seat.page.keyboard.press('Alt+2')
    await seat.region('工单列表').getByRole('button', { name: '井盖松动' }).click()
    const files = seat.region('附件')
    await expect(files.getByRole('listitem').filter({ hasText: '井盖.png' })).toContainText('公众网页 添加')
    // By the centre's own copy, once the case is there.
    await expect(seat.region('连接状态')).toContainText('中心 已同步', { timeout: 60_000 })
    await look(seat, files, '井盖.png', 64)
    await seat.picture('intake-case')
    const process = seat.region('办理过程')
    await process.getByRole('button', { name: '派单', exact: true }).click()
    const dialog = seat.page.getByRole('dialog', { name: /^派单 · / })
    await expect(dialog.getByRole('checkbox', { name: '井盖.png' })).not.toBeChecked()
    await seat.picture('dispatch-files')
    await seat.page.keyboard.press('Escape')
    await expect(dialog).toHaveCount(0)
    await seat.page.keyboard.press('Alt+w')
    await expect(seat.region('互联网受理')).toContainText('没有待受理的互联网诉求')

    await citizen.goto(`${central}/public/progress`)
    await expect
      .poll(
        async () => {
          await citizen.getByLabel('工单编号或受理号').fill(receipt)
          await citizen.getByLabel('查询码').fill(code)
          await citizen.getByRole('button', { name: '查询' }).click()
          return citizen.getByRole('form', { name: '查进度' }).innerText()
        },
        { timeout: 60_000, intervals: [10_000] },
      )
      .toContain(`${receipt}：已受理`)
    expect(await citizen.content()).not.toContain('王女士')
    await citizen.screenshot({ path: test.info().outputPath('public-progress.png') })
  } finally {
    await browser.close()
  }
})
