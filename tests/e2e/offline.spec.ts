/**
 * The line to the centre is dead while work goes on: nothing answers any more, connections stay open. The page says so all along;
 * afterwards everything arrives, once. Half a minute here; ZUOXI_OFFLINE_MINUTES=10 makes it ten minutes.
 */
import { join } from 'node:path'
import { type CentralProcess, startCentralProcess } from '../central/processes.ts'
import { isAlive, until } from '../support/seat-process.ts'
import { TestSeat } from '../sync/seats.ts'
import { expect, test } from './seat-fixture.ts'
import { fileCase, signInWithPassword } from './with-centre.ts'

const offlineMs = Number(process.env['ZUOXI_OFFLINE_MINUTES'] ?? '0.5') * 60_000

test('work without a line: the page shows it all along, and afterwards every case arrives once', async ({
  seat,
}) => {
  test.setTimeout(offlineMs + 240_000)
  seat.central = true
  await seat.start()
  const pid = seat.process.ready.pids['central'] ?? 0
  await signInWithPassword(seat)
  const bar = seat.region('连接状态')
  const filed = [await fileCase(seat, '断线之前')]
  await expect(bar).toContainText('中心 已同步', { timeout: 60_000 })

  process.kill(pid, 'SIGSTOP')
  const end = Date.now() + offlineMs
  for (let count = 1; Date.now() < end; count += 1) {
    filed.push(await fileCase(seat, `断线期间 ${count}`))
    // Told at once that something waits; that the line is dead is known when a request has had no answer for 20 s.
    await expect(bar).toContainText('条待上传', { timeout: 10_000 })
    await seat.page.waitForTimeout(Math.min(20_000, offlineMs / 8))
  }
  await expect(bar).toContainText('中心 离线', { timeout: 60_000 })
  const page = seat.region('同步')
  await seat.page.keyboard.press('Alt+0')
  for (const number of filed.slice(1))
    await expect(page.getByRole('listitem').filter({ hasText: number }).first()).toContainText('等待上传')
  process.kill(pid, 'SIGCONT')
  await expect(bar).toContainText('中心 已同步', { timeout: 90_000 })
  await expect(page).toContainText('没有未同步的内容')

  // The same centre, asked by a seat that has nothing of its own.
  process.kill(pid, 'SIGTERM')
  await until(() => !isAlive(pid), 60_000, 'the centre to end')
  let centre: CentralProcess | null = null
  const reader = new TestSeat()
  try {
    centre = await startCentralProcess(['--data-dir', join(seat.dataDir, 'central')])
    await reader.start()
    await reader.enrol(centre.url, centre.enrolmentCode, 'demo-1002')
    await reader.settled(60_000)
    const arrived = [...(await reader.replica()).values()].map(
      each => (each as { caseNumber: string }).caseNumber,
    )
    expect(arrived.toSorted()).toEqual(filed.toSorted())
    console.log(
      `offline for ${Math.round(offlineMs / 1000)} s: ${filed.length} cases filed, ${arrived.length} at the centre`,
    )
  } finally {
    await reader.remove()
    await centre?.end()
  }
})
