import type { SipLine } from '../support/line.ts'
import { bothHear, expect, operatorHears, type Seat, seatExtension, until } from './lab-fixture.ts'
import {
  audible,
  away,
  bar,
  citizenNumber,
  comesBack,
  farHangUpArrives,
  reaches,
  start,
  talk,
  test,
} from './line-fixture.ts'

for (const seconds of [5, 60]) {
  test(`talking, the line is away for ${seconds} s: audio goes on, and the citizen's hang-up arrives`, async ({
    seat,
    lab,
    line,
  }) => {
    test.setTimeout(180_000)
    await start(seat, lab, line)
    const citizen = await talk(seat, lab)
    line.cut()
    await expect(bar(seat)).not.toContainText('话务台 已注册')
    const end = Date.now() + seconds * 1_000
    while (Date.now() < end) {
      expect(await operatorHears(seat)).toBeGreaterThan(-50)
      await reaches(citizen)
    }
    await comesBack(seat, line, `talking, away ${seconds} s`)
    await audible(seat)
    await farHangUpArrives(seat, citizen)
  })
}

/** A ring is seen before it is told of; an exchange that has heard nothing of it offers the call elsewhere. */
const exchangeKnows = (line: SipLine) =>
  until(
    () => line.messages.some(({ direction, text }) => direction === 'up' && text.startsWith('SIP/2.0 180 ')),
    5_000,
    'the 180 to be sent',
  )

test('ringing: the call can be answered after the line came back', async ({ seat, lab, line }) => {
  await start(seat, lab, line)
  const citizen = await lab.softphone(citizenNumber)
  await citizen.dial(seatExtension)
  await expect(seat.button('接听')).toBeVisible()
  await exchangeKnows(line)
  await away(seat, line, 5)
  await seat.page.keyboard.press('F2')
  await bothHear(seat, citizen)
  await farHangUpArrives(seat, citizen)
})

test('ringing: a caller who gave up while the line was away does not ring for ever', async ({
  seat,
  lab,
  line,
}) => {
  test.setTimeout(120_000)
  await start(seat, lab, line)
  const citizen = await lab.softphone(citizenNumber)
  await citizen.dial(seatExtension)
  await expect(seat.button('接听')).toBeVisible()
  await exchangeKnows(line)
  line.cut()
  await citizen.hangUp()
  await expect(bar(seat)).not.toContainText('话务台 已注册')
  await comesBack(seat, line, 'the caller gave up')
  await expect(seat.button('接听')).toBeHidden({ timeout: 45_000 })
})

test('between the 200 and its ACK: the call is talked on, and the hang-up arrives', async ({
  seat,
  lab,
  line,
}) => {
  await start(seat, lab, line)
  const citizen = await lab.softphone(citizenNumber)
  await citizen.dial(seatExtension)
  await expect(seat.button('接听')).toBeVisible()
  const sprung = line.cutAt('up', /^SIP\/2\.0 200[^]*CSeq: \d+ INVITE/i, 'after')
  await seat.page.keyboard.press('F2')
  await sprung
  await seat.page.waitForTimeout(5_000)
  await comesBack(seat, line, 'between the 200 and its ACK')
  await bothHear(seat, citizen)
  await farHangUpArrives(seat, citizen)
})

test('held: stays held and silent, and is resumed after the line came back', async ({ seat, lab, line }) => {
  await start(seat, lab, line)
  const citizen = await talk(seat, lab)
  await seat.page.keyboard.press('F8')
  await expect(seat.button('恢复')).toBeVisible()
  await away(seat, line, 5)
  await expect(seat.region('电话')).not.toContainText('正在恢复')
  await expect(seat.button('恢复')).toBeVisible()
  expect(citizen.heardDbfs(0.5)).toBeLessThan(-70)
  await seat.page.keyboard.press('F8')
  await expect(seat.button('保持')).toBeVisible()
  await reaches(citizen)
  await audible(seat)
  await farHangUpArrives(seat, citizen)
})

test('consulting: both calls live on, and the citizen is taken back', async ({ seat, lab, line }) => {
  await start(seat, lab, line)
  const citizen = await talk(seat, lab)
  const unit = await lab.softphone('09995550131', { answers: true, hertz: 880 })
  await seat.page.keyboard.press('Shift+F6')
  await seat.page.keyboard.type('09995550131')
  await seat.page.keyboard.press('Enter')
  await expect(seat.button('完成转接')).toBeEnabled()
  await bothHear(seat, unit)
  await away(seat, line, 5)
  await expect(seat.region('电话')).not.toContainText('正在恢复')
  await expect(seat.button('挂断')).toHaveCount(2)
  await seat.page.keyboard.press('Shift+F6')
  await expect(seat.button('挂断')).toHaveCount(1)
  await until(() => unit.events().some(({ type }) => type === 'CALL_CLOSED'), 10_000, 'the unit to be let go')
  await reaches(citizen)
  await audible(seat)
  await farHangUpArrives(seat, citizen)
})

test('during REFER: the citizen is not lost, whichever way the transfer went', async ({
  seat,
  lab,
  line,
}) => {
  await start(seat, lab, line)
  const citizen = await talk(seat, lab)
  const unit = await lab.softphone('09995550132', { hertz: 880 })
  const sprung = line.cutAt('up', /^REFER /, 'before')
  await seat.page.keyboard.press('F6')
  await seat.page.keyboard.type('09995550132')
  await seat.page.keyboard.press('Enter')
  await sprung
  await seat.page.waitForTimeout(5_000)
  await comesBack(seat, line, 'during REFER')
  await expect(seat.region('电话')).toContainText('市民仍在线上', { timeout: 10_000 })
  await expect(seat.button('保持')).toBeVisible()
  await reaches(citizen)
  await audible(seat)
  expect(unit.events().some(({ type }) => type === 'CALL_INCOMING')).toBe(false)
  await farHangUpArrives(seat, citizen)
})

test('half-open: found by our own ping within 10 s, also while the exchange only sleeps', async ({
  seat,
  lab,
  line,
}) => {
  test.setTimeout(120_000)
  await start(seat, lab, line)
  const citizen = await talk(seat, lab)
  const seconds = await foundAfter(seat, line)
  console.log(`half-open found after ${seconds.toFixed(1)} s`)
  expect(seconds).toBeLessThan(10.5)
  await audible(seat)
  await comesBack(seat, line, 'half-open')

  lab.pauseExchange()
  await expect(bar(seat)).not.toContainText('话务台 已注册', { timeout: 20_000 })
  await audible(seat)
  lab.resumeExchange()
  await expect(bar(seat)).toContainText('话务台 已注册', { timeout: 30_000 })
  await farHangUpArrives(seat, citizen)
})

/** How long after now the seat sees that its exchange does not answer. */
async function foundAfter(seat: Seat, line: SipLine): Promise<number> {
  const frozenAt = Date.now()
  line.freeze()
  await expect(bar(seat)).not.toContainText('话务台 已注册', { timeout: 50_000 })
  return (Date.now() - frozenAt) / 1_000
}

test('half-open after 10 min in which the page had no timer at all: found within 10 s', async ({
  seat,
  lab,
  line,
}) => {
  await start(seat, lab, line)
  await seat.page.clock.install()
  await seat.page.clock.pauseAt(Date.now() + 600_000)
  const seconds = await foundAfter(seat, line)
  console.log(`half-open, the page's clock stopped 10 min ahead: found after ${seconds.toFixed(1)} s`)
  expect(seconds).toBeLessThan(10.5)
})

test('the network changed under a dead socket: found by one question, asked at once', async ({
  seat,
  lab,
  line,
}) => {
  await start(seat, lab, line)
  line.freeze()
  const since = Date.now()
  await seat.page.evaluate(() => window.dispatchEvent(new Event('online')))
  await expect(bar(seat)).not.toContainText('话务台 已注册', { timeout: 20_000 })
  const seconds = (Date.now() - since) / 1_000
  console.log(`network changed on a dead socket: found after ${seconds.toFixed(1)} s`)
  expect(seconds).toBeLessThan(5)
  await comesBack(seat, line, 'network changed')
})

test('the exchange is started anew in a call: registered again, and the call lives on', async ({
  seat,
  lab,
  line,
}) => {
  await start(seat, lab, line)
  const citizen = await talk(seat, lab)
  await lab.restartExchange()
  await expect(bar(seat)).not.toContainText('话务台 已注册')
  await expect(bar(seat)).toContainText('话务台 已注册', { timeout: 30_000 })
  await audible(seat)
  await farHangUpArrives(seat, citizen)
})

test('the media relay is down: the caller is told, and so is the operator', async ({ seat, lab, line }) => {
  await start(seat, lab, line)
  await lab.stopRelay()
  const citizen = await lab.softphone(citizenNumber)
  await citizen.dial(seatExtension)
  await expect(seat.button('接听')).toBeVisible()
  await seat.page.keyboard.press('F2')
  await expect(seat.region('电话')).toContainText('未接通')
  await until(
    () => citizen.events().some(({ type }) => type === 'CALL_CLOSED'),
    15_000,
    'the caller to be told',
  )
})
