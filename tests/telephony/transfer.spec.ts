/** Transfers and three-way calls on the real exchange, with far ends that take REFER and Replaces, and one that does not. */
import type { LabCitizen } from '../support/lab/citizen.ts'
import { expect, type Seat, seatExtension, until } from './lab-fixture.ts'
import { away, start, test } from './line-fixture.ts'

const operatorHertz = 440
const citizenHertz = 660
const otherHertz = 880
const citizenNumber = '19900000141'
const unit = '09995550141'

/** Until it hears these tones and not those. */
async function untilHears(far: LabCitizen, heard: number[], unheard: number[]): Promise<number[]> {
  let levels: number[] = []
  await until(
    () => {
      levels = far.hears([...heard, ...unheard])
      const loud = levels.slice(0, heard.length).every(level => level > -50)
      return loud && levels.slice(heard.length).every(level => level < -60)
    },
    20_000,
    `${heard.join(', ')} to be heard and not ${unheard.join(', ')}`,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${JSON.stringify(levels)}`)
  })
  return levels
}

async function talkWith(seat: Seat, citizen: LabCitizen) {
  await citizen.dial(seatExtension)
  await expect(seat.button('接听')).toBeVisible()
  await seat.page.keyboard.press('F2')
  await untilHears(citizen, [operatorHertz], [])
}

async function transferTo(seat: Seat, key: 'F6' | 'Shift+F6', number: string) {
  await expect(seat.button('转接')).toBeEnabled()
  await seat.page.keyboard.press(key)
  await expect(seat.page.getByRole('combobox', { name: '转接到' })).toBeFocused()
  await seat.page.keyboard.type(number)
  await seat.page.keyboard.press('Enter')
}

/** They hear each other and nobody hears the operator; the seat has no call. */
async function twoAlone(seat: Seat, citizen: LabCitizen, other: LabCitizen) {
  await expect(seat.button('挂断')).toHaveCount(0, { timeout: 20_000 })
  await untilHears(citizen, [otherHertz], [operatorHertz])
  await untilHears(other, [citizenHertz], [operatorHertz])
}

const isHeld = (far: LabCitizen) => far.talking()?.held() === true

test('blind: the citizen ends up with the other; one who is busy leaves them with the operator, resumed by itself', async ({
  seat,
  lab,
  line,
}) => {
  await start(seat, lab, line)
  const citizen = await lab.citizen(citizenNumber)
  const other = await lab.citizen(unit, { hertz: otherHertz })
  await lab.citizen('09995550142', { temper: 'busy' })
  await talkWith(seat, citizen)
  await transferTo(seat, 'F6', '09995550142')
  await expect(seat.region('电话')).toContainText('对方正忙，市民仍在线上')
  await expect(seat.button('保持')).toBeVisible()
  expect(isHeld(citizen)).toBe(false)
  await untilHears(citizen, [operatorHertz], [])

  await transferTo(seat, 'F6', unit)
  await twoAlone(seat, citizen, other)
  await expect(seat.region('电话')).toContainText('呼入 · 已接通')
  // Who was told: the old call was ended by the seat, after the result was known and not before.
  const texts = line.messages.map(({ direction, text }) => `${direction} ${text}`)
  const told = texts.findLastIndex(text => /^down NOTIFY [^]*SIP\/2\.0 200/.test(text))
  const bye = texts.findLastIndex(text => text.startsWith('up BYE '))
  expect(told).toBeGreaterThan(0)
  expect(bye).toBeGreaterThan(told)
})

test('attended: consulted in private, swapped, completed by Replaces', async ({ seat, lab, line }) => {
  await start(seat, lab, line)
  const citizen = await lab.citizen(citizenNumber)
  const other = await lab.citizen(unit, { hertz: otherHertz })
  await talkWith(seat, citizen)
  await transferTo(seat, 'Shift+F6', unit)
  await expect(seat.button('完成转接')).toBeEnabled({ timeout: 20_000 })
  await untilHears(other, [operatorHertz], [citizenHertz])
  expect(isHeld(citizen)).toBe(true)
  await untilHears(citizen, [], [operatorHertz, otherHertz])

  await seat.page.keyboard.press('F8')
  await expect(seat.button('恢复')).toHaveCount(2)
  await seat.button('恢复').first().click()
  await untilHears(citizen, [operatorHertz], [otherHertz])
  await until(() => isHeld(other), 10_000, 'the other to wait')

  await seat.page.keyboard.press('F6')
  await twoAlone(seat, citizen, other)
})

test('attended: taken back; and a phone that knows no Replaces leaves the citizen with the operator', async ({
  seat,
  lab,
  line,
}) => {
  await start(seat, lab, line)
  const citizen = await lab.citizen(citizenNumber)
  await lab.softphone(unit, { answers: true, hertz: otherHertz })
  await talkWith(seat, citizen)
  await transferTo(seat, 'Shift+F6', unit)
  await expect(seat.button('完成转接')).toBeEnabled({ timeout: 20_000 })
  expect(isHeld(citizen)).toBe(true)
  await seat.page.keyboard.press('Shift+F6')
  await expect(seat.button('取回')).toBeHidden()
  await untilHears(citizen, [operatorHertz], [otherHertz])

  await transferTo(seat, 'Shift+F6', unit)
  await expect(seat.button('完成转接')).toBeEnabled({ timeout: 20_000 })
  await seat.page.keyboard.press('F6')
  await expect(seat.region('电话')).toContainText('市民仍在线上')
  await untilHears(citizen, [operatorHertz], [])
})

test('three-way: each hears both others and not itself; the operator leaves and the two go on', async ({
  seat,
  lab,
  line,
}) => {
  await start(seat, lab, line)
  const citizen = await lab.citizen(citizenNumber)
  const police = await lab.citizen('110', { hertz: otherHertz })
  await talkWith(seat, citizen)
  await transferTo(seat, 'Shift+F6', '110')
  await expect(seat.button('三方通话')).toBeEnabled({ timeout: 20_000 })
  await seat.page.keyboard.press('F10')
  await expect(seat.region('电话').getByText('三方通话中')).toHaveCount(2)
  const byCitizen = await untilHears(citizen, [operatorHertz, otherHertz], [citizenHertz])
  const byPolice = await untilHears(police, [operatorHertz, citizenHertz], [otherHertz])
  console.log(
    `three-way on Kamailio, dBFS: citizen hears operator ${byCitizen[0]}, third ${byCitizen[1]}, itself ${byCitizen[2]}; third hears operator ${byPolice[0]}, citizen ${byPolice[1]}, itself ${byPolice[2]}`,
  )
  await seat.button('退出三方').click()
  await twoAlone(seat, citizen, police)
})

test('three-way with a plain telephone behind the media relay: both are heard, and it hears both', async ({
  seat,
  lab,
  line,
}) => {
  await start(seat, lab, line)
  const citizen = await lab.citizen(citizenNumber)
  const police = await lab.softphone('110', { answers: true, hertz: otherHertz })
  await talkWith(seat, citizen)
  await transferTo(seat, 'Shift+F6', '110')
  await expect(seat.button('三方通话')).toBeEnabled({ timeout: 20_000 })
  await seat.page.keyboard.press('F10')
  await untilHears(citizen, [operatorHertz, otherHertz], [citizenHertz])
  await until(() => police.heardDbfs(0.5) > -50, 20_000, 'the telephone to hear them')
  await police.hangUp()
  await expect(seat.button('挂断')).toHaveCount(1)
  await untilHears(citizen, [operatorHertz], [otherHertz])
})

test('the line is cut after the 202 and before the result: told afterwards, the transfer is done', async ({
  seat,
  lab,
  line,
}) => {
  await start(seat, lab, line)
  const citizen = await lab.citizen(citizenNumber)
  const other = await lab.citizen(unit, { hertz: otherHertz, ringMs: 12_000 })
  await talkWith(seat, citizen)
  const accepted = line.cutAt('down', /^SIP\/2\.0 202 /, 'after')
  await transferTo(seat, 'F6', unit)
  await accepted
  await until(() => other.invites().length > 0, 20_000, 'the other to be called')
  await away(seat, line, 1)
  await expect(seat.region('电话')).toContainText(`正在呼叫 ${unit}`)
  expect(isHeld(citizen)).toBe(true)
  await twoAlone(seat, citizen, other)
})
