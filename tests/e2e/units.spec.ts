/** A unit's day at its page, by keyboard, in a real browser without scripts, against a real centre. */
import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, expect, type Page, test } from '@playwright/test'
import { emptyCaseFields } from '../../shared/domain/case.ts'
import { commandSchemaVersion } from '../../shared/domain/command.ts'
import { type CentralProcess, clientOf, startCentralProcess } from '../central/processes.ts'
import { chromiumPath, quietSwitches, utf8Environment } from '../support/chromium.ts'
import { png } from '../support/picture.ts'
import { signCommand } from '../support/sign-command.ts'

const demoPassword = 'yanshi-12345'
let folder: string
let centre: CentralProcess
let browser: Browser
let page: Page
const complaints: string[] = []

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-units-'))
  centre = await startCentralProcess(['--data-dir', folder])
  const executablePath = chromiumPath()
  browser = await chromium.launch({
    args: quietSwitches,
    env: utf8Environment(),
    ...(executablePath === null ? {} : { executablePath }),
  })
  page = await browser.newPage({ timezoneId: 'America/New_York', locale: 'zh-CN' })
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(error.message))
})
test.afterAll(async () => {
  await browser.close()
  await centre.end()
  rmSync(folder, { recursive: true, force: true })
})

/** What a seat of the hotline does: files a case and dispatches it to the lighting centre of the demonstration. */
async function dispatchedCase(): Promise<{
  caseId: string
  caseNumber: string
  picture: Buffer
  statusOf(): Promise<string>
  filesOf(): Promise<{ name: string; by: string | undefined }[]>
}> {
  const { clientId, deviceSecret } = await clientOf(centre.url).enrolments.create({
    code: centre.enrolmentCode,
    seatName: '一号',
  })
  const { accessToken } = await clientOf(centre.url).devices.token({ clientId, deviceSecret })
  const headers: Record<string, string> = { authorization: `Bearer ${accessToken}` }
  const seat = clientOf(centre.url, () => headers)
  const {
    operator,
    accessToken: session,
    proof,
  } = await seat.sessions.create({
    workNumber: '1001',
    password: demoPassword,
  })
  headers['x-operator-session'] = session
  if (proof === undefined) throw new Error('the sign-in gave no secret')
  const caseId = randomUUID()
  const caseNumber = '2026-00000417'
  const picture = png(32)
  const attachment = {
    attachmentId: randomUUID(),
    name: '路灯.png',
    mediaType: 'image/png',
    bytes: picture.length,
    sha256: createHash('sha256').update(picture).digest('hex'),
  }
  const promised = Object.entries({ attachmentId: attachment.attachmentId, sha256: attachment.sha256 })
    .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
    .join(',')
  const uploaded = await fetch(`${centre.url}/v1/files`, {
    method: 'POST',
    headers: {
      ...headers,
      'tus-resumable': '1.0.0',
      'upload-length': String(picture.length),
      'upload-metadata': promised,
      'content-type': 'application/offset+octet-stream',
    },
    body: new Uint8Array(picture),
  })
  expect(uploaded.status).toBe(201)
  const at = new Date().toISOString()
  const common = { clientId, operatorId: operator.operatorId, caseId, baseVersion: null, issuedAt: at }
  const { results } = await seat.commands.push({
    commands: [
      {
        ...common,
        id: randomUUID(),
        seq: 1,
        schemaVersion: commandSchemaVersion,
        name: 'case.create',
        args: {
          caseNumber,
          callId: null,
          catalogueVersion: '示例',
          createdAt: at,
          fields: {
            ...emptyCaseFields,
            callerName: '王小明',
            contactNumber: '19900000001',
            title: '路灯不亮',
            content: '王小明来电（19900000001）：河东路 12 号门前路灯三天不亮。',
            disposition: 'accept',
          },
        },
      },
      {
        ...common,
        id: randomUUID(),
        seq: 2,
        schemaVersion: commandSchemaVersion,
        name: 'case.attach',
        args: { entryId: attachment.attachmentId, attachment },
      },
      {
        ...common,
        id: randomUUID(),
        seq: 3,
        schemaVersion: commandSchemaVersion,
        name: 'case.move',
        args: {
          entryId: randomUUID(),
          move: 'dispatch',
          reason: '',
          order: {
            catalogueVersion: '示例',
            categoryCode: '020301',
            lead: { code: 'C07', name: '云澜城市照明中心' },
            assist: [],
            signBy: new Date(Date.now() + 3_600_000).toISOString(),
            replyBy: new Date(Date.now() + 86_400_000).toISOString(),
            opinion: '请尽快',
            attachments: [attachment.attachmentId],
          },
        },
      },
    ].map(command => signCommand(command, proof)),
  })
  expect(results.map(({ outcome }) => outcome)).toEqual(['applied', 'applied', 'applied'])
  const get = () => seat.cases.get({ caseId })
  return {
    caseId,
    caseNumber,
    picture,
    statusOf: async () => (await get()).status,
    filesOf: async () => (await get()).attachments.map(({ name, addedBy }) => ({ name, by: addedBy?.name })),
  }
}

const heading = (name: string) => page.getByRole('heading', { name })
const region = (name: string) => page.getByRole('region', { name, exact: true })

test('signs in, signs for a case, asks for an extension and replies, by keyboard alone', async () => {
  const { caseNumber, picture, statusOf, filesOf } = await dispatchedCase()
  await page.goto(`${centre.url}/units`)
  await expect(heading('登录')).toBeVisible()
  await expect(page.getByLabel('工号')).toBeFocused()
  await page.keyboard.type('5001')
  await page.keyboard.press('Tab')
  await page.keyboard.type('不是这个口令')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toHaveText('工号或口令不正确')
  await expect(page.getByLabel('工号')).toHaveValue('5001')
  await page.getByLabel('口令').focus()
  await page.keyboard.type(demoPassword)
  await page.keyboard.press('Enter')

  await expect(region('派给本单位的工单')).toContainText('路灯不亮')
  await page.screenshot({ path: test.info().outputPath('units-list.png'), fullPage: true })
  await page.getByRole('link', { name: caseNumber }).focus()
  await page.keyboard.press('Enter')
  await expect(region('派单内容')).toContainText('河东路 12 号门前路灯三天不亮')
  await expect(region('派单内容')).toContainText('王** 199****0001')
  expect(await page.content()).not.toMatch(/王小明|19900000001/)

  // The picture that the dispatch names is saved, never shown in its place.
  const downloading = page.waitForEvent('download')
  await page.getByRole('link', { name: '路灯.png' }).focus()
  await page.keyboard.press('Enter')
  const download = await downloading
  expect(download.suggestedFilename()).toBe('路灯.png')
  expect(readFileSync(await download.path()).equals(picture)).toBe(true)

  await page.getByRole('button', { name: '签收', exact: true }).focus()
  await page.keyboard.press('Enter')
  await expect(region('办理过程')).toContainText('韩立言 · 签收')
  expect(await statusOf()).toBe('handling')
  await expect(page.getByRole('button', { name: '签收', exact: true })).toHaveCount(0)

  const extension = page.getByRole('form', { name: '申请延期' })
  const until = new Date(Date.now() + 3 * 86_400_000 + 8 * 3_600_000).toISOString().slice(0, 16)
  await extension.getByLabel('延至').fill(until)
  await extension.getByLabel('延期的原因').focus()
  await page.keyboard.type('等备件')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  // China's clock, on a machine in New York.
  await expect(page.getByRole('status')).toContainText(`已申请延期至 ${until.replace('T', ' ')}`)
  await expect(extension).toHaveCount(0)

  await page.getByRole('form', { name: '答复' }).getByLabel('答复内容').focus()
  await page.keyboard.type('路灯已修复，今晚亮灯。')
  const chooser = page.getByLabel(/^附件（可不选/)
  await chooser.setInputFiles({
    name: '压缩.jpg',
    mimeType: 'image/jpeg',
    buffer: Buffer.from('PK\u0003\u0004x'),
  })
  await page.getByRole('form', { name: '答复' }).getByRole('button', { name: '答复' }).press('Enter')
  await expect(page.getByRole('alert')).toContainText('“压缩.jpg”不是可用的文件类型')
  await page.screenshot({ path: test.info().outputPath('units-refused.png'), fullPage: true })
  await expect(page.getByLabel('答复内容')).toHaveValue('路灯已修复，今晚亮灯。')
  await chooser.setInputFiles({ name: '修复后.png', mimeType: 'image/png', buffer: png(16) })
  await page.screenshot({ path: test.info().outputPath('units-case.png'), fullPage: true })
  await chooser.focus()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(region('办理过程')).toContainText('韩立言 · 答复 路灯已修复')
  await expect(region('派单内容')).toContainText('修复后.png（本单位添加）')
  expect(await filesOf()).toEqual([
    { name: '路灯.png', by: undefined },
    { name: '修复后.png', by: '云澜城市照明中心 韩立言' },
  ])
  expect(await statusOf()).toBe('replied')
  await expect(page.getByRole('button', { name: /答复|退单|申请延期/ })).toHaveCount(0)

  // In its second language, by the link, and back.
  await page.getByRole('link', { name: 'English' }).click()
  await expect(region('The case')).toContainText('What it is about')
  await page.screenshot({ path: test.info().outputPath('units-english.png'), fullPage: true })
  await page.getByRole('link', { name: '中文' }).click()
  await expect(region('派单内容')).toBeVisible()

  await page.getByRole('button', { name: '退出' }).focus()
  await page.keyboard.press('Enter')
  await expect(heading('登录')).toBeVisible()
  await page.goBack()
  await expect(page.getByText('王** ')).toHaveCount(0)
  expect(complaints.filter(text => /Content Security Policy|Refused/.test(text))).toEqual([])
  expect(await page.locator('script').count()).toBe(0)
})
