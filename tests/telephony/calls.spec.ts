import {
  bothHear,
  expect,
  operatorHears,
  type Seat,
  seatExtension,
  startOn,
  test,
  until,
} from './lab-fixture.ts'

test('registers with digest, and says so when the secret is wrong', async ({ seat, lab }) => {
  await startOn(seat, lab, 'not-the-secret')
  await seat.chooseOperator()
  await expect(seat.region('连接状态')).toContainText('话务台 被拒绝')
  await expect(seat.region('电话')).toContainText('话务台拒绝登录：请检查分机号和密码')
})

test('an incoming call: audio both ways, hold is silence, mute, keys, the far end hangs up', async ({
  seat,
  lab,
}) => {
  await startOn(seat, lab)
  await seat.signIn()
  const citizen = await lab.softphone('19900000111')
  await citizen.dial(seatExtension)
  await expect(seat.region('电话')).toContainText('199 0000 0111')
  await seat.page.keyboard.press('F2')
  await expect(seat.button('挂断')).toBeVisible()
  const levels = await bothHear(seat, citizen)
  console.log(`incoming: the seat hears ${levels.seat} dBFS, the citizen hears ${levels.far} dBFS`)

  await seat.button('静音').click()
  await until(() => citizen.heardDbfs(0.5) < -70, 15_000, 'silence at the citizen while muted')
  expect(await operatorHears(seat)).toBeGreaterThan(-50)
  await seat.button('取消静音').click()
  await bothHear(seat, citizen)

  await seat.button('保持').click()
  await expect(seat.button('恢复')).toBeVisible()
  await until(() => citizen.heardDbfs(0.5) < -70, 15_000, 'silence at the citizen while held')
  await seat.button('恢复').click()
  await expect(seat.button('保持')).toBeVisible()
  // That the citizen hears the operator again, decoded, is shown with the training exchange in tests/e2e/main-job.spec.ts.
  await until(() => citizen.receivedBitsPerSecond() > 40_000, 15_000, 'audio to reach the citizen again')
  await until(async () => (await operatorHears(seat)) > -50, 15_000, 'the operator to hear the citizen again')

  await seat.page.getByRole('button', { name: '按键', exact: true }).click()
  await seat.page.getByRole('button', { name: '按键 5', exact: true }).click()
  await until(
    () => citizen.events().some(({ type, param }) => type === 'CALL_DTMF_START' && param === '5'),
    10_000,
    'the key to arrive',
  )
  await seat.page.keyboard.press('Escape')

  await citizen.hangUp()
  await expect(seat.region('电话')).toContainText('呼入 · 已接通')
})

test('an outgoing call: audio both ways, the seat hangs up', async ({ seat, lab }) => {
  await startOn(seat, lab)
  await seat.signIn()
  const unit = await lab.softphone('09995550123', { answers: true })
  await seat.page.keyboard.press('F9')
  await seat.page.keyboard.type('0999-5550123')
  await seat.page.keyboard.press('Enter')
  await expect(seat.region('电话')).toContainText('通话中')
  const levels = await bothHear(seat, unit)
  console.log(`outgoing: the seat hears ${levels.seat} dBFS, the far end hears ${levels.far} dBFS`)
  await seat.page.keyboard.press('F4')
  await expect(seat.region('电话')).toContainText('呼出 · 已接通')
  await until(
    () => unit.events().some(({ type }) => type === 'CALL_CLOSED'),
    10_000,
    'the far end to be told',
  )
})

test('a caller who gives up is missed; a call answered elsewhere is not', async ({ seat, lab }) => {
  await startOn(seat, lab)
  await seat.signIn()
  const citizen = await lab.softphone('19900000112')
  await citizen.dial(seatExtension)
  await expect(seat.button('接听')).toBeVisible()
  await citizen.hangUp()
  await expect(seat.button('接听')).toBeHidden()
  await expect(seat.region('电话')).toContainText('呼入 · 漏接')

  const answered = seat.region('电话').getByText('呼入 · 他人已接')
  await expect(answered).toHaveCount(0)
  await lab.softphone(seatExtension, { answers: true })
  await citizen.dial(seatExtension)
  await expect(answered).toHaveCount(1)
  await expect(seat.region('电话').getByText('呼入 · 漏接')).toHaveCount(1)
})

test('a call that the operator declines is recorded as declined', async ({ seat, lab }) => {
  await startOn(seat, lab)
  await seat.signIn()
  const citizen = await lab.softphone('19900000113')
  await citizen.dial(seatExtension)
  await expect(seat.button('拒接')).toBeVisible()
  await seat.page.keyboard.press('F4')
  await expect(seat.region('电话')).toContainText('呼入 · 已拒接')
})

/** Presses the button in the turn in which it is drawn, before any frame shows it: sooner than any hand. */
const pressAsItIsDrawn = (seat: Seat, name: string) =>
  seat.page.evaluate(what => {
    const watch = new MutationObserver(() => {
      const button = [...document.querySelectorAll<HTMLElement>('.call-card.ringing button')].find(
        ({ textContent }) => textContent.startsWith(what),
      )
      if (button === undefined) return
      watch.disconnect()
      button.click()
    })
    watch.observe(document.body, { subtree: true, childList: true })
  }, name)

test('a call is answered, or declined, in the very moment in which it is shown', async ({ seat, lab }) => {
  await startOn(seat, lab)
  await seat.signIn()
  const citizen = await lab.softphone('19900000106')
  await pressAsItIsDrawn(seat, '接听')
  await citizen.dial(seatExtension)
  await bothHear(seat, citizen)
  await citizen.hangUp()
  await expect(seat.button('挂断')).toBeHidden()

  await pressAsItIsDrawn(seat, '拒接')
  await citizen.dial(seatExtension)
  await expect(seat.region('电话')).toContainText('呼入 · 已拒接')
  await expect(seat.button('接听')).toBeHidden()
})
