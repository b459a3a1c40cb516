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

test('Electron: a call that rings while the window is minimised flashes it until somebody looks', async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  // What the main process asks of the window, heard where it is asked: there is no window manager here to show it.
  await seat.electronApp?.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows()
    if (window === undefined) throw new Error('no window')
    const asked: boolean[] = []
    Reflect.set(globalThis, 'asked', asked)
    const flash = window.flashFrame.bind(window)
    window.flashFrame = on => {
      asked.push(on)
      flash(on)
    }
    window.isFocused = () => false
    window.minimize()
  })
  const asked = () => seat.electronApp?.evaluate(() => Reflect.get(globalThis, 'asked') as boolean[])
  const callId = await seat.citizenCalls({ from: '19900000321' })
  await expect.poll(asked).toContain(true)
  await seat.control(`/calls/${encodeURIComponent(callId)}`, { method: 'DELETE' })
  await expect.poll(async () => (await asked())?.at(-1)).toBe(false)
})
