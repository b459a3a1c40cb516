/**
 * What another user of the machine, a page of another program and a thief of a cookie try on the loopback shell. Each attack returns what
 * it should not have been able to do; nothing of it needs the seat to be one of a test's own.
 */
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { WebSocket } from 'ws'
import { type PageSecrets, readSecrets } from '../../shared/contract/loopback.ts'

export type LoopbackTarget = {
  /** A fresh address, as the launcher hands it to a browser. */
  opener(): Promise<string> | string
}

export type LoopbackAttack = {
  name: string
  by: 'stranger'
  run(target: LoopbackTarget): Promise<string[]>
}

/** Outside of the page's folder, in every way that a path can be written. */
export const traversals = [
  '/../package.json',
  '/../../../../etc/passwd',
  '/%2e%2e/package.json',
  '/%2e%2e%2f%2e%2e%2fetc%2fpasswd.json',
  '/assets/../../package.json',
  '/assets/%2e%2e%2f%2e%2e%2fpackage.json',
  '/assets/..%5c..%5cpackage.json',
  '/assets/....//....//package.json',
  '/%252e%252e/package.json',
  '/..%00/package.json',
  '//etc/passwd.json',
] as const

type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string }
type Sent = { headers?: Record<string, string>; method?: string; body?: string }
const noAnswer: Answer = { status: 0, headers: {}, body: '' }

/** By the port alone, as any program can; the path goes as it is written. A connection that is cut is no answer. */
const send = (port: number, path: string, { headers = {}, method = 'GET', body = '' }: Sent = {}) =>
  new Promise<Answer>(resolve => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, response => {
      let text = ''
      response.on('data', chunk => {
        text += String(chunk)
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      )
      response.on('error', () => resolve(noAnswer))
    })
    sent.on('error', () => resolve(noAnswer))
    sent.end(body)
  })

const opened = async (target: LoopbackTarget) => {
  const { host, port, origin, hash } = new URL(await target.opener())
  return { host, port: Number(port), origin, token: hash.slice(1) }
}
type Opened = Awaited<ReturnType<typeof opened>>
const exchange = ({ host, port, origin, token }: Opened, headers: Record<string, string> = { origin }) =>
  send(port, '/open', { method: 'POST', headers: { host, ...headers }, body: token })

type Session = Opened & { cookie: string; secrets: PageSecrets }
/** What the person's own page has. */
const signedIn = async (target: LoopbackTarget): Promise<Session> => {
  const own = await opened(target)
  const { headers, body } = await exchange(own)
  const secrets = readSecrets(body) ?? { page: body, shell: body }
  return { ...own, cookie: String(headers['set-cookie']).split(';')[0] ?? '', secrets }
}

/** The first thing that the core says, or null: it says nothing. */
const joinCore = (own: Opened, headers: Record<string, string>, frames: readonly string[]) =>
  new Promise<string | null>(resolve => {
    const { origin = '', ...rest } = headers
    const socket = new WebSocket(`ws://127.0.0.1:${own.port}/core`, { headers: rest, origin })
    const end = (said: string | null) => {
      clearTimeout(late)
      socket.terminate()
      resolve(said)
    }
    const late = setTimeout(end, 2_000, null)
    socket.on('open', () => {
      for (const frame of frames) socket.send(frame)
    })
    socket.on('message', data => end(String(data)))
    for (const event of ['error', 'close', 'unexpected-response']) socket.on(event, () => end(null))
  })

const ask = '{"i":"1","p":{"u":"/seat/status","b":{}}}'
const strangers = ['http://evil.example', 'https://evil.example', 'http://127.0.0.1:1', 'null', '']

const attack = (
  name: string,
  run: (target: LoopbackTarget, found: (holds: boolean, what: string) => void) => Promise<void>,
): LoopbackAttack => ({
  name,
  by: 'stranger',
  run: async target => {
    const findings: string[] = []
    await run(target, (holds, what) => void (holds && findings.push(`loopback, ${name}: ${what}`)))
    return findings
  },
})

export const loopbackAttacks: readonly LoopbackAttack[] = [
  attack('another user who knows the port', async (target, found) => {
    const { port, host, origin } = await opened(target)
    for (const name of [host, `127.0.0.1:${port}`, `localhost:${port}`, 'evil.example'])
      for (const path of ['/', '/index.html', '/core', '/assets/a.js'])
        found((await send(port, path, { headers: { host: name } })).status === 200, `${path} under ${name}`)
    const guess = await send(port, '/open', { method: 'POST', headers: { host, origin }, body: 'guess' })
    found(guess.status === 200, 'a guessed token')
    const own = { host, port, origin, token: '' }
    found((await joinCore(own, { host, origin }, [ask])) !== null, 'the core without a cookie')
  }),
  attack("another user who reads every process's arguments", async (target, found) => {
    const { host, token } = await opened(target)
    const [name = ''] = host.split(':')
    for (const pid of readdirSync('/proc').filter(entry => /^\d+$/.test(entry))) {
      let line = ''
      try {
        line = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      } catch {
        // It has ended.
      }
      found(token !== '' && line.includes(token), `the token is in the arguments of ${pid}`)
      found(name.length > 20 && line.includes(name), `the name is in the arguments of ${pid}`)
    }
    found(token === '', 'an address without a token')
  }),
  attack('a token used again', async (target, found) => {
    const own = await opened(target)
    await exchange(own)
    found((await exchange(own)).status === 200, 'twice')
    const other = await opened(target)
    for (const path of [`/?token=${other.token}`, `/open?token=${other.token}`]) {
      const { headers } = await send(other.port, path, { headers: { host: other.host } })
      found(headers['set-cookie'] !== undefined, `in the address ${path.split('=')[0]}`)
    }
  }),
  attack('a page of another program exchanges a token', async (target, found) => {
    for (const origin of strangers) {
      const own = await opened(target)
      const { headers } = await exchange(own, origin === '' ? {} : { origin })
      found(headers['set-cookie'] !== undefined, `with the origin "${origin}"`)
    }
  }),
  attack('a page that binds its own name to this machine', async (target, found) => {
    const { port, cookie, origin, secrets, ...own } = await signedIn(target)
    for (const host of ['evil.example', `evil.localhost:${port}`, `127.0.0.1:${port}`, `localhost:${port}`]) {
      if (host === own.host) continue
      found(
        (await send(port, '/', { headers: { host, cookie } })).status === 200,
        `reads the page as ${host}`,
      )
      const said = await joinCore({ port, origin, ...own }, { host, cookie, origin: `http://${host}` }, [
        secrets.page,
        ask,
      ])
      found(said !== null, `has the core as ${host}`)
    }
  }),
  attack('another site with the cookie and even the secret', async (target, found) => {
    const own = await signedIn(target)
    for (const origin of strangers) {
      const headers = { host: own.host, cookie: own.cookie, origin }
      found((await joinCore(own, headers, [own.secrets.page, ask])) !== null, `the core for "${origin}"`)
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const { status } = await send(own.port, '/', {
        method,
        headers: { host: own.host, cookie: own.cookie },
      })
      found(status < 400, `${method} is answered`)
    }
  }),
  attack('a thief of the cookie', async (target, found) => {
    const [own, other] = [await signedIn(target), await signedIn(target)]
    const headers = { host: own.host, cookie: own.cookie, origin: own.origin }
    for (const first of [ask, own.cookie, own.secrets.shell, other.secrets.page, '', 'x'.repeat(100_000)])
      found((await joinCore(own, headers, [first, ask])) !== null, `the core with "${first.slice(0, 12)}"`)
  }),
  attack('a frame around the page', async (target, found) => {
    const { port, host, cookie } = await signedIn(target)
    for (const path of ['/', '/open']) {
      const policy = String(
        (await send(port, path, { headers: { host, cookie } })).headers['content-security-policy'],
      )
      found(!policy.includes("frame-ancestors 'none'"), `${path} is shown in it`)
    }
  }),
  attack('a cookie that a script or another site has', async (target, found) => {
    const { headers } = await exchange(await opened(target))
    const set = String(headers['set-cookie'])
    for (const word of ['HttpOnly', 'SameSite=Strict']) found(!set.includes(word), `it is not ${word}`)
    found(/domain=/i.test(set), 'it goes to other names, too')
  }),
  attack('a path out of the folder', async (target, found) => {
    const { port, host, cookie } = await signedIn(target)
    for (const path of traversals)
      found((await send(port, path, { headers: { host, cookie } })).status === 200, path)
  }),
  attack('a program that waits at ::1, where a browser asks first', async (target, found) => {
    const { port, host } = await opened(target)
    if (!host.includes('localhost')) return
    const squatter = createServer()
    const outcome = await once(squatter.listen(port, '::1'), 'listening').then(
      () => 'there',
      () => 'refused',
    )
    squatter.close()
    found(outcome === 'there', 'it is given the token')
  }),
]
