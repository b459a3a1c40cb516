/** What exchanges do in their own ways: early media, 183 without one, offers asked for, codecs, and whose number is shown. */

import { announcement } from '../support/lab/sipp-phone.ts'
import { bothHear, expect, operatorHears, type Seat, seatExtension, startOn, until } from './lab-fixture.ts'
import { test } from './line-fixture.ts'

const phone = (seat: Seat) => seat.region('电话')

async function dial(seat: Seat, number: string) {
  await seat.page.keyboard.press('F9')
  await seat.page.keyboard.type(number)
  await seat.page.keyboard.press('Enter')
}

async function hangUp(seat: Seat) {
  await seat.page.keyboard.press('F4')
  await expect(seat.button('挂断')).toHaveCount(0)
}

const audible = (seat: Seat, who: string) =>
  until(async () => (await operatorHears(seat)) > -50, 20_000, `the operator to hear ${who}`)

test('early media through the media relay is heard before anybody answers, and goes on when they do', async ({
  seat,
  lab,
  line,
}) => {
  await startOn(seat, { ...lab, wsUrl: line.url })
  await seat.signIn()
  await lab.sippPhone('09995550151', tone => announcement(tone, 8_000), 660)
  await dial(seat, '09995550151')
  await audible(seat, 'the announcement')
  const level = Math.round(await operatorHears(seat))
  await expect(phone(seat)).toContainText('对方振铃中')
  const answers = () =>
    line.messages.filter(
      ({ direction, text }) => direction === 'down' && /^SIP\/2\.0 200 [^]*CSeq: \d+ INVITE/i.test(text),
    )
  expect(answers()).toHaveLength(0)
  expect(line.messages.some(({ text }) => /^SIP\/2\.0 183 [^]*m=audio/.test(text))).toBe(true)
  console.log(`early media from SIPp: the operator hears ${level} dBFS before the answer`)
  await expect(phone(seat)).toContainText('通话中')
  await audible(seat, 'them after the answer')
  await hangUp(seat)
})

test('183 without a description is shown as ringing, and the answer that follows is a call', async ({
  seat,
  lab,
  line,
}) => {
  await startOn(seat, { ...lab, wsUrl: line.url })
  await seat.signIn()
  const unit = await lab.citizen('09995550152', { temper: 'progresses' })
  await dial(seat, '09995550152')
  await expect(phone(seat)).toContainText('对方振铃中')
  expect(line.messages.find(({ text }) => text.startsWith('SIP/2.0 183 '))?.text).not.toContain('m=audio')
  await expect(phone(seat)).toContainText('通话中')
  await audible(seat, 'the far end')
  await until(() => (unit.hears([440])[0] ?? -99) > -50, 20_000, 'the far end to hear the operator')
  await hangUp(seat)
})

test('a re-INVITE without a description is answered with an offer, and both go on hearing each other', async ({
  seat,
  lab,
  line,
}) => {
  await startOn(seat, { ...lab, wsUrl: line.url })
  await seat.signIn()
  const citizen = await lab.citizen('19900000153')
  const call = await citizen.dial(seatExtension)
  await expect(seat.button('接听')).toBeVisible()
  await seat.page.keyboard.press('F2')
  const heardBefore = () => call.heard().seconds
  await until(() => heardBefore() > 0.5, 20_000, 'the citizen to hear the operator')
  const from = line.messages.length
  call.askOffer()
  const passed = (direction: 'up' | 'down', pattern: RegExp) => () =>
    line.messages.slice(from).some(one => one.direction === direction && pattern.test(one.text))
  await until(passed('up', /^SIP\/2\.0 200 [^]*m=audio/), 10_000, "the seat's offer")
  await until(passed('down', /^ACK [^]*m=audio/), 10_000, "the exchange's answer")
  const then = heardBefore()
  await until(() => heardBefore() > then + 1, 20_000, 'the citizen to hear the operator still')
  await audible(seat, 'the citizen')
  await hangUp(seat)
})

for (const { codecs, payload, name } of [
  { codecs: ['PCMA', 'PCMU'], payload: '8', name: 'PCMA' },
  { codecs: ['PCMU', 'PCMA'], payload: '0', name: 'PCMU' },
  { codecs: ['opus', 'PCMA'], payload: '8', name: 'PCMA' },
]) {
  test(`codecs ${codecs.join(', ')}: so they are offered, ${name} is spoken, in calls out and in`, async ({
    seat,
    lab,
    line,
  }) => {
    await startOn(seat, { ...lab, wsUrl: line.url }, lab.secret, { codecs })
    await seat.signIn()
    const unit = await lab.softphone('09995550154', { answers: true })
    await dial(seat, '09995550154')
    await expect(phone(seat)).toContainText('通话中')
    await bothHear(seat, unit)
    const sdp = (direction: 'up' | 'down', first: RegExp) =>
      line.messages.findLast(one => one.direction === direction && first.test(one.text))?.text ?? ''
    const offered = sdp('up', /^INVITE [^]*m=audio/)
    const order = /m=audio \d+ \S+ ([\d ]+)/.exec(offered)?.[1]?.split(' ') ?? []
    const named = order.map(one =>
      one === '8'
        ? 'PCMA'
        : one === '0'
          ? 'PCMU'
          : (new RegExp(`a=rtpmap:${one} ([^/]+)`).exec(offered)?.[1] ?? one),
    )
    expect(named.slice(0, codecs.length)).toEqual(codecs)
    expect(named.slice(codecs.length).every(one => ['telephone-event', 'CN'].includes(one))).toBe(true)
    const accepted = sdp('down', /^SIP\/2\.0 200 [^]*m=audio/)
    expect(/m=audio \d+ \S+ (\d+)/.exec(accepted)?.[1]).toBe(payload)
    expect(unit.output()).toContain(`Set audio encoder: ${name}`)
    await hangUp(seat)

    await unit.dial(seatExtension)
    await expect(seat.button('接听')).toBeVisible()
    await seat.page.keyboard.press('F2')
    await bothHear(seat, unit)
    const answered = sdp('up', /^SIP\/2\.0 200 [^]*m=audio/)
    expect(/m=audio \d+ \S+ (\d+)/.exec(answered)?.[1]).toBe(payload)
    await hangUp(seat)
  })
}

test('the number that is shown: none is asked for, then the chosen one, as it arrives at the far end', async ({
  seat,
  lab,
  line,
}) => {
  await startOn(seat, { ...lab, wsUrl: line.url }, lab.secret, { callerIds: ['12345', '09995550000'] })
  await seat.signIn()
  const unit = await lab.citizen('09995550155')
  await dial(seat, '09995550155')
  await expect(phone(seat)).toContainText('通话中')
  await hangUp(seat)
  expect(unit.invites().at(-1)).not.toContain('P-Preferred-Identity')
  await seat.page.getByRole('combobox', { name: '外显号码' }).click()
  await seat.page
    .locator('.ant-select-dropdown:visible')
    .locator('.ant-select-item-option-content', { hasText: '12345' })
    .click()
  await expect(phone(seat).locator('.caller-id')).toContainText('12345')
  await dial(seat, '09995550155')
  await expect(phone(seat)).toContainText('通话中')
  await hangUp(seat)
  const arrived = unit.invites().at(-1)
  expect(arrived).toContain('P-Preferred-Identity: <sip:12345@127.0.0.1>')
  // Who calls is still said as it is registered: the exchange decides what it makes of the wish.
  expect(arrived).toContain(`<sip:${seatExtension}@127.0.0.1>;tag=`)
})
