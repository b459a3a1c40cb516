/** A stranger on the network, and a seat that went bad, at the doors of the centre. */
import { createHash, randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { type Attack, bearerOf, codeIn, found, guess, json, send, type Target } from './attack.ts'
import { fuzz } from './fuzz.ts'

const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024 - 10, '['))
const packed = (path: string, headers: Record<string, string> = {}) => ({
  method: 'POST',
  path,
  headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', ...headers },
  body: bomb,
})

/** How many bytes of a body the centre takes from somebody before the connection ends. */
function bytesTaken({ url }: Target, path: string, most: number): Promise<number> {
  const { hostname, port } = new URL(url)
  return new Promise(resolve => {
    const socket = connect(Number(port), hostname)
    const chunk = Buffer.alloc(64 * 1024, 0x20)
    let written = 0
    const end = () => {
      resolve(written)
      socket.destroy()
    }
    socket.on('error', end)
    socket.on('close', end)
    socket.on('connect', () => {
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: centre\r\ncontent-type: application/json\r\ncontent-length: ${most}\r\n\r\n`,
      )
      const more = () => {
        while (written < most && !socket.destroyed) {
          written += chunk.length
          if (!socket.write(chunk)) return void socket.once('drain', more)
        }
        end()
      }
      more()
    })
    socket.resume()
  })
}

export const doors: readonly Attack[] = [
  {
    name: 'a large body of a stranger is not read',
    run: async target => {
      const most = 200 * 1024 * 1024
      const findings: string[] = []
      for (const path of ['/v1/commands', '/v1/device-tokens', '/v1/files', '/nowhere', '/public']) {
        const taken = await bytesTaken(target, path, most)
        // Both ends of the connection buffer some megabytes.
        findings.push(...found(taken > most / 5, `${path} takes ${taken} bytes of a stranger`))
      }
      return findings
    },
  },
  {
    name: 'a small body that unpacks to brackets is refused, by whomever it is sent',
    run: async target => {
      const findings: string[] = []
      const bearer = await bearerOf(target)
      for (const [path, headers, codes] of [
        ['/v1/device-tokens', {}, ['BAD_REQUEST']],
        ['/v1/enrolments', {}, ['BAD_REQUEST']],
        ['/v1/commands', {}, ['UNAUTHENTICATED', 'RATE_LIMITED']],
        ['/v1/commands', bearer, ['BAD_REQUEST']],
      ] as const) {
        const code = codeIn(await send(target, packed(path, headers)))
        findings.push(...found(!(codes as readonly string[]).includes(code), `${path}: ${code}`))
      }
      return findings
    },
  },
  {
    name: 'guesses at a secret stop no seat',
    run: async target => {
      const findings: string[] = []
      let limited = 0
      for (let round = 0; round < 12; round += 1) {
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, place) =>
            send(
              target,
              json('POST', '/v1/device-tokens', {
                clientId: place % 2 === 0 ? target.seat.clientId : randomUUID(),
                deviceSecret: guess(),
              }),
            ),
          ),
        )
        limited += answers.filter(answer => answer.status === 429 && 'retry-after' in answer.headers).length
        const wrong = answers.find(({ status }) => ![401, 429].includes(status))
        findings.push(...found(wrong !== undefined, `a guess is answered ${wrong?.status}`))
      }
      const { status } = await send(target, json('POST', '/v1/device-tokens', target.seat))
      findings.push(...found(status !== 200, `600 guesses, and the seat itself is answered ${status}`))
      findings.push(...found(limited === 0, '600 guesses are answered without any limit'))
      return findings
    },
  },
  {
    name: 'an address that a stranger claims counts for nothing',
    run: async target => {
      // More than the default limit of an address, each from another one if the header were believed.
      let limited = 0
      for (let round = 0; round < 14; round += 1) {
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, place) =>
            send(target, { path: '/v1/changes', headers: { 'x-forwarded-for': `10.9.${round}.${place}` } }),
          ),
        )
        limited += answers.filter(({ status }) => status === 429).length
      }
      return found(limited === 0, 'X-Forwarded-For of anybody makes a new address for the limits')
    },
  },
  {
    name: 'one seat opens only so many uploads',
    run: async target => {
      const bearer = await bearerOf(target)
      const begun: string[] = []
      let refused = ''
      for (let place = 0; place < 40 && refused === ''; place += 1) {
        const metadata = {
          attachmentId: randomUUID(),
          sha256: createHash('sha256').update(String(place)).digest('hex'),
        }
        const answer = await send(target, {
          method: 'POST',
          path: '/v1/files',
          headers: {
            ...bearer,
            'tus-resumable': '1.0.0',
            'upload-length': String(2 * 1024 * 1024),
            'upload-metadata': Object.entries(metadata)
              .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
              .join(','),
          },
        })
        if (answer.status === 201) begun.push(String(answer.headers['location']))
        else refused = `${answer.status} ${codeIn(answer)} ${String(answer.headers['retry-after'])}`
      }
      for (const path of begun)
        await send(target, { method: 'DELETE', path, headers: { ...bearer, 'tus-resumable': '1.0.0' } })
      return found(
        !/^429 UPLOADS_TOO_MANY \d+$/.test(refused),
        `${begun.length} uploads are open, then ${refused === '' ? 'nothing' : refused}`,
      )
    },
  },
  {
    name: 'one seat holds only so many event streams',
    run: async target => {
      const bearer = await bearerOf(target)
      const { hostname, port } = new URL(target.url)
      let answered = 0
      let open = 0
      const requests = Array.from({ length: 6 }, () => {
        const outgoing = request({ hostname, port, path: '/v1/events', headers: bearer }, response => {
          answered += 1
          if (response.headers['content-type']?.startsWith('text/event-stream') !== true) return
          open += 1
          response.resume().once('close', () => {
            open -= 1
          })
        })
        outgoing.on('error', () => {})
        outgoing.end()
        return outgoing
      })
      const until = Date.now() + 10_000
      while (Date.now() < until && !(answered === 6 && open <= 2))
        await new Promise(resolve => setTimeout(resolve, 100))
      const left = open
      for (const outgoing of requests) outgoing.destroy()
      return [
        ...found(left > 2, `${left} event streams of one seat stay open`),
        ...found(left === 0, `none of ${answered} event streams stays open`),
      ]
    },
  },
  {
    name: 'what is for the inside is not told outside',
    run: async target => {
      const metrics = await send(target, { path: '/metrics' })
      const ready = await send(target, { path: '/readyz' })
      return [
        ...found(metrics.status !== 404, `/metrics is answered ${metrics.status}`),
        ...found(/postgres|pglite/i.test(ready.text), '/readyz tells the database'),
      ]
    },
  },
  {
    name: 'each page and answer carries its headers',
    run: async target => {
      const findings: string[] = []
      for (const path of [
        '/public',
        '/public/progress',
        '/units',
        '/public/style.css',
        '/units/cases/x',
        '/docs',
      ]) {
        const { status, headers, text } = await send(target, { path })
        if (status === 404 && path === '/docs') continue
        const policy = String(headers['content-security-policy'])
        findings.push(
          ...found(!policy.includes("default-src 'none'"), `${path} has no policy`),
          ...found(!policy.includes("frame-ancestors 'none'"), `${path} can be framed`),
          ...found(/unsafe/.test(policy), `${path} lets scripts or styles in`),
          ...found(headers['x-content-type-options'] !== 'nosniff', `${path} can be sniffed`),
          ...found(headers['referrer-policy'] === undefined, `${path} has no Referrer-Policy`),
          ...found(/<script|\son\w+=/i.test(text), `${path} has a script`),
        )
      }
      for (const path of ['/v1/changes', '/nowhere', '/healthz']) {
        const { headers } = await send(target, { path })
        findings.push(...found(headers['x-content-type-options'] !== 'nosniff', `${path} can be sniffed`))
      }
      return findings
    },
  },
  {
    name: 'forms of other sites are refused',
    run: async target => {
      const findings: string[] = []
      for (const path of [
        '/units/sign-in',
        '/units/sign-out',
        '/units/cases/x/sign',
        '/public',
        '/public/progress',
      ])
        for (const headers of [
          { origin: 'https://evil.example' },
          { 'sec-fetch-site': 'cross-site' },
          { 'sec-fetch-site': 'same-site' },
          {},
        ]) {
          const { status, headers: told } = await send(target, {
            method: 'POST',
            path,
            headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
            body: 'workNumber=1001&password=x&number=1&code=1&channelId=forged&phone=19900000001&content=x',
          })
          const wanted = [401, 403, 429, ...(path === '/public/progress' ? [200] : [])]
          findings.push(
            ...found(!wanted.includes(status), `${path} of another site is answered ${status}`),
            ...found('set-cookie' in told, `${path} of another site gives a cookie`),
          )
        }
      return findings
    },
  },
  { name: 'no input is answered by a fault of the server', run: fuzz },
]
