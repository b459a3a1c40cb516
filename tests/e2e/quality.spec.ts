import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { evidenceBundle } from '../../shared/domain/call-evidence.ts'
import { until } from '../support/seat-process.ts'
import { test } from './own-exchange.ts'
import { expect, type Seat } from './seat-fixture.ts'

/** What a click makes the shell save, as text. */
async function saved(seat: Seat, click: () => Promise<void>): Promise<string> {
  const file = join(seat.scratch, 'saved.json')
  if (seat.electronApp === null) {
    const downloading = seat.page.waitForEvent('download', { timeout: 10_000 })
    await click()
    await (await downloading).saveAs(file)
  } else {
    const done = seat.electronApp.evaluate(
      ({ BrowserWindow }, path) =>
        new Promise<void>(resolve => {
          BrowserWindow.getAllWindows()[0]?.webContents.session.once('will-download', (_, item) => {
            item.setSavePath(path)
            item.once('done', () => resolve())
          })
        }),
      file,
    )
    await click()
    await done
  }
  return readFileSync(file, 'utf8')
}

test('packets that are lost are told in plain words and on which side; a good call says nothing', async ({
  seat,
  own,
}) => {
  await own.start(seat)
  await seat.signIn()
  const good = await seat.citizenCalls({ from: '19900000631', toneHertz: 660 })
  await expect(seat.button('接听')).toBeVisible()
  await seat.page.keyboard.press('F2')
  await seat.heardForAnother(good, 0.3)
  const quality = seat.region('通话质量')
  await expect(quality).toContainText('通话质量 好')
  await expect(quality.getByRole('status')).toHaveCount(0)
  await seat.picture('quality-good')
  await seat.page.keyboard.press('F4')
  await expect(seat.button('挂断')).toHaveCount(0)

  const bad = await seat.citizenCalls({ from: '19900000632', toneHertz: 660, lossPercent: 20 })
  await expect(seat.button('接听')).toBeVisible()
  await seat.page.keyboard.press('F2')
  await expect(quality).toContainText('通话质量 差', { timeout: 20_000 })
  await expect(quality.getByRole('status')).toHaveText('您听到的声音有丢失，问题在对方到本机的网络')
  await quality.getByText('通话质量').hover()
  await expect(seat.page.locator('.quality-detail:visible')).toContainText(/收到时丢包(1[5-9]|2[0-5])\.\d%/)
  await seat.picture('quality-poor')
  await seat.control(`/calls/${encodeURIComponent(bad)}`, { method: 'DELETE' })
  await expect(seat.button('挂断')).toHaveCount(0)

  // The evidence is kept just after the record.
  const exports = seat.page.getByRole('button', { name: /^导出证据包/ })
  await expect(exports).toHaveCount(2)
  let text = ''
  await until(
    async () => {
      text = await saved(seat, () => exports.first().click())
      return evidenceBundle.parse(JSON.parse(text)).evidence !== null
    },
    15_000,
    'the evidence to be kept',
  )
  const { record, events, evidence } = evidenceBundle.parse(JSON.parse(text))
  expect(text).not.toContain('19900000632')
  expect(text).not.toContain(own.exchange.training.secret)
  expect(record.facts.callerNumber).toContain('****')
  expect(events.map(({ type }) => type)).toEqual(['offered', 'answered', 'ended'])
  const [sample] = evidence?.samples ?? []
  expect(sample?.lossIn).toBeGreaterThan(0.12)
  expect(sample?.mosIn).toBeLessThan(3.6)
  expect(evidence?.ladder[0]).toMatch(/<- INVITE sip:/)
  expect(evidence?.ladder.at(-1)).toMatch(/-> SIP\/2\.0 200 .*\[\d+ BYE\]/)
  expect(evidence?.states.length).toBeGreaterThan(1)
})
