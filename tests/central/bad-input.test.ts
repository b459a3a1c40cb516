import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createServer, type Server } from '../../central/http/server.ts'
import { centralContract } from '../../shared/contract/central.ts'
import { addPeople, enrol, people, type Seat, startCentre, type TestCentre } from './centre.ts'
import { codeOf } from './refusals.ts'

let centre: TestCentre
let server: Server
let url: string
let seat: Seat
let bearer: Record<string, string>

beforeAll(async () => {
  centre = await startCentre(null)
  await addPeople(centre)
  server = await createServer(centre, null, { requestsPerMinute: 100_000, anonymousPerMinute: 100_000 })
  url = await server.listen({ host: '127.0.0.1', port: 0 })
  seat = await enrol(centre)
  const { accessToken } = await centre.devices.token(seat.credential)
  bearer = { authorization: `Bearer ${accessToken}` }
})
afterAll(async () => {
  await server.close()
  await centre.end()
})

const post = (path: string, body: NonNullable<RequestInit['body']>, headers: Record<string, string> = {}) =>
  fetch(`${url}${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...bearer, ...headers },
    duplex: 'half',
  } as RequestInit)

/** Everything that a refused request must leave as it was. */
async function everything(): Promise<unknown> {
  const tables = [
    'cases',
    'case_history',
    'applied_command',
    'change_inbox',
    'call_record',
    'seat_state',
    'publication',
    'device',
    'number_block',
  ]
  const rows = await Promise.all(
    tables.map(table => centre.sql.query(`SELECT count(*) AS count FROM ${table}`)),
  )
  return JSON.stringify(rows)
}

describe('bad input', () => {
  let before: unknown
  beforeEach(async () => {
    before = await everything()
  })

  it('refuses a body of 100 MB without reading it all', async () => {
    const chunk = Buffer.alloc(64 * 1024, 0x20)
    const answer = await new Promise<{ status: number; sent: number }>((resolve, reject) => {
      let sent = 0
      const outgoing = request(`${url}/v1/commands`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...bearer },
      })
      outgoing.on('response', response => {
        resolve({ status: response.statusCode ?? 0, sent })
        outgoing.destroy()
      })
      outgoing.on('error', reject)
      const more = () => {
        while (sent < 100 * 1024 * 1024 && !outgoing.destroyed) {
          sent += chunk.length
          if (!outgoing.write(chunk)) return void outgoing.once('drain', more)
        }
        if (!outgoing.destroyed) outgoing.end()
      }
      more()
    })
    expect(answer.status).toBe(413)
    expect(answer.sent).toBeLessThan(60 * 1024 * 1024)
    expect(await everything()).toBe(before)
  })

  it('takes gzip, refuses what it unpacks to when that is too large, and what is not gzip at all', async () => {
    const small = gzipSync(JSON.stringify({ requestId: 'packed' }))
    expect((await post('/v1/number-blocks', small, { 'content-encoding': 'gzip' })).status).toBe(200)
    before = await everything()
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x20))
    expect(bomb.length).toBeLessThan(400_000)
    expect(await codeOf(await post('/v1/commands', bomb, { 'content-encoding': 'gzip' }))).toBe(
      'BODY_TOO_LARGE',
    )
    expect(await codeOf(await post('/v1/commands', randomBytes(500), { 'content-encoding': 'gzip' }))).toBe(
      'BAD_REQUEST',
    )
    expect(await codeOf(await post('/v1/commands', '{}', { 'content-encoding': 'br' }))).toBe('BAD_REQUEST')
    expect(await everything()).toBe(before)
  })

  it('refuses what is not JSON, and what is not for this route', async () => {
    expect(await codeOf(await post('/v1/commands', '{"commands":'))).toBe('BAD_REQUEST')
    expect(await codeOf(await post('/v1/commands', '{"__proto__":{}}'))).toBe('BAD_REQUEST')
    expect(await codeOf(await post('/v1/commands', 'x', { 'content-type': 'text/html' }))).toBe('BAD_REQUEST')
    expect(await codeOf(await post('/v1/commands', '{"commands":[]}'))).toBe('BAD_REQUEST')
    const many = JSON.stringify({ commands: Array.from({ length: 501 }, () => ({})) })
    expect(await codeOf(await post('/v1/commands', many))).toBe('BAD_REQUEST')
    for (const path of [
      '/v1/none',
      '/v1/cases/%E0%A4%A',
      `/v1/cases/${'x'.repeat(5_000)}`,
      '/..%2f..%2fetc/passwd',
    ])
      expect(await codeOf(await fetch(`${url}${path}`, { headers: bearer }))).toMatch(
        /NOT_FOUND|BAD_REQUEST|UNAUTHENTICATED/,
      )
    expect(await codeOf(await fetch(`${url}/v1/commands`, { method: 'DELETE', headers: bearer }))).toBe(
      'NOT_FOUND',
    )
  })

  it('answers any command with a result and any cursor with a page or a code', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.jsonValue(),
            fc.record(
              {
                clientId: fc.constantFrom(seat.device.clientId, 'x'),
                seq: fc.oneof(fc.integer(), fc.double()),
                id: fc.string({ unit: 'binary', maxLength: 70 }),
                operatorId: fc.constantFrom(people.agent.operatorId, '\u0000', null),
                caseId: fc.option(fc.string({ unit: 'binary' })),
                schemaVersion: fc.constantFrom(1, 2, 3),
                name: fc.constantFrom('case.addRemark', 'case.edit', 'case.move', '__proto__', 'constructor'),
                args: fc.jsonValue(),
                baseVersion: fc.constant(null),
                issuedAt: fc.constantFrom('2026-11-24T01:59:00.000Z', '0000-01-01T00:00:00Z', 'yesterday'),
              },
              { requiredKeys: [] },
            ),
          ),
          { minLength: 1, maxLength: 20 },
        ),
        async commands => {
          const body = JSON.stringify({ commands })
          const response = await post('/v1/commands', body)
          // What reaches for a prototype is refused as a whole, before anything is read.
          if (response.status === 400) {
            expect(body).toMatch(/"(__proto__|constructor)":/)
            expect(await codeOf(response)).toBe('BAD_REQUEST')
            return
          }
          expect(response.status).toBe(200)
          const { results } = z
            .object({ results: z.array(z.object({ outcome: z.literal('rejected'), sentence: z.string() })) })
            .parse(await response.json())
          expect(results).toHaveLength(commands.length)
        },
      ),
      { numRuns: 150 },
    )
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 220 }), fc.string(), async (cursor, limit) => {
        const query = new URLSearchParams({ cursor: cursor.toWellFormed(), limit })
        const response = await fetch(`${url}/v1/changes?${query}`, { headers: bearer })
        if (response.status !== 200) expect(await codeOf(response)).toMatch(/BAD_REQUEST|CURSOR/)
      }),
      { numRuns: 150 },
    )
    expect(await everything()).toBe(before)
  })

  it('answers any body and any parameter on every route with a code, and changes nothing', async () => {
    const routes = Object.values(centralContract).flatMap(group =>
      Object.values(group).map(procedure => procedure['~orpc'].route as { method: string; path: string }),
    )
    expect(routes.length).toBeGreaterThan(14)
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...routes),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }),
        fc.jsonValue(),
        fc.constantFrom<Record<string, string>>(
          {},
          { 'x-operator-session': 'forged-forged-forged' },
          { 'x-api-key': 'k' },
        ),
        async ({ method, path }, parameter, body, headers) => {
          const target = path.replace(/\{\w+\}/g, encodeURIComponent(parameter.toWellFormed()))
          const response = await fetch(`${url}${target}`, {
            method,
            headers: { ...bearer, ...headers, 'content-type': 'application/json' },
            ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
          })
          if (response.status !== 200) expect(response.status, await codeOf(response)).toBeLessThan(500)
        },
      ),
      { numRuns: 400 },
    )
    expect(await everything()).toBe(before)
  })
})
