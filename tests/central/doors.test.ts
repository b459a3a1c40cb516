/** The doors of the centre: what a stranger costs, whom a guesser stops, and what one seat may hold. */
import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anonymousBounds, createBoundsCheck, knownBounds } from '../../central/http/bounded-json.ts'
import { createLimiter } from '../../central/http/limiter.ts'
import { createServer, type Server, type ServerOptions } from '../../central/http/server.ts'
import { sourceOf } from '../../central/http/sources.ts'
import { type Answer, bearerOf, codeIn, guess, json, send, type Target } from '../attack/attack.ts'
import { doors } from '../attack/doors.ts'
import { fuzz } from '../attack/fuzz.ts'
import { addPeople, enrol, password, people, startCentre, type TestCentre } from './centre.ts'

let centre: TestCentre
let folder: string
const servers: Server[] = []

async function open(options: Partial<ServerOptions> = {}): Promise<Target & { server: Server }> {
  const server = await createServer(centre, folder, options)
  servers.push(server)
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  const { clientId, deviceSecret } = (await enrol(centre)).credential
  return { url, server, seat: { clientId, deviceSecret } }
}

beforeAll(async () => {
  centre = await startCentre(null)
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-doors-'))
  await addPeople(centre)
  const unit = {
    ...people.agent,
    operatorId: 'p-unit',
    workNumber: 'C07-1',
    role: 'unit',
    unitCode: 'C07',
  } as const
  await centre.operators.save(unit, password, null)
})
afterAll(async () => {
  for (const server of servers) await server.close()
  await centre.end()
  rmSync(folder, { recursive: true, force: true })
})

describe('the doors', () => {
  for (const attack of doors)
    it(`hold: ${attack.name}`, async () => {
      const limits = attack.run === fuzz ? { requestsPerMinute: 1e6, anonymousPerMinute: 1e6 } : {}
      expect(await attack.run(await open(limits))).toEqual([])
    })
})

describe('JSON', () => {
  it('is bounded in depth and values, however it is cut into pieces', () => {
    const depthOf = (value: unknown): number =>
      typeof value !== 'object' || value === null ? 0 : 1 + Math.max(0, ...Object.values(value).map(depthOf))
    const countOf = (value: unknown): number =>
      typeof value !== 'object' || value === null
        ? 1
        : Object.values(value).reduce((sum: number, each) => sum + countOf(each), 1)
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(40), fc.nat(4), (value, cut, depth) => {
        const text = Buffer.from(JSON.stringify(value))
        const check = createBoundsCheck({ depth, values: 1e6 })
        expect([text.subarray(0, cut), text.subarray(cut)].some(check)).toBe(depthOf(value) > depth)
        expect(createBoundsCheck({ depth: 99, values: 2 * countOf(value) + 1 })(text)).toBe(false)
        expect(createBoundsCheck({ depth: 99, values: Math.floor(countOf(value) / 2) - 1 })(text)).toBe(true)
      }),
    )
  })

  it('that goes too deep is known after as many bytes as it may go deep', () => {
    let read = 0
    const text = new Proxy(Buffer.alloc(8 * 1024 * 1024, '['), {
      get: (buffer, name) => {
        if (name !== 'length') read += 1
        return buffer[name as unknown as number]
      },
    })
    expect(createBoundsCheck(anonymousBounds)(text)).toBe(true)
    expect(read).toBe(anonymousBounds.depth + 1)
    expect(createBoundsCheck(knownBounds)(Buffer.from(`[${'{},'.repeat(400_000)}1]`))).toBe(true)
  })

  it('of a seat comes as large as it may be, packed or not', async () => {
    const target = await open()
    const bearer = await bearerOf(target)
    const commands = Array.from({ length: 500 }, () => ({ id: 'x', args: { text: '长'.repeat(2_000) } }))
    const body = JSON.stringify({ commands })
    for (const [content, encoding] of [
      [body, {}],
      [gzipSync(body), { 'content-encoding': 'gzip' }],
    ] as const) {
      const headers = { 'content-type': 'application/json', ...bearer, ...encoding }
      const answer = await send(target, { method: 'POST', path: '/v1/commands', headers, body: content })
      expect(answer.status).toBe(200)
    }
    const large = json('POST', '/v1/device-tokens', { ...target.seat, padding: 'x'.repeat(70_000) })
    expect(codeIn(await send(target, large))).toBe('BODY_TOO_LARGE')
  })
})

describe('limits by source', () => {
  it('take a network of IPv6 for one, and IPv4 in it for IPv4', () => {
    expect(sourceOf('2001:db8:1:2:3:4:5:6')).toBe(sourceOf('2001:db8:1:2::1'))
    expect(sourceOf('2001:db8:1:2::1')).not.toBe(sourceOf('2001:db8:1:3::1'))
    expect(sourceOf('::ffff:192.0.2.7')).toBe('192.0.2.7')
    expect(sourceOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
    expect(sourceOf('x'.repeat(10_000))).toHaveLength(64)
  })

  it('are counted in bounded memory and by the clock', () => {
    const now = { ms: 0 }
    const limiter = createLimiter({ now: () => now.ms }, 100)
    for (let place = 0; place < 10_000; place += 1) limiter.take(`k${place}`, 1)
    expect(limiter.size()).toBe(100)
    expect(limiter.take('a', 1)).toBeNull()
    expect(limiter.take('a', 1)).toBe(60)
    now.ms += 60_000
    expect(limiter.take('a', 1)).toBeNull()
    // A clock that is put back keeps nobody out until it has come so far again.
    expect(limiter.take('a', 1)).not.toBeNull()
    now.ms -= 3_600_000
    expect(limiter.has('a')).toBe(false)
    expect(limiter.take('a', 1)).toBeNull()
  })

  it('tell an expired seat that it is expired, whatever strangers did at its address', async () => {
    const target = await open({ anonymousPerMinute: 3 })
    const old = await bearerOf(target)
    centre.now.ms += 16 * 60_000
    for (let times = 0; times < 3; times += 1)
      expect((await send(target, { path: '/v1/changes' })).status).toBe(401)
    expect(codeIn(await send(target, { path: '/v1/changes' }))).toBe('RATE_LIMITED')
    expect(codeIn(await send(target, { path: '/v1/changes', headers: old }))).toBe('UNAUTHENTICATED')
    const bearer = await bearerOf(target)
    expect((await send(target, { path: '/v1/changes', headers: bearer })).status).toBe(200)
  })

  it('count wrong secrets of one seat apart from those of another', async () => {
    const target = await open()
    const other = (await enrol(centre)).credential
    const wrong = (clientId: string) =>
      send(target, json('POST', '/v1/device-tokens', { clientId, deviceSecret: guess() }))
    const codes: string[] = []
    for (let times = 0; times < 12; times += 1) codes.push(codeIn(await wrong(target.seat.clientId)))
    expect(codes.slice(0, 10)).toEqual(Array(10).fill('UNAUTHENTICATED'))
    expect(codes.slice(10)).toEqual(['RATE_LIMITED', 'RATE_LIMITED'])
    expect(codeIn(await wrong(other.clientId))).toBe('UNAUTHENTICATED')
  })

  it('go by X-Forwarded-For of the proxy that is named, and of nobody else', async () => {
    const trusting = await open({ anonymousPerMinute: 2, trustProxy: '127.0.0.1' })
    const ask = (from: string) =>
      send(trusting, { path: '/v1/changes', headers: { 'x-forwarded-for': from } })
    for (let times = 0; times < 2; times += 1) expect((await ask('192.0.2.1')).status).toBe(401)
    expect((await ask('192.0.2.1')).status).toBe(429)
    expect((await ask('192.0.2.2')).status).toBe(401)
    // What a citizen wrote into the header stands before what the proxy added.
    expect((await ask('203.0.113.9, 192.0.2.1')).status).toBe(429)
  })
})

describe('limits of one seat', () => {
  const begin = async (target: Target, bytes: number): Promise<Answer> => {
    const id = randomUUID()
    const metadata = { attachmentId: id, sha256: createHash('sha256').update(id).digest('hex') }
    return send(target, {
      method: 'POST',
      path: '/v1/files',
      headers: {
        ...(await bearerOf(target)),
        'tus-resumable': '1.0.0',
        'upload-length': String(bytes),
        'upload-metadata': Object.entries(metadata)
          .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
          .join(','),
      },
    })
  }

  it('hold for the bytes of uploads under way; one that rested an hour makes room', async () => {
    const target = await open({ uploads: { open: 3, bytes: 5_000_000 } })
    expect((await begin(target, 3_000_000)).status).toBe(201)
    expect(codeIn(await begin(target, 3_000_000))).toBe('UPLOADS_TOO_MANY')
    expect((await begin(target, 1_000_000)).status).toBe(201)
    expect((await begin(target, 1)).status).toBe(201)
    const refused = await begin(target, 1)
    expect([refused.status, Number(refused.headers['retry-after'])]).toEqual([429, expect.any(Number)])
    centre.now.ms += 3_600_000 + 1
    expect((await begin(target, 3_000_000)).status).toBe(201)
  })

  it('refuse an upload that the disk has no room for, and say when to come again', async () => {
    const target = await open({ uploads: { reserveBytes: Number.MAX_SAFE_INTEGER } })
    const answer = await begin(target, 10)
    expect([answer.status, codeIn(answer)]).toEqual([507, 'STORAGE_FULL'])
    expect(answer.headers['retry-after']).toBe('300')
  })

  it('hold for requests at once, and pass with them', async () => {
    const target = await open({ inFlight: 3 })
    const bearer = await bearerOf(target)
    const { hostname, port } = new URL(target.url)
    const hanging = await Promise.all(
      Array.from(
        { length: 3 },
        () =>
          new Promise<ReturnType<typeof connect>>(resolve => {
            const socket = connect(Number(port), hostname, () => {
              socket.write(
                `POST /v1/commands HTTP/1.1\r\nhost: c\r\nauthorization: ${bearer['authorization']}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
                () => resolve(socket),
              )
            })
          }),
      ),
    )
    const ask = () => send(target, { path: '/v1/publications', headers: bearer })
    await expect.poll(async () => codeIn(await ask()), { timeout: 5_000 }).toBe('TOO_MANY_AT_ONCE')
    expect((await ask()).headers['retry-after']).toBe('1')
    for (const socket of hanging) socket.destroy()
    await expect.poll(async () => (await ask()).status, { timeout: 5_000 }).toBe(200)
  })

  it('end a body that comes too slowly, and headers that do not come', async () => {
    const target = await open({
      headersMs: 500,
      bodySpeed: { graceMs: 200, bytesPerSecond: 1_000, everyMs: 50 },
    })
    const bearer = await bearerOf(target)
    const { hostname, port } = new URL(target.url)
    const talk = (text: string) =>
      new Promise<string>(resolve => {
        let told = ''
        const socket = connect(Number(port), hostname, () => socket.write(text))
        socket.on('data', (data: Buffer) => {
          told += data.toString('utf8')
        })
        socket.on('error', () => {})
        socket.on('close', () => resolve(told))
      })
    const slow = `POST /v1/commands HTTP/1.1\r\nhost: c\r\nauthorization: ${bearer['authorization']}\r\ncontent-type: application/json\r\ncontent-length: 9000\r\n\r\n{`
    const told = await talk(slow)
    expect(told).toMatch(/^HTTP\/1.1 408/)
    expect(told).toContain('TOO_SLOW')
    expect(told.toLowerCase()).toContain('retry-after: 5')
    expect(await talk('GET /v1/changes HTTP/1.1\r\nhost: c\r\nx-half')).toMatch(/408[\s\S]*TOO_SLOW/)
    expect(await talk('')).toMatch(/^$|TOO_SLOW/)
    expect(await talk('nonsense\r\n\r\n')).toMatch(/400[\s\S]*BAD_REQUEST/)
  })
})

describe('what is told to whom', () => {
  it('metrics have a listener of their own; documentation can be left out', async () => {
    const { server, url } = await open({ docs: false })
    const inside = await server.metrics.listen({ host: '127.0.0.1', port: 0 })
    expect((await fetch(`${inside}/metrics`)).status).toBe(200)
    expect(await (await fetch(`${inside}/metrics`)).text()).toContain('zuoxi_request_seconds')
    expect((await fetch(`${inside}/v1/changes`)).status).toBe(404)
    for (const path of ['/metrics', '/docs', '/openapi.json', '/docs/style.css'])
      expect(codeIn(await send({ url }, { path })), path).toBe('NOT_FOUND')
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready' })
  })

  it('behind TLS cookies are for this host and TLS only, and browsers are told to stay with it', async () => {
    const { url } = await open({ behindTls: true })
    const page = await send({ url }, { path: '/units' })
    expect(page.headers['strict-transport-security']).toMatch(/max-age=\d{8}/)
    const cookieOf = async (headers: Record<string, string> = {}) => {
      const { headers: told } = await send(
        { url },
        {
          method: 'POST',
          path: '/units/sign-in',
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            'sec-fetch-site': 'same-origin',
            ...headers,
          },
          body: new URLSearchParams({ workNumber: 'C07-1', password }).toString(),
        },
      )
      const cookies = [told['set-cookie'] ?? []].flat()
      for (const each of cookies)
        expect(each).toMatch(
          /^__Host-\w+=[\w-]{40,}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+; Secure$/,
        )
      return cookies.find(each => each.startsWith('__Host-zuoxi_units=')) ?? ''
    }
    const cookie = await cookieOf()
    expect(cookie).not.toBe('')
    const plain = await send({ url: (await open()).url }, { path: '/units' })
    expect(plain.headers['strict-transport-security']).toBeUndefined()

    // A session that somebody planted in this browser ends when its owner signs in; and a cookie of the plain name is none.
    const session = cookie.split(';')[0] ?? ''
    const title = async (sent: string) =>
      /<h1>.*?<\/h1>|<h2>.*?<\/h2>/.exec(
        (await send({ url }, { path: '/units', headers: { cookie: sent } })).text,
      )?.[0]
    const inside = await title(session)
    const outside = await title('')
    expect(inside).not.toBe(outside)
    expect(await title(session.replace('__Host-', ''))).toBe(outside)
    const next = (await cookieOf({ cookie: session })).split(';')[0] ?? ''
    expect(next).not.toBe(session)
    expect([await title(session), await title(next)]).toEqual([outside, inside])
  })
})
