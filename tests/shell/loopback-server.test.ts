import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type LoopbackServer, startLoopbackServer } from '../../electron/loopback/server.ts'

let top: string
let server: LoopbackServer
let now = 0
let core: PromiseWithResolvers<string[]>
let coreIsReady: PromiseWithResolvers<void>
const coreHasSpoken = () => core.resolve(['ws://127.0.0.1:8088', "wss://x.cn; script-src 'unsafe-eval'"])
beforeEach(async () => {
  core = Promise.withResolvers()
  coreIsReady = Promise.withResolvers()
  top = mkdtempSync(join(tmpdir(), 'zuoxi-loopback-'))
  const pageDir = join(top, 'page')
  mkdirSync(join(pageDir, 'assets'), { recursive: true })
  writeFileSync(join(pageDir, 'index.html'), '<meta name="csp-nonce" content="__CSP_NONCE__">')
  writeFileSync(join(pageDir, 'assets', 'a.js'), '1')
  writeFileSync(join(top, 'secret.json'), '{}')
  const host = {
    connectSources: () => core.promise,
    whenReady: () => coreIsReady.promise,
    relay: (page: { send(frame: string): void }) => ({
      received: (frame: string) => page.send(`echo ${frame}`),
      closed: () => {},
    }),
  }
  server = await startLoopbackServer({ pageDir, host, port: 0, now: () => now, coreMs: 200 })
})
afterEach(async () => {
  await server.close()
  rmSync(top, { recursive: true, force: true })
})

type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string }
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  new Promise<Answer>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: server.port, path, method, headers }, response => {
      let body = ''
      response.on('data', chunk => {
        body += String(chunk)
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    sent.on('error', reject)
    sent.end()
  })
const cookie = async () => {
  const { pathname, search } = new URL(server.opener())
  const { headers } = await get(pathname + search)
  return String(headers['set-cookie']).split(';')[0] ?? ''
}
const upgrade = (headers: Record<string, string>, origin = `http://127.0.0.1:${server.port}`) =>
  new Promise<string>(resolve => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/core`, { headers, origin })
    socket.on('open', () => socket.send('x'))
    socket.on('message', data => {
      resolve(String(data))
      socket.close()
    })
    socket.on('unexpected-response', (_, response) => resolve(String(response.statusCode)))
    socket.on('error', () => {})
  })

describe('the loopback shell', () => {
  it('has the page wait for the core, whose policy it needs, and nothing else; a core that does not come is told of', async () => {
    const own = await cookie()
    const late = await get('/', { cookie: own })
    expect(late.status).toBe(503)
    expect(late.body).toContain('本机服务没有启动')
    expect((await get('/assets/a.js', { cookie: own })).status).toBe(200)
    const page = get('/', { cookie: own })
    coreHasSpoken()
    expect((await page).headers['content-security-policy']).toContain('ws://127.0.0.1:8088')
  })

  it('takes a token once, for a cookie that scripts cannot read and other sites cannot send', async () => {
    const { pathname, search } = new URL(server.opener())
    const first = await get(pathname + search)
    expect(first.status).toBe(303)
    expect(String(first.headers['set-cookie'])).toMatch(
      new RegExp(`^zuoxi_${server.port}=.+; HttpOnly; SameSite=Strict; Path=/$`),
    )
    expect((await get(pathname + search)).status).toBe(401)
    const late = new URL(server.opener())
    now += 3 * 60_000
    expect((await get(late.pathname + late.search)).status).toBe(401)
  })

  it('shows nothing without the cookie, and nothing under another name', async () => {
    coreHasSpoken()
    expect((await get('/')).status).toBe(401)
    expect((await get('/', { cookie: `zuoxi_${server.port}=wrong` })).status).toBe(401)
    const own = await cookie()
    expect((await get('/', { cookie: own, host: 'evil.example' })).status).toBe(421)
    expect((await get('/', { cookie: own }, 'POST')).status).toBe(405)
    expect((await get('/', { cookie: own })).status).toBe(200)
  })

  it('gives each response its own nonce, and the exchange only as an origin', async () => {
    coreHasSpoken()
    const own = await cookie()
    const [one, two] = [await get('/', { cookie: own }), await get('/', { cookie: own })]
    const policy = String(one.headers['content-security-policy'])
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1]
    expect(one.body).toContain(`content="${nonce}"`)
    expect(two.headers['content-security-policy']).not.toBe(policy)
    expect(policy).toContain("connect-src 'self' ws://127.0.0.1:8088;")
    expect(policy).not.toContain('unsafe-eval')
    expect(policy).toContain("script-src 'self';")
  })

  it('never reads beside its folder', async () => {
    const own = await cookie()
    for (const path of [
      '/../secret.json',
      '/%2e%2e/secret.json',
      '/assets/%2e%2e%2f%2e%2e%2fsecret.json',
      '/assets/..%5c..%5csecret.json',
      '/%00',
      '/%',
    ]) {
      expect((await get(path, { cookie: own })).status, path).toBe(404)
    }
    expect((await get('/assets/a.js', { cookie: own })).status).toBe(200)
  })

  it('holds a page that asks for the core until the core is ready, and loses nothing of what it says', async () => {
    const own = await cookie()
    const gone = new WebSocket(`ws://127.0.0.1:${server.port}/core`, {
      headers: { cookie: own },
      origin: `http://127.0.0.1:${server.port}`,
    })
    gone.on('error', () => {})
    let answer: string | null = null
    const page = upgrade({ cookie: own }).then(said => (answer = said))
    gone.terminate()
    // Whatever is refused is refused at once.
    expect(await upgrade({})).toBe('401')
    expect(answer).toBeNull()
    coreIsReady.resolve()
    expect(await page).toBe('echo x')
  })

  it('closes while pages wait for a core that never came', async () => {
    const own = await cookie()
    const page = new WebSocket(`ws://127.0.0.1:${server.port}/core`, {
      headers: { cookie: own },
      origin: `http://127.0.0.1:${server.port}`,
    })
    const ended = new Promise(resolve => page.on('error', resolve))
    // The next request is answered, so the one before has arrived.
    expect(await upgrade({})).toBe('401')
    await server.close()
    await ended
  })

  it('joins only its own page to the core', async () => {
    coreIsReady.resolve()
    const own = await cookie()
    expect(await upgrade({ cookie: own })).toBe('echo x')
    expect(await upgrade({})).toBe('401')
    expect(await upgrade({ cookie: own }, 'http://evil.example')).toBe('403')
    expect(await upgrade({ cookie: own, host: 'evil.example' })).toBe('403')
  })
})
