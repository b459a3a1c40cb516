import { decodeMuLaw } from '../../exchange/mu-law.ts'
import { until } from '../support/seat-process.ts'
import { toneDbfs } from '../support/spectrum.ts'
import { type CitizenCall, expect, type Seat, test } from './seat-fixture.ts'

const operatorHertz = 440

async function talkWith(seat: Seat, from: string, toneHertz: number): Promise<string> {
  const callId = await seat.citizenCalls({ from, toneHertz })
  await expect(seat.button('接听')).toBeVisible()
  await seat.page.keyboard.press('F2')
  await seat.heardForAnother(callId, 0.5)
  return callId
}

async function setTone(seat: Seat, number: string, toneHertz: number) {
  await seat.control(`/numbers/${number}`, { method: 'PUT', body: { toneHertz } })
}

async function transferTo(seat: Seat, key: 'F6' | 'Shift+F6', number: string) {
  await seat.page.keyboard.press(key)
  await expect(seat.page.getByRole('combobox', { name: '转接到' })).toBeFocused()
  await seat.page.keyboard.type(number)
  await seat.page.keyboard.press('Enter')
}

/** How loud each of these tones is in the last second that a citizen heard. */
async function hears(seat: Seat, callId: string, tones: number[]): Promise<number[]> {
  const { muLaw } = await seat.control<{ muLaw: string }>(`/calls/${encodeURIComponent(callId)}/heard`)
  const samples = decodeMuLaw(new Uint8Array(Buffer.from(muLaw, 'base64')))
  return tones.map(hertz => Math.round(toneDbfs(samples, hertz)))
}

/** Until this citizen hears the ones and not the others. */
async function untilHears(seat: Seat, callId: string, heard: number[], unheard: number[]) {
  let levels: number[] = []
  await until(
    async () => {
      levels = await hears(seat, callId, [...heard, ...unheard])
      return (
        levels.slice(0, heard.length).every(level => level > -50) &&
        levels.slice(heard.length).every(level => level < -60)
      )
    },
    20_000,
    `${callId} to hear ${heard.join(', ')} and not ${unheard.join(', ')}`,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${JSON.stringify(levels)}`)
  })
  return levels
}

const calls = (seat: Seat) => seat.control<CitizenCall[]>('/calls')

/** The citizen and the other one hear each other, and nobody hears the operator. */
async function twoAlone(seat: Seat) {
  let heard: number[][] = []
  await until(
    async () => {
      const live = new Set(
        (await calls(seat)).filter(({ state }) => state === 'talking').map(call => call.callId),
      )
      heard = await Promise.all([...live].map(callId => hears(seat, callId, [660, 880, operatorHertz])))
      return (
        heard.some(([low = -99]) => low > -50) &&
        heard.some(([, high = -99]) => high > -50) &&
        heard.every(([, , operator = 0]) => operator < -60)
      )
    },
    20_000,
    'the two to hear each other without the operator',
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${JSON.stringify(heard)}`)
  })
}

test('blind transfer: the citizen talks with the other, the seat is free; the record tells', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  await setTone(seat, '09995550201', 880)
  const citizen = await talkWith(seat, '19900000401', 660)
  await transferTo(seat, 'F6', '09995550201')
  await expect(seat.button('挂断')).toHaveCount(0, { timeout: 15_000 })
  await until(async () => (await seat.citizen(citizen)).state === 'ended', 10_000, 'the old call to end')
  await twoAlone(seat)
  await expect(seat.region('电话')).toContainText('呼入 · 已接通')
})

test('a transfer to a number that is busy fails in plain words, and the citizen is back by itself', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  const citizen = await talkWith(seat, '19900000402', 660)
  await transferTo(seat, 'F6', '19990000001')
  await expect(seat.region('电话')).toContainText('对方正忙，市民仍在线上')
  await expect(seat.button('保持')).toBeVisible()
  expect((await seat.citizen(citizen)).held).toBe(false)
  await seat.heardForAnother(citizen, 0.5)
  await seat.picture('transfer-failed')
})

test('consult, swap, complete: the citizen is silent meanwhile and ends up with the other', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  await setTone(seat, '09995550203', 880)
  const citizen = await talkWith(seat, '19900000403', 660)
  await transferTo(seat, 'Shift+F6', '09995550203')
  await expect(seat.button('完成转接')).toBeEnabled({ timeout: 15_000 })
  // The citizen's case stays in hand.
  await expect(seat.page.getByRole('tab')).toHaveCount(1)
  await expect(seat.text('联系电话')).toHaveValue('19900000403')
  await seat.picture('consulting')
  const consulted = (await calls(seat)).find(call => call.callId !== citizen && call.state === 'talking')
  if (consulted === undefined) throw new Error('nobody is consulted')
  await untilHears(seat, consulted.callId, [operatorHertz], [660])
  expect((await seat.citizen(citizen)).held).toBe(true)

  // Swap: the citizen is spoken with, the other one waits.
  await seat.page.keyboard.press('F8')
  await expect(seat.button('恢复')).toHaveCount(2)
  await seat.button('恢复').first().click()
  await until(async () => !(await seat.citizen(citizen)).held, 10_000, 'the citizen to be resumed')
  await untilHears(seat, citizen, [operatorHertz], [880])

  await seat.page.keyboard.press('F6')
  await expect(seat.button('挂断')).toHaveCount(0, { timeout: 15_000 })
  await twoAlone(seat)
})

test('take back: the consultation ends and the citizen is resumed; so it does when the other hangs up', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  const citizen = await talkWith(seat, '19900000404', 660)
  await transferTo(seat, 'Shift+F6', '09995550203')
  await expect(seat.button('完成转接')).toBeEnabled({ timeout: 15_000 })
  await seat.page.keyboard.press('Shift+F6')
  await expect(seat.button('取回')).toBeHidden()
  await until(async () => !(await seat.citizen(citizen)).held, 10_000, 'the citizen to be resumed')
  await untilHears(seat, citizen, [operatorHertz], [])

  await transferTo(seat, 'Shift+F6', '19990000001')
  await expect(seat.region('电话')).toContainText('占线')
  await until(async () => !(await seat.citizen(citizen)).held, 10_000, 'the citizen to be resumed by itself')
})

test('three-way: each hears both others and not itself; muting, dropping one, leaving the two alone', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  await setTone(seat, '110', 880)
  const citizen = await talkWith(seat, '19900000405', 660)
  await transferTo(seat, 'Shift+F6', '110')
  await expect(seat.button('三方通话')).toBeEnabled({ timeout: 15_000 })
  const police = (await calls(seat)).find(call => call.callId !== citizen && call.state === 'talking')
  if (police === undefined) throw new Error('nobody answered at 110')
  await seat.page.keyboard.press('F10')
  await expect(seat.region('电话').getByText('三方通话中')).toHaveCount(2)
  const heardByCitizen = await untilHears(seat, citizen, [operatorHertz, 880], [660])
  const heardByPolice = await untilHears(seat, police.callId, [operatorHertz, 660], [880])
  console.log(
    `three-way, dBFS: citizen hears operator ${heardByCitizen[0]}, third ${heardByCitizen[1]}, itself ${heardByCitizen[2]}; third hears operator ${heardByPolice[0]}, citizen ${heardByPolice[1]}, itself ${heardByPolice[2]}`,
  )
  await seat.picture('three-way')

  await seat.page.keyboard.press('F7')
  await untilHears(seat, citizen, [880], [operatorHertz, 660])
  await untilHears(seat, police.callId, [660], [operatorHertz, 880])
  await seat.page.keyboard.press('F7')
  await untilHears(seat, citizen, [operatorHertz, 880], [660])

  // Each is dropped by name, and the short key drops nobody.
  await expect(seat.button('挂断 110')).toBeVisible()
  await seat.page.keyboard.press('F4')
  await expect(seat.page.getByRole('button', { name: /^挂断/ })).toHaveCount(0, { timeout: 15_000 })
  await twoAlone(seat)
})

test('three-way: the third hangs up, and the citizen and the operator go on as before', async ({ seat }) => {
  await seat.start()
  await seat.signIn()
  await setTone(seat, '110', 880)
  const citizen = await talkWith(seat, '19900000406', 660)
  await transferTo(seat, 'Shift+F6', '110')
  await expect(seat.button('三方通话')).toBeEnabled({ timeout: 15_000 })
  const police = (await calls(seat)).find(call => call.callId !== citizen && call.state === 'talking')
  await seat.page.keyboard.press('F10')
  await untilHears(seat, citizen, [operatorHertz, 880], [660])
  await seat.control(`/calls/${encodeURIComponent(police?.callId ?? '')}`, { method: 'DELETE' })
  await expect(seat.button('挂断')).toHaveCount(1)
  await untilHears(seat, citizen, [operatorHertz], [880, 660])
})
