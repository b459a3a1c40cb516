/** Five calls, five dispositions, as an operator does it: by keyboard alone. */
import { until } from '../support/seat-process.ts'
import { expect, type Seat, test } from './seat-fixture.ts'

const region = (seat: Seat) => seat.region('受理方式')
const radio = (seat: Seat, name: string) => region(seat).getByRole('radio', { name, exact: true })

/** A citizen calls and is answered; the form is there with the keyboard in it. */
async function answer(seat: Seat, from: string): Promise<string> {
  const callId = await seat.citizenCalls({ from })
  await expect(seat.button('接听')).toBeVisible()
  await seat.page.keyboard.press('F2')
  await expect(seat.button('挂断')).toBeVisible()
  await expect(seat.text('标题')).toBeFocused()
  return callId
}

async function write(seat: Seat, title: string, content: string) {
  await seat.page.keyboard.type(title)
  await seat.page.keyboard.press('Tab')
  await seat.page.keyboard.type(content)
}

/** Submits and waits for the number that the caller is told. */
async function submit(seat: Seat) {
  const before = await seat.region('工单').locator('.case-number').allInnerTexts()
  await seat.page.keyboard.press('Control+Enter')
  await expect(seat.region('工单').locator('.case-number')).not.toHaveText(before[0] ?? '还没有')
  await expect(region(seat)).toHaveCount(0)
}

async function hangUp(seat: Seat) {
  await seat.page.keyboard.press('F4')
  await expect(seat.button('挂断')).toHaveCount(0)
}

test('five calls, five dispositions, by keyboard alone', async ({ seat }) => {
  await seat.start()
  await seat.signIn()
  const times: string[] = []
  const timed = async (name: string, run: () => Promise<void>) => {
    const from = performance.now()
    await run()
    times.push(`${name} ${((performance.now() - from) / 1_000).toFixed(1)} s`)
  }

  await timed('受理', async () => {
    await answer(seat, '19900000601')
    await write(seat, '路灯不亮', '青石路一排路灯三天没有亮。')
    await seat.page.keyboard.press('Alt+5')
    await expect(radio(seat, '受理')).toBeChecked()
    await submit(seat)
    await hangUp(seat)
  })

  await timed('即时转至', async () => {
    const citizen = await answer(seat, '19900000602')
    await write(seat, '两车相撞', '环城路口两车相撞，有人受伤。')
    await seat.page.keyboard.press('Alt+6')
    await expect(radio(seat, '即时转至')).toBeChecked()
    await expect(region(seat).getByRole('button', { name: '110 报警服务台', exact: true })).toBeFocused()
    await seat.picture('disposition-transfer')
    // 122 asks for no three-way call: one key, and the citizen is with them.
    await seat.page.keyboard.press('4')
    await expect(region(seat)).toContainText('122 交通事故', { timeout: 15_000 })
    await expect(region(seat).getByRole('group', { name: '移交记录' })).toContainText('直接转接')
    await until(async () => (await seat.citizen(citizen)).state === 'ended', 10_000, 'the old call to end')
    await seat.picture('disposition-handed-over')
    await submit(seat)
  })

  await timed('告知法定途径', async () => {
    await answer(seat, '19900000603')
    await write(seat, '不服判决', '来电人对一审判决不服，要求重新处理。')
    await seat.page.keyboard.press('Alt+7')
    await expect(radio(seat, '告知法定途径')).toBeChecked()
    await seat.page.keyboard.press('Control+Enter')
    await expect(seat.region('工单')).toContainText('还缺少：处置原因')
    await seat.page.keyboard.press('1')
    await expect(region(seat)).toContainText('人民法院提起诉讼')
    await seat.picture('disposition-statutory')
    await submit(seat)
    await hangUp(seat)
  })

  await timed('解释说明', async () => {
    await answer(seat, '19900000604')
    await write(seat, '查询邻居信息', '要求提供邻居的联系电话。')
    await seat.page.keyboard.press('Alt+8')
    await seat.page.keyboard.press('5')
    await expect(
      region(seat).getByRole('radio', { name: '涉及个人隐私、个人信息', exact: true }),
    ).toBeChecked()
    await expect(region(seat)).toContainText('依法不能提供')
    await seat.picture('disposition-explain')
    await submit(seat)
    await hangUp(seat)
  })

  await timed('移交线索', async () => {
    await answer(seat, '19900000605')
    await write(seat, '反复骚扰', '来电人一小时内来电二十次，没有诉求。')
    await seat.page.keyboard.press('Alt+9')
    await expect(region(seat)).toContainText('提交后待班长审批')
    await seat.page.keyboard.press('1')
    // The reason wants a note, and the keyboard is there.
    await expect(seat.text('处置说明')).toBeFocused()
    await seat.page.keyboard.press('Control+Enter')
    await expect(seat.region('工单')).toContainText('还缺少：处置说明')
    await seat.page.keyboard.type('当日第二十次来电，已两次警告。')
    await seat.picture('disposition-refer')
    await submit(seat)
    await hangUp(seat)
  })
  console.log(`five dispositions by keyboard: ${times.join(', ')}`)
})
