/** Many calls: none of them is silent, neither at first nor after it was held. */
import {
  bothHear,
  callsHeard,
  expect,
  leftInPage,
  type Seat,
  seatExtension,
  startOn,
  test,
  until,
} from './lab-fixture.ts'
import { audible, reaches } from './line-fixture.ts'

/** `npm run soak -- --heard --calls 300` runs the long one. */
const calls = Number(process.env['ZUOXI_HEARD_CALLS'] ?? 8)

const peerConnections = async (seat: Seat): Promise<number> => (await leftInPage(seat))('RTCPeerConnections')

/** An operator who is done with a call has no open form of it. */
async function discard(seat: Seat) {
  await seat.button('放弃').first().click()
  await seat.page.locator('.ant-popconfirm').getByRole('button', { name: '放弃', exact: true }).click()
  await expect(seat.page.getByRole('tab')).toHaveCount(0)
}

test('calls in a row, in and out, are heard both ways, also after they were held; no connection is left behind', async ({
  seat,
  lab,
}) => {
  test.setTimeout(120_000 + calls * 30_000)
  await startOn(seat, lab)
  await seat.signIn()
  const phone = seat.region('电话')
  // In turns: what one of them recorded last is too old to be taken for this call's.
  const citizens = [await lab.softphone('19900000161'), await lab.softphone('19900000162')]
  const units = [
    await lab.softphone('09995550361', { answers: true }),
    await lab.softphone('09995550362', { answers: true }),
  ]
  const unitNumbers = ['09995550361', '09995550362']
  let held = 0
  let out = 0
  let before = Number.NaN
  for (let call = 1; call <= calls; call += 1) {
    // One in four is dialled by the seat.
    const isOut = call % 4 === 0
    const far = (isOut ? units : citizens)[isOut ? (call / 4) % 2 : call % 2]
    if (far === undefined) throw new Error('nobody to speak with')
    await until(() => far.heardDbfs(0.5) < -70, 10_000, 'what was recorded before to be old')
    if (isOut) {
      out += 1
      await seat.page.keyboard.press('F9')
      await seat.page.keyboard.insertText(unitNumbers[(call / 4) % 2] ?? '')
      await seat.page.keyboard.press('Enter')
    } else {
      await far.dial(seatExtension)
      await expect(seat.button('接听')).toBeVisible()
      await seat.page.keyboard.press('F2')
    }
    await expect(seat.button('保持')).toBeVisible()
    // Some are held at once, while their sound still looks for its way; some when they have been heard.
    if (call % 3 !== 0) await bothHear(seat, far).catch((error: unknown) => silent(call, error))
    if (call % 3 !== 1) {
      held += 1
      await expect(seat.button('保持')).toBeEnabled()
      await seat.page.keyboard.press('F8')
      await expect(seat.button('恢复')).toBeEnabled()
      if (call % 2 === 0)
        await until(async () => (await callsHeard(seat)) === 0, 15_000, 'silence in a call that is held')
      await seat.page.keyboard.press('F8')
      await expect(seat.button('保持')).toBeVisible()
      await audible(seat).catch((error: unknown) => silent(call, error))
      await reaches(far).catch((error: unknown) => silent(call, error))
    }
    if (call % 2 === 0) await seat.page.keyboard.press('F4')
    else await far.hangUp()
    await expect(seat.button('挂断')).toBeHidden()
    await expect(phone.locator('.call-card.idle')).toBeVisible()
    await discard(seat)
    if (call === 2) before = await peerConnections(seat)
    if (call % 50 === 0) console.log(`heard: ${call} calls, ${out} of them dialled, ${held} held`)
  }
  const after = await peerConnections(seat)
  console.log(
    `heard: ${calls} calls, ${out} of them dialled, ${held} held; peer connections ${before} after two, ${after} after all`,
  )
  expect(after).toBeLessThanOrEqual(before)
})

function silent(call: number, error: unknown): never {
  throw new Error(`call ${call} is silent: ${String(error)}`)
}
