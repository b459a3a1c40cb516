/** A seat on the lab's exchange, with a line between them that a test can cut, freeze, speak into and listen to. */
import { writeFileSync } from 'node:fs'
import type { Baresip } from '../support/lab/baresip.ts'
import type { Lab } from '../support/lab/lab.ts'
import { type SipLine, startLine } from '../support/line.ts'
import {
  bothHear,
  expect,
  test as labTest,
  operatorHears,
  type Seat,
  seatExtension,
  startOn,
  until,
} from './lab-fixture.ts'

export const test = labTest.extend<{ line: SipLine }>({
  line: async ({ lab }, use, info) => {
    const line = await startLine(lab.wsUrl)
    try {
      await use(line)
    } finally {
      if (info.status !== info.expectedStatus) {
        const ladder = line.messages.map(({ direction, text }) => `${direction} ${text}`).join('\n')
        writeFileSync(info.outputPath('signalling.txt'), ladder)
      }
      await line.close()
    }
  },
})

export const citizenNumber = '19900000131'
export const bar = (seat: Seat) => seat.region('连接状态')

export async function start(seat: Seat, lab: Lab, line: SipLine) {
  seat.expected.push(/WebSocket connection/)
  await startOn(seat, { ...lab, wsUrl: line.url })
  await seat.signIn()
}

export async function talk(seat: Seat, lab: Lab, number = citizenNumber): Promise<Baresip> {
  const citizen = await lab.softphone(number)
  await citizen.dial(seatExtension)
  await expect(seat.button('接听')).toBeVisible()
  await seat.page.keyboard.press('F2')
  await bothHear(seat, citizen)
  return citizen
}

/** The line is away for so long, and comes back; the seat registers again by itself. */
export async function away(seat: Seat, line: SipLine, seconds: number) {
  line.cut()
  await expect(bar(seat)).not.toContainText('话务台 已注册')
  await seat.page.waitForTimeout(seconds * 1_000)
  await comesBack(seat, line, `away ${seconds} s`)
}

/** Registered again, with no call that waits to be told of it; says how long the registration took from when the line was there. */
export async function comesBack(seat: Seat, line: SipLine, when: string) {
  const since = Date.now()
  line.restore()
  await expect(bar(seat)).toContainText('话务台 已注册', { timeout: 30_000 })
  const registered = Date.now() - since
  await expect(seat.region('电话')).not.toContainText('正在恢复', { timeout: 30_000 })
  console.log(
    `${when}: registered ${registered} ms after the line was back, recovered ${Date.now() - since} ms`,
  )
}

export const audible = (seat: Seat) =>
  until(async () => (await operatorHears(seat)) > -50, 15_000, 'the operator to hear the citizen')
export const reaches = (citizen: Baresip) =>
  until(() => citizen.receivedBitsPerSecond() > 40_000, 15_000, 'audio to reach the citizen')

/** The proof that the dialog lives: the citizen's own hang-up arrives at the seat. */
export async function farHangUpArrives(seat: Seat, citizen: Baresip) {
  await expect(seat.region('电话')).not.toContainText('正在恢复')
  await citizen.hangUp()
  await expect(seat.button('挂断')).toBeHidden()
  await expect(seat.region('电话')).toContainText('呼入 · 已接通')
}
