/** Many calls: what they leave behind is bounded, and a crowd at once is taken in order. */
import {
  bothHear,
  expect,
  leftInPage,
  type Seat,
  seatExtension,
  startOn,
  test,
  until,
} from './lab-fixture.ts'
import { crowd } from './sipp-scenarios.ts'

/** `npm run soak -- --calls 500` runs the long one. */
const calls = Number(process.env['ZUOXI_SOAK_CALLS'] ?? 60)
/** The first calls fill caches and the list of the latest thirty; what is counted begins after them. */
const warmUp = 30
const bounds = { peerConnections: 0, listeners: 120, heapBytes: 4_000_000, heapBytesPerCall: 20_000 }
/** What the page remembers of a caller, for five minutes: gone when the long soak has rested for longer. */
const restMs = 330_000
const rests = calls >= 200
const restedBounds = { ...bounds, listeners: 40, heapBytesPerCall: 5_000 }

type Left = { peerConnections: number; listeners: number; nodes: number; heapBytes: number }

async function left(seat: Seat): Promise<Left> {
  const of = await leftInPage(seat)
  return {
    peerConnections: of('RTCPeerConnections'),
    listeners: of('JSEventListeners'),
    nodes: of('Nodes'),
    heapBytes: of('JSHeapUsedSize'),
  }
}

test('calls in a row, each with a case, leave no connection, listener or memory behind', async ({
  seat,
  lab,
}) => {
  test.setTimeout(120_000 + restMs + calls * 10_000)
  await startOn(seat, lab)
  await seat.signIn()
  const citizen = await lab.softphone('19900000150')
  const ended = () => citizen.events().filter(({ type }) => type === 'CALL_CLOSED').length
  const said = (line: string) => console.log(`soak: ${line}`)
  const show = (now: Left) =>
    `${now.peerConnections} peer connections, ${now.listeners} listeners, ${now.nodes} nodes, ${(now.heapBytes / 1e6).toFixed(1)} MB`
  let first: Left | null = null
  let last: Left | null = null
  for (let call = 1; call <= calls; call += 1) {
    const before = ended()
    await citizen.dial(seatExtension)
    await expect(seat.button('接听')).toBeVisible()
    // Every fifth citizen gives up while it rings.
    if (call % 5 === 0) await citizen.hangUp()
    else {
      await seat.page.keyboard.press('F2')
      await expect(seat.button('保持')).toBeVisible()
      await expect(seat.text('标题')).toBeFocused()
      await seat.page.keyboard.insertText(`第 ${call} 件`)
      await seat.page.keyboard.press('Tab')
      await seat.page.keyboard.insertText('接连的来电，每个都有工单。')
      if (call % 20 === 1) await bothHear(seat, citizen)
      await seat.page.keyboard.press('Alt+5')
      await seat.page.keyboard.press('Control+Enter')
      await expect(seat.region('工单').locator('.case-number')).toBeVisible()
      // One in two is hung up by the operator.
      if (call % 2 === 0) await seat.page.keyboard.press('F4')
      else await citizen.hangUp()
    }
    await until(() => ended() > before, 15_000, 'the call to end at the citizen')
    await expect(seat.button('挂断')).toBeHidden()
    await expect(seat.button('接听')).toBeHidden()
    if (call === warmUp) {
      first = await left(seat)
      said(`after ${call} calls: ${show(first)}`)
    } else if (call === calls || call % 50 === 0) {
      last = await left(seat)
      said(`after ${call} calls: ${show(last)}`)
    }
  }
  if (rests) {
    await seat.page.waitForTimeout(restMs)
    last = await left(seat)
    said(`${restMs / 1_000} s later: ${show(last)}`)
  }
  if (first === null || last === null) throw new Error('too few calls')
  const counted = calls - warmUp
  const perCall = (last.heapBytes - first.heapBytes) / counted
  said(`heap per call: ${Math.round(perCall / 1_000)} kB`)
  const allowed = rests ? restedBounds : bounds
  expect(last.peerConnections - first.peerConnections).toBeLessThanOrEqual(allowed.peerConnections)
  expect(last.listeners - first.listeners).toBeLessThanOrEqual(allowed.listeners)
  expect(last.heapBytes - first.heapBytes).toBeLessThanOrEqual(
    allowed.heapBytes + counted * allowed.heapBytesPerCall,
  )
})

test('twenty calls offered at once to one seat: some ring, the rest are told that it is busy, all are recorded', async ({
  seat,
  lab,
}) => {
  await startOn(seat, lab)
  await seat.signIn()
  const phone = seat.region('电话')
  const callers = lab.sipp('crowd', crowd(), seatExtension, 20)
  await expect(seat.button('拒接')).toHaveCount(4)
  const { code, output } = await callers
  expect(code, output.slice(0, 3_000)).toBe(0)
  await expect(seat.button('拒接')).toHaveCount(0)
  await expect(phone.getByText('呼入 · 漏接')).toHaveCount(4)
  await expect(phone.getByText('呼入 · 已拒接')).toHaveCount(16)

  const citizen = await lab.softphone('19900000151')
  await citizen.dial(seatExtension)
  await expect(seat.button('接听')).toBeVisible()
  await seat.page.keyboard.press('F2')
  await bothHear(seat, citizen)
})
