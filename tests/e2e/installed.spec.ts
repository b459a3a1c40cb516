/** An installed seat, on the runtime of these tests: what it takes from whoever starts it, and what becomes of a core that was changed. */
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from '@playwright/test'
import { type InstalledSeat, installSeat } from '../support/installed-seat.ts'

let seat: InstalledSeat
test.beforeAll(async () => {
  const runtime = process.env['ZUOXI_TEST_ELECTRON']
  if (runtime === undefined)
    throw new Error('ZUOXI_TEST_ELECTRON names no runtime; see tests/support/electron-runtime')
  seat = await installSeat(runtime)
})
test.afterAll(() => seat.remove())

/** Its own processes and all that they have started. */
function familyOf(pid: number): number[] {
  try {
    const children = readdirSync(`/proc/${pid}/task`)
      .flatMap(thread => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' '))
      .filter(Boolean)
    return [pid, ...children.flatMap(child => familyOf(Number(child)))]
  } catch {
    return []
  }
}
const argumentsOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

test('an installed seat ends with a clear line at any switch that it does not know as harmless', async () => {
  for (const refused of [
    '--remote-debugging-port=9333',
    '--remote-debugging-pipe',
    '--no-sandbox',
    '--js-flags=--expose-gc',
    '--disable-web-security',
    '--user-data-dir=/tmp/elsewhere',
    '--load-extension=/tmp/extension',
  ]) {
    const started = seat.start([refused])
    expect(await started.ended, refused).toBe(1)
    expect(started.said()).toContain(`an installed seat does not take ${refused}: not started`)
    expect(started.said()).not.toContain('DevTools listening')
  }
})

test('an installed seat has its own core in its own sandbox, whatever the environment says, and leaves no core dumps', async () => {
  const keys = join(seat.home, 'keys-of-tls')
  const { child, said } = seat.start([], {
    ZUOXI_LAUNCHED: '1',
    ZUOXI_CORE_NODE: '/bin/false',
    SSLKEYLOGFILE: keys,
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
  })
  const family = () => familyOf(child.pid ?? 0)
  const core = () => family().find(pid => argumentsOf(pid).includes('NodeService'))
  const page = () => family().find(pid => argumentsOf(pid).includes('--type=renderer'))
  try {
    await expect.poll(core, { timeout: 20_000 }).toBeDefined()
    await expect.poll(page, { timeout: 20_000 }).toBeDefined()
    const environment = readFileSync(`/proc/${core()}/environ`, 'utf8')
    expect(environment).not.toContain('NODE_TLS_REJECT_UNAUTHORIZED')
    expect(family().filter(pid => argumentsOf(pid).includes('--no-sandbox'))).toEqual([])
    const limits = family().map(
      pid =>
        /Max core file size +(\S+) +(\S+)/.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.slice(1) ?? [],
    )
    expect(new Set(limits.flat())).toEqual(new Set(['0']))
    const data = join(seat.home, '.config', 'zuoxi')
    await expect.poll(() => readdirSync(data).length).toBeGreaterThan(0)
    expect((statSync(data).mode & 0o777).toString(8)).toBe('700')
    expect(readdirSync(seat.home)).not.toContain('keys-of-tls')
    expect(said()).not.toContain('does not belong to this program')
  } finally {
    child.kill('SIGKILL')
  }
})

test('an installed seat starts no core of which a byte was changed, nor one that something was put beside', async () => {
  const main = join(seat.unpacked, 'out', 'core', 'main.mjs')
  const before = readFileSync(main)
  const planted = join(seat.unpacked, 'node_modules', 'bufferutil', 'index.js')
  const changes = [
    {
      make: () => appendFileSync(main, '\n'),
      undo: () => writeFileSync(main, before),
      says: 'out/core/main.mjs was changed',
    },
    {
      make: () => rmSync(main),
      undo: () => writeFileSync(main, before),
      says: 'out/core/main.mjs is missing',
    },
    {
      make: () => {
        mkdirSync(dirname(planted), { recursive: true })
        writeFileSync(planted, '')
      },
      undo: () => rmSync(dirname(planted), { recursive: true }),
      says: 'node_modules/bufferutil/index.js does not belong to this program',
    },
  ]
  for (const { make, undo, says } of changes) {
    make()
    const { child, said } = seat.start([])
    try {
      await expect
        .poll(said, { timeout: 20_000 })
        .toContain(`the core was not started: ${says}; install the program again`)
      // It waits until somebody has read that, and has no core meanwhile.
      expect(familyOf(child.pid ?? 0).filter(pid => argumentsOf(pid).includes('NodeService'))).toEqual([])
    } finally {
      child.kill('SIGKILL')
      undo()
    }
  }
})
