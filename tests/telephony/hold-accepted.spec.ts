/** A hold is seen when the far side has accepted it; an acceptance that the call does not outlive leaves no hold behind. */
import { expect, until } from './lab-fixture.ts'
import { start, talk, test } from './line-fixture.ts'

const accepted = /^SIP\/2\.0 200 [^]*\r\nCSeq: \d+ INVITE/i

test('the answer that accepts a hold says nothing that can be agreed on: the call ends on both sides, and is not held', async ({
  seat,
  lab,
  line,
}) => {
  await start(seat, lab, line)
  const citizen = await talk(seat, lab)
  const caught = line.intercept('down', accepted, null)
  await seat.page.keyboard.press('F8')
  await caught
  await expect(seat.button('恢复')).toBeHidden()
  const text = line.messages.findLast(one => one.direction === 'down' && accepted.test(one.text))?.text ?? ''
  const [head = '', body = ''] = text.split('\r\n\r\n')
  const broken = body.replace(/^a=fingerprint:.*\r\n/gm, '')
  expect(broken).not.toBe(body)
  line.inject(
    `${head.replace(/^Content-Length: .*$/im, `Content-Length: ${Buffer.byteLength(broken)}`)}\r\n\r\n${broken}`,
  )
  await expect(seat.region('电话').locator('.call-card.idle')).toBeVisible()
  await expect(seat.button('恢复')).toBeHidden()
  await expect(seat.region('电话')).toContainText('呼入 · 已接通')
  await until(
    () => citizen.events().some(({ type }) => type === 'CALL_CLOSED'),
    10_000,
    'the citizen to be told',
  )
})
