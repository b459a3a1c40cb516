import { join } from 'node:path'
import { createAuthority } from '../support/certificates.ts'
import { startLine } from '../support/line.ts'
import { root } from '../support/seat-process.ts'
import { test } from './own-exchange.ts'
import { expect } from './seat-fixture.ts'

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
  ).toEqual(['announceCall', 'announceDue', 'callAnnounced', 'connectCore', 'pageListens'])
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

test('Electron: what a window that somebody else has made may do is nothing', async ({ seat }) => {
  await seat.start()
  await seat.signIn()
  const preload = join(root, 'out', 'preload', 'preload.cjs')
  const tried = await seat.electronApp?.evaluate(async ({ BrowserWindow }, preload) => {
    const window = new BrowserWindow({ show: false, webPreferences: { preload } })
    await window.loadURL('data:text/html,<p>another page')
    const run = (script: string) => window.webContents.executeJavaScript(script) as Promise<unknown>
    const outcome = {
      opens: await run(`String(window.open('https://example.invalid/'))`),
      listens: await run(
        `navigator.mediaDevices?.getUserMedia({ audio: true }).then(() => 'yes', error => error.name) ?? 'none'`,
      ),
      asks: await run(`fetch('https://example.invalid/').then(() => 'yes', () => 'refused')`),
      reads: await run(`fetch('file:///etc/passwd').then(() => 'yes', () => 'refused')`),
    }
    await run(`zuoxiShell.connectCore(); location.href = 'https://example.invalid/'`)
    await run(
      `Object.assign(document.createElement('a'), { href: URL.createObjectURL(new Blob(['x'])), download: 'x.txt' }).click()`,
    )
    await new Promise(resolve => setTimeout(resolve, 500))
    const url = window.webContents.getURL()
    window.destroy()
    return { ...outcome, url }
  }, preload)
  expect(tried).toEqual({
    opens: 'null',
    listens: 'none',
    asks: 'refused',
    reads: 'refused',
    url: 'data:text/html,<p>another page',
  })
  const said = () => seat.process.log()
  await expect.poll(said).toContain('refused core:connect from a frame that is not the seat')
  await expect.poll(said).toContain('refused a download that is not of the seat')
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

test('Electron: waking up asks the exchange at once; shortcuts answer and decline, and only while it rings', async ({
  seat,
  own,
}) => {
  await own.start(seat)
  await seat.signIn()
  const pings = () => own.line.messages.filter(({ text }) => text.startsWith('OPTIONS')).length
  const before = pings()
  await seat.electronApp?.evaluate(({ powerMonitor }) => void powerMonitor.emit('resume'))
  await expect.poll(pings, { timeout: 2_000 }).toBeGreaterThan(before)

  const registered = () =>
    seat.electronApp?.evaluate(({ globalShortcut }) => globalShortcut.isRegistered('Control+Shift+F2'))
  expect(await registered()).toBe(false)
  const declined = await seat.citizenCalls({ from: '19900000332' })
  await expect(seat.button('接听')).toBeVisible()
  await expect.poll(registered).toBe(true)
  // What the shortcut and the notification's buttons do: no key reaches a window under Xvfb from elsewhere.
  await seat.electronApp?.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.send('seat:decline'),
  )
  await expect.poll(async () => (await seat.citizen(declined)).outcome).toBe('declined')
  await expect.poll(registered).toBe(false)
  const answered = await seat.citizenCalls({ from: '19900000333' })
  await expect(seat.button('接听')).toBeVisible()
  await seat.electronApp?.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.send('seat:answer'),
  )
  await seat.heardForAnother(answered, 0.5)
})

test("Electron: the page's process dies in a call: it is opened again and takes the citizen back", async ({
  seat,
}) => {
  await seat.start()
  await seat.signIn()
  const callId = await seat.citizenCalls({ from: '19900000334', toneHertz: 600 })
  await expect(seat.button('接听')).toBeVisible()
  await seat.page.keyboard.press('F2')
  await seat.heardForAnother(callId, 0.5)
  await expect(seat.text('标题')).toBeFocused()
  await seat.page.keyboard.type('断开之前写下的')
  await expect(seat.region('工单')).toContainText('已保存到本机')
  // Playwright loses the page with its process: what the new one does is seen from the main process and by the citizen.
  await seat.electronApp?.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
  )
  await seat.heardForAnother(callId, 0.5)
  expect((await seat.citizen(callId)).state).toBe('talking')
  const title = () =>
    seat.electronApp?.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(
        `[...document.querySelectorAll('input')].map(input => input.value).join(' ')`,
      ),
    )
  await expect.poll(title).toContain('断开之前写下的')
})

test('Electron: a telephone link is asked about before it is dialled', async ({ seat }) => {
  await seat.start()
  await seat.signIn()
  await seat.page.keyboard.press('Alt+4')
  await seat.electronApp?.evaluate(
    ({ app }) => void app.emit('second-instance', {}, ['zuoxi', 'tel:0999-555-0123'], '', {}),
  )
  await expect(seat.page.getByRole('alertdialog')).toContainText('09995550123')
  await seat.picture('dial-link')
  expect(await seat.control('/calls')).toEqual([])
  await seat.page.keyboard.press('Enter')
  await expect(seat.region('电话')).toContainText('通话中')
})

test("Electron: a line that the city's own authority vouches for is used", async ({ seat, own }) => {
  const city = createAuthority(join(seat.scratch, 'city'))
  const secure = await startLine(own.exchange.training.sipUrl, { tls: city.sign() })
  try {
    await own.start(seat, { exchangeUrl: secure.url, authorityFile: city.file })
    await seat.signIn()
    const callId = await seat.citizenCalls({ from: '19900000331' })
    await expect(seat.button('接听')).toBeVisible()
    await seat.page.keyboard.press('F2')
    await seat.heardForAnother(callId, 0.5)
  } finally {
    await secure.close()
  }
})
