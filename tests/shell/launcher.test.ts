import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { isAlive, root, type SeatProcess, seatCommand, startSeat, until } from '../support/seat-process.ts'

let dataDir: string
let seat: SeatProcess | null = null
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'zuoxi-launcher-'))
})
afterEach(async () => {
  await seat?.killAll()
  seat = null
  rmSync(dataDir, { recursive: true, force: true })
})
const run = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 60_000,
  })

it('prints one ready line, and Ctrl-C ends everything that it started', async () => {
  seat = await startSeat({ dataDir })
  expect(seat.ready).toMatchObject({ event: 'ready', shell: 'loopback', central: null })
  expect(new URL(seat.ready.url).hostname).toBe('127.0.0.1')
  expect((await fetch(new URL('/scripts', seat.ready.exchange ?? ''))).status).toBe(200)
  const pids = Object.values(seat.ready.pids)
  expect(pids.length).toBeGreaterThanOrEqual(4)
  expect(pids.every(isAlive)).toBe(true)
  await seat.stop()
  expect(pids.some(isAlive)).toBe(false)
})

it('has a page that is made for work, whatever the environment of who started it says', async () => {
  rmSync(join(root, 'out', '.build.json'), { force: true })
  seat = await startSeat({ dataDir, env: { NODE_ENV: 'development' } })
  const assets = join(root, 'out', 'page', 'assets')
  const scripts = readdirSync(assets).filter(name => name.endsWith('.js'))
  expect(scripts.length).toBeGreaterThan(5)
  expect(scripts.filter(name => readFileSync(join(assets, name), 'utf8').includes('jsxDEV'))).toEqual([])
})

it('ends everything also when it is killed itself', async () => {
  seat = await startSeat({ dataDir })
  const { launcher = 0, ...others } = seat.ready.pids
  process.kill(launcher, 'SIGKILL')
  await until(() => !Object.values(others).some(isAlive), 20_000, 'the children to end')
  expect(Object.values(others).filter(isAlive)).toEqual([])
})

it('starts once for a data folder: the second start says so and ends', async () => {
  seat = await startSeat({ dataDir })
  const second = run(seatCommand({ dataDir }))
  expect(second.status).toBe(0)
  expect(second.stderr).toContain('already running')
  expect(second.stdout).toBe('')
})

it('says what is wrong with its options', () => {
  for (const args of [['--shell', 'x'], ['--port', '99999'], ['--nonsense']]) {
    const refused = run([join(root, 'scripts', 'start.mjs'), ...args])
    expect(refused.status, args.join(' ')).toBe(2)
    expect(refused.stderr).toContain('usage: npm start')
  }
})

it('says in one line why there is no Electron, and uses the loopback shell', async () => {
  const noDisplay = { DISPLAY: '', WAYLAND_DISPLAY: '' }
  seat = await startSeat({ dataDir, shell: 'electron', env: noDisplay })
  expect(seat.ready.shell).toBe('loopback')
  expect(seat.log()).toContain('there is no display; using the loopback shell instead')
})

it('names the seat and the centre beside it in the ready line, and leaves neither behind when it is killed', async () => {
  seat = await startSeat({ dataDir, central: true })
  const { central, pids } = seat.ready
  const health = await fetch(new URL('/healthz', central ?? ''))
  expect(health.status).toBe(200)
  const { launcher = 0, ...others } = pids
  expect(Object.keys(others)).toContain('central')
  process.kill(launcher, 'SIGKILL')
  await until(() => !Object.values(others).some(isAlive), 20_000, 'the children to end')
  expect(Object.values(others).filter(isAlive)).toEqual([])
})

it('goes on without a centre that does not start, and says so in one line', async () => {
  // Its data folder cannot be made: a file has its name.
  writeFileSync(join(dataDir, 'central'), '')
  seat = await startSeat({ dataDir, central: true })
  expect(seat.ready.central).toBe(null)
  expect(seat.ready.pids).not.toHaveProperty('central')
  expect(seat.log()).toContain('the centre did not start; going on without it')
})
