import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './seat-fixture.ts'

test('a damaged database: a clear page, the file untouched, a copy offered', async ({ seat }) => {
  await seat.start()
  await seat.signIn()
  await seat.powerCut()
  const database = join(seat.dataDir, 'seat.db')
  for (const name of readdirSync(seat.dataDir))
    if (/-wal$|-shm$/.test(name)) truncateSync(join(seat.dataDir, name), 0)
  writeFileSync(database, Buffer.alloc(20_000, 0x5a))
  await seat.start()
  await expect(seat.page.getByRole('heading', { name: '本机数据不能打开' })).toBeVisible()
  await expect(seat.page.getByRole('alert')).toContainText('CORRUPT')
  await seat.page.getByRole('button', { name: '复制数据文件' }).click()
  await expect(seat.page.getByRole('alert').first()).toContainText('已复制到')
  await seat.picture('database-damaged')
  expect(readFileSync(database).equals(Buffer.alloc(20_000, 0x5a))).toBe(true)
})

test('a protected start without a keyring asks for a passphrase, and for it again after a power cut', async ({
  seat,
}) => {
  seat.args = ['--protected']
  await seat.start()
  await expect(seat.page.getByRole('heading', { name: '设置本机数据口令' })).toBeVisible()
  await seat.picture('passphrase-new')
  await seat.page.getByLabel('口令', { exact: true }).fill('一个很长的测试口令Test-2026')
  await seat.page.getByLabel('再输入一次').fill('一个很长的测试口令Test-2026')
  await seat.page.keyboard.press('Enter')
  await seat.text('工号').fill('3001')
  await seat.text('坐席姓名').fill('测试坐席')
  await seat.text('分中心').fill('测试分中心')
  await seat.page.getByLabel('口令', { exact: true }).fill('Ceshi-Mima-2026')
  await seat.page.getByLabel('再输入一次').fill('Ceshi-Mima-2026')
  await seat.page.keyboard.press('Enter')
  await expect(seat.region('连接状态')).toContainText('话务台 未配置')
  await expect(seat.page.getByText('演示数据，未受保护')).toHaveCount(0)
  await seat.powerCut()
  await seat.start()
  await seat.page.getByLabel('口令', { exact: true }).fill('这个口令是错误的口令啊')
  await seat.page.keyboard.press('Enter')
  await expect(seat.page.getByRole('alert').filter({ hasText: '口令不正确' })).toBeVisible()
  await seat.page.getByLabel('口令', { exact: true }).fill('一个很长的测试口令Test-2026')
  await seat.page.keyboard.press('Enter')
  await expect(seat.page.getByText('测试坐席')).toBeVisible()
})

test("the administrator's policy: what it fixes is shown so, and its errors are listed", async ({ seat }) => {
  const policy = join(seat.scratch, 'policy.json')
  writeFileSync(policy, JSON.stringify({ areaCode: '0512' }))
  seat.args = ['--policy', policy]
  await seat.start()
  await seat.signIn()
  await seat.page.keyboard.press('Alt+4')
  await expect(seat.page.getByLabel('话务台地址', { exact: true })).toBeDisabled()
  await expect(seat.region('设置')).toContainText('由管理员登录后设置')
  await expect(seat.page.getByLabel('话后整理（秒，0 为不整理）')).toBeEnabled()
  await seat.picture('settings-of-an-agent')
  await seat.button('换人').click()
  await seat.signIn('9001')
  await seat.page.keyboard.press('Alt+4')
  await expect(seat.page.getByLabel('本地区号')).toBeDisabled()
  await expect(seat.region('设置')).toContainText('由管理员规定')
  await seat.picture('settings')
  await seat.page.getByLabel('话务台地址', { exact: true }).fill('ws://10.1.1.1')
  await expect(seat.region('设置')).toContainText('请用 wss://')
  await expect(seat.page.getByRole('button', { name: '保存设置' })).toBeDisabled()
  await seat.powerCut()
  writeFileSync(policy, '{"areaCode": 5}')
  await seat.start()
  await seat.signIn('9001')
  await seat.page.keyboard.press('Alt+4')
  await expect(seat.region('设置')).toContainText('策略文件有错误')
  await seat.picture('policy-errors')
})

test('nothing of a caller is left in the clear: data folder, browser profile, log', async ({ seat }) => {
  await seat.start()
  await seat.signIn()
  await seat.citizenCalls({ from: '19900007654', displayName: '欧阳模拟丁' })
  await expect(seat.region('电话')).toContainText('欧阳模拟丁')
  await seat.page.keyboard.press('F2')
  await expect(seat.text('标题')).toBeFocused()
  await seat.page.keyboard.type('植入的秘密标题')
  await expect(seat.region('工单')).toContainText('已保存到本机')
  // In Electron a page that has crashed is lost to Playwright.
  if (seat.shell === 'loopback') await seat.crashPage()
  const log = seat.process.log()
  await seat.powerCut()
  const files = readdirSync(seat.scratch, { recursive: true, encoding: 'utf8' })
    .map(name => join(seat.scratch, name))
    .filter(
      path =>
        statSync(path, { throwIfNoEntry: false })?.isFile() === true && !path.endsWith('microphone.wav'),
    )
  expect(files.length).toBeGreaterThan(3)
  for (const text of ['19900007654', '欧阳模拟丁', '植入的秘密标题']) {
    expect(log).not.toContain(text)
    for (const path of files) {
      const content = readFileSync(path)
      expect(content.includes(Buffer.from(text, 'utf8')), path).toBe(false)
      expect(content.includes(Buffer.from(text, 'utf16le')), path).toBe(false)
    }
  }
})

test('dialogs and drawers keep to the security policy of the page', async ({ seat }) => {
  await seat.start()
  await seat.signIn()
  await seat.page.keyboard.press('F1')
  await expect(seat.page.getByRole('dialog')).toBeVisible()
  await seat.picture('keys')
  await seat.page.keyboard.press('Escape')
  await expect(seat.page.getByRole('dialog')).toBeHidden()
})
