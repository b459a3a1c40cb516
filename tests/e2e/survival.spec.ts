import { isAlive, until } from '../support/seat-process.ts'
import { expect, test } from './seat-fixture.ts'

test('the core is killed in a call: audio never stops, every character typed is kept, and the page reconnects by itself', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  const callId = await seat.citizenCalls({ from: '19900000201' })
  await expect(seat.button('接听')).toBeVisible()
  await seat.page.keyboard.press('F2')
  await expect(seat.text('标题')).toBeFocused()
  await seat.heardForAnother(callId, 1)
  await seat.page.keyboard.type('死机之前')

  const { core } = seat.process.ready.pids
  process.kill(core ?? 0, 'SIGKILL')
  const killedAt = Date.now()
  await seat.page.keyboard.type('、死机之中')
  await until(() => !isAlive(core ?? 0), 5_000, 'the core to be dead')
  await expect(seat.region('连接状态')).toContainText('本机服务 正常')
  console.log(`the core was back and the page connected ${Date.now() - killedAt} ms after its SIGKILL`)
  await seat.page.keyboard.type('、死机之后')
  await expect(seat.text('标题')).toHaveValue('死机之前、死机之中、死机之后')
  await expect(seat.region('工单')).toContainText('已保存到本机')
  // Heard all along, not again: the citizen's count went on.
  await seat.heardForAnother(callId, 1)
  await expect(seat.button('挂断')).toBeVisible()

  await seat.page.reload()
  await expect(seat.text('标题')).toHaveValue('死机之前、死机之中、死机之后')
})

test('a caller who gives up while it rings is missed, and leaves no empty form behind', async ({ seat }) => {
  await seat.start()
  await seat.signIn()
  await seat.page.keyboard.press('Alt+3')
  await expect(seat.page.getByRole('button', { name: '开始呼叫：振铃时挂断' })).toBeVisible()
  await seat.picture('training')
  await seat.page.getByRole('button', { name: '开始呼叫：振铃时挂断' }).click()
  await seat.page.keyboard.press('Alt+1')
  await expect(seat.button('接听')).toBeVisible()
  await expect(seat.button('接听')).toBeHidden({ timeout: 20_000 })
  await expect(seat.region('电话')).toContainText('呼入 · 漏接')
  await expect(seat.region('工单')).toContainText('没有打开的工单')
})

test('a second call rings beside the first without taking the text; answering it holds the first', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  const first = await seat.citizenCalls({ from: '19900000202' })
  await expect(seat.button('接听')).toBeVisible()
  await seat.page.keyboard.press('F2')
  await seat.heardForAnother(first, 0.5)
  await expect(seat.text('标题')).toBeFocused()
  await seat.page.keyboard.type('正在')
  const second = await seat.citizenCalls({ from: '19900000203' })
  await expect(seat.region('来电人')).toContainText('199 0000 0203')
  await seat.page.keyboard.type('输入')
  await expect(seat.text('标题')).toHaveValue('正在输入')
  await expect(seat.text('标题')).toBeFocused()
  await seat.picture('second-call')
  await seat.page.keyboard.press('F2')
  await seat.heardForAnother(second, 0.5)
  expect((await seat.citizen(first)).held).toBe(true)
  await expect(seat.page.getByRole('tab')).toHaveCount(2)
})

test('a display name of 10 kB and HTML in it are shown as text and nothing else', async ({ seat }) => {
  await seat.start()
  await seat.signIn()
  const callId = await seat.citizenCalls({
    from: '19900000204',
    displayName: `<img src=x onerror=document.title=1>${'长'.repeat(3_300)}`,
    dialect: '<b>x</b>',
  })
  await expect(seat.region('电话')).toContainText('<img src=x onerror=')
  expect(await seat.page.title()).toBe('坐席台')
  expect(await seat.page.locator('img').count()).toBe(0)
  // Its 180 follows what is shown.
  await expect.poll(async () => (await seat.citizen(callId)).state).toBe('ringing')
  await seat.picture('hostile-name')
  await seat.page.keyboard.press('F4')
  await expect(seat.region('电话')).toContainText('呼入 · 已拒接')
})

test('numbers that are dialled: busy and unknown are told apart', async ({ seat }) => {
  await seat.start()
  await seat.signIn()
  for (const [number, outcome] of [
    ['19900000001', '呼出 · 占线'],
    ['19900000003', '呼出 · 空号'],
  ] as const) {
    await seat.page.keyboard.press('F9')
    await seat.page.keyboard.type(number)
    await seat.page.keyboard.press('Enter')
    await expect(seat.region('电话')).toContainText(outcome)
  }
  await seat.page.keyboard.press('F9')
  await seat.page.keyboard.type('not a number')
  await seat.page.keyboard.press('Enter')
  await expect(seat.region('电话')).toContainText('号码只能包含数字')
})
