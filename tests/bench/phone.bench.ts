/**
 * The seat's phone beside bare sip.js and bare JsSIP, in turns, on one Kamailio with rtpengine and baresip: each drives the
 * same handles, and each is measured by the same script in its page. `limit` is the better of the two.
 */

import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import { build } from 'vite'
import { chromiumPath, quietSwitches } from '../support/chromium.ts'
import type { Baresip } from '../support/lab/baresip.ts'
import { type Lab, startLab } from '../support/lab/lab.ts'
import { type SipLine, startLine } from '../support/line.ts'
import { startSeat, until } from '../support/seat-process.ts'
import { printRow, quantile } from './row.ts'

const rounds = 11
/** The first round warms up: code is compiled, devices are opened for the first time. */
const warmUp = 1
const losses = 5
const lossMs = 5_000
/** Between what a page shows and what a person then does. */
const personMs = 400
/** Answers at once. */
const unit = '09995550301'

const executablePath = chromiumPath()
if (executablePath === null) {
  console.log('phone: skipped, there is no Chromium')
  process.exit(0)
}
/** What was started, ended in the opposite order whatever happens. */
const started: (() => unknown)[] = []

const scratch = mkdtempSync(join(tmpdir(), 'zuoxi-bench-phone-'))
started.push(() => rmSync(scratch, { recursive: true, force: true }))

/** What each page measures, by the same rules; times are performance.now() of that page. */
declare global {
  interface Window {
    bench: { clickedAt: number; invitedAt: number; ringing: number; audio: number; held: number }
  }
}
const measure = () => {
  const bench = { clickedAt: 0, invitedAt: 0, ringing: 0, audio: 0, held: 0 }
  window.bench = bench
  const watchCard = () => {
    const now = document.querySelector('.call-card')?.classList
    if (now?.contains('ringing') === true && bench.invitedAt !== 0) {
      const { invitedAt } = bench
      bench.invitedAt = 0
      requestAnimationFrame(() =>
        setTimeout(() => {
          bench.ringing = performance.now() - invitedAt
        }),
      )
    }
    if (now?.contains('held') === true && bench.held === 0) bench.held = performance.now() - bench.clickedAt
  }
  new MutationObserver(watchCard).observe(document, { subtree: true, childList: true, attributes: true })
  const Socket = WebSocket
  window.WebSocket = class extends Socket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      this.addEventListener('message', ({ data }) => {
        // A re-INVITE has a tag in To.
        if (String(data).startsWith('INVITE ') && !/^To:.*;tag=/im.test(String(data)))
          bench.invitedAt = performance.now()
      })
    }
  }
  // Decoded audio above −50 dBFS, whatever the page does with it.
  const context = new AudioContext()
  const audible = Math.SQRT2 * 10 ** (-50 / 20)
  const Peer = RTCPeerConnection
  window.RTCPeerConnection = class extends Peer {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      this.addEventListener('track', ({ track }) => {
        const stream = new MediaStream([track])
        const element = new Audio()
        element.muted = true
        element.srcObject = stream
        void element.play().catch(() => {})
        const analyser = context.createAnalyser()
        analyser.fftSize = 16_384
        const source = context.createMediaStreamSource(stream)
        source.connect(analyser)
        const samples = new Float32Array(analyser.fftSize)
        const timer = setInterval(() => {
          analyser.getFloatTimeDomainData(samples)
          const first = samples.findIndex(sample => Math.abs(sample) > audible)
          const over = this.connectionState === 'closed'
          if (!over && first < 0) return
          // When it was there, however late a busy page looks.
          const ago = ((samples.length - first) / context.sampleRate) * 1_000
          if (!over && bench.audio === 0) bench.audio = performance.now() - ago - bench.clickedAt
          clearInterval(timer)
          source.disconnect()
          element.srcObject = null
        }, 1)
      })
    }
  }
}

async function open(name: string, url: string): Promise<Page> {
  const context = await chromium.launchPersistentContext(join(scratch, name), {
    executablePath: executablePath ?? '',
    chromiumSandbox: false,
    permissions: ['microphone'],
    args: [...quietSwitches, '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
  })
  started.push(() => context.close())
  await context.addInitScript(measure)
  const page = context.pages()[0] ?? (await context.newPage())
  await page.goto(url)
  return page
}

type Figure = 'ringing' | 'answer' | 'outbound' | 'hold' | 'reconnect'
type Phone = {
  name: 'ours' | 'sip.js' | 'JsSIP'
  extension: string
  page: Page
  line: SipLine
  figures: Record<Figure, number[]>
}

async function onLine(lab: Lab): Promise<SipLine> {
  const line = await startLine(lab.wsUrl)
  started.push(line.close)
  return line
}

async function startOurs(lab: Lab): Promise<Phone> {
  const dataDir = join(scratch, 'data')
  mkdirSync(dataDir)
  const line = await onLine(lab)
  const policy = join(scratch, 'policy.json')
  const account = { sipDomain: '127.0.0.1', extension: '8001', extensionSecret: lab.secret }
  writeFileSync(policy, JSON.stringify({ exchangeUrl: line.url, ...account }))
  const seat = await startSeat({ dataDir, shell: 'loopback', args: ['--no-training', '--policy', policy] })
  started.push(seat.stop)
  const page = await open('ours', seat.ready.url)
  await page.getByRole('textbox', { name: '按工号或姓名查找' }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByText('已注册').waitFor()
  return { name: 'ours', extension: account.extension, page, line, figures: figures() }
}

/** The bare pages, built as the seat's own is. */
async function servePeers(): Promise<string> {
  const outDir = join(scratch, 'pages')
  const entry = ['sip-js', 'jssip'].map(name => join(import.meta.dirname, 'peers', `${name}.ts`))
  await build({
    configFile: false,
    root: join(import.meta.dirname, 'peers'),
    logLevel: 'silent',
    build: { outDir, target: 'chrome114', lib: { entry, formats: ['es'] } },
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  const server = createServer((request, response) => {
    const name = new URL(request.url ?? '/', 'http://127.0.0.1').pathname.slice(1)
    response.setHeader('content-type', name.endsWith('.js') ? 'text/javascript' : 'text/html')
    response.end(
      name.endsWith('.js')
        ? readFileSync(join(outDir, name))
        : `<!doctype html><meta charset="utf-8"><body><script type="module" src="/${name}.js"></script>`,
    )
  })
  started.push(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function startPeer(lab: Lab, url: string, name: 'sip.js' | 'JsSIP', extension: string): Promise<Phone> {
  const line = await onLine(lab)
  const query = new URLSearchParams({ server: line.url, extension, secret: lab.secret })
  const page = await open(name, `${url}/${name === 'sip.js' ? 'sip-js' : 'jssip'}?${query}`)
  await page.waitForFunction(() => document.title === 'registered')
  return { name, extension, page, line, figures: figures() }
}

const figures = (): Phone['figures'] => ({ ringing: [], answer: [], outbound: [], hold: [], reconnect: [] })

/** A click inside the page, so that the way there from this process is not measured. */
const click = (page: Page, selector: string) =>
  page.evaluate(what => {
    Object.assign(window.bench, { clickedAt: performance.now(), audio: 0, held: 0 })
    document.querySelector<HTMLElement>(what)?.click()
  }, selector)
const figure = async (page: Page, name: 'ringing' | 'audio' | 'held') => {
  await page.waitForFunction(what => window.bench[what] > 0, name, { timeout: 15_000, polling: 20 })
  return page.evaluate(what => window.bench[what], name)
}
const idle = (page: Page) => page.locator('.call-card.idle').waitFor({ state: 'attached' })

/** A citizen's call, answered and held, and one to a unit that answers at once. */
async function oneRound({ page, extension }: Phone, citizen: Baresip) {
  await page.evaluate(() => Object.assign(window.bench, { ringing: 0 }))
  await citizen.dial(extension)
  const ringing = await figure(page, 'ringing')
  await page.waitForTimeout(personMs)
  await click(page, '.call-card.ringing button.answer')
  const answer = await figure(page, 'audio')
  await page.locator('.call-card.talking').waitFor()
  await page.waitForTimeout(personMs)
  await click(page, '.call-card.talking [aria-keyshortcuts=F8]')
  const hold = await figure(page, 'held')
  await citizen.hangUp()
  await idle(page)
  await page.locator('form.dial input').first().fill(unit)
  await page.waitForTimeout(personMs)
  await click(page, 'form.dial [type=submit]')
  const outbound = await figure(page, 'audio')
  await page.locator('.call-card.talking').waitFor()
  await click(page, '.call-card [aria-keyshortcuts=F4]')
  await idle(page)
  return { ringing, answer, hold, outbound }
}

/** An operator who is done with a call has no open form of it. */
async function discardDrafts(page: Page) {
  const tabs = page.getByRole('tab')
  for (let left = await tabs.count(); left > 0; left -= 1) {
    await page.getByRole('button', { name: '放弃', exact: true }).first().click()
    await page.locator('.ant-popconfirm').getByRole('button', { name: '放弃', exact: true }).click()
    await page.waitForFunction(count => document.querySelectorAll('[role=tab]').length < count, left)
  }
}

/** All of them lose their line at the same moment; how long after its return each is registered again. */
async function oneLoss(phones: readonly Phone[]) {
  for (const { line } of phones) line.cut()
  await new Promise(resolve => setTimeout(resolve, lossMs))
  const at = performance.now()
  const back = async ({ name, line, figures: found }: Phone) => {
    const from = line.messages.length
    line.restore()
    const registered = () =>
      line.messages
        .slice(from)
        .some(
          ({ direction, text }) =>
            direction === 'down' && text.startsWith('SIP/2.0 200 ') && /^CSeq: \d+ REGISTER/im.test(text),
        )
    await until(registered, 60_000, `${name} to register again`)
    found.reconnect.push(performance.now() - at)
  }
  await Promise.all(phones.map(back))
}

const rows: [Figure, string, string][] = [
  ['ringing', 'INVITE → ringing shown', '≤ 1.10'],
  ['answer', 'answer → first audio', '≤ 1.10'],
  ['outbound', 'click → first audio outbound', '≤ 1.10, and under 100 ms'],
  ['hold', 'hold', '≤ 1.10'],
  ['reconnect', 'registered again after a 5 s loss', '≤ 1.10'],
]

async function main() {
  const lab = await startLab()
  started.push(lab.stop)
  const url = await servePeers()
  const phones = [
    await startOurs(lab),
    await startPeer(lab, url, 'sip.js', '8002'),
    await startPeer(lab, url, 'JsSIP', '8003'),
  ]
  const browsers = await Promise.all(phones.map(({ page }) => page.evaluate(() => navigator.userAgent)))
  if (new Set(browsers).size !== 1) throw new Error(`not one browser: ${browsers.join(', ')}`)
  const citizen = await lab.softphone('19900000301')
  await lab.softphone(unit, { answers: true })
  for (let round = 0; round < rounds; round += 1) {
    for (const phone of phones) {
      const measured = await oneRound(phone, citizen)
      if (phone.name === 'ours') await discardDrafts(phone.page)
      if (process.env['ZUOXI_BENCH_VERBOSE'] === '1') console.log(phone.name, measured)
      if (round < warmUp) continue
      for (const what of ['ringing', 'answer', 'hold', 'outbound'] as const)
        phone.figures[what].push(measured[what])
    }
  }
  for (let loss = 0; loss < losses; loss += 1) await oneLoss(phones)

  const median = (name: Phone['name'], what: Figure) =>
    quantile(phones.find(phone => phone.name === name)?.figures[what] ?? [], 0.5)
  for (const [what, title, aim] of rows) {
    const [sipJs, jsSip] = [median('sip.js', what), median('JsSIP', what)]
    printRow({
      what: `${title}, median`,
      ours: median('ours', what),
      limit: Math.min(sipJs, jsSip),
      unit: 'ms',
      aim: `${aim}; sip.js ${sipJs.toFixed(1)}, JsSIP ${jsSip.toFixed(1)}`,
    })
  }
}

try {
  await main()
} catch (error) {
  console.error(error)
  process.exitCode = 1
} finally {
  for (const end of started.toReversed()) await end()
}
process.exit()
