/**
 * `ZUOXI_LONG=1`: ten real minutes in a window that is hidden, in a browser that slows hidden windows down as it does for
 * everybody. Playwright keeps the pages that it holds visible, so it signs in and lets go; the rest is seen at the line.
 */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { WebSocket } from 'ws'
import { chromiumPath, fakeMicrophone, quietSwitches } from '../support/chromium.ts'
import { freePort } from '../support/lab/ports.ts'
import { startSeat, until } from '../support/seat-process.ts'
import { expect, seatExtension } from './lab-fixture.ts'
import { test } from './line-fixture.ts'

const hiddenMs = 600_000

if (process.env['ZUOXI_LONG'] === '1') {
  test('half-open after ten real minutes in a hidden window: found within 10 s', async ({
    seat,
    lab,
    line,
  }) => {
    test.setTimeout(hiddenMs + 120_000)
    const policy = join(seat.scratch, 'policy.json')
    const account = { exchangeUrl: line.url, sipDomain: '127.0.0.1', extension: seatExtension }
    writeFileSync(policy, JSON.stringify({ ...account, extensionSecret: lab.secret, areaCode: '0999' }))
    const args = ['--no-training', '--policy', policy]
    const running = await startSeat({ dataDir: seat.dataDir, shell: 'loopback', args })
    const port = await freePort()
    const switches = [...quietSwitches, ...fakeMicrophone(seat.microphone), '--headless', '--no-sandbox']
    const profile = `--user-data-dir=${join(seat.scratch, 'own-profile')}`
    const browser = spawn(chromiumPath() ?? '', [...switches, profile, `--remote-debugging-port=${port}`], {
      stdio: 'ignore',
    })
    try {
      const debug = `http://127.0.0.1:${port}`
      const answers = () =>
        fetch(`${debug}/json/version`).then(
          ({ ok }) => ok,
          () => false,
        )
      await until(answers, 20_000, 'the browser')
      const held = await chromium.connectOverCDP(debug)
      const page = held.contexts()[0]?.pages()[0]
      if (page === undefined) throw new Error('no page')
      await page.goto(running.ready.url)
      await expect(page.getByRole('textbox', { name: '按工号或姓名查找' })).toBeFocused()
      await page.keyboard.press('Enter')
      await expect(page.getByRole('region', { name: '连接状态', exact: true })).toContainText('话务台 已注册')
      await held.close()

      await fetch(`${debug}/json/new?about:blank`, { method: 'PUT' })
      await until(async () => (await visibility(debug)) === 'hidden', 10_000, 'the seat to be hidden')
      await new Promise(resolve => setTimeout(resolve, hiddenMs))
      expect(await visibility(debug)).toBe('hidden')
      const before = line.connections()
      const since = Date.now()
      line.freeze()
      // It gives the socket up and connects anew, at the latest 0.75 s after it has found out.
      await until(() => line.connections() > before, 50_000, 'the seat to connect anew')
      const seconds = (Date.now() - since) / 1_000
      console.log(`half-open after ten real minutes hidden: connecting anew after ${seconds.toFixed(1)} s`)
      expect(seconds).toBeLessThan(10.75)
      line.restore()
      const registers = () => line.messages.findLast(({ text }) => / REGISTER\r\n/.test(text))?.text ?? ''
      await until(() => registers().startsWith('SIP/2.0 200'), 30_000, 'the seat to register again')
    } finally {
      browser.kill()
      await running.stop()
    }
  })
}

/** What the seat's own page says of itself, asked without holding it. */
async function visibility(debug: string): Promise<string> {
  const targets = (await (await fetch(`${debug}/json/list`)).json()) as {
    type: string
    url: string
    webSocketDebuggerUrl: string
  }[]
  const target = targets.find(({ type, url }) => type === 'page' && url.startsWith('http'))
  if (target === undefined) throw new Error('the seat is not open')
  const socket = new WebSocket(target.webSocketDebuggerUrl)
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('open', () =>
      socket.send(
        JSON.stringify({
          id: 1,
          method: 'Runtime.evaluate',
          params: { expression: 'document.visibilityState' },
        }),
      ),
    )
    socket.on('message', data => {
      const { result } = JSON.parse(String(data)) as { result?: { result: { value: string } } }
      socket.close()
      resolve(result?.result.value ?? '')
    })
  })
}
