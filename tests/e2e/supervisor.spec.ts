/**
 * What a supervisor does with a dispatched case, by keyboard: 退单 and 延期 that the unit asks for are decided, the case is urged,
 * supervised, dispatched anew, handled again and closed; and what a contractor's operator is refused, at the centre.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type Browser, chromium, type Locator, type Page } from '@playwright/test'
import { emptyCaseFields } from '../../shared/domain/case.ts'
import type { MoveInput } from '../../shared/domain/case-moves.ts'
import { commandSchemaVersion } from '../../shared/domain/command.ts'
import { type CentralProcess, seatAt, startCentralProcess } from '../central/processes.ts'
import { chromiumPath, quietSwitches, utf8Environment } from '../support/chromium.ts'
import { clusterIn } from '../support/clusters.ts'
import { signCommand } from '../support/sign-command.ts'
import { startTcpLine } from '../support/tcp-line.ts'
import { expect, type Seat, test } from './seat-fixture.ts'
import { enrolAt } from './with-centre.ts'

const password = 'yanshi-12345'
/** Of the demonstration's administrator. */
const adminPassword = 'yanshi-12345'
const branch = '云澜中心'
const dispatched: MoveInput = {
  move: 'dispatch',
  reason: '',
  order: {
    catalogueVersion: '示例',
    categoryCode: '020301',
    lead: { code: 'C07', name: '云澜城市照明中心' },
    assist: [],
    signBy: new Date(Date.now() + 3_600_000).toISOString(),
    replyBy: new Date(Date.now() + 5 * 86_400_000).toISOString(),
    opinion: '',
  },
}

async function fileLighting(seat: Seat): Promise<void> {
  const { page } = seat
  await page.keyboard.press('Alt+1')
  await page.keyboard.press('Alt+n')
  await expect(seat.text('标题')).toBeFocused()
  await page.keyboard.type('路灯不亮')
  await page.keyboard.press('Tab')
  await page.keyboard.type('河东路 12 号门前路灯三天不亮。')
  await seat.text('联系电话').fill('19900000001')
  await seat.text('详细地点').fill('河东路 12 号')
  await page.getByRole('combobox', { name: '诉求分类', exact: true }).fill('路灯不亮')
  await expect(page.getByRole('option', { name: /路灯不亮/ }).first()).toBeAttached()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Alt+5')
  await page.keyboard.press('Control+Enter')
  await expect(seat.text('标题')).toHaveCount(0)
}

/** The key, what its dialog asks for, and Enter on its own button; nothing but keys. */
async function move(seat: Seat, name: string, picture: string, fill?: (dialog: Locator) => Promise<void>) {
  const { page } = seat
  await seat.region('办理过程').getByRole('button', { name, exact: true }).press('Enter')
  const dialog = page.getByRole('dialog', { name: new RegExp(`^${name} · `) })
  await expect(dialog.locator('form').locator('input, textarea, button').first()).toBeFocused()
  await fill?.(dialog)
  await seat.picture(`move-${picture}`)
  await page.keyboard.press('Control+Enter')
  await expect(dialog).toHaveCount(0)
}

const reason = (text: string) => async (dialog: Locator) => {
  const box = dialog.getByRole('textbox', { name: /^(原因|说明|答复内容)/ })
  await box.focus()
  await box.page().keyboard.type(text)
}
const decide = (answer: '同意' | '不同意', text: string) => async (dialog: Locator) => {
  const { keyboard } = dialog.page()
  await expect(dialog.getByRole('radio', { name: '同意', exact: true })).toBeFocused()
  if (answer === '不同意') await keyboard.press('ArrowDown')
  await expect(dialog.getByRole('radio', { name: answer, exact: true })).toBeChecked()
  await reason(text)(dialog)
}
/** As China's clock says it, for a field of date and time. */
const inDays = (days: number) =>
  new Date(Date.now() + days * 86_400_000 + 8 * 3_600_000).toISOString().slice(0, 16)
const until = (days: number, text: string) => async (dialog: Locator) => {
  await dialog.getByLabel('新的答复时限').fill(inDays(days))
  await reason(text)(dialog)
}

async function unitPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ locale: 'zh-CN' })
  await page.goto(`${url}/units`)
  await page.getByLabel('工号').fill('5001')
  await page.getByLabel('口令').fill(password)
  await page.keyboard.press('Enter')
  const list = page.getByRole('region', { name: '派给本单位的工单' })
  await expect(list).toBeVisible()
  await expect
    .poll(
      async () => {
        await page.reload()
        return list.getByRole('row').filter({ hasText: '路灯不亮' }).count()
      },
      { timeout: 60_000 },
    )
    .toBe(1)
  await list.getByRole('row').filter({ hasText: '路灯不亮' }).getByRole('link').press('Enter')
  return page
}

/** By the seat's own words: the entry's time, who, and what. */
async function lived(seat: Seat, name: string, what: string, times = 1): Promise<void> {
  const entry = seat
    .region('办理过程')
    .getByRole('listitem')
    .filter({ hasText: `${name} · ${what}` })
  await expect(entry).toHaveCount(times, { timeout: 60_000 })
  await expect(entry.last().locator('time')).toHaveText(/\d{1,2}:\d{2}/)
}

/** A centre with an administrator, and a line to it that can be cut. */
async function startCity(scratch: string) {
  const folder = join(scratch, 'centre')
  await clusterIn(folder)
  const centre = await startCentralProcess(['--data-dir', folder, '--port', '0'])
  const line = await startTcpLine({ port: Number(new URL(centre.url).port) })
  return { centre, line }
}

/** Another seat of the branch, at which the administrator is signed in; `code` enrols the seat under test. */
async function administratorAt({ url, enrolmentCode }: CentralProcess) {
  const { credential, headers, client } = await seatAt(url, enrolmentCode)
  const { operator, accessToken, proof } = await client.sessions.create({
    workNumber: '9001',
    password: adminPassword,
  })
  if (proof === undefined) throw new Error('the sign-in gave no secret')
  headers['x-operator-session'] = accessToken
  let seq = 0
  /** A case of this title that has been dispatched, and moved on so. */
  const file = async (title: string, ...moves: MoveInput[]) => {
    const caseId = randomUUID()
    const issuedAt = new Date().toISOString()
    const command = (name: string, args: unknown) => {
      seq += 1
      const plain = {
        id: randomUUID(),
        clientId: credential.clientId,
        seq,
        schemaVersion: commandSchemaVersion,
        name,
        args,
        operatorId: operator.operatorId,
        caseId,
        baseVersion: null,
        issuedAt,
      }
      return signCommand(plain, proof)
    }
    const { results } = await client.commands.push({
      commands: [
        command('case.create', {
          caseNumber: `2026-0000${4170 + seq}`,
          callId: null,
          catalogueVersion: '示例',
          createdAt: issuedAt,
          fields: {
            ...emptyCaseFields,
            contactNumber: '19900000702',
            title,
            content: `${title}，请尽快处理。`,
            disposition: 'accept',
          },
        }),
        ...moves.map(move => command('case.move', { entryId: randomUUID(), ...move })),
      ],
    })
    expect(results.map(({ outcome }) => outcome)).toEqual(results.map(() => 'applied'))
  }
  const { code } = await client.administration.enrolmentCode({ branch })
  return { client, file, code }
}

test('a supervisor decides what a unit asks for, urges, supervises, dispatches anew, has it done again and closes', async ({
  seat,
}) => {
  test.setTimeout(300_000)
  const { centre, line } = await startCity(seat.scratch)
  const executablePath = chromiumPath()
  const browser = await chromium.launch({
    args: quietSwitches,
    env: utf8Environment(),
    ...(executablePath === null ? {} : { executablePath }),
  })
  try {
    await seat.start()
    await seat.signIn()
    await enrolAt(seat, `http://127.0.0.1:${line.port}`, centre.enrolmentCode, '1002')
    await fileLighting(seat)
    await seat.page.keyboard.press('Alt+2')
    await seat.region('工单列表').getByRole('button', { name: '路灯不亮' }).press('Enter')
    const process = seat.region('办理过程')
    const key = (name: string) => process.getByRole('button', { name, exact: true })
    await move(seat, '派单', 'dispatch')
    await lived(seat, '周伯安', '派单')

    const unit = await unitPage(browser, centre.url)
    const asks = async (name: string, text: string) => {
      const form = unit.getByRole('form', { name, exact: true })
      await form.getByRole('textbox').last().fill(text)
      await form.getByRole('button', { name, exact: true }).press('Enter')
    }
    // 退单: the unit asks, the supervisor refuses, and says why.
    await asks('退单', '该路段由街道养护')
    await lived(seat, '韩立言', '申请退单')
    await expect(process).toContainText('该路段由街道养护')
    await move(seat, '退单', 'return-refuse', decide('不同意', '该路段已移交照明中心'))
    await lived(seat, '周伯安', '不同意退单')

    await move(seat, '催办', 'urge', async dialog => {
      await reason('市民再次来电')(dialog)
      // Another page is a key away, as when a call comes in; what was typed is there afterwards.
      await seat.page.keyboard.press('Alt+1')
      await expect(dialog).toBeHidden()
      await expect(seat.region('电话')).toBeVisible()
      await seat.page.keyboard.press('Alt+2')
      await expect(dialog.getByRole('textbox', { name: '说明' })).toHaveValue('市民再次来电')
    })
    await move(seat, '督办', 'supervise', reason('涉及出行安全'))
    await lived(seat, '周伯安', '督办')
    await expect(process.locator('.tag').filter({ hasText: '督办' })).toBeVisible()
    await expect(key('督办')).toHaveCount(0)

    // 延期: the unit signs and asks, the supervisor grants it.
    await expect(seat.region('连接状态')).toContainText('中心 已同步', { timeout: 60_000 })
    await unit.reload()
    await unit.getByRole('button', { name: '签收', exact: true }).press('Enter')
    await unit.getByLabel(/^延至/).fill(inDays(60))
    await asks('申请延期', '备件要从外地调运')
    await lived(seat, '韩立言', '申请延期')
    await move(seat, '延期', 'extend-grant', decide('同意', ''))
    await lived(seat, '周伯安', '同意延期')
    await expect(process).toContainText('延期 1 次')

    // 改派, then the return is granted: the case waits for another dispatch.
    await move(seat, '改派', 'redispatch', async dialog => {
      const lead = dialog.getByRole('combobox', { name: '主办单位', exact: true })
      await lead.focus()
      await seat.page.keyboard.type('供水')
      await expect(seat.page.locator('.ant-select-item-option-active')).toContainText('供水')
      await seat.page.keyboard.press('Enter')
      await reason('经核实由供水企业施工挖断')(dialog)
    })
    await lived(seat, '周伯安', '改派')
    await expect(process).toContainText('供水')
    await move(seat, '退单', 'return-ask', reason('电话答复：非本企业施工'))
    await move(seat, '退单', 'return-grant', decide('同意', '情况属实'))
    await lived(seat, '周伯安', '同意退单')
    await expect(process).toContainText('退单 1 次')
    await move(seat, '派单', 'dispatch-again')

    await move(seat, '签收', 'sign')
    await move(seat, '延期', 'extend-ask', until(90, '电话申请延期'))
    await move(seat, '延期', 'extend-refuse', decide('不同意', '已延期一次'))
    await lived(seat, '周伯安', '不同意延期')
    await move(seat, '答复', 'reply', reason('路灯已修复'))
    await move(seat, '重办', 'rehandle', until(30, '市民反映仍不亮'))
    await expect(process).toContainText('重办 1 次')
    await expect(process).not.toContainText('目录未规定')
    await move(seat, '答复', 'reply-again', reason('更换变压器后已亮'))
    await move(seat, '办结', 'close')
    await lived(seat, '周伯安', '办结')
    await lived(seat, '周伯安', '派单', 2)

    // 回访: the citizen is called from the dialog. Nobody answers: 联系不上 is proposed, and can be sent at once.
    await move(seat, '回访', 'follow-up-busy', async dialog => {
      await expect(dialog.getByRole('button', { name: '拨打联系电话', exact: true })).toBeFocused()
      await seat.page.keyboard.press('Alt+h')
      await expect(dialog.getByRole('status')).toHaveText('占线', { timeout: 15_000 })
      await expect(dialog.getByRole('radio', { name: '联系不上', exact: true })).toBeChecked()
      await expect(dialog.getByRole('radio', { name: '联系不上', exact: true })).toBeFocused()
    })
    await lived(seat, '周伯安', '回访')
    await expect(process).toContainText('联系不上')
    await expect(key('回访')).toBeVisible()
    await seat.picture('process-supervised')
    await expect(seat.region('连接状态')).toContainText('中心 已同步', { timeout: 60_000 })
  } finally {
    await browser.close()
    await line.close()
    await centre.end()
  }
})

test('who has become a contractor’s operator is refused at the centre, and the seat says why', async ({
  seat,
}) => {
  test.setTimeout(240_000)
  const { centre, line } = await startCity(seat.scratch)
  try {
    await seat.start()
    await seat.signIn()
    const { client, file, code } = await administratorAt(centre)
    await enrolAt(seat, `http://127.0.0.1:${line.port}`, code, '1002')
    await file('井盖松动')
    await file('路面塌陷', dispatched, { move: 'return', reason: '不属本单位' })
    await file('水管爆裂', dispatched, {
      move: 'extend',
      reason: '备件未到',
      replyBy: new Date(Date.now() + 30 * 86_400_000).toISOString(),
    })
    const { page } = seat
    await page.keyboard.press('Alt+2')
    const list = seat.region('工单列表')
    await expect(list.getByRole('button', { name: '水管爆裂' })).toBeVisible({ timeout: 60_000 })

    // What the seat still takes for a supervisor's is only proposed while its line is down.
    line.cut()
    await client.administration.saveOperator({
      operatorId: 'demo-1002',
      workNumber: '1002',
      name: '周伯安',
      branch,
      skills: [],
      role: 'contractor',
      employer: '云帆外包服务',
      disabled: false,
    })
    for (const [title, name, answer] of [
      ['井盖松动', '办结', reason('')],
      ['路面塌陷', '退单', decide('同意', '')],
      ['水管爆裂', '延期', decide('同意', '')],
    ] as const) {
      await list.getByRole('button', { name: title }).press('Enter')
      await move(seat, name, `contractor-${title}`, answer)
      await page.keyboard.press('Escape')
      await expect(seat.region('办理过程')).toHaveCount(0)
    }
    line.restore()
    await expect(seat.region('连接状态')).toContainText('3 条搁置', { timeout: 90_000 })
    await page.keyboard.press('Alt+0')
    const parked = seat.region('同步').getByRole('listitem').filter({ hasText: '没有权限' })
    await expect(parked).toHaveCount(3)
    for (const what of ['办结', '同意退单', '同意延期'])
      await expect(parked.filter({ hasText: what })).toHaveCount(1)
    await seat.picture('contractor-parked')

    // The seat has heard of it, and hides what would be refused.
    await page.keyboard.press('Alt+2')
    await list.getByRole('button', { name: '路面塌陷' }).press('Enter')
    const process = seat.region('办理过程')
    await expect(process.getByRole('button', { name: '派单', exact: true })).toBeVisible()
    await expect(process.getByRole('button', { name: '办结', exact: true })).toHaveCount(0)
  } finally {
    await line.close()
    await centre.end()
  }
})
