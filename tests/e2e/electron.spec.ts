import { expect, test } from './seat-fixture.ts'

test('Electron: no node in the page, navigation and windows refused, only the microphone allowed', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  expect(
    await seat.page.evaluate(() => [
      typeof Reflect.get(window, 'require'),
      typeof Reflect.get(window, 'process'),
    ]),
  ).toEqual(['undefined', 'undefined'])
  expect(
    await seat.page.evaluate(() => Object.keys(Reflect.get(window, 'zuoxiShell') as object).sort()),
  ).toEqual(['announceCall', 'callAnnounced', 'connectCore'])
  seat.expected.push(/./)
  await seat.page.evaluate(() => {
    location.href = 'https://example.invalid/'
  })
  expect(await seat.page.evaluate(() => window.open('https://example.invalid/'))).toBeNull()
  expect(seat.page.url()).toBe('zuoxi://app/')
  const denied = await seat.page.evaluate(async () => {
    const outcome: Record<string, string> = {}
    await navigator.mediaDevices.getUserMedia({ video: true }).catch((error: Error) => {
      outcome['video'] = error.name
    })
    await navigator.mediaDevices.getUserMedia({ audio: true }).then(stream => {
      for (const track of stream.getTracks()) track.stop()
      outcome['audio'] = 'allowed'
    })
    outcome['geolocation'] = (await navigator.permissions.query({ name: 'geolocation' })).state
    return outcome
  })
  expect(denied).toEqual({ video: 'NotAllowedError', audio: 'allowed', geolocation: 'denied' })
  const url = await seat.electronApp?.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map(own => own.webContents.getURL()),
  )
  expect(url).toEqual(['zuoxi://app/'])
})
