/** Hold is true: shown when the far side has accepted it and not before; and nothing of the operator leaves while it is on. */
import { answerTo } from '../support/line.ts'
import { bothHear, callsHeard, expect, type Seat, seatExtension, until } from './lab-fixture.ts'
import { audible, farHangUpArrives, reaches, start, talk, test } from './line-fixture.ts'

const reinvite = /^INVITE [^]*\r\nTo:[^\r]*;tag=/i

test('a hold that is refused, or never answered, is not shown; the call goes on', async ({
  seat,
  lab,
  line,
}) => {
  await start(seat, lab, line)
  const citizen = await talk(seat, lab)
  const phone = seat.region('电话')
  const refused = line.intercept('up', reinvite, answerTo(488, 'Not Acceptable Here'))
  await seat.page.keyboard.press('F8')
  await refused
  await expect(phone).toContainText('对方没有接受保持，通话仍在继续')
  await expect(seat.button('保持')).toBeVisible()
  await expect(seat.button('恢复')).toBeHidden()
  await expect(phone).toContainText('通话中')
  await bothHear(seat, citizen)

  const swallowed = line.intercept('up', reinvite, null)
  await seat.page.keyboard.press('F8')
  await swallowed
  // Not known yet: neither shown as held, nor heard.
  await until(() => citizen.heardDbfs(0.5) < -70, 10_000, 'silence at the citizen while a hold is asked for')
  await expect(seat.button('恢复')).toBeHidden()
  // SIP gives it 32 s.
  await expect(phone).toContainText('对方没有接受保持，通话仍在继续', { timeout: 60_000 })
  await expect(seat.button('恢复')).toBeHidden()
  await bothHear(seat, citizen)
  await farHangUpArrives(seat, citizen)
})

/** Below the least step that G.711 can say, about −72 dBFS: what is encoded of it is silence. */
const unsaidDbfs = -80

/** Level of what was given to be sent over two seconds, dBFS by the sender's own measure, and packets that were sent. */
async function spoken(seat: Seat): Promise<{ dbfs: number; packets: number }> {
  const read = () =>
    seat.page.evaluate(async () => {
      const totals = { energy: 0, packets: 0 }
      for (const connection of Reflect.get(window, 'connections') as RTCPeerConnection[])
        for (const entry of (await connection.getStats()).values()) {
          const stat = entry as Record<string, unknown>
          if (stat['type'] === 'media-source') totals.energy += Number(stat['totalAudioEnergy'] ?? 0)
          if (stat['type'] === 'outbound-rtp') totals.packets += Number(stat['packetsSent'] ?? 0)
        }
      return totals
    })
  const before = await read()
  await seat.page.waitForTimeout(2_000)
  const after = await read()
  const power = (after.energy - before.energy) / 2
  return { dbfs: power <= 0 ? -199 : 10 * Math.log10(power), packets: after.packets - before.packets }
}

test("held: nothing of the operator's microphone is sent for as long as it is on", async ({
  seat,
  lab,
  line,
}) => {
  await start(seat, lab, line)
  await seat.page.addInitScript(() => {
    const connections: RTCPeerConnection[] = []
    Reflect.set(window, 'connections', connections)
    const Own = window.RTCPeerConnection
    window.RTCPeerConnection = class extends Own {
      constructor(configuration?: RTCConfiguration) {
        super(configuration)
        connections.push(this)
      }
    }
  })
  await seat.page.reload()
  await seat.ready()
  const citizen = await talk(seat, lab)
  const talking = await spoken(seat)
  await seat.page.keyboard.press('F8')
  await expect(seat.button('恢复')).toBeVisible()
  expect(line.messages.findLast(({ text }) => reinvite.test(text))?.text).toMatch(/a=(sendonly|inactive)/)
  // The browser's level meter shows the last tenth of a second that was spoken before it falls.
  await seat.page.waitForTimeout(500)
  const held = await spoken(seat)
  console.log(
    `sent in two seconds: talking ${Math.round(talking.dbfs)} dBFS in ${talking.packets} packets, held ${Math.round(held.dbfs)} dBFS in ${held.packets}`,
  )
  expect(talking.dbfs).toBeGreaterThan(-40)
  expect(held.dbfs).toBeLessThan(unsaidDbfs)
  await until(() => citizen.heardDbfs(0.5) < -70, 15_000, 'silence at the citizen')
  await seat.page.keyboard.press('F8')
  await reaches(citizen)
  await audible(seat)
  expect((await spoken(seat)).dbfs).toBeGreaterThan(-40)
  await farHangUpArrives(seat, citizen)
})

test('a second call: declined with the first untouched; or answered with the first held, never two heard at once', async ({
  seat,
  lab,
  line,
}) => {
  await start(seat, lab, line)
  const first = await talk(seat, lab)
  const second = await lab.softphone('19900000132', { hertz: 880 })
  await expect(seat.text('标题')).toBeFocused()
  await second.dial(seatExtension)
  await expect(seat.button('拒接')).toBeVisible()
  await seat.page.keyboard.type('不受打扰')
  await expect(seat.text('标题')).toHaveValue('不受打扰')
  await seat.button('拒接').click()
  await expect(seat.region('电话')).toContainText('呼入 · 已拒接')
  await bothHear(seat, first)

  await second.dial(seatExtension)
  await expect(seat.button('接听')).toBeVisible()
  await seat.button('接听').click()
  await until(() => second.heardDbfs(0.5) > -50, 20_000, 'the second caller to hear the operator')
  await until(() => first.heardDbfs(0.3) < -70, 10_000, 'silence at the first caller')
  // Not even for a moment: the first had accepted its hold before the second was answered.
  const order = line.messages.map(({ direction, text }) => {
    if (direction === 'down' && /^SIP\/2\.0 200[^]*CSeq: \d+ INVITE[^]*a=recvonly/i.test(text)) return 'held'
    return direction === 'up' && /^SIP\/2\.0 200[^]*CSeq: \d+ INVITE/i.test(text) ? 'answered' : ''
  })
  expect(order.filter(step => step !== '')).toEqual(['answered', 'held', 'answered'])
  expect(await callsHeard(seat)).toBe(1)
  await second.hangUp()
  await expect(seat.button('恢复')).toBeVisible()
  await seat.button('恢复').click()
  await reaches(first)
  await audible(seat)
  expect(await callsHeard(seat)).toBe(1)
  await farHangUpArrives(seat, first)
})

test('the first call does not accept to be held: the second is not answered, and one is heard', async ({
  seat,
  lab,
  line,
}) => {
  await start(seat, lab, line)
  const first = await talk(seat, lab)
  const second = await lab.softphone('19900000132', { hertz: 880 })
  await second.dial(seatExtension)
  await expect(seat.button('接听')).toBeVisible()
  const refused = line.intercept('up', reinvite, answerTo(488, 'Not Acceptable Here'))
  await seat.button('接听').click()
  await refused
  await expect(seat.region('电话')).toContainText('对方没有接受保持，通话仍在继续')
  await expect(seat.button('接听')).toBeVisible()
  await bothHear(seat, first)
  expect(second.heardDbfs(0.5)).toBe(-99)
  await second.hangUp()
  await farHangUpArrives(seat, first)
})
