/** Five calls, five dispositions, as an operator does it: by keyboard alone. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { transferDirectory } from '../../shared/domain/transfer-directory.ts'
import { startCentralProcess } from '../central/processes.ts'
import { clusterIn } from '../support/clusters.ts'
import { root, until } from '../support/seat-process.ts'
import { expect, type Seat, test } from './seat-fixture.ts'
import { enrolAt } from './with-centre.ts'

const region = (seat: Seat) => seat.region('受理方式')
const radio = (seat: Seat, name: string) => region(seat).getByRole('radio', { name, exact: true })

/** A citizen calls and is answered; the form is there with the keyboard in it. */
async function answer(seat: Seat, from: string): Promise<string> {
  const callId = await seat.citizenCalls({ from })
  await expect(seat.button('接听')).toBeVisible()
  await seat.page.keyboard.press('F2')
  await expect(seat.button('挂断')).toBeVisible()
  await expect(seat.text('标题')).toBeFocused()
  return callId
}

async function write(seat: Seat, title: string, content: string) {
  await seat.page.keyboard.type(title)
  await seat.page.keyboard.press('Tab')
  await seat.page.keyboard.type(content)
}

/** Submits and waits for the number that the caller is told. */
async function submit(seat: Seat) {
  const before = await seat.region('工单').locator('.case-number').allInnerTexts()
  await seat.page.keyboard.press('Control+Enter')
  await expect(seat.region('工单').locator('.case-number')).not.toHaveText(before[0] ?? '还没有')
  await expect(region(seat)).toHaveCount(0)
}

async function hangUp(seat: Seat) {
  await seat.page.keyboard.press('F4')
  await expect(seat.button('挂断')).toHaveCount(0)
}

test('five calls, five dispositions, by keyboard alone', async ({ seat }) => {
  await seat.start()
  await seat.signIn()
  const times: string[] = []
  const timed = async (name: string, run: () => Promise<void>) => {
    const from = performance.now()
    await run()
    times.push(`${name} ${((performance.now() - from) / 1_000).toFixed(1)} s`)
  }

  await timed('受理', async () => {
    await answer(seat, '19900000601')
    await write(seat, '路灯不亮', '青石路一排路灯三天没有亮。')
    await seat.page.keyboard.press('Alt+5')
    await expect(radio(seat, '受理')).toBeChecked()
    await submit(seat)
    await hangUp(seat)
  })

  await timed('即时转至', async () => {
    const citizen = await answer(seat, '19900000602')
    await write(seat, '两车相撞', '环城路口两车相撞，有人受伤。')
    await seat.page.keyboard.press('Alt+6')
    await expect(radio(seat, '即时转至')).toBeChecked()
    await expect(region(seat).getByRole('button', { name: '110 报警服务台', exact: true })).toBeFocused()
    await seat.picture('disposition-transfer')
    // 122 asks for no three-way call: one key, and the citizen is with them.
    await seat.page.keyboard.press('4')
    await expect(region(seat)).toContainText('交通事故报警 122', { timeout: 15_000 })
    await expect(region(seat).getByRole('group', { name: '移交记录' })).toContainText('直接转接')
    await until(async () => (await seat.citizen(citizen)).state === 'ended', 10_000, 'the old call to end')
    await seat.picture('disposition-handed-over')
    await submit(seat)
  })

  await timed('告知法定途径', async () => {
    await answer(seat, '19900000603')
    await write(seat, '不服判决', '来电人对一审判决不服，要求重新处理。')
    await seat.page.keyboard.press('Alt+7')
    await expect(radio(seat, '告知法定途径')).toBeChecked()
    await seat.page.keyboard.press('Control+Enter')
    await expect(seat.region('工单')).toContainText('还缺少：处置原因')
    await seat.page.keyboard.press('1')
    await expect(region(seat)).toContainText('人民法院提起诉讼')
    await seat.picture('disposition-statutory')
    await submit(seat)
    await hangUp(seat)
  })

  await timed('解释说明', async () => {
    await answer(seat, '19900000604')
    await write(seat, '查询邻居信息', '要求提供邻居的联系电话。')
    await seat.page.keyboard.press('Alt+8')
    await seat.page.keyboard.press('5')
    await expect(
      region(seat).getByRole('radio', { name: '涉及个人隐私、个人信息', exact: true }),
    ).toBeChecked()
    await expect(region(seat)).toContainText('依法不能提供')
    await seat.picture('disposition-explain')
    await submit(seat)
    await hangUp(seat)
  })

  await timed('移交线索', async () => {
    await answer(seat, '19900000605')
    await write(seat, '反复骚扰', '来电人一小时内来电二十次，没有诉求。')
    await seat.page.keyboard.press('Alt+9')
    await expect(region(seat)).toContainText('提交后待班长审批')
    await seat.page.keyboard.press('1')
    // The reason wants a note, and the keyboard is there.
    await expect(seat.text('处置说明')).toBeFocused()
    await seat.page.keyboard.press('Control+Enter')
    await expect(seat.region('工单')).toContainText('还缺少：处置说明')
    await seat.page.keyboard.type('当日第二十次来电，已两次警告。')
    await seat.picture('disposition-refer')
    await submit(seat)
    await hangUp(seat)
  })
  console.log(`five dispositions by keyboard: ${times.join(', ')}`)
})

/** Finds a line by what is typed and takes the first. */
async function find(seat: Seat, typed: string, name: string) {
  await seat.page.keyboard.press('0')
  await expect(region(seat).getByRole('combobox', { name: '转至', exact: true })).toBeFocused()
  await seat.page.keyboard.type(typed)
  await expect(seat.page.locator('.ant-select-item-option-active')).toContainText(name)
  await seat.page.keyboard.press('Enter')
}

test('a line that wants three-way, one that wants consent, a dead one, and a caller who is gone', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  const { page } = seat
  const record = region(seat).getByRole('group', { name: '移交记录' })

  // Asked first, as the operator chose: what was only tried is no hand-over, and the phone's own keys go on.
  await answer(seat, '19900000611')
  await write(seat, '燃气泄漏', '楼道里燃气味很大，家里有老人。')
  await page.keyboard.press('Alt+6')
  await region(seat).getByRole('radio', { name: '咨询后转接', exact: true }).press('Space')
  await page.keyboard.press('2')
  await expect(seat.button('三方通话')).toBeEnabled({ timeout: 15_000 })
  await expect(region(seat)).toContainText('接通后按 F6 完成转接，F10 三方通话')
  await seat.picture('disposition-consulting')
  await page.keyboard.press('Control+Enter')
  await expect(seat.region('工单')).toContainText('还缺少：移交号码')
  await page.keyboard.press('Shift+F6')
  await expect(seat.button('取回')).toHaveCount(0)
  await expect(seat.region('电话')).toContainText('通话中')
  await expect(seat.region('电话')).not.toContainText('正在切换保持')

  // 119 wants all three to speak: one key, and they do once it answers.
  await region(seat).getByRole('radio', { name: '按目录', exact: true }).press('Space')
  await page.keyboard.press('2')
  await expect(record).toContainText('三方通话', { timeout: 15_000 })
  await expect(record).toContainText('消防救援 119')
  await seat.text('接手人').focus()
  await page.keyboard.type('接警员 021')
  await page.keyboard.press('Tab')
  await page.keyboard.type('已派一辆消防车')
  await seat.picture('disposition-three-way')
  await submit(seat)
  await seat.button('退出三方').press('Enter')
  await expect(page.getByRole('button', { name: /^挂断/ })).toHaveCount(0, { timeout: 15_000 })

  // A dead number is refused with its reason, in the directory and in the phone's own box; the citizen stays.
  const citizen = await answer(seat, '19900000612')
  await write(seat, '想聊一聊', '来电人情绪低落，希望有人倾听。')
  await page.keyboard.press('Alt+6')
  await find(seat, '港航', '云澜港航服务')
  const dead = '云澜港航服务（示例，已停用）（09995550211）已于2026年1月1日停用'
  await expect(region(seat).getByRole('alert')).toHaveText(dead)
  await seat.picture('disposition-dead-number')
  await page.keyboard.press('F6')
  await page.keyboard.type('09995550211')
  await page.keyboard.press('Enter')
  await expect(seat.region('电话').getByRole('alert').filter({ hasText: dead })).toBeVisible()
  await page.keyboard.press('Escape')
  await seat.region('电话').getByRole('button', { name: '取消', exact: true }).press('Enter')
  expect((await seat.citizen(citizen)).state).toBe('talking')

  // Consent is asked, kept, and without it nobody is handed over.
  await page.keyboard.press('Alt+5')
  await page.keyboard.press('Alt+6')
  await find(seat, '心理', '心理援助热线')
  const ask = region(seat).getByRole('group', { name: '心理援助热线（示例）' })
  await expect(ask).toContainText('须征得来电人同意')
  await expect(ask.getByRole('button', { name: '同意', exact: true })).toBeFocused()
  await seat.picture('disposition-consent')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(region(seat)).toContainText('来电人不同意转接，请改用其他受理方式')
  expect((await seat.citizen(citizen)).state).toBe('talking')
  await region(seat).getByRole('button', { name: '110 报警服务台', exact: true }).focus()
  await find(seat, '心理', '心理援助热线')
  await page.keyboard.press('Enter')
  await expect(record).toContainText('来电人同意转接：同意', { timeout: 15_000 })
  await submit(seat)

  // The caller hung up before anything was done: the line is told, and the case says so.
  await answer(seat, '19900000613')
  await write(seat, '老人走失', '八十岁老人在青石路走失，穿蓝色外套。')
  await hangUp(seat)
  await page.keyboard.press('Alt+6')
  await page.keyboard.press('1')
  await expect(region(seat)).toContainText('来电人已不在线')
  await seat.picture('disposition-caller-gone')
  await page.keyboard.press('Enter')
  await expect(record).toContainText('转告')
  await submit(seat)

  await page.keyboard.press('Alt+2')
  await expect(page.locator('.case-table tbody tr')).toHaveCount(3)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  const drawer = page.locator('.ant-drawer')
  await expect(drawer).toContainText('三方通话')
  await expect(drawer).toContainText('接警员 021')
  await expect(drawer).toContainText('已派一辆消防车')
  await seat.picture('disposition-read')
})

test('a clue waits for whoever approves it; a call whose form is left open is listed when the wrap-up is over', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  const { page } = seat
  await answer(seat, '19900000621')
  await write(seat, '反复骚扰', '没有诉求，连续来电。')
  await page.keyboard.press('Alt+9')
  await page.keyboard.press('1')
  await page.keyboard.type('当日第二十次来电。')
  await submit(seat)
  await hangUp(seat)

  await answer(seat, '19900000622')
  await hangUp(seat)
  await expect(seat.region('电话')).not.toContainText('待补工单')
  await page.keyboard.press('Control+F4')
  await expect(seat.region('电话')).toContainText('待补工单（1）')
  await seat.picture('disposition-missing')

  // An agent has no such list; the lead does, and approves.
  await page.keyboard.press('Alt+2')
  await expect(page.getByRole('button', { name: /^待审批/ })).toHaveCount(0)
  await seat.button('换人').press('Enter')
  await expect(seat.text('按工号或姓名查找')).toBeFocused()
  await page.keyboard.type('1002')
  await page.keyboard.press('Enter')
  await seat.ready()
  await page.keyboard.press('Alt+2')
  await seat.button('待审批（1）').press('Enter')
  await expect(page.locator('.case-table tbody tr')).toHaveCount(1)
  await seat.picture('disposition-approvals')
  await page.locator('.case-table tbody tr').click()
  const drawer = page.locator('.ant-drawer')
  await expect(drawer).toContainText('反复拨打、占用线路（Y01）')
  await drawer.getByRole('button', { name: '批准', exact: true }).click()
  await page.getByRole('dialog', { name: /^批准/ }).getByRole('button', { name: '确定', exact: true }).click()
  await expect(drawer).toContainText('已办结')
  await page.keyboard.press('Escape')
  await expect(seat.button('待审批（0）')).toBeVisible()
})

test('another directory from the centre is used by the running seat, and a faulty one is refused whole', async ({
  seat,
}) => {
  test.setTimeout(240_000)
  const folder = join(seat.scratch, 'centre')
  await clusterIn(folder)
  const cli = (...args: string[]) =>
    execFileSync(
      process.execPath,
      [join(root, 'central', 'main.ts'), ...args, '--data-dir', folder, '--log-level', 'warn'],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
    ).trim()
  const key = cli('api-key', '--name', 'city')
  const code = cli('enrolment-code', '--branch', '云澜中心').split(' ')[0] ?? ''
  const centre = await startCentralProcess(['--data-dir', folder, '--port', '0'])
  try {
    await seat.start()
    await seat.signIn()
    await enrolAt(seat, centre.url, code)
    await seat.page.keyboard.press('Alt+1')
    await answer(seat, '19900000631')
    await write(seat, '水压不足', '小区水压不足。')
    await seat.page.keyboard.press('Alt+6')

    const sample = transferDirectory.parse(
      JSON.parse(readFileSync(join(root, 'resources', 'catalogue', 'transfer-directory.json'), 'utf8')),
    )
    const publish = async (version: string, entries: unknown[]) => {
      const path = `/v1/publications/transfer-directory/${encodeURIComponent(version)}`
      const { status } = await fetch(new URL(path, centre.url), {
        method: 'PUT',
        headers: { 'content-type': 'application/json', 'x-api-key': key },
        body: JSON.stringify({
          effectiveAt: new Date(Date.now() - 1_000).toISOString(),
          content: { version, sample: false, entries },
        }),
      })
      return status
    }
    expect(await publish('坏', [...sample.entries, ...sample.entries.slice(0, 1)])).toBe(400)
    const since = new Date(Date.now() - 60_000).toISOString()
    const changed = sample.entries.map(entry =>
      entry.number === '122'
        ? { ...entry, validTo: since }
        : entry.number === '09995550201'
          ? { ...entry, name: '新供水热线', kind: 'emergency' }
          : entry,
    )
    expect(await publish('新版', changed)).toBe(200)
    await expect(region(seat).getByRole('button', { name: '122 交通事故报警', exact: true })).toHaveCount(0, {
      timeout: 60_000,
    })
    // The open form is as it was, and the key is the new line's.
    await expect(seat.text('标题')).toHaveValue('水压不足')
    await region(seat).getByRole('button', { name: '110 报警服务台', exact: true }).focus()
    await seat.page.keyboard.press('4')
    await expect(region(seat).getByRole('group', { name: '移交记录' })).toContainText(
      '新供水热线 09995550201',
      { timeout: 15_000 },
    )
    await submit(seat)
    await expect(seat.region('连接状态')).toContainText('已同步', { timeout: 60_000 })
  } finally {
    await centre.end()
  }
})
