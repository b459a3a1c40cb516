/** SIP torture messages (RFC 4475) at the page, as an exchange gone mad would send them, and at the exchange. */
import { createSocket } from 'node:dgram'
import { tortureMessages } from '../support/torture.ts'
import { bothHear, expect, seatExtension } from './lab-fixture.ts'
import { farHangUpArrives, start, test } from './line-fixture.ts'

test('torture messages: the page goes on, answers what it must, and takes a normal call afterwards', async ({
  seat,
  lab,
  line,
}) => {
  test.setTimeout(180_000)
  await start(seat, lab, line)
  const phone = seat.region('电话')
  let offered = 0
  for (const { text } of tortureMessages) {
    line.inject(text)
    // Whatever rings is declined, as an operator would, before the next.
    const decline = seat.button('拒接')
    await seat.page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => resolve(null))))
    while ((await decline.count()) > 0) {
      offered += 1
      await decline.first().click()
    }
  }
  await expect(seat.button('拒接')).toHaveCount(0)
  const answers = line.messages.filter(
    ({ direction, text }) => direction === 'up' && /^SIP\/2\.0 [2-6]\d\d/.test(text) && /torture/.test(text),
  )
  const told = (name: string) =>
    answers.flatMap(({ text }) => (text.includes(`${name}.torture`) ? [Number(text.slice(8, 11))] : []))
  console.log(
    tortureMessages.map(({ name }) => `${name} ${told(name).join(' ')}`).join(', '),
    `torture: ${tortureMessages.length} messages, ${offered} of them rang, ${answers.length} were answered`,
  )
  expect(told('lwsdisp')).toEqual([200])
  expect(told('invut').every(status => status >= 400)).toBe(true)

  // The same at the exchange, from outside, for the seat.
  const socket = createSocket('udp4')
  for (const { text } of tortureMessages)
    await new Promise<void>(resolve =>
      socket.send(text.replaceAll('SIP/2.0/WS', 'SIP/2.0/UDP'), lab.sipPort, '127.0.0.1', () => resolve()),
    )
  socket.close()

  await expect(seat.region('连接状态')).toContainText('话务台 已注册')
  const citizen = await lab.softphone('19900000141')
  await citizen.dial(seatExtension)
  await expect(phone).toContainText('199 0000 0141')
  const ringing = seat.button('拒接')
  const others = (await ringing.count()) - 1
  console.log(`torture over the exchange: ${others} rang beside the citizen's call`)
  for (let index = 0; index < others; index += 1) await ringing.first().click()
  await seat.page.keyboard.press('F2')
  await bothHear(seat, citizen)
  await farHangUpArrives(seat, citizen)
})
