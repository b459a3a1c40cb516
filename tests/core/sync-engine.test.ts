import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../electron/core/storage/database.ts'
import { readState } from '../../electron/core/storage/local-state.ts'
import {
  type CentreAnswer,
  type CentreRequest,
  createCentreClient,
  isAllowedCentre,
} from '../../electron/core/sync/centre-client.ts'
import { createPull, type PullParts } from '../../electron/core/sync/pull.ts'
import { pushOnce } from '../../electron/core/sync/push.ts'
import { emptyCaseFields } from '../../shared/domain/case.ts'

const at = '2026-11-23T01:00:00.000Z'
let folder: string
let db: Database
let requests: CentreRequest[]
let answer: (request: CentreRequest) => CentreAnswer
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-sync-'))
  db = openDatabase({ file: join(folder, 'seat.db'), key: new Uint8Array(randomBytes(32)), now: 0 })
  requests = []
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})
const parts = () => ({
  read: () => db,
  write: <T>(work: (database: Database) => T): T => db.transaction(work).immediate(db),
  client: createCentreClient(request => {
    requests.push(request)
    return Promise.resolve(answer(request))
  }),
  clientId: () => 'c',
  heard: () => {},
  now: () => at,
  passedOver: () => {},
  breathe: () => Promise.resolve(),
  searchRow: () => {},
  relationRefused: () => {},
  callbacks: { put: () => {}, remove: () => {} },
  renumber: () => null,
  numberKey: (raw: string) => raw,
})
const pullOnce = (given: PullParts) => createPull(given).once()
const ok = (content: unknown): CentreAnswer => ({ status: 200, headers: {}, text: JSON.stringify(content) })
const refused = (status: number, code = 'X', headers = {}): CentreAnswer => ({
  status,
  headers,
  text: JSON.stringify({ code, message: code }),
})
const append = (id: string, caseId: string | null, name = 'case.addRemark', args: unknown = {}) =>
  db
    .prepare(
      `INSERT INTO outbox (id, client_id, case_id, schema_version, name, args, issued_at) VALUES (?, 'c', ?, 2, ?, ?, ?)`,
    )
    .run(id, caseId, name, JSON.stringify(args), at)
const textOf = (request: CentreRequest | undefined): Buffer => {
  const body = Buffer.from(request?.body ?? [])
  return request?.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
}
const sentIds = (request: CentreRequest | undefined): string[] =>
  (JSON.parse(textOf(request).toString()) as { commands: { id: string }[] }).commands.map(c => c.id)
const left = () => db.prepare('SELECT id FROM outbox ORDER BY seq').pluck().all()
const parked = () => db.prepare('SELECT command_id FROM parked ORDER BY 1').pluck().all()
const document = (change: object = {}) => ({
  caseId: 'k1',
  caseNumber: 'N1',
  version: 2,
  branch: 'b',
  status: 'accepted',
  disposition: 'accept',
  operatorId: 'o1',
  catalogueVersion: '1',
  callId: null,
  fields: { ...emptyCaseFields, title: '中心', place: '甲' },
  attachments: [],
  history: [{ entryId: 'k1', kind: 'created', at, operatorId: 'o1', operatorName: '甲', detail: 'accept' }],
  createdAt: at,
  updatedAt: at,
  ...change,
})
const page = (changes: unknown[], cursor = 'p1') =>
  ok({ changes, cursor, more: false, remaining: 0, serverTime: at })
const fieldsOf = (caseId: string) =>
  JSON.parse(
    String(db.prepare('SELECT fields FROM cases WHERE case_id = ?').pluck().get(caseId)),
  ) as typeof emptyCaseFields

it('parks a refused command, holds the later ones of its case back, and lets other cases pass', async () => {
  for (const [id, of] of [
    ['a1', 'a'],
    ['b1', 'b'],
    ['a2', 'a'],
  ] as const)
    append(id, of)
  answer = request =>
    ok({
      serverTime: at,
      results: sentIds(request)
        .slice(0, 2)
        .map(id =>
          id === 'a1'
            ? { id, outcome: 'rejected', code: 'FORBIDDEN', sentence: '没有权限', version: null }
            : { id, outcome: 'applied', version: 1 },
        ),
    })
  expect(await pushOnce(parts())).toBe(2)
  expect(left()).toEqual(['a1', 'a2'])
  expect(parked()).toEqual(['a1'])
  expect(await pushOnce(parts())).toBe(0)
  expect(requests).toHaveLength(1)
})

it('sends many in requests that overlap, and what concerns one case never in two at once nor out of its order', async () => {
  db.transaction(() => {
    for (let number = 0; number < 3_000; number += 1) append(`c${number}`, `case-${number % 2_400}`)
  })()
  let open = 0
  let most = 0
  const arrived = new Map<string, number>()
  const underWay = new Set<string>()
  const overlapping = {
    ...parts(),
    client: createCentreClient(async request => {
      requests.push(request)
      const ids = sentIds(request)
      const subjects = new Set(ids.map(id => Number(id.slice(1)) % 2_400))
      for (const subject of subjects) {
        expect(underWay.has(String(subject))).toBe(false)
        underWay.add(String(subject))
      }
      open += 1
      most = Math.max(most, open)
      // Bodies are packed beside this thread: the first answer waits until as many as may be are under way.
      for (let turn = 0; turn < 2_000 && most < 4; turn += 1)
        await new Promise(resolve => setImmediate(resolve))
      open -= 1
      for (const subject of subjects) underWay.delete(String(subject))
      for (const id of ids) {
        const number = Number(id.slice(1))
        expect(number).toBeGreaterThan(arrived.get(String(number % 2_400)) ?? -1)
        arrived.set(String(number % 2_400), number)
      }
      return ok({ serverTime: at, results: ids.map(id => ({ id, outcome: 'applied', version: 1 })) })
    }),
  }
  let sent = 0
  for (let once = -1; once !== 0; sent += once) once = await pushOnce(overlapping)
  expect(sent).toBe(3_000)
  expect(most).toBe(4)
  expect(left()).toEqual([])
})

it('what got no answer goes again before anything later of its case', async () => {
  for (const [id, of] of [
    ['a1', 'a'],
    ['b1', 'b'],
  ] as const)
    append(id, of)
  let calls = 0
  answer = request => {
    calls += 1
    const ids = sentIds(request)
    if (calls === 1) append('a2', 'a')
    const told = calls === 1 ? ids.filter(id => id !== 'a1') : ids
    return ok({ serverTime: at, results: told.map(id => ({ id, outcome: 'applied', version: 1 })) })
  }
  expect(await pushOnce(parts())).toBe(1)
  expect(await pushOnce(parts())).toBe(2)
  expect(requests.map(sentIds)).toEqual([
    ['a1', 'b1'],
    ['a1', 'a2'],
  ])
})

it('halves a request that is refused as a whole until only the faulty command is parked', async () => {
  for (const id of ['1', '2', '3', '4', '5']) append(id, `case-${id}`)
  answer = request => {
    const ids = sentIds(request)
    if (ids.includes('4')) return refused(400, 'BAD_REQUEST')
    return ok({ serverTime: at, results: ids.map(id => ({ id, outcome: 'applied', version: 1 })) })
  }
  expect(await pushOnce(parts())).toBe(5)
  expect(left()).toEqual(['4'])
  expect(parked()).toEqual(['4'])
})

it.each([
  ['a portal page with 200', { status: 200, headers: {}, text: '<html>login</html>' }, '网络被登录页拦截'],
  ['a portal page with 403', { status: 403, headers: {}, text: '<html>login</html>' }, '网络被登录页拦截'],
  ['a truncated answer', { status: 200, headers: {}, text: '{"results":[' }, '中心的答复不完整'],
  ['503', refused(503), 'X'],
  ['429', refused(429, 'X', { 'retry-after': '7' }), 'X'],
])('keeps everything and parks nothing after %s', async (_, given, message) => {
  append('1', 'a')
  answer = () => given
  await expect(pushOnce(parts())).rejects.toMatchObject({
    message,
    passes: true,
    retryAfterMs: given.status === 429 ? 7000 : null,
  })
  expect(left()).toEqual(['1'])
  expect(parked()).toEqual([])
})

it('lays an unsent edit on top of the centre, keeps a clash out of the row and in its command', async () => {
  const edit = (field: string, from: string, to: string) => ({ entryId: 'e', changes: [{ field, from, to }] })
  append('e1', 'k1', 'case.edit', edit('title', '中心', '本机'))
  append('e2', 'k1', 'case.edit', edit('place', '乙', '丙'))
  answer = () =>
    page([
      { kind: 'case', case: document() },
      { kind: 'weather', rain: true },
    ])
  await pullOnce(parts())
  expect(fieldsOf('k1')).toMatchObject({ title: '本机', place: '甲' })
  expect(left()).toEqual(['e1', 'e2'])
  expect(readState(db, 'sync-cursor')).toBe('p1')
})

it('keeps neither page nor cursor when applying fails in the middle; an older version changes nothing', async () => {
  answer = () => page([{ kind: 'case', case: document() }])
  await expect(
    pullOnce({
      ...parts(),
      numberKey: () => {
        throw new Error('power cut')
      },
    }),
  ).rejects.toThrow('power cut')
  expect(readState(db, 'sync-cursor')).toBeNull()
  await pullOnce(parts())
  answer = () => page([{ kind: 'case', case: document({ version: 1, fields: emptyCaseFields }) }], 'p2')
  await pullOnce(parts())
  expect(fieldsOf('k1').title).toBe('中心')
  expect(readState(db, 'sync-cursor')).toBe('p2')
})

it('reads from the beginning after the cursor expired, and takes the restored versions', async () => {
  answer = () => page([{ kind: 'case', case: document() }])
  await pullOnce(parts())
  answer = () => refused(410, 'CURSOR_EXPIRED')
  expect(await pullOnce(parts())).toMatchObject({ more: true })
  answer = () =>
    page([{ kind: 'case', case: document({ version: 1, fields: { ...emptyCaseFields, title: '旧' } }) }])
  await pullOnce(parts())
  expect(requests.at(-1)?.path).not.toContain('cursor')
  expect(fieldsOf('k1').title).toBe('旧')
})

it('removes the local copy but no unsent command, and history stays append-only otherwise', async () => {
  answer = () => page([{ kind: 'case', case: document() }])
  await pullOnce(parts())
  expect(() => db.prepare('DELETE FROM case_history').run()).toThrow('append-only')
  append('r', 'k1')
  answer = () => page([{ kind: 'case-removed', caseId: 'k1' }], 'p2')
  await pullOnce(parts())
  expect(db.prepare('SELECT count(*) FROM cases').pluck().get()).toBe(0)
  expect(db.prepare('SELECT count(*) FROM case_history').pluck().get()).toBe(0)
  expect(left()).toEqual(['r'])
})

it('speaks without TLS to this machine only', () => {
  expect(
    ['https://centre.example', 'http://127.0.0.1:9000', 'http://centre.example'].map(isAllowedCentre),
  ).toEqual([true, true, false])
})
