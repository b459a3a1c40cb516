import { until } from '../support/seat-process.ts'
import { operatorHears } from '../telephony/lab-fixture.ts'
import { type OwnExchange, test } from './own-exchange.ts'
import { expect, type Seat } from './seat-fixture.ts'

const phone = (seat: Seat) => seat.region('电话')
const sent = (own: OwnExchange, method: string) =>
  own.line.messages
    .filter(({ direction, text }) => direction === 'up' && text.startsWith(`${method} `))
    .map(({ text }) => text)

async function dial(seat: Seat, number: string) {
  await seat.page.keyboard.press('F9')
  await seat.page.keyboard.type(number)
  await seat.page.keyboard.press('Enter')
}

async function answered(seat: Seat, from: string): Promise<string> {
  const callId = await seat.citizenCalls({ from, toneHertz: 660 })
  await expect(seat.button('接听')).toBeVisible()
  await seat.page.keyboard.press('F2')
  await seat.heardForAnother(callId, 0.3)
  return callId
}

test('auto-answer: a beep, then the call, but only at a seat that is ready', async ({ seat, own }) => {
  await own.start(seat, { autoAnswerSeconds: 1 })
  await seat.page.addInitScript(() => {
    const tones: number[] = []
    Reflect.set(window, 'tones', tones)
    const { start } = OscillatorNode.prototype
    OscillatorNode.prototype.start = function (when) {
      tones.push(this.frequency.value)
      start.call(this, when)
    }
  })
  await seat.page.reload()
  await seat.signIn()
  const tones = () => seat.page.evaluate(() => Reflect.get(window, 'tones') as number[])

  const busy = await seat.citizenCalls({ from: '19900000621' })
  await expect(phone(seat)).toContainText(/来电振铃 ([4-9]|\d\d) 秒/)
  await expect(seat.button('接听')).toBeVisible()
  expect(await tones()).toEqual([])
  await seat.page.keyboard.press('F4')
  await until(async () => (await seat.citizen(busy)).state === 'ended', 10_000, 'the declined call to end')

  await seat.button('示闲').click()
  const callId = await seat.citizenCalls({ from: '19900000622' })
  await seat.heardForAnother(callId, 0.5)
  expect(await tones()).toEqual([880, 880])
})

test('the recording is paused and resumed by INFO, keys go by INFO where that is set', async ({
  seat,
  own,
}) => {
  await own.start(seat, {
    dtmf: 'info',
    recordingPause: { contentType: 'application/x-city', pause: 'record=pause', resume: 'record=resume' },
  })
  await seat.signIn()
  const callId = await answered(seat, '19900000623')
  await seat.button('暂停录音').click()
  await expect(seat.button('继续录音')).toBeVisible()
  await expect(phone(seat)).toContainText('录音已暂停')
  await seat.picture('recording-paused')
  await seat.button('继续录音').click()
  await expect(seat.button('暂停录音')).toBeVisible()
  await expect(phone(seat)).not.toContainText('录音已暂停')
  const [pause, resume] = sent(own, 'INFO')
  expect(pause).toContain('Content-Type: application/x-city')
  expect(pause).toMatch(/\r\n\r\nrecord=pause$/)
  expect(resume).toMatch(/\r\n\r\nrecord=resume$/)

  await seat.button('按键').click()
  for (const key of ['5', '#']) await seat.button(`按键 ${key}`).click()
  await until(async () => (await seat.citizen(callId)).dtmf === '5#', 10_000, 'the keys to arrive')
  expect(sent(own, 'INFO').at(-1)).toContain('Signal=#')
})

test('keys go in the audio stream by RFC 4733 as long as nothing else is set', async ({ seat, own }) => {
  await own.start(seat)
  await seat.signIn()
  const callId = await answered(seat, '19900000624')
  await seat.button('按键').click()
  await seat.button('按键 7').click()
  await until(async () => (await seat.citizen(callId)).dtmf === '7', 10_000, 'the key to arrive')
  expect(sent(own, 'INFO')).toEqual([])
})

test("codecs in the city's order, on the wire, of calls in and out; the caller ID that was chosen", async ({
  seat,
  own,
}) => {
  await own.start(seat, { codecs: ['PCMU', 'PCMA'], callerIds: ['12345', '09995550000'] })
  await seat.signIn()
  await dial(seat, '09995550625')
  await expect(phone(seat)).toContainText('通话中')
  const [first = ''] = sent(own, 'INVITE')
  expect(first).toMatch(/^m=audio \d+ UDP\/TLS\/RTP\/SAVPF 0 8 [\d ]+\r$/m)
  expect(first).not.toMatch(/opus|G722/i)
  expect(first).not.toContain('P-Preferred-Identity')
  await seat.page.keyboard.press('F4')
  await expect(seat.button('挂断')).toHaveCount(0)

  await seat.page.getByRole('combobox', { name: '外显号码' }).click()
  await seat.page
    .locator('.ant-select-dropdown:visible')
    .locator('.ant-select-item-option-content', { hasText: '12345' })
    .click()
  await expect(seat.region('电话').locator('.caller-id')).toContainText('12345')
  await dial(seat, '09995550626')
  await expect(phone(seat)).toContainText('通话中')
  expect(sent(own, 'INVITE').at(-1)).toContain(
    `P-Preferred-Identity: <sip:12345@${own.exchange.training.sipDomain}>`,
  )
  await seat.page.keyboard.press('F4')
  await expect(seat.button('挂断')).toHaveCount(0)

  await answered(seat, '19900000627')
  const accepted = own.line.messages.findLast(
    ({ direction, text }) => direction === 'up' && /^SIP\/2\.0 200 [\s\S]*m=audio/.test(text),
  )
  expect(accepted?.text).toMatch(/^m=audio \d+ UDP\/TLS\/RTP\/SAVPF 0 /m)
})

test('early media: the announcement is heard before anybody answers; 183 without a description rings', async ({
  seat,
  own,
}) => {
  await own.start(seat)
  await seat.signIn()
  await seat.control('/numbers/19990000004', { method: 'PUT', body: { toneHertz: 880 } })
  await dial(seat, '19990000004')
  await expect(phone(seat)).toContainText('对方振铃中')
  const level = await operatorHears(seat)
  await expect(phone(seat)).toContainText('对方振铃中')
  expect(level).toBeGreaterThan(-50)
  console.log(`early media: the operator hears ${Math.round(level)} dBFS before the answer`)
  await expect(phone(seat)).toContainText('通话中', { timeout: 15_000 })
  await until(async () => (await operatorHears(seat)) > -50, 15_000, 'the operator to hear them still')
  await seat.page.keyboard.press('F4')
  await expect(seat.button('挂断')).toHaveCount(0)

  await dial(seat, '19990000005')
  await expect(phone(seat)).toContainText('对方振铃中')
  await expect(phone(seat)).toContainText('通话中', { timeout: 15_000 })
  await until(async () => (await operatorHears(seat)) > -50, 15_000, 'the operator to hear them')
})

test('a re-INVITE without a description is answered with an offer; sound and mute go on as they were', async ({
  seat,
  own,
}) => {
  await own.start(seat)
  await seat.signIn()
  const callId = await answered(seat, '19900000628')
  const askOffer = async () => {
    const from = own.line.messages.length
    await seat.control(`/calls/${encodeURIComponent(callId)}/ask-offer`, { method: 'POST', body: {} })
    const passed = (direction: 'up' | 'down', pattern: RegExp) => () =>
      own.line.messages
        .slice(from)
        .some(message => message.direction === direction && pattern.test(message.text))
    await until(passed('up', /^SIP\/2\.0 200 [\s\S]*m=audio/), 10_000, "the seat's offer")
    await until(passed('down', /^ACK [\s\S]*m=audio/), 10_000, "the citizen's answer")
  }
  await askOffer()
  await seat.heardForAnother(callId, 1)
  await until(async () => (await operatorHears(seat)) > -50, 15_000, 'the operator to hear the citizen')
  await seat.page.keyboard.press('F7')
  await until(
    async () => ((await seat.citizen(callId)).heardLevelDbfs ?? -99) < -65,
    10_000,
    'silence while muted',
  )
  await askOffer()
  expect((await seat.citizen(callId)).heardLevelDbfs ?? -99).toBeLessThan(-65)
  await expect(seat.button('取消静音')).toBeVisible()
  await seat.page.keyboard.press('F7')
  await seat.heardForAnother(callId, 0.5)
})
