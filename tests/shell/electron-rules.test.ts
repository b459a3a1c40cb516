import { EventEmitter } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { utilityParent } from '../../electron/core/parent.ts'
import { createCoreHost } from '../../electron/core-host/core-host.ts'
import { isOwnPage, isTrustedSender, mayCheck, mayUse } from '../../electron/main/rules.ts'
import { utilityCore } from '../../electron/main/utility-core.ts'

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

  it('trust messages only of our page', () => {
    expect(isTrustedSender({ url: 'zuoxi://app/', parent: null })).toBe(true)
    expect(isTrustedSender({ url: 'zuoxi://app/', parent: {} })).toBe(false)
    expect(isTrustedSender({ url: 'https://app/', parent: null })).toBe(false)
    expect(isTrustedSender(null)).toBe(false)
    for (const url of ['zuoxi://app.evil/', 'zuoxi://evil/', 'file:///app', 'nonsense'])
      expect(isOwnPage(url)).toBe(false)
  })
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
