/**
 * Start to usable page beside an empty page on the same shell; INVITE to painted pop beside sip.js alone showing a text; idle
 * memory of page and core. In a Chromium of this machine, on the loopback shell.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from '@playwright/test'
import { build } from 'vite'
import { startExchange } from '../../exchange/start-exchange.ts'
import { chromiumPath, quietSwitches } from '../support/chromium.ts'
import { root, startSeat } from '../support/seat-process.ts'
import { printRow, quantile } from './row.ts'

const rounds = 5
const scratch = mkdtempSync(join(tmpdir(), 'zuoxi-bench-page-'))
const executablePath = chromiumPath()
if (executablePath === null) {
  console.log('page: skipped, there is no Chromium')
  process.exit(0)
}
let profiles = 0
/** In a window of its own, as the shell opens it: one with an address bar loads pages of the browser's own beside the first. */
async function browser(url: string): Promise<BrowserContext> {
  profiles += 1
  return chromium.launchPersistentContext(join(scratch, `profile-${profiles}`), {
    executablePath: executablePath ?? '',
    chromiumSandbox: false,
    permissions: ['microphone'],
    args: [
      `--app=${url}`,
      ...quietSwitches,
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
    ],
  })
}
const painted = (page: Page) =>
  page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))))

// The same shell serving an empty page: no core, no seat, nothing but the window.
const emptyPage = createServer((_, response) =>
  response.setHeader('content-type', 'text/html').end('<!doctype html><p>ready'),
)
emptyPage.listen(0, '127.0.0.1')
await new Promise(resolve => emptyPage.once('listening', resolve))
const emptyUrl = `http://127.0.0.1:${(emptyPage.address() as AddressInfo).port}/`

const dataDir = join(scratch, 'data')
mkdirSync(dataDir)
async function startOurs(args: string[] = []): Promise<{
  ms: number
  page: Page
  context: BrowserContext
  seat: Awaited<ReturnType<typeof startSeat>>
}> {
  const at = performance.now()
  const seat = await startSeat({ dataDir, shell: 'loopback', args })
  const context = await browser(seat.ready.url)
  const page = context.pages()[0] ?? (await context.newPage())
  // By selectors that cost the page nothing: to look for a name, all names are made.
  const gate = page.locator('.gate input')
  const workbench = page.locator('button[aria-keyshortcuts="Alt+N"]')
  await gate.or(workbench).first().waitFor()
  if (await gate.isVisible()) {
    await page.keyboard.press('Enter')
    await workbench.waitFor()
  }
  await painted(page)
  return { ms: performance.now() - at, page, context, seat }
}
async function startEmpty(): Promise<number> {
  const at = performance.now()
  const shell = spawn(process.execPath, [join(import.meta.dirname, 'empty-shell.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>(resolve =>
    shell.stdout.once('data', chunk => resolve(String(chunk).trim())),
  )
  const context = await browser(url)
  const page = context.pages()[0] ?? (await context.newPage())
  await page.getByText('ready').waitFor()
  await painted(page)
  const ms = performance.now() - at
  await context.close()
  shell.kill()
  return ms
}

const first = await startOurs()
await first.context.close()
await first.seat.stop()
const starts: number[] = []
const empties: number[] = []
for (let round = 0; round < rounds; round += 1) {
  // As a seat starts at work: the training exchange is not part of it.
  const ours = await startOurs(['--no-training'])
  starts.push(ours.ms)
  await ours.context.close()
  await ours.seat.stop()
  empties.push(await startEmpty())
}
printRow({
  what: 'start to usable page, median',
  ours: quantile(starts, 0.5),
  limit: quantile(empties, 0.5),
  unit: 'ms',
  aim: '≤ 2 × an empty page',
})

/** In the page: milliseconds from the frame with the INVITE until what it brings is painted. */
const watchInvites = (selector: string) => `
  window.__times = []
  const Own = WebSocket
  window.WebSocket = class extends Own {
    constructor(...args) {
      super(...args)
      this.addEventListener('message', event => {
        if (!String(event.data).startsWith('INVITE ')) return
        const at = performance.now()
        const look = () => {
          if (document.querySelector(${JSON.stringify(selector)}) === null) return requestAnimationFrame(look)
          requestAnimationFrame(() => setTimeout(() => window.__times.push(performance.now() - at)))
        }
        look()
      })
    }
  }
`
async function ring(
  page: Page,
  call: () => Promise<string>,
  hangUp: (callId: string) => Promise<void>,
  selector: string,
) {
  const times: number[] = []
  for (let round = 0; round < 12; round += 1) {
    const callId = await call()
    await page.waitForFunction(count => (Reflect.get(window, '__times') as number[]).length > count, round)
    times.push(...(await page.evaluate(() => Reflect.get(window, '__times') as number[])).slice(round))
    await hangUp(callId)
    await page.waitForFunction(what => document.querySelector(what) === null, selector)
  }
  return times.slice(2)
}
const control = (base: string) => ({
  call: async () => {
    const response = await fetch(`${base}/calls`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"from":"19900000301"}',
    })
    return ((await response.json()) as { callId: string }).callId
  },
  hangUp: async (callId: string) =>
    void (await fetch(`${base}/calls/${encodeURIComponent(callId)}`, { method: 'DELETE' })),
})

const pop = await startOurs()
const popSelector = '.call-card.ringing'
await pop.page.addInitScript(watchInvites(popSelector))
await pop.page.reload()
await pop.page.getByText('话务台').first().waitFor()
await pop.page.getByText('已注册').waitFor()
const ourControl = control(pop.seat.ready.exchange ?? '')
const popTimes = await ring(pop.page, ourControl.call, ourControl.hangUp, popSelector)

const exchange = await startExchange()
const bareDir = join(scratch, 'bare')
mkdirSync(bareDir)
writeFileSync(
  join(bareDir, 'index.html'),
  '<!doctype html><body><script type="module" src="./bare.js"></script>',
)
writeFileSync(
  join(bareDir, 'bare.js'),
  `import { Registerer, UserAgent } from ${JSON.stringify(join(root, 'node_modules', 'sip.js', 'lib', 'index.js'))}
const account = ${JSON.stringify(exchange.training)}
const agent = new UserAgent({
  uri: UserAgent.makeURI('sip:' + account.extension + '@' + account.sipDomain),
  authorizationUsername: account.extension,
  authorizationPassword: account.secret,
  transportOptions: { server: account.sipUrl },
  logBuiltinEnabled: false,
  delegate: {
    onInvite: invitation => {
      const shown = document.createElement('p')
      shown.className = 'ringing'
      shown.textContent = invitation.remoteIdentity.uri.user
      document.body.append(shown)
      invitation.stateChange.addListener(state => state === 'Terminated' && shown.remove())
    },
  },
})
await agent.start()
await new Registerer(agent).register({ requestDelegate: { onAccept: () => { document.title = 'registered' } } })
`,
)
const bareOut = join(scratch, 'bare-out')
await build({
  configFile: false,
  root: bareDir,
  base: '/',
  logLevel: 'silent',
  build: { outDir: bareOut, target: 'chrome114' },
})
const barePage = createServer((request, response) => {
  const path = request.url === '/' ? '/index.html' : (request.url ?? '')
  response.setHeader('content-type', path.endsWith('.js') ? 'text/javascript' : 'text/html')
  try {
    response.end(readFileSync(join(bareOut, path)))
  } catch {
    response.writeHead(404).end()
  }
})
barePage.listen(0, '127.0.0.1')
await new Promise(resolve => barePage.once('listening', resolve))
const bareContext = await browser(`http://127.0.0.1:${(barePage.address() as AddressInfo).port}/`)
const bare = bareContext.pages()[0] ?? (await bareContext.newPage())
await bare.addInitScript(watchInvites('p.ringing'))
await bare.reload()
await bare.waitForFunction(() => document.title === 'registered')
const bareControl = control(exchange.training.controlUrl)
const bareTimes = await ring(bare, bareControl.call, bareControl.hangUp, 'p.ringing')
printRow({
  what: 'INVITE to painted pop, median',
  ours: quantile(popTimes, 0.5),
  limit: quantile(bareTimes, 0.5),
  unit: 'ms',
  aim: '≤ sip.js alone + 50 ms',
})

/** Resident memory of a process, MB, from /proc. */
const residentMb = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
const heapMb = async (page: Page) => {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return usedSize / 1024 / 1024
}
if (process.platform === 'linux') {
  const emptyContext = await browser(emptyUrl)
  const empty = emptyContext.pages()[0] ?? (await emptyContext.newPage())
  printRow({
    what: 'idle memory: heap of the page',
    ours: await heapMb(pop.page),
    limit: await heapMb(empty),
    unit: 'MB',
    aim: '',
  })
  const idle = spawn(process.execPath, ['-e', 'setInterval(()=>{},1e6)'], { stdio: 'ignore' })
  await new Promise(resolve => setTimeout(resolve, 500))
  printRow({
    what: 'idle memory: core, resident',
    ours: residentMb(pop.seat.ready.pids['core'] ?? 0),
    limit: residentMb(idle.pid ?? 0),
    unit: 'MB',
    aim: '',
  })
  idle.kill()
  await emptyContext.close()
}

await bareContext.close()
await pop.context.close()
await pop.seat.stop()
await exchange.close()
emptyPage.close()
barePage.close()
rmSync(scratch, { recursive: true, force: true })
process.exit(0)
