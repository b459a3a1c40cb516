import { expect, seatExtension, startOn, test } from './lab-fixture.ts'
import { invite } from './sipp-scenarios.ts'

test('hostile INVITEs: the page goes on, nothing is injected, every record is kept', async ({
  seat,
  lab,
}) => {
  await startOn(seat, lab)
  await seat.signIn()
  const phone = seat.region('电话')

  const long = await lab.sipp(
    'long-name',
    invite({ from: `"${'长'.repeat(3_400)}" <sip:19900000121@127.0.0.1>` }),
    seatExtension,
  )
  expect(long.code, long.output.slice(-2_000)).toBe(0)
  await expect(phone.getByText('呼入 · 漏接')).toHaveCount(1)

  const html = '"<img src=x onerror=document.title=1>" <sip:19900000122@127.0.0.1>'
  const injected = await lab.sipp(
    'html-name',
    invite({ from: html, headers: ['X-Dialect: <b>方言</b>'] }),
    seatExtension,
  )
  expect(injected.code, injected.output.slice(-2_000)).toBe(0)
  await expect(phone.getByText('呼入 · 漏接')).toHaveCount(2)
  expect(await seat.page.title()).toBe('坐席台')
  expect(await seat.page.locator('img').count()).toBe(0)

  const letters = await lab.sipp('letters', invite({ from: '<sip:not-a-number@127.0.0.1>' }), seatExtension)
  expect(letters.code, letters.output.slice(-2_000)).toBe(0)
  await expect(phone.getByText('呼入 · 漏接')).toHaveCount(3)

  const silent = await lab.sipp(
    'no-audio',
    invite({ from: '<sip:19900000124@127.0.0.1>', audio: false }),
    seatExtension,
  )
  expect(silent.code, silent.output.slice(-2_000)).toBe(0)
  await expect(phone.getByText('呼入 · 未接通')).toHaveCount(1)

  const broken = invite({
    from: '<sip:19900000125@127.0.0.1>',
    headers: ['P-Asserted-Identity: "unclosed <<;;sip:', 'Privacy: %%%'],
  })
  const passed = await lab.sipp('broken-headers', broken, seatExtension)
  expect(passed.code, passed.output.slice(-2_000)).toBe(0)
  await expect(phone.getByText('呼入 · 漏接')).toHaveCount(4)

  const citizen = await lab.softphone('19900000126')
  await citizen.dial(seatExtension)
  await expect(phone).toContainText('199 0000 0126')
  await seat.page.keyboard.press('F2')
  await expect(seat.button('挂断')).toBeVisible()
})
