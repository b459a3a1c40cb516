/** Two ways to the exchange, primary and backup: the take-over in a call, and the return between calls. */
import { startLine } from '../support/line.ts'
import { bothHear, expect, operatorHears, seatExtension, startOn } from './lab-fixture.ts'
import { audible, bar, farHangUpArrives, reaches, talk, test } from './line-fixture.ts'

test('the primary goes in a call: audio goes on, the backup takes the call over; between calls the primary is taken again', async ({
  seat,
  lab,
  line,
}) => {
  test.setTimeout(150_000)
  const backup = await startLine(lab.wsUrl)
  try {
    seat.expected.push(/WebSocket connection/)
    await startOn(seat, { wsUrl: line.url, secret: lab.secret }, lab.secret, {
      backupExchangeUrl: backup.url,
    })
    await seat.signIn()
    const citizen = await talk(seat, lab)
    const since = Date.now()
    line.cut()
    await expect(bar(seat)).not.toContainText('话务台 已注册')
    expect(await operatorHears(seat)).toBeGreaterThan(-50)
    await expect(bar(seat)).toContainText('话务台 已注册', { timeout: 30_000 })
    console.log(`backup: registered there ${((Date.now() - since) / 1_000).toFixed(1)} s after the loss`)
    expect(backup.connections()).toBe(1)
    await reaches(citizen)
    await audible(seat)
    line.restore()
    await farHangUpArrives(seat, citizen)

    const phone = seat.region('电话')
    await expect(phone).toContainText('正在使用备用话务台')
    await expect(phone).not.toContainText('正在使用备用话务台', { timeout: 60_000 })
    await expect(bar(seat)).toContainText('话务台 已注册', { timeout: 30_000 })
    console.log(
      `backup: the primary has it again ${((Date.now() - since) / 1_000).toFixed(1)} s after the loss`,
    )
    const next = await lab.softphone('19900000133')
    await next.dial(seatExtension)
    await expect(seat.button('接听')).toBeVisible()
    await seat.button('接听').click()
    await bothHear(seat, next)
    expect(line.messages.some(({ text }) => /^INVITE [^]*19900000133/.test(text))).toBe(true)
  } finally {
    await backup.close()
  }
})
