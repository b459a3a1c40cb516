import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { request } from 'node:http'
import { tmpdir, userInfo } from 'node:os'
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
/** As the opener's page does. */
const openAs = (address: string) =>
  new Promise<{ status: number }>((resolve, reject) => {
    const { host, port, origin, hash } = new URL(address)
    const options = { host: '127.0.0.1', port, path: '/open', method: 'POST', headers: { host, origin } }
    const sent = request(options, response => {
      response.resume()
      resolve({ status: response.statusCode ?? 0 })
    })
    sent.on('error', reject)
    sent.end(hash.slice(1))
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
  expect(new URL(seat.ready.url).hostname).toMatch(/^z[0-9a-f]{32}\.localhost$/)
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

it('leaves the memory of none of its processes on the disk when one crashes', async () => {
  seat = await startSeat({ dataDir, central: true })
  const limits = Object.values(seat.ready.pids).map(
    pid =>
      /Max core file size +(\S+) +(\S+)/.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.slice(1) ?? [],
  )
  expect(limits.length).toBeGreaterThanOrEqual(5)
  expect(new Set(limits.flat())).toEqual(new Set(['0']))
})

it('ends everything also when it is killed itself', async () => {
  seat = await startSeat({ dataDir })
  const { launcher = 0, ...others } = seat.ready.pids
  process.kill(launcher, 'SIGKILL')
  await until(() => !Object.values(others).some(isAlive), 20_000, 'the children to end')
  expect(Object.values(others).filter(isAlive)).toEqual([])
})

it('hands its address to a browser in a file of the user’s own, and to nobody by its arguments', async () => {
  const browser = join(dataDir, 'browser-for-tests')
  const seen = join(dataDir, 'seen.json')
  // What every user of the machine reads of it, and what only its owner does.
  const script = [
    '#!/bin/sh',
    `for argument in "$@"; do case "$argument" in --app=file://*) file="\${argument#--app=file://}"; esac; done`,
    `tr '\\0' '\\n' < /proc/$$/cmdline > '${seen}.arguments'`,
    `stat -c %a "$file" > '${seen}.mode'`,
    `cat "$file" > '${seen}.page'`,
    `echo "$file" > '${seen}.file'`,
    'exec sleep 60',
  ]
  writeFileSync(browser, `${script.join('\n')}\n`, { mode: 0o700 })
  seat = await startSeat({ dataDir, opens: true, env: { ZUOXI_CHROMIUM: browser, DISPLAY: ':99' } })
  await until(() => existsSync(`${seen}.file`), 10_000, 'the browser')
  const read = (what: string) => readFileSync(`${seen}.${what}`, 'utf8')
  const address = /location\.replace\("([^"]+)"\)/.exec(read('page'))?.[1] ?? ''
  const { host, hash } = new URL(address)
  expect(hash.length).toBeGreaterThan(40)
  expect(read('mode').trim()).toBe('600')
  expect(read('arguments')).not.toContain(host)
  expect(read('arguments')).not.toContain(hash.slice(1))
  const everyProcess = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      } catch {
        return ''
      }
    })
  expect(everyProcess.filter(line => line.includes(hash.slice(1)))).toEqual([])
  // Nothing of it is printed either, where a browser has it.
  expect(seat.ready.url).not.toContain(hash.slice(1))
  expect(seat.log()).not.toContain(hash.slice(1))
  // Once it was used, the file is gone.
  const file = read('file').trim()
  expect(existsSync(file)).toBe(true)
  const { status } = await openAs(address)
  expect(status).toBe(200)
  await until(() => !existsSync(file), 10_000, 'the file to go')
})

it('starts once for a data folder: the second start says so and ends', async () => {
  seat = await startSeat({ dataDir })
  const second = run(seatCommand({ dataDir }))
  expect(second.status).toBe(0)
  expect(second.stderr).toContain('already running')
  expect(second.stdout).toBe('')
})

it('does not speak to a socket in a folder that others may write to', () => {
  mkdirSync(join(dataDir, `zuoxi-${userInfo().uid}`))
  chmodSync(join(dataDir, `zuoxi-${userInfo().uid}`), 0o777)
  const refused = run(seatCommand({ dataDir }), { XDG_RUNTIME_DIR: dataDir })
  expect(refused.status).toBe(1)
  expect(refused.stderr).toContain('is not a folder of this user alone')
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
