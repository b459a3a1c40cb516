/** What an upload makes of a centre that is cut, full, behind a portal, or wrong. A small tus server answers; time is the test's. */
import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { localFiles } from '../../electron/core/attachments/local-files.ts'
import { SealedFileDamaged } from '../../electron/core/attachments/sealed-file.ts'
import { createUploads, type Uploads } from '../../electron/core/attachments/upload.ts'
import type { CentreLink } from '../../electron/core/sync/centre.ts'
import {
  type CentreAnswer,
  CentreFailure,
  type CentreRequest,
} from '../../electron/core/sync/centre-client.ts'
import { openCentreLine } from '../../electron/core/sync/centre-line.ts'
import { createAuthority, hasOpenssl } from '../support/certificates.ts'
import { type SeatParts, seatParts } from '../support/seat-parts.ts'
import { until } from '../support/seat-process.ts'

const tus = { 'tus-resumable': '1.0.0' }
const portal: CentreAnswer = { status: 200, headers: {}, text: '<html>请登录</html>' }
const refused = (status: number, code: string, headers: Record<string, string> = tus): CentreAnswer => ({
  status,
  headers,
  text: JSON.stringify({ code, message: `中心：${code}` }),
})

let seat: SeatParts
let uploads: Uploads
let contents: Map<string, Buffer>
let stored: Map<string, Buffer>
let requests: CentreRequest[]
/** Answers instead of the centre, or rejects; undefined: the centre answers. */
let trouble: (request: CentreRequest) => CentreAnswer | undefined
let tokens: number
let timers: { at: number; run: () => void }[]

function answer(request: CentreRequest): CentreAnswer {
  const { method, path, headers } = request
  if (method === 'POST') {
    const made = `/v1/files/${stored.size + 1}`
    stored.set(made, Buffer.alloc(0))
    return { status: 201, headers: { ...tus, location: `https://elsewhere.example/folder${made}` }, text: '' }
  }
  const known = stored.get(path)
  if (known === undefined) return refused(404, 'NOT_FOUND')
  const total = [...contents.values()][0]?.length ?? 0
  if (method === 'HEAD')
    return {
      status: 200,
      headers: { ...tus, 'upload-offset': String(known.length), 'upload-length': String(total) },
      text: '',
    }
  if (Number(headers['Upload-Offset']) !== known.length) return refused(409, 'BAD_REQUEST')
  const now = Buffer.concat([known, request.body ?? Buffer.alloc(0)])
  stored.set(path, now)
  return { status: 204, headers: { ...tus, 'upload-offset': String(now.length) }, text: '' }
}
const link = (): CentreLink =>
  ({
    line: {
      ask: (request: CentreRequest) => {
        requests.push(request)
        return Promise.resolve().then(() => trouble(request) ?? answer(request))
      },
    },
    device: {
      token: () => Promise.resolve(`t${tokens}`),
      anotherToken: () => Promise.resolve(`t${(tokens += 1)}`),
    },
  }) as unknown as CentreLink

beforeEach(() => {
  seat = seatParts()
  contents = new Map()
  stored = new Map()
  requests = []
  trouble = () => undefined
  tokens = 1
  timers = []
  const clock = {
    now: seat.clock.now,
    after: (ms: number, run: () => void) => {
      const timer = { at: seat.time.now + ms, run }
      timers.push(timer)
      return () => {
        timers = timers.filter(each => each !== timer)
      }
    },
  }
  uploads = createUploads({
    context: { clock, random: seat.random, log: pino({ level: 'silent' }), publish: () => {} },
    read: seat.read,
    write: seat.write,
    open: ({ attachmentId }) => {
      const content = contents.get(attachmentId)
      if (content === undefined) return Promise.reject(new SealedFileDamaged())
      return Promise.resolve({
        bytes: content.length,
        read: (start, end) => Promise.resolve(Buffer.from(content.subarray(start, end))),
        close: () => Promise.resolve(),
      })
    },
    changed: () => {},
  })
})
afterEach(() => {
  uploads.stop()
  seat.close()
})

function file(attachmentId: string, bytes = 1_200_000): Buffer {
  const content = randomBytes(bytes)
  contents.set(attachmentId, content)
  const sha256 = createHash('sha256').update(content).digest('hex')
  const at = new Date((seat.time.now += 1)).toISOString()
  const key = new Uint8Array(32)
  seat.write(db => localFiles.add(db, { attachmentId, caseId: 'k', key, bytes, sha256 }, at))
  return content
}
const of = (attachmentId: string) => localFiles.find(seat.db, attachmentId)
/** Runs what is due, and waits until nothing is under way. How long it waits for the next try. */
async function turn(): Promise<number> {
  const [due] = timers.splice(0)
  if (due === undefined) throw new Error('nothing is due')
  seat.time.now = due.at
  due.run()
  await until(() => uploads.current() === null, 10_000, 'the round to end')
  await new Promise(resolve => setImmediate(resolve))
  return (timers[0]?.at ?? seat.time.now) - seat.time.now
}
const connect = () => {
  uploads.linked(link())
  uploads.wake()
}

it('sends a file in pieces to the address that the centre told, which is remembered', async () => {
  const content = file('a')
  connect()
  expect(await turn()).toBe(0)
  expect(stored.get('/v1/files/1')?.equals(content)).toBe(true)
  expect(of('a')).toMatchObject({ state: 'uploaded', uploadPath: '/v1/files/1' })
  expect(requests.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'PATCH', 'PATCH'])
  const metadata = requests[0]?.headers['Upload-Metadata'] ?? ''
  expect(metadata.split(',').map(pair => pair.split(' ')[0])).toEqual(['attachmentId', 'sha256'])
  expect(requests.every(({ headers }) => headers['authorization'] === 'Bearer t1')).toBe(true)
  // Nothing is asked again when nothing waits.
  uploads.now()
  await turn()
  expect(requests).toHaveLength(4)
})

it('goes on where the centre is after a cut, soon when something got through and later and later when nothing did', async () => {
  const content = file('a')
  let patches = 0
  trouble = ({ method }) => {
    if (method === 'PATCH' && (patches += 1) > 1) throw new Error('cut')
    return undefined
  }
  connect()
  const soon = await turn()
  expect(soon).toBeGreaterThan(400)
  expect(soon).toBeLessThanOrEqual(1_000)
  trouble = () => {
    throw new Error('cut')
  }
  let last = 0
  for (let round = 0; round < 8; round += 1) last = await turn()
  expect(last).toBeGreaterThanOrEqual(15_000)
  expect(last).toBeLessThanOrEqual(30_000)
  trouble = () => undefined
  requests = []
  await turn()
  expect(requests[0]).toMatchObject({ method: 'HEAD', path: '/v1/files/1' })
  expect(requests[1]?.headers['Upload-Offset']).toBe(String(512 * 1024))
  // Pieces are smaller on a line that cuts.
  expect(requests[1]?.body?.byteLength).toBe(32 * 1024)
  expect(stored.get('/v1/files/1')?.equals(content)).toBe(true)
  expect(of('a')?.state).toBe('uploaded')
})

it('begins another upload when the centre does not know the one it told of', async () => {
  const content = file('a')
  seat.write(db => localFiles.sendingTo(db, 'a', '/v1/files/gone'))
  connect()
  await turn()
  expect(requests.slice(0, 2).map(({ method }) => method)).toEqual(['HEAD', 'POST'])
  expect(stored.get('/v1/files/1')?.equals(content)).toBe(true)
  expect(of('a')).toMatchObject({ state: 'uploaded', uploadPath: '/v1/files/1' })
})

it('fetches a new token when the old one is refused, and waits when the seat itself is', async () => {
  file('a')
  trouble = ({ headers }) =>
    headers['authorization'] === 'Bearer t1' ? refused(401, 'UNAUTHENTICATED', {}) : undefined
  connect()
  await turn()
  expect(of('a')?.state).toBe('uploaded')
  file('b')
  trouble = ({ method }) => (method === 'HEAD' ? undefined : refused(401, 'UNAUTHENTICATED', {}))
  uploads.wake()
  expect(await turn()).toBeGreaterThan(0)
  expect(of('b')?.state).toBe('waiting')
})

it.each([
  ['a portal page', () => portal],
  ['a portal page with 403', () => ({ ...portal, status: 403 })],
  ['503', () => refused(503, 'UNAVAILABLE')],
  ['a locked upload', () => refused(423, 'BAD_REQUEST')],
  ['an answer without an offset', () => ({ status: 204, headers: tus, text: '' })],
])('waits and fails nothing after %s', async (_what, given) => {
  file('a')
  connect()
  trouble = ({ method }) => (method === 'PATCH' ? given() : undefined)
  expect(await turn()).toBeGreaterThan(400)
  trouble = given
  expect(await turn()).toBeGreaterThan(400)
  expect(of('a')).toMatchObject({ state: 'waiting', uploadPath: '/v1/files/1', code: null })
  trouble = () => undefined
  await turn()
  expect(of('a')?.state).toBe('uploaded')
})

it('waits for as long as the centre asks for, and a little longer by chance', async () => {
  file('a')
  trouble = () => refused(429, 'RATE_LIMITED', { 'retry-after': '45' })
  connect()
  const waited = await turn()
  expect(waited).toBeGreaterThanOrEqual(45_500)
  expect(waited).toBeLessThanOrEqual(46_000)
})

it.each([
  ['too large', 413, 'BODY_TOO_LARGE', { code: 'BODY_TOO_LARGE', sentence: '文件超过中心允许的大小' }],
  [
    'not what arrived',
    460,
    'BAD_REQUEST',
    { code: 'CHECKSUM_MISMATCH', sentence: '中心收到的内容与本机的不一致，请重试' },
  ],
  ['refused', 400, 'BAD_REQUEST', { code: 'BAD_REQUEST', sentence: '中心：BAD_REQUEST' }],
])(
  'a file that is %s fails with its reason, the next one passes, and it can be tried again',
  async (_what, status, code, told) => {
    file('a')
    const first = contents.get('a')
    const second = file('b', first?.length)
    let refusals = 0
    trouble = ({ method }) =>
      method === (status === 460 ? 'PATCH' : 'POST') && (refusals += 1) === 1
        ? refused(status, code)
        : undefined
    connect()
    expect(await turn()).toBe(0)
    expect(of('a')).toMatchObject({ state: 'failed', ...told })
    expect(of('b')).toMatchObject({ state: 'uploaded', code: null })
    expect([...stored.values()].some(content => content.equals(second))).toBe(true)
    trouble = () => undefined
    uploads.wake()
    await turn()
    expect(of('a')?.state).toBe('failed')
    expect(seat.write(db => localFiles.again(db, 'a'))).toBe(true)
    expect(of('a')).toMatchObject({ state: 'waiting', uploadPath: null, code: null })
    uploads.now()
    await turn()
    expect(of('a')?.state).toBe('uploaded')
    expect([...stored.values()].some(content => content.equals(first ?? Buffer.alloc(0)))).toBe(true)
  },
)

it('lets other files pass one that does not get through', async () => {
  file('a')
  const second = file('b', contents.get('a')?.length)
  const isFirst = ({ headers }: CentreRequest) =>
    (headers['Upload-Metadata'] ?? '').startsWith(`attachmentId ${Buffer.from('a').toString('base64')},`)
  trouble = request =>
    request.method === 'POST' && isFirst(request) ? refused(500, 'UNAVAILABLE') : undefined
  connect()
  await turn()
  await turn()
  expect(of('b')?.state).toBe('uploaded')
  expect(stored.get('/v1/files/1')?.equals(second)).toBe(true)
  expect(of('a')?.state).toBe('waiting')
})

it('tells of a local file that cannot be read, and does nothing without a centre', async () => {
  file('a')
  contents.delete('a')
  uploads.wake()
  expect(timers).toEqual([])
  connect()
  await turn()
  expect(of('a')).toMatchObject({ state: 'failed', code: 'ATTACHMENT_DAMAGED' })
  expect(requests).toEqual([])
  // Nobody failed when the line is taken away in the middle.
  file('b')
  trouble = () => {
    uploads.linked(null)
    throw new CentreFailure('network', 'closed')
  }
  uploads.wake()
  await turn()
  expect(of('b')?.state).toBe('waiting')
  expect(timers).toEqual([])
})

it.runIf(hasOpenssl)('goes over TLS under the city’s own authority, and nowhere without it', async () => {
  const city = createAuthority(join(seat.folder, 'city'))
  const server = createServer(city.sign({}), (request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { status, headers, text } = answer({
        method: request.method as CentreRequest['method'],
        path: request.url ?? '',
        headers: {
          authorization: request.headers.authorization ?? '',
          'Upload-Offset': String(request.headers['upload-offset']),
        },
        body: Buffer.concat(parts),
      })
      seen.add(request.headers.authorization ?? '')
      response.writeHead(status, headers).end(text)
    })
  })
  const seen = new Set<string>()
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  const content = file('a')
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const stranger = openCentreLine(url, [])
  const line = openCentreLine(url, [city.pem])
  try {
    uploads.linked({ ...link(), line: stranger })
    uploads.wake()
    expect(await turn()).toBeGreaterThan(400)
    expect(stored.size).toBe(0)
    expect(of('a')?.state).toBe('waiting')
    uploads.linked({ ...link(), line })
    uploads.wake()
    await turn()
    expect(of('a')?.state).toBe('uploaded')
    expect(stored.get('/v1/files/1')?.equals(content)).toBe(true)
    expect([...seen]).toEqual(['Bearer t1'])
  } finally {
    stranger.close()
    line.close()
    server.close()
  }
})
