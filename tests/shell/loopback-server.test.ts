import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type LoopbackServer, startLoopbackServer } from '../../electron/loopback/server.ts'
import { readSecrets } from '../../shared/contract/loopback.ts'

let top: string
let server: LoopbackServer
let start: (more?: { plainAddress?: boolean; port?: number }) => Promise<LoopbackServer>
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
  start = (more = {}) =>
    startLoopbackServer({ pageDir, host, port: 0, now: () => now, coreMs: 200, firstFrameMs: 200, ...more })
  server = await start()
})
afterEach(async () => {
  await server.close()
  rmSync(top, { recursive: true, force: true })
})

type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string }
const own = () => `${server.hostName}:${server.port}`
/** As any program of this machine can send it. The name is the one of the address unless another is given. */
const send = (
  path: string,
  { headers = {}, method = 'GET', body = '', address = '127.0.0.1' }: Partial<Sent> = {},
) =>
  new Promise<Answer>((resolve, reject) => {
    const options = { host: address, port: server.port, path, method, headers: { host: own(), ...headers } }
    const sent = request(options, response => {
      let text = ''
      response.on('data', chunk => {
        text += String(chunk)
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
type Sent = { headers: Record<string, string>; method: string; body: string; address: string }
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  send(path, { headers, method })
const tokenOf = (address: string) => new URL(address).hash.slice(1)
/** What the opener's page sends for its token. */
const exchange = (token: string, origin = `http://${own()}`) =>
  send('/open', { method: 'POST', headers: { origin }, body: token })
const session = async () => {
  const { headers, body } = await exchange(tokenOf(server.opener()))
  const secrets = readSecrets(body)
  if (secrets === null) throw new Error('no secrets')
  return { cookie: String(headers['set-cookie']).split(';')[0] ?? '', ...secrets }
}
const cookie = async () => (await session()).cookie
const joinCore = (cookies: string, headers: Record<string, string> = {}, origin = `http://${own()}`) =>
  new WebSocket(`ws://127.0.0.1:${server.port}/core`, {
    headers: { host: own(), ...(cookies === '' ? {} : { cookie: cookies }), ...headers },
    origin,
  })
/** What a page of this session hears: the server's own secret and the core's echo, or with what it was refused. */
const hear = (cookies: string, firstFrame = '', headers: Record<string, string> = {}, origin?: string) =>
  new Promise<string>(resolve => {
    const socket = joinCore(cookies, headers, origin)
    const heard: string[] = []
    socket.on('open', () => {
      if (firstFrame === '') return
      socket.send(firstFrame)
      socket.send('x')
    })
    socket.on('message', data => {
      heard.push(String(data))
      if (heard.length < 2) return
      resolve(heard.join(' '))
      socket.close()
    })
    socket.on('unexpected-response', (_, response) => resolve(String(response.statusCode)))
    socket.on('close', code => resolve(String(code)))
    socket.on('error', () => {})
  })

describe('the loopback shell', () => {
  it('has the page wait for the core, whose policy it needs, and nothing else; a core that does not come is told of', async () => {
    const mine = await cookie()
    const late = await get('/', { cookie: mine })
    expect(late.status).toBe(503)
    expect(late.body).toContain('本机服务没有启动')
    expect((await get('/assets/a.js', { cookie: mine })).status).toBe(200)
    const page = get('/', { cookie: mine })
    coreHasSpoken()
    expect((await page).headers['content-security-policy']).toContain('ws://127.0.0.1:8088')
  })

  it('takes a token once, for a cookie that scripts cannot read and secrets that no browser sends', async () => {
    const token = tokenOf(server.opener())
    const first = await exchange(token)
    expect(first.status).toBe(200)
    expect(String(first.headers['set-cookie'])).toMatch(
      new RegExp(`^zuoxi_${server.port}=.+; HttpOnly; SameSite=Strict; Path=/$`),
    )
    expect(readSecrets(first.body)).not.toBeNull()
    expect((await exchange(token)).status).toBe(401)
    const late = tokenOf(server.opener())
    now += 3 * 60_000
    expect((await exchange(late)).status).toBe(401)
    expect((await exchange('x'.repeat(100_000))).status).toBe(401)
  })

  it('takes a token from its own page only, and never as a part of a path, where logs and other pages see it', async () => {
    const token = tokenOf(server.opener())
    expect((await exchange(token, 'http://evil.example')).status).toBe(403)
    expect((await send('/open', { method: 'POST', body: token })).status).toBe(403)
    expect((await get(`/?token=${token}`)).status).toBe(401)
    expect((await exchange(token)).status).toBe(200)
  })

  it('has an opener that runs one script, which is its own, and is in no frame', async () => {
    const { status, headers, body } = await get('/open')
    expect(status).toBe(200)
    const script = /<script>([^]*)<\/script>/.exec(body)?.[1] ?? ''
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}';`)
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
  })

  it('shows nothing without the cookie, and nothing under another name', async () => {
    coreHasSpoken()
    expect((await get('/')).status).toBe(401)
    expect((await get('/', { cookie: `zuoxi_${server.port}=wrong` })).status).toBe(401)
    const mine = await cookie()
    for (const host of ['evil.example', `127.0.0.1:${server.port}`, `localhost:${server.port}`, ''])
      expect((await get('/', { cookie: mine, host })).status, host).toBe(421)
    expect((await get('/', { cookie: mine }, 'POST')).status).toBe(405)
    expect((await get('/', { cookie: mine })).status).toBe(200)
  })

  it('has another name at each start: a cookie of one goes to no other, whatever the port', async () => {
    const other = await start()
    expect(server.hostName).toMatch(/^z[0-9a-f]{32}\.localhost$/)
    expect(other.hostName).not.toBe(server.hostName)
    await other.close()
  })

  it('leaves ::1 to nobody else, where a browser asks first', async () => {
    expect((await send('/open', { address: '::1' })).status).toBe(200)
    const squatter = createServer()
    squatter.listen(0, '::1')
    await once(squatter, 'listening')
    const { port } = squatter.address() as AddressInfo
    await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    squatter.close()
  })

  it('answers under 127.0.0.1 only where it was asked to, and asks for the same secrets there', async () => {
    await server.close()
    server = await start({ plainAddress: true })
    coreIsReady.resolve()
    expect(new URL(server.opener()).host).toBe(`127.0.0.1:${server.port}`)
    const { cookie: mine, page, shell } = await session()
    expect(await hear(mine, page)).toBe(`${shell} echo x`)
    expect(await hear(mine, 'wrong')).toBe('4401')
  })

  it('gives each response its own nonce, and the exchange only as an origin', async () => {
    coreHasSpoken()
    const mine = await cookie()
    const [one, two] = [await get('/', { cookie: mine }), await get('/', { cookie: mine })]
    const policy = String(one.headers['content-security-policy'])
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1]
    expect(one.body).toContain(`content="${nonce}"`)
    expect(two.headers['content-security-policy']).not.toBe(policy)
    expect(policy).toContain("connect-src 'self' ws://127.0.0.1:8088;")
    expect(policy).not.toContain('unsafe-eval')
    expect(policy).toContain("script-src 'self';")
  })

  it('never reads beside its folder', async () => {
    const mine = await cookie()
    for (const path of [
      '/../secret.json',
      '/%2e%2e/secret.json',
      '/assets/%2e%2e%2f%2e%2e%2fsecret.json',
      '/assets/..%5c..%5csecret.json',
      '/%00',
      '/%',
    ]) {
      expect((await get(path, { cookie: mine })).status, path).toBe(404)
    }
    expect((await get('/assets/a.js', { cookie: mine })).status).toBe(200)
  })

  it('holds a page that asks for the core until the core is ready, and loses nothing of what it says', async () => {
    const { cookie: mine, page, shell } = await session()
    const gone = joinCore(mine)
    gone.on('error', () => {})
    let answer: string | null = null
    const heard = hear(mine, page).then(said => (answer = said))
    gone.terminate()
    // Whatever is refused is refused at once.
    expect(await hear('')).toBe('401')
    expect(answer).toBeNull()
    coreIsReady.resolve()
    expect(await heard).toBe(`${shell} echo x`)
  })

  it('closes while pages wait for a core that never came', async () => {
    const page = joinCore(await cookie())
    const ended = new Promise(resolve => page.on('error', resolve))
    // The next request is answered, so the one before has arrived.
    expect(await hear('')).toBe('401')
    await server.close()
    await ended
  })

  it('joins only its own page to the core', async () => {
    coreIsReady.resolve()
    const { cookie: mine, page, shell } = await session()
    expect(await hear(mine, page)).toBe(`${shell} echo x`)
    expect(await hear('', page)).toBe('401')
    expect(await hear(mine, page, {}, 'http://evil.example')).toBe('403')
    expect(await hear(mine, page, { host: 'evil.example' })).toBe('403')
    for (const port of [1, server.port])
      expect(await hear(mine, page, {}, `http://127.0.0.1:${port}`)).toBe('403')
  })

  it('joins nobody who has the cookie without what the page keeps, nor with that of another page', async () => {
    coreIsReady.resolve()
    const [mine, other] = [await session(), await session()]
    for (const frame of ['x', mine.shell, mine.cookie, other.page, `${mine.page}.`])
      expect(await hear(mine.cookie, frame), frame).toBe('4401')
    // Who says nothing is not waited for.
    expect(await hear(mine.cookie)).toBe('4401')
  })
})
