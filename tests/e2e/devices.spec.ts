import { decodeMuLaw } from '../../exchange/mu-law.ts'
import { until } from '../support/seat-process.ts'
import { toneDbfs } from '../support/spectrum.ts'
import { fakeDevices } from './fake-devices.ts'
import { test } from './own-exchange.ts'
import { expect, type Seat } from './seat-fixture.ts'

const headsetHertz = 500
const builtInHertz = 1_000
const devices = {
  microphone: '呼叫中心耳麦',
  speaker: '呼叫中心耳麦',
  ringer: '桌面音箱',
  volumes: { 呼叫中心耳麦: 0.6 },
}

const plug = (seat: Seat, plugged: boolean) =>
  seat.page.evaluate(in_ => window.fakeDevices.plug(in_), plugged)
const audioLeft = (seat: Seat) => seat.page.evaluate(() => window.fakeDevices.level())

/** Levels of both microphones' tones at the citizen, dBFS. */
async function heardTones(seat: Seat, callId: string) {
  const { muLaw } = await seat.control<{ muLaw: string }>(`/calls/${encodeURIComponent(callId)}/heard`)
  const samples = decodeMuLaw(new Uint8Array(Buffer.from(muLaw, 'base64')))
  return {
    headset: Math.round(toneDbfs(samples, headsetHertz)),
    builtIn: Math.round(toneDbfs(samples, builtInHertz)),
  }
}

async function untilHeard(seat: Seat, callId: string, which: 'headset' | 'builtIn' | 'neither') {
  let heard = { headset: 0, builtIn: 0 }
  await until(
    async () => {
      heard = await heardTones(seat, callId)
      return (['headset', 'builtIn'] as const).every(one =>
        one === which ? heard[one] > -40 : heard[one] < -65,
      )
    },
    20_000,
    `the citizen to hear ${which}`,
  ).catch(async (error: unknown) => {
    const { state } = await seat.citizen(callId)
    const spoken = await seat.page.evaluate(() => window.fakeDevices.speech())
    const card = await seat.page.locator('.call-card').allInnerTexts()
    throw new Error(`${String(error)}: ${JSON.stringify({ heard, citizen: state, spoken, card })}`)
  })
  return heard
}

/** For a second and a half, looked at ten times: nothing of either microphone. */
async function staysSilent(seat: Seat, callId: string) {
  await untilHeard(seat, callId, 'neither')
  for (let look = 0; look < 10; look += 1) {
    const heard = await heardTones(seat, callId)
    expect(Math.max(heard.headset, heard.builtIn)).toBeLessThan(-65)
    await seat.page.waitForTimeout(150)
  }
}

test('the headset is pulled out and put back in a call: mute, hold and volume stay, and a muted operator is never heard', async ({
  seat,
  own,
}) => {
  await own.start(seat, { devices })
  await seat.page.addInitScript(fakeDevices, { headsetHertz, builtInHertz })
  await seat.page.reload()
  await seat.signIn()
  const callId = await seat.citizenCalls({ from: '19900000601', toneHertz: 660 })
  await expect(seat.button('接听')).toBeVisible()
  expect(await seat.page.evaluate(() => window.fakeDevices.sinks.context)).toContain('speaker')
  await seat.page.keyboard.press('F2')
  await expect(seat.button('挂断')).toBeVisible()
  await until(async () => (await seat.citizen(callId)).state === 'talking', 10_000, 'the call to be answered')
  const before = await untilHeard(seat, callId, 'headset')

  await plug(seat, false)
  const without = await untilHeard(seat, callId, 'builtIn')
  await plug(seat, true)
  const back = await untilHeard(seat, callId, 'headset')
  console.log(
    `headset in ${before.headset} dBFS, out ${without.builtIn} dBFS from the other, back ${back.headset} dBFS`,
  )

  // Muted: from neither device, neither while it is out nor after it is back.
  await seat.page.keyboard.press('F7')
  await expect(seat.button('取消静音')).toBeVisible()
  await untilHeard(seat, callId, 'neither')
  await plug(seat, false)
  await staysSilent(seat, callId)
  await plug(seat, true)
  await staysSilent(seat, callId)
  await expect(seat.button('取消静音')).toBeVisible()
  await seat.page.keyboard.press('F7')
  await untilHeard(seat, callId, 'headset')

  // Held: the same, and the new device is heard when it is resumed.
  await seat.page.keyboard.press('F8')
  await expect(seat.button('恢复')).toBeVisible()
  await plug(seat, false)
  await staysSilent(seat, callId)
  await seat.page.keyboard.press('F8')
  await expect(seat.button('保持')).toBeVisible()
  await untilHeard(seat, callId, 'builtIn')
  await plug(seat, true)
  await untilHeard(seat, callId, 'headset')
  expect(
    await seat.page.evaluate(() =>
      [...document.querySelectorAll('audio')].map(({ volume }) => Math.round(volume * 100)),
    ),
  ).toEqual([60])
  expect((await seat.page.evaluate(() => window.fakeDevices.sinks.element)).at(-1)).toBe('headset')
})

test('before the shift: devices are chosen, the level meter moves, and the operator hears themself a second later', async ({
  seat,
}) => {
  await seat.start()
  await seat.page.addInitScript(fakeDevices, { headsetHertz, builtInHertz })
  await seat.page.reload()
  await seat.signIn()
  await seat.page.keyboard.press('Alt+4')
  for (const [what, label] of [
    ['麦克风', '呼叫中心耳麦'],
    ['通话耳机', '呼叫中心耳麦'],
    ['振铃设备', '桌面音箱'],
  ] as const) {
    await seat.page.getByRole('combobox', { name: what, exact: true }).click()
    await seat.page
      .locator('.ant-select-dropdown:visible')
      .locator('.ant-select-item-option-content', { hasText: label })
      .click()
  }
  await seat.button('开始检查').click()
  await expect(seat.page.getByText('麦克风正常')).toBeVisible()
  const meter = seat.page.getByRole('progressbar', { name: '麦克风音量' })
  await expect.poll(async () => Number(await meter.getAttribute('aria-valuenow'))).toBeGreaterThan(30)
  expect(await audioLeft(seat)).toBeLessThan(-60)
  await seat.button('听自己的声音').click()
  await expect.poll(() => audioLeft(seat)).toBeGreaterThan(-40)
  await seat.button('开始检查').or(seat.button('结束检查')).scrollIntoViewIfNeeded()
  await seat.picture('settings-sound')
  await seat.button('停止回放').click()
  await expect.poll(() => audioLeft(seat)).toBeLessThan(-60)
  await seat.button('结束检查').click()
  await seat.button('保存设置').click()
  await expect(seat.page.getByText('已保存')).toBeVisible()

  await seat.page.reload()
  await seat.ready()
  await seat.page.keyboard.press('Alt+4')
  await expect(seat.page.getByText('桌面音箱')).toBeVisible()
  // A headset that is not there is still the chosen one, and is said not to be plugged in.
  await plug(seat, false)
  await expect(seat.page.getByText('呼叫中心耳麦（未插入）').first()).toBeVisible()
})
