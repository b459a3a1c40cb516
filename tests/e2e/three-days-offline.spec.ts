/**
 * Two people work at one seat without a line: each signs in by password, files under their own name, and goes home. Three days
 * later the line is back, and everything is at the centre once, under the name of whoever did it.
 */
import { join } from 'node:path'
import { startCentralProcess } from '../central/processes.ts'
import { beforeItServes } from '../support/callback-centre.ts'
import { movedClock } from '../support/moved-clock.ts'
import { startTcpLine } from '../support/tcp-line.ts'
import { expect, type Seat, test } from './seat-fixture.ts'
import { enrolAt, fileCase } from './with-centre.ts'

const hourMs = 3_600_000
const threeDaysMs = 72 * hourMs
const password = 'yanshi-12345'
/** Of the demonstration: 林晓岚 and 周伯安. */
const first = 'demo-1001'
const second = 'demo-1002'
const title = '雨污管网堵塞'
const content = '青石巷 7 号门前积水，老人出行不便。'
const remark = '市民再次来电，积水已进屋。'

async function signInAt(seat: Seat, workNumber: string): Promise<void> {
  await seat.chooseOperator(workNumber)
  await expect(seat.page.getByLabel('口令', { exact: true })).toBeFocused()
  await seat.page.keyboard.type(password)
  await seat.page.keyboard.press('Enter')
  await seat.ready()
}

/** The page's calendar goes with that of its machine. */
async function movePage({ page }: Seat, offsetMs: number): Promise<void> {
  await page.addInitScript(ms => {
    const now = Date.now.bind(Date)
    window.Date = class extends Date {
      constructor(...given: []) {
        if (given.length === 0) super(now() + ms)
        else super(...given)
      }
      static override now = () => now() + ms
    } as DateConstructor
  }, offsetMs)
  await page.reload()
}

/** Read from its database when it has ended. */
const readCentre = (folder: string) =>
  beforeItServes(folder, undefined, async ({ context: { sql } }) => ({
    cases: await sql.query<{ number: string; operator: string; created: string }>(
      'SELECT case_number AS number, operator_id AS operator, created_at AS created FROM cases ORDER BY created_at',
    ),
    history: (
      await sql.query<{ number: string; entry: string }>(
        'SELECT c.case_number AS number, h.entry FROM case_history h JOIN cases c USING (case_id) ORDER BY h.version',
      )
    ).map(({ number, entry }) => ({ number, entry: JSON.parse(entry) as Record<string, string> })),
    /** What each person's command proved, and by whose session. */
    commands: await sql.query<{
      id: string
      action: string
      operator: string
      prover: string
      result: string
    }>(
      `SELECT a.command_id AS id, a.action, a.operator_id AS operator, s.operator_id AS prover, a.result
       FROM audit a LEFT JOIN operator_session s ON s.session_id = a.proved_by
       WHERE a.command_id IS NOT NULL AND a.operator_id IS NOT NULL ORDER BY a.entry`,
    ),
  }))

test('two people file without a line, come back after three days, and each thing arrives once under its own name', async ({
  seat,
}) => {
  test.setTimeout(300_000)
  const folder = join(seat.scratch, 'centre')
  const atCentre = movedClock(join(seat.scratch, 'centre-clock'))
  const atSeat = movedClock(join(seat.scratch, 'seat-clock'))
  seat.env = atSeat.env
  const centre = await startCentralProcess(['--data-dir', folder, '--port', '0'], undefined, atCentre.env)
  const line = await startTcpLine({ port: Number(new URL(centre.url).port) })
  try {
    await seat.start()
    await seat.signIn()
    await enrolAt(seat, `http://127.0.0.1:${line.port}`, centre.enrolmentCode, '1002')
    await seat.button('换人').click()
    await signInAt(seat, '1001')
    const bar = () => seat.region('连接状态')
    await expect(bar()).toContainText('中心 已同步', { timeout: 60_000 })
    await seat.button('换人').click()
    const cutAt = atCentre.now()
    line.cut()

    // 林晓岚 signs in without the line and files by keyboard.
    await signInAt(seat, '1001')
    await expect(bar()).toContainText('中心 离线', { timeout: 60_000 })
    const { page } = seat
    const ofFirst = await fileCase(seat, '窨井盖缺失')
    // A form is half written, its last keys still on their way, when the seat is locked.
    await page.keyboard.press('Alt+n')
    await expect(seat.text('标题')).toBeFocused()
    await page.keyboard.type(title)
    await page.keyboard.press('Tab')
    await page.keyboard.type(content)
    await page.keyboard.press('Control+l')
    const lock = page.getByRole('dialog', { name: '坐席已锁定', exact: true })
    await expect(lock.getByLabel('口令', { exact: true })).toBeFocused()
    expect(await page.evaluate(() => document.documentElement.outerHTML)).not.toContain('积水')
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    await expect(lock).toHaveCount(0)
    await expect(seat.text('标题')).toHaveValue(title)
    await expect(seat.text('诉求内容')).toHaveValue(content)
    await expect(seat.text('诉求内容')).toBeFocused()
    await page.keyboard.type('请尽快。')

    // 周伯安 takes over, with keys still on their way once more; sees nothing of the form, files, and adds to the other's case.
    await seat.button('换人').click()
    await signInAt(seat, '1002')
    await expect(seat.text('标题')).toHaveCount(0)
    const ofSecond = await fileCase(seat, '公交站牌倒伏')
    // Meanwhile the seat's clock is wrong: it stands before the seat's last contact with the centre.
    await atSeat.moveTo(-2 * hourMs)
    const saidAt = atSeat.now()
    await page.keyboard.press('Alt+2')
    await seat.region('工单列表').getByRole('button', { name: '窨井盖缺失' }).press('Enter')
    const drawer = page.getByRole('dialog', { name: ofFirst })
    await drawer.getByRole('textbox', { name: '补充备注', exact: true }).focus()
    await page.keyboard.type(remark)
    await drawer.getByRole('button', { name: '添加备注', exact: true }).press('Enter')
    await expect(drawer.getByRole('listitem').filter({ hasText: remark })).toHaveCount(1)
    await page.keyboard.press('Escape')
    await expect(bar()).toContainText('条待上传')
    await seat.picture('offline-handed-over')
    await seat.stop()

    // Three days later the line is still down, and a password still lets somebody in.
    await Promise.all([atSeat.moveTo(threeDaysMs), atCentre.moveTo(threeDaysMs)])
    await seat.start()
    await movePage(seat, threeDaysMs)
    await signInAt(seat, '1002')
    await expect(bar()).toContainText('条待上传')
    const backAt = atCentre.now()
    line.restore()
    await expect(bar()).toContainText('中心 已同步', { timeout: 90_000 })
    await seat.page.keyboard.press('Alt+0')
    await expect(seat.region('同步')).toContainText('没有未同步的内容')
    await expect(seat.region('同步')).toContainText('搁置0 项')

    // The remark counts from its receipt, and says what the seat's clock said.
    await seat.page.keyboard.press('Alt+2')
    await seat.region('工单列表').getByRole('button', { name: '窨井盖缺失' }).press('Enter')
    const told = seat.page.getByRole('dialog', { name: ofFirst }).getByRole('listitem')
    await expect(told.filter({ hasText: remark })).toContainText('坐席报告时间')
    await expect(told.filter({ hasText: remark })).toContainText('周伯安')
    await expect(told.first()).toContainText('林晓岚')
    await expect(told.first()).not.toContainText('坐席报告时间')
    await seat.picture('three-days-later')
    await seat.page.keyboard.press('Escape')

    // 林晓岚 finds the form as it was left, to the character, and files it.
    await seat.button('换人').click()
    await signInAt(seat, '1001')
    await expect(seat.text('标题')).toHaveValue(title)
    await expect(seat.text('诉求内容')).toHaveValue(`${content}请尽快。`)
    await seat.text('联系电话').fill('19900000103')
    await seat.page.keyboard.press('Alt+5')
    await seat.page.keyboard.press('Control+Enter')
    await expect(seat.text('标题')).toHaveCount(0)
    await expect(bar()).toContainText('中心 已同步', { timeout: 60_000 })
    await seat.stop()
    await centre.end()

    const { cases, history, commands } = await readCentre(folder)
    expect(cases.map(({ operator }) => operator)).toEqual([first, second, first])
    expect(cases.slice(0, 2).map(({ number }) => number)).toEqual([ofFirst, ofSecond])
    // The seat was away: its own time of filing counts.
    for (const { created } of cases.slice(0, 2)) {
      expect(Date.parse(created)).toBeGreaterThan(cutAt)
      expect(Date.parse(created)).toBeLessThan(cutAt + hourMs)
    }
    expect(Date.parse(cases[2]?.created ?? '')).toBeGreaterThanOrEqual(backAt)
    const ofCase = (number: string) => history.filter(one => one.number === number).map(({ entry }) => entry)
    expect(ofCase(ofSecond).map(entry => entry['operatorId'])).toEqual([second])
    const [created, remarked, ...more] = ofCase(ofFirst)
    expect(more).toEqual([])
    expect(created).toMatchObject({ operatorId: first })
    expect(created?.['reportedAt']).toBeUndefined()
    expect(remarked).toMatchObject({ operatorId: second, detail: remark })
    expect(Date.parse(remarked?.['at'] ?? '')).toBeGreaterThanOrEqual(backAt)
    const reported = Date.parse(remarked?.['reportedAt'] ?? '')
    expect(Math.abs(reported - saidAt)).toBeLessThan(60_000)
    expect(commands.map(({ id }) => id)).toEqual([...new Set(commands.map(({ id }) => id))])
    for (const { operator, prover } of commands) expect(prover).toBe(operator)
    expect(commands.filter(({ result }) => result !== 'done')).toEqual([])
    console.log(`${commands.length} commands of two people arrived after three days, each once`)
  } finally {
    await line.close()
    await centre.end()
  }
})
