import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { utilityParent } from '../../electron/core/parent.ts'
import { createCoreHost } from '../../electron/core-host/core-host.ts'
import { isInstalled, refusedArgument, undoingVariables } from '../../electron/main/packaged-start.ts'
import {
  isOwnPage,
  isTrustedSender,
  mayCheck,
  mayDownload,
  mayLoad,
  mayUse,
} from '../../electron/main/rules.ts'
import { utilityCore } from '../../electron/main/utility-core.ts'
import { root } from '../support/seat-process.ts'

describe("Electron's rules", () => {
  it('allow only audio capture, only to our own page, only in its main frame', () => {
    const own = { requestingUrl: 'zuoxi://app/', isMainFrame: true }
    expect(mayUse('media', { ...own, mediaTypes: ['audio'] })).toBe(true)
    for (const mediaTypes of [[], ['video'], ['audio', 'video']])
      expect(mayUse('media', { ...own, mediaTypes })).toBe(false)
    expect(mayUse('media', { ...own, isMainFrame: false, mediaTypes: ['audio'] })).toBe(false)
    expect(mayUse('media', { requestingUrl: 'https://x.cn/', mediaTypes: ['audio'] })).toBe(false)
    for (const permission of ['geolocation', 'notifications', 'display-capture', 'clipboard-read']) {
      expect(mayUse(permission, { ...own, mediaTypes: ['audio'] })).toBe(false)
    }
    expect(mayCheck('media', 'zuoxi://app/', { mediaType: 'audio' })).toBe(true)
    expect(mayCheck('media', 'zuoxi://app/', { mediaType: 'video' })).toBe(false)
  })

  it('load the page, what it made and the exchange, and save only what the page made', () => {
    for (const url of [
      'zuoxi://app/',
      'blob:zuoxi://app/1-2',
      'wss://pbx.example.cn/ws',
      'data:image/png;base64,',
    ])
      expect(mayLoad(url), url).toBe(true)
    for (const url of [
      'https://x.cn/',
      'http://127.0.0.1/',
      'file:///etc/passwd',
      'zuoxi://other/',
      'blob:null/1',
      '',
    ])
      expect(mayLoad(url), url).toBe(false)
    expect(mayDownload('blob:zuoxi://app/1-2')).toBe(true)
    for (const url of ['zuoxi://app/', 'data:text/plain,x', 'blob:zuoxi://app.evil/1', 'https://x.cn/a.exe'])
      expect(mayDownload(url), url).toBe(false)
  })

  it('trust messages only of our page', () => {
    expect(isTrustedSender({ url: 'zuoxi://app/', parent: null })).toBe(true)
    expect(isTrustedSender({ url: 'zuoxi://app/', parent: {} })).toBe(false)
    expect(isTrustedSender({ url: 'https://app/', parent: null })).toBe(false)
    expect(isTrustedSender(null)).toBe(false)
    for (const url of ['zuoxi://app.evil/', 'zuoxi://evil/', 'file:///app', 'nonsense'])
      expect(isOwnPage(url)).toBe(false)
  })
})

describe('an installed seat', () => {
  it('takes only switches that are known to be harmless', () => {
    const refused = (args: string[], platform: NodeJS.Platform = 'linux') => refusedArgument(args, platform)
    const taken = [
      [],
      ['tel:0999-555-0123'],
      ['--lang=zh-CN', '--ozone-platform-hint=auto', '--force-device-scale-factor=1.25', '--disable-gpu'],
      ['--password-store=gnome-libsecret'],
    ]
    for (const args of taken) expect(refused(args), args.join(' ')).toBeNull()
    const undo = [
      '--remote-debugging-port=9222',
      '--remote-debugging-pipe',
      '--remote-allow-origins=*',
      '--inspect',
      '--inspect-brk=0',
      '--js-flags=--allow-natives-syntax',
      '--disable-web-security',
      '--no-sandbox',
      '--load-extension=/tmp/x',
      '--user-data-dir=/tmp/x',
      '--ignore-certificate-errors',
      '--host-resolver-rules=MAP * 127.0.0.1',
      '--proxy-server=127.0.0.1:1',
      '--ssl-key-log-file=/tmp/k',
      '--log-net-log=/tmp/n',
      '--use-fake-ui-for-media-stream',
      '--password-store=basic',
      '--enable-features=x',
      '--lang=zh-CN --no-sandbox',
      '-r',
      '--',
    ]
    for (const argument of undo) expect(refused(['tel:1', argument]), argument).toBe(argument)
    // Chromium reads one dash as two, and on Windows a stroke.
    expect(refused(['-no-sandbox'])).toBe('-no-sandbox')
    expect(refused(['/no-sandbox'], 'win32')).toBe('/no-sandbox')
  })

  it('forgets every variable that names another core, Node’s options or where keys are written', () => {
    const undo = [
      'ZUOXI_CORE_NODE',
      'ZUOXI_LAUNCHED',
      'NODE_OPTIONS',
      'NODE_EXTRA_CA_CERTS',
      'NODE_TLS_REJECT_UNAUTHORIZED',
      'ELECTRON_RUN_AS_NODE',
      'ELECTRON_ENABLE_LOGGING',
      'SSLKEYLOGFILE',
      'LD_PRELOAD',
      'Node_Options',
    ]
    const env = Object.fromEntries([...undo, 'PATH', 'DISPLAY', 'LANG', 'HOME'].map(name => [name, '1']))
    expect(undoingVariables(env)).toEqual(undo)
  })

  it('is one also under another name: only a folder of sources is none', () => {
    expect(isInstalled(true, undefined)).toBe(true)
    expect(isInstalled(false, undefined)).toBe(true)
    expect(isInstalled(false, true)).toBe(false)
  })

  it('is packaged with the fuses that keep it so', () => {
    const text = readFileSync(join(root, 'electron-builder.yml'), 'utf8')
    const fuses = /electronFuses:\n((?: {2}.*\n)+)/.exec(text)?.[1] ?? ''
    const set = Object.fromEntries(
      [...fuses.matchAll(/^ {2}(\w+): (\w+)$/gm)].map(([, name, value]) => [name, value]),
    )
    expect(set).toEqual({
      runAsNode: 'false',
      enableNodeOptionsEnvironmentVariable: 'false',
      enableNodeCliInspectArguments: 'false',
      enableEmbeddedAsarIntegrityValidation: 'true',
      onlyLoadAppFromAsar: 'true',
      enableCookieEncryption: 'true',
      grantFileProtocolExtraPrivileges: 'false',
      loadBrowserProcessSpecificV8Snapshot: 'false',
    })
  })
})

it('a core that may not run is not started, and not tried again', () => {
  const said: string[] = []
  let tries = 0
  const host = createCoreHost({
    start: {
      dataDir: '/d',
      resourcesDir: '/r',
      policyFile: null,
      version: '1',
      keyMode: 'keyring',
      training: null,
      central: 'none',
    },
    keyring: { wrap: () => null, unwrap: () => null },
    spawn: () => {
      tries += 1
      throw new Error('out/core/main.mjs was changed')
    },
    log: line => said.push(line),
  })
  expect([tries, said, host.pid()]).toEqual([
    1,
    ['the core is not started: out/core/main.mjs was changed'],
    null,
  ])
  expect(host.relay({ send: () => {}, close: () => {} })).toBeNull()
})

it('the utility process is told what to start, is handed the page’s port whole, and is started again when it dies', async () => {
  const started: { child: EventEmitter; posted: { message: unknown; ports: unknown[] }[] }[] = []
  const fork = () => {
    const posted: { message: unknown; ports: unknown[] }[] = []
    const child = Object.assign(new EventEmitter(), {
      pid: 7,
      postMessage: (message: unknown, ports: unknown[] = []) => void posted.push({ message, ports }),
      kill: () => true,
    })
    started.push({ child, posted })
    return child as unknown as Parameters<typeof utilityCore>[0] extends () => infer P ? P : never
  }
  const start = {
    dataDir: '/d',
    resourcesDir: '/r',
    policyFile: null,
    version: '1',
    keyMode: 'keyring' as const,
    training: null,
    central: 'expected' as const,
  }
  const host = createCoreHost({
    start,
    keyring: { wrap: key => key.map(byte => byte + 1), unwrap: () => null },
    spawn: () => utilityCore(fork),
    log: () => {},
  })
  const [first] = started
  expect(first?.posted[0]?.message).toEqual({ type: 'start', start, resume: null })
  expect(host.handOver({})).toBe(false)
  const order: string[] = []
  void host.connectSources().then(sources => order.push(`may connect to ${sources.join(' ')}`))
  void host.whenReady().then(() => order.push('ready'))
  await new Promise(resolve => setImmediate(resolve))
  expect(order).toEqual([])
  first?.child.emit('message', { type: 'connect-sources', sources: ['wss://pbx.example.cn'] })
  await new Promise(resolve => setImmediate(resolve))
  expect(order).toEqual(['may connect to wss://pbx.example.cn'])
  first?.child.emit('message', { type: 'ready', pid: 7 })
  await host.whenReady()
  expect(order).toEqual(['may connect to wss://pbx.example.cn', 'ready'])
  const port = {}
  expect(host.handOver(port)).toBe(true)
  expect(first?.posted.at(-1)).toEqual({ message: { type: 'connect', connection: 1 }, ports: [port] })
  first?.child.emit('message', { type: 'key', id: 3, verb: 'wrap', data: new Uint8Array([1]) })
  expect(first?.posted.at(-1)?.message).toEqual({ type: 'key-reply', id: 3, data: new Uint8Array([2]) })
  const central = { type: 'central', centre: { url: 'http://127.0.0.1:9', enrolmentCode: null } }
  host.centreFound(central.centre)
  expect(first?.posted.at(-1)?.message).toEqual(central)
  const resume = new Uint8Array([7])
  first?.child.emit('message', { type: 'session', resume })
  first?.child.emit('exit', 9)
  expect(host.handOver(port)).toBe(false)
  // The next core is told as well, and goes on with the session.
  await vi.waitFor(() =>
    expect(started[1]?.posted.map(({ message }) => message)).toEqual([
      { type: 'start', start, resume },
      central,
    ]),
  )
  host.stop()
})

it('the core’s end of a utility process takes the port that comes with a message, and starts it after listening', () => {
  const order: string[] = []
  let tell: (event: { data: unknown; ports: never[] }) => void = () => {}
  const parent = utilityParent({
    postMessage: () => {},
    on: (_, listener) => {
      tell = listener
    },
  })
  parent.onMessage(({ data, port }) => {
    order.push(`message ${String(data)} ${port === null ? 'alone' : 'with port'}`)
  })
  const port = { on: () => {}, postMessage: () => {}, start: () => void order.push('started') }
  tell({ data: 'a', ports: [] })
  tell({ data: 'b', ports: [port] as never[] })
  expect(order).toEqual(['message a alone', 'message b with port', 'started'])
})
