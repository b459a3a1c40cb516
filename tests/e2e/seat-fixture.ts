/**
 * One running seat in a browser, on either shell. Every test gets its own data folder; a page that breaks its security
 * policy, throws, or logs an error fails the test.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  test as base,
  chromium,
  type ElectronApplication,
  _electron as electron,
  expect,
  type Page,
} from '@playwright/test'
import { chromiumPath, fakeMicrophone, quietSwitches, utf8Environment } from '../support/chromium.ts'
import { clusterIn } from '../support/clusters.ts'
import { followSeat, root, type SeatProcess, seatCommand, startSeat, until } from '../support/seat-process.ts'
import { writeToneWav } from '../support/tone.ts'

export type CitizenCall = {
  callId: string
  state: 'calling' | 'ringing' | 'talking' | 'ended'
  outcome: string | null
  heardSeconds: number
  heardLevelDbfs: number | null
  dtmf: string
  held: boolean
}

export class Seat {
  readonly dataDir: string
  readonly scratch: string
  readonly microphone: string
  /** What the page did wrong: policy violations, uncaught errors, console errors that no test expects. */
  readonly faults: string[] = []
  /** Console errors that the running test brings about on purpose. */
  readonly expected: RegExp[] = []
  args: string[] = []
  /** Of its processes, beside what they inherit. */
  env: NodeJS.ProcessEnv = {}
  /** Whether a centre is brought up beside it. */
  central = false
  /** Where the training exchange is controlled when it is not the seat's own. */
  trainingControl: string | null = null
  #process: SeatProcess | null = null
  electronApp: ElectronApplication | null = null
  #close: (() => Promise<void>) | null = null
  #page: Page | null = null

  readonly shell: 'loopback' | 'electron'

  constructor(shell: 'loopback' | 'electron') {
    this.shell = shell
    this.scratch = mkdtempSync(join(tmpdir(), 'zuoxi-e2e-'))
    this.dataDir = join(this.scratch, 'data')
    mkdirSync(this.dataDir)
    this.microphone = join(this.scratch, 'microphone.wav')
    writeToneWav(this.microphone, { hertz: 440, seconds: 10 })
  }

  get page(): Page {
    if (this.#page === null) throw new Error('the seat is not started')
    return this.#page
  }

  get process(): SeatProcess {
    if (this.#process === null) throw new Error('the seat is not started')
    return this.#process
  }

  async start(): Promise<void> {
    if (this.central) await clusterIn(join(this.dataDir, 'central'))
    this.#page = this.shell === 'electron' ? await this.#startElectron() : await this.#startBrowser()
  }

  async #startBrowser(): Promise<Page> {
    this.#process = await startSeat({
      dataDir: this.dataDir,
      shell: this.shell,
      args: this.args,
      central: this.central,
      env: this.env,
    })
    const executablePath = chromiumPath()
    if (executablePath === null) throw new Error('no Chromium; see tests/support/chromium.ts')
    const context = await chromium.launchPersistentContext(join(this.scratch, 'profile'), {
      executablePath,
      args: [...quietSwitches, ...fakeMicrophone(this.microphone)],
      viewport: { width: 1366, height: 768 },
      locale: 'zh-CN',
      chromiumSandbox: false,
      permissions: ['microphone'],
      env: utf8Environment(),
    })
    this.#close = () => context.close()
    const page = context.pages()[0] ?? (await context.newPage())
    this.#watch(page)
    await page.goto(this.#process.ready.url)
    // A token works once: the page is there when it has been exchanged.
    await page.waitForURL(({ pathname }) => pathname === '/')
    return page
  }

  /**
   * Playwright starts what it takes for Electron: a script that runs the launcher as a person would, with Playwright's own
   * switches handed on to the Electron that the launcher starts.
   */
  async #startElectron(): Promise<Page> {
    const runtime = process.env['ZUOXI_TEST_ELECTRON']
    if (runtime === undefined)
      throw new Error('ZUOXI_TEST_ELECTRON names no runtime; see tests/support/electron-runtime')
    const starter = join(this.scratch, 'start-seat')
    const command = [
      process.execPath,
      ...seatCommand({
        dataDir: this.dataDir,
        shell: 'electron',
        args: this.args,
        central: this.central,
      }),
    ]
    writeFileSync(starter, `${command.join('\n')}\n`)
    // Playwright asks the electron package for the program, once in this process.
    process.env['ELECTRON_OVERRIDE_DIST_PATH'] = join(root, 'tests', 'support', 'electron-starter')
    const app = await electron.launch({
      args: [...quietSwitches, ...fakeMicrophone(this.microphone)],
      env: {
        ...(process.env as Record<string, string>),
        ZUOXI_E2E_START: starter,
        ELECTRON_OVERRIDE_DIST_PATH: runtime,
        // This old runtime cannot load the SQLite binding: its core runs in the Node of these tests.
        ZUOXI_CORE_NODE: process.execPath,
        DBUS_SESSION_BUS_ADDRESS: '/dev/null',
      },
    })
    this.electronApp = app
    this.#close = () => app.close()
    this.#process = await followSeat(app.process())
    const page = await app.firstWindow()
    this.#watch(page)
    return page
  }

  #watch(page: Page): void {
    page.on('pageerror', error => this.faults.push(`pageerror: ${error.message}`))
    page.on('console', message => {
      const text = message.text()
      if (text.startsWith('phone:')) console.log(text)
      if (message.type() !== 'error' && !/Content Security Policy/i.test(text)) return
      if (!this.expected.some(pattern => pattern.test(text))) this.faults.push(`console: ${text}`)
    })
  }

  /** Chooses an operator of the demonstration's list by keyboard, the first one unless told, and waits for a registered phone. */
  async signIn(workNumber = ''): Promise<void> {
    await this.chooseOperator(workNumber)
    await this.ready()
  }

  async chooseOperator(workNumber = ''): Promise<void> {
    await expect(this.page.getByRole('textbox', { name: '按工号或姓名查找' })).toBeFocused()
    if (workNumber !== '') await this.page.keyboard.type(workNumber)
    await this.page.keyboard.press('Enter')
  }

  /** Until the seat is there and its phone is registered. */
  async ready(): Promise<void> {
    await expect(this.page.getByRole('navigation')).toBeVisible()
    await expect(this.region('连接状态')).toContainText('话务台 已注册')
  }

  region(name: string) {
    return this.page.getByRole('region', { name, exact: true })
  }

  button(name: string) {
    return this.page.getByRole('button', { name, exact: true })
  }

  text(name: string) {
    return this.page.getByRole('textbox', { name, exact: true })
  }

  /** The training exchange's own control, as a script of the trainer would use it. */
  async control<T>(path: string, init?: { method: string; body?: unknown }): Promise<T> {
    const exchange = this.trainingControl ?? this.process.ready.exchange
    if (exchange === null) throw new Error('no training exchange')
    const response = await fetch(new URL(path, exchange), {
      method: init?.method ?? 'GET',
      headers: { 'content-type': 'application/json' },
      ...(init?.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }

  /** A simulated citizen calls the seat. */
  async citizenCalls(call: Record<string, unknown>): Promise<string> {
    return (await this.control<{ callId: string }>('/calls', { method: 'POST', body: call })).callId
  }

  async citizen(callId: string): Promise<CitizenCall> {
    return this.control<CitizenCall>(`/calls/${encodeURIComponent(callId)}`)
  }

  /** Until the citizen has heard the operator, decoded and above −50 dBFS, for longer than now by `seconds`. */
  async heardForAnother(callId: string, seconds: number): Promise<CitizenCall> {
    const before = (await this.citizen(callId)).heardSeconds
    let now = await this.citizen(callId)
    await until(
      async () => {
        now = await this.citizen(callId)
        return now.heardSeconds >= before + seconds && (now.heardLevelDbfs ?? -99) > -50
      },
      30_000,
      'the citizen to hear the operator',
    )
    return now
  }

  /** The page's process dies, as from a lack of memory, and the operator opens the seat again. */
  async crashPage(): Promise<void> {
    const page = this.page
    const context = page.context()
    const dead = page.waitForEvent('crash')
    const session = await context.newCDPSession(page)
    void session.send('Page.crash').catch(() => {})
    await dead
    const next = await context.newPage()
    this.#watch(next)
    this.#page = next
    await next.goto(new URL('/', this.process.ready.url).href)
  }

  /** Ends it as a person does; it can be started again. */
  async stop(): Promise<void> {
    if (this.shell === 'loopback') await this.#close?.()
    await this.process.stop()
    this.#close = null
    this.#process = null
    this.#page = null
  }

  /** Kills everything at once, as a power cut does, browser included. */
  async powerCut(): Promise<void> {
    this.expected.push(
      /ERR_(CONNECTION_(REFUSED|RESET)|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)|WebSocket connection/,
    )
    await this.process.killAll()
    await this.#close?.().catch(() => {})
    this.#close = null
    this.#process = null
    this.#page = null
  }

  async picture(name: string): Promise<void> {
    const folder = join(root, 'test-results', 'pictures', this.shell)
    mkdirSync(folder, { recursive: true })
    await this.page.screenshot({ path: join(folder, `${name}.png`) })
  }

  async end(): Promise<void> {
    if (this.shell === 'loopback') await this.#close?.()
    await this.#process?.stop()
    rmSync(this.scratch, { recursive: true, force: true })
  }
}

export const test = base.extend<{ seat: Seat }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixture's dependencies from this pattern
  seat: async ({}, use, info) => {
    const seat = new Seat(info.project.metadata['shell'] === 'electron' ? 'electron' : 'loopback')
    try {
      await use(seat)
      expect(seat.faults, 'the page must not break its policy, throw or log errors').toEqual([])
    } finally {
      if (info.status !== info.expectedStatus && info.status !== undefined) {
        try {
          await info.attach('stderr', { body: seat.process.log(), contentType: 'text/plain' })
        } catch {
          // It never started.
        }
      }
      await seat.end()
    }
  },
})
export { expect }
