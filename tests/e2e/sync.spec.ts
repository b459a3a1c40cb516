/** With a centre beside the seat: cases reach it, work goes on without it, and the page tells which of the two it is. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { isAlive, root, until } from '../support/seat-process.ts'
import { expect, test } from './seat-fixture.ts'
import { fileCase, signInWithPassword } from './with-centre.ts'

test('cases reach the centre; while it is away they wait in plain sight, and all arrive when it is back', async ({
  seat,
}) => {
  test.setTimeout(240_000)
  seat.central = true
  await seat.start()
  const { central, pids } = seat.process.ready
  expect(central).not.toBe(null)
  // What is unsent is taken out by a lead.
  await signInWithPassword(seat, '1002')
  const bar = seat.region('连接状态')
  const first = await fileCase(seat, '路灯不亮')
  await expect(bar).toContainText('中心 已同步', { timeout: 60_000 })

  const pid = pids['central'] ?? 0
  process.kill(pid, 'SIGTERM')
  await until(() => !isAlive(pid), 60_000, 'the centre to end')
  await expect(bar).toContainText('中心 离线', { timeout: 60_000 })
  const second = await fileCase(seat, '井盖破损')
  const third = await fileCase(seat, '小区停水')
  expect(new Set([first, second, third]).size).toBe(3)
  await expect(bar).toContainText('条待上传')

  await seat.page.getByRole('button', { name: '中心 离线' }).click()
  const page = seat.region('同步')
  await expect(page).toContainText('工单照常填写和提交')
  for (const number of [second, third])
    await expect(page.getByRole('listitem').filter({ hasText: number })).toContainText('等待上传')
  await expect(page.getByRole('listitem').filter({ hasText: first })).toHaveCount(0)
  await seat.picture('sync-offline')

  await seat.button('导出未同步').click()
  const dialog = seat.page.getByRole('dialog', { name: '导出未同步' })
  await expect(dialog.getByLabel('导出口令')).toBeFocused()
  await seat.page.keyboard.type('换机导出用的很长的一个口令二〇二六')
  await seat.page.keyboard.press('Tab')
  await dialog.getByLabel('再输入一次').fill('换机导出用的很长的一个口令二〇二六，不一样')
  await seat.page.keyboard.press('Enter')
  await expect(dialog.getByRole('alert')).toContainText('两次输入不一致')
  await dialog.getByLabel('导出口令').fill('换机导出用的很长的一个口令二〇二六二〇二六')
  await dialog.getByLabel('再输入一次').fill('换机导出用的很长的一个口令二〇二六二〇二六')
  await seat.page.keyboard.press('Enter')
  await expect(dialog.getByRole('status')).toContainText(/已导出到 .+/, { timeout: 30_000 })
  await seat.page.keyboard.press('Escape')

  // The same centre at the same address, as after a power cut there.
  const again = fork(
    join(root, 'central', 'main.ts'),
    ['--data-dir', join(seat.dataDir, 'central'), '--port', new URL(central ?? '').port],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  )
  try {
    await once(again, 'message')
    await expect(bar).toContainText('中心 已同步', { timeout: 90_000 })
    await expect(page).toContainText('没有未同步的内容')
    await expect(page).toContainText('在线')
    await seat.picture('sync-online')
  } finally {
    const ended = once(again, 'exit')
    again.disconnect()
    await ended
  }
})
