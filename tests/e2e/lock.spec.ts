/** Locking, unlocking and changing operators: what somebody has on the desk is readable to them alone, and never lost. */
import { expect, type Seat, test } from './seat-fixture.ts'
import { signInWithPassword } from './with-centre.ts'

const title = '占道经营扰民'
const content = '何女士反映东门外占道经营，夜间扰民。'
const secrets = ['占道', '何女士', '19900000401']

/** Nothing of a case: neither in text, nor in fields, nor in what a screen reader is told, nor anywhere in the document. */
async function nothingReadable(seat: Seat): Promise<void> {
  const { page } = seat
  const readable = [
    await page.evaluate(() => document.body.innerText),
    await page.evaluate(() => document.documentElement.outerHTML),
    await page.evaluate(() =>
      Array.from(
        document.querySelectorAll('input, textarea'),
        field => (field as HTMLInputElement).value,
      ).join(),
    ),
    await page.locator('body').ariaSnapshot(),
  ]
  for (const text of readable) for (const secret of secrets) expect(text).not.toContain(secret)
}

async function typeCase(seat: Seat): Promise<void> {
  const { page } = seat
  await page.keyboard.press('Alt+n')
  await expect(seat.text('标题')).toBeFocused()
  await page.keyboard.type(title)
  await page.keyboard.press('Tab')
  await page.keyboard.type(content)
  await seat.text('联系电话').fill('19900000401')
}

async function caseIsThere(seat: Seat): Promise<void> {
  await expect(seat.text('标题')).toHaveValue(title)
  await expect(seat.text('诉求内容')).toHaveValue(content)
  await expect(seat.text('联系电话')).toHaveValue('19900000401')
}

const lockScreen = (seat: Seat) => seat.page.getByRole('dialog', { name: '坐席已锁定', exact: true })

test('Ctrl+L in the middle of a word: nothing is readable, and unlocking gives every character back', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  const { page } = seat
  await typeCase(seat)
  await page.keyboard.press('F1')
  await expect(page.getByRole('dialog', { name: '快捷键' })).toContainText('锁定坐席')
  await page.keyboard.press('Escape')
  await seat.text('标题').focus()
  await page.keyboard.press('End')
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.type('民')
  await page.keyboard.press('Control+l')
  await expect(lockScreen(seat)).toBeVisible()
  await nothingReadable(seat)
  await seat.picture('locked')
  // The seat's own keys do nothing behind the lock.
  await page.keyboard.press('Alt+n')
  await page.keyboard.press('Control+Enter')
  await expect(seat.button('解锁')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(lockScreen(seat)).toHaveCount(0)
  await expect(seat.text('标题')).toBeFocused()
  await expect(seat.text('标题')).toHaveValue('占道经营扰民民')
  await page.keyboard.press('Backspace')
  await caseIsThere(seat)
  await expect(page.getByRole('tab')).toHaveCount(1)

  // A page that is loaded anew is still locked, and the form is there when it is unlocked.
  await seat.button('锁定').click()
  await expect(lockScreen(seat)).toBeVisible()
  await page.reload()
  await expect(lockScreen(seat)).toBeVisible()
  await nothingReadable(seat)
  await page.keyboard.press('Enter')
  await caseIsThere(seat)
})

test('a dialog that is open is out of sight while the seat is locked, and as it was afterwards', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  const { page } = seat
  await typeCase(seat)
  await page.keyboard.press('Alt+5')
  await page.keyboard.press('Control+Enter')
  await page.keyboard.press('Alt+2')
  await seat.region('工单列表').getByRole('button', { name: title }).press('Enter')
  await seat.button('编辑').click()
  const dialog = page.getByRole('dialog').getByRole('textbox', { name: '标题', exact: true })
  await dialog.fill(`${title}，请尽快`)
  await page.keyboard.press('Control+l')
  await expect(lockScreen(seat)).toBeVisible()
  await nothingReadable(seat)
  await page.keyboard.press('Enter')
  await expect(dialog).toHaveValue(`${title}，请尽快`)
  await expect(dialog).toBeFocused()
})

test('the next operator finds nothing of the one before, who finds everything again', async ({ seat }) => {
  await seat.start()
  await seat.signIn()
  const { page } = seat
  await typeCase(seat)
  await seat.button('换人').click()
  await expect(seat.text('按工号或姓名查找')).toBeFocused()
  await nothingReadable(seat)
  await seat.picture('gate')
  await page.keyboard.type('1002')
  await page.keyboard.press('Enter')
  await seat.ready()
  await expect(seat.region('工单')).toContainText('没有打开的工单')
  await nothingReadable(seat)
  await seat.button('换人').click()
  await seat.signIn()
  await caseIsThere(seat)
})

test('a locked seat is handed over: the first one is signed out, and their form is safe', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  const { page } = seat
  await typeCase(seat)
  await page.keyboard.press('Control+l')
  await lockScreen(seat).getByRole('button', { name: '换人', exact: true }).click()
  await expect(seat.text('按工号或姓名查找')).toBeFocused()
  await nothingReadable(seat)
  await seat.signIn()
  await caseIsThere(seat)
})

test('a program that was started again shows the form to nobody but its owner', async ({ seat }) => {
  await seat.start()
  await seat.signIn()
  await typeCase(seat)
  await expect(seat.region('工单')).toContainText('已保存到本机')
  await seat.powerCut()
  await seat.start()
  await expect(seat.text('按工号或姓名查找')).toBeFocused()
  await nothingReadable(seat)
  await seat.signIn()
  await caseIsThere(seat)
})

test('a core that dies under a lock comes back locked', async ({ seat }) => {
  await seat.start()
  await seat.signIn()
  const { page } = seat
  await typeCase(seat)
  await page.keyboard.press('Control+l')
  await expect(lockScreen(seat)).toBeVisible()
  const readable = page.evaluate(
    () =>
      new Promise<string>(resolve => {
        let seen = ''
        const look = new MutationObserver(() => {
          seen += document.body.innerText
        })
        look.observe(document.body, { childList: true, subtree: true })
        setTimeout(() => resolve(seen), 4_000)
      }),
  )
  process.kill(seat.process.ready.pids['core'] ?? 0, 'SIGKILL')
  expect(await readable).not.toContain('占道')
  await expect(lockScreen(seat)).toBeVisible()
  await nothingReadable(seat)
  await expect(async () => {
    await seat.button('解锁').press('Enter')
    await expect(lockScreen(seat)).toHaveCount(0, { timeout: 1_000 })
  }).toPass()
  await caseIsThere(seat)
})

test('a call that rings at a locked seat shows a masked number, and waits for the unlocking', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  const { page } = seat
  await page.keyboard.press('Control+F2')
  const state = seat.region('坐席状态').getByRole('status')
  await expect(state).toContainText('示闲')
  await page.keyboard.press('Control+l')
  await expect(lockScreen(seat)).toBeVisible()
  const callId = await seat.citizenCalls({ from: '19900000402' })
  await expect(lockScreen(seat)).toContainText('来电 199****0402')
  await seat.picture('locked-ringing')
  await page.keyboard.press('F2')
  expect((await seat.citizen(callId)).state).toBe('ringing')
  await page.keyboard.press('Enter')
  await expect(seat.button('接听')).toBeVisible()
  await page.keyboard.press('F2')
  await seat.heardForAnother(callId, 0.3)

  // In a call the lock hides everything but that there is one; nobody changes meanwhile.
  await expect(seat.text('标题')).toBeFocused()
  await page.keyboard.type('占道')
  await seat.button('换人').click()
  await expect(page.getByText('通话中不能换人')).toBeVisible()
  await page.keyboard.press('Control+l')
  await expect(lockScreen(seat)).toContainText('通话进行中 199****0402')
  await nothingReadable(seat)
  await seat.heardForAnother(callId, 0.3)
  await seat.picture('locked-in-call')
  await page.keyboard.press('Enter')
  await expect(seat.text('标题')).toHaveValue('占道')
  await page.keyboard.press('F4')
  await expect(state).not.toContainText('通话')
})

test('with a centre the lock asks the password of whoever locked it', async ({ seat }) => {
  test.setTimeout(240_000)
  seat.central = true
  await seat.start()
  await signInWithPassword(seat)
  const { page } = seat
  await typeCase(seat)
  await page.keyboard.press('Control+l')
  const password = lockScreen(seat).getByLabel('口令', { exact: true })
  await expect(password).toBeFocused()
  await page.keyboard.type('不是这个口令')
  await page.keyboard.press('Enter')
  await expect(lockScreen(seat).getByRole('alert')).toContainText('工号或口令不正确')
  await expect(password).toBeFocused()
  await expect(password).toHaveValue('')
  await seat.picture('locked-refused')
  await nothingReadable(seat)
  await page.keyboard.type('yanshi-12345')
  await page.keyboard.press('Enter')
  await expect(lockScreen(seat)).toHaveCount(0)
  await caseIsThere(seat)
})
