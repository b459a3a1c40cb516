import { randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { examples } from '../../central/http/examples.ts'
import { createServer, type Server } from '../../central/http/server.ts'
import { centralContract } from '../../shared/contract/central.ts'
import {
  addPeople,
  enrol,
  password,
  people,
  type Seat,
  startCentre,
  strangers,
  type TestCentre,
} from './centre.ts'
import { clientOf } from './processes.ts'
import { codeOf } from './refusals.ts'

let centre: TestCentre
let server: Server
let url: string
let seat: Seat
let bearer: Record<string, string>

const tokenOf = async (of: Seat) => ({
  authorization: `Bearer ${(await centre.devices.token(of.credential)).accessToken}`,
})
const signIn = (workNumber: string, secret = password) =>
  clientOf(url, () => bearer).sessions.create({ workNumber, password: secret })

beforeAll(async () => {
  centre = await startCentre(null)
  await addPeople(centre)
  server = await createServer(centre, null, { requestsPerMinute: 100_000, anonymousPerMinute: 100_000 })
  url = await server.listen({ host: '127.0.0.1', port: 0 })
  seat = await enrol(centre)
  bearer = await tokenOf(seat)
})
afterAll(async () => {
  await server.close()
  await centre.end()
})

describe('who may', () => {
  it('refuses a missing, a forged, an expired and another kind of token', async () => {
    const asks = async (headers: Record<string, string>) =>
      codeOf(await fetch(`${url}/v1/changes`, { headers }))
    expect(await asks({})).toBe('UNAUTHENTICATED')
    expect(await asks({ authorization: 'Bearer nonsense-nonsense' })).toBe('UNAUTHENTICATED')
    const [head, body] = (bearer['authorization'] ?? '').split('.')
    expect(await asks({ authorization: `${head}.${body}.AAAA` })).toBe('UNAUTHENTICATED')
    const session = await signIn('1001')
    expect(await asks({ authorization: `Bearer ${session.accessToken}` })).toBe('UNAUTHENTICATED')
    const old = bearer
    centre.now.ms += 15 * 60_000 + 1_000
    expect(await asks(old)).toBe('UNAUTHENTICATED')
    bearer = await tokenOf(seat)
    expect((await fetch(`${url}/v1/changes`, { headers: bearer })).status).toBe(200)
  })

  it('enrols with a code once, and not after a day', async () => {
    const { code } = await centre.devices.enrolmentCode('云澜中心', null)
    const typed = code.toLowerCase().replaceAll('-', ' ')
    const { clientId } = await clientOf(url).enrolments.create({ code: typed, seatName: '一号' })
    expect(clientId).not.toBe('')
    await expect(clientOf(url).enrolments.create({ code, seatName: '二号' })).rejects.toMatchObject({
      code: 'ENROLMENT_CODE_INVALID',
      status: 403,
    })
    const { code: late } = await centre.devices.enrolmentCode('云澜中心', null)
    centre.now.ms += 24 * 3_600_000 + 1
    await expect(clientOf(url).enrolments.create({ code: late, seatName: '三号' })).rejects.toMatchObject({
      code: 'ENROLMENT_CODE_INVALID',
    })
    bearer = await tokenOf(seat)
    await expect(
      clientOf(url).devices.token({ clientId, deviceSecret: 'not-the-secret-of-it' }),
    ).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('gives a new refresh token for each one used, and ends the whole session when one is used twice', async () => {
    const client = clientOf(url, () => bearer)
    const first = await signIn('1001')
    const second = await client.sessions.refresh({ refreshToken: first.refreshToken })
    const holds = (token: string) =>
      fetch(`${url}/v1/callers/19900000001`, { headers: { ...bearer, 'x-operator-session': token } })
    expect((await holds(second.accessToken)).status).toBe(200)
    await expect(client.sessions.refresh({ refreshToken: first.refreshToken })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    })
    await expect(client.sessions.refresh({ refreshToken: second.refreshToken })).rejects.toMatchObject({
      code: 'SESSION_ENDED',
    })
    expect(await codeOf(await holds(second.accessToken))).toBe('SESSION_ENDED')
    const third = await signIn('1001')
    await client.sessions.end({ refreshToken: third.refreshToken })
    expect(await codeOf(await holds(third.accessToken))).toBe('SESSION_ENDED')
  })

  it('lets only an administrator manage people, enrol seats and publish', async () => {
    const as = async (workNumber: string) => {
      const { accessToken } = await signIn(workNumber)
      return clientOf(url, () => ({ ...bearer, 'x-operator-session': accessToken }))
    }
    const admin = await as('9001')
    const lead = await as('1002')
    const person = { ...people.agent, operatorId: 'p-new', workNumber: '1005', name: '新来的' }
    await expect(lead.administration.saveOperator(person)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(lead.administration.enrolmentCode({ branch: '云澜中心' })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    })
    expect(await admin.administration.saveOperator({ ...person, password: '新的口令-12345' })).toEqual(person)
    await expect(signIn(person.workNumber, '新的口令-12345')).rejects.toMatchObject({
      code: 'PASSWORD_CHANGE_NEEDED',
    })
    await expect(
      admin.administration.saveOperator({ ...person, operatorId: 'p-other', password: '新的口令-12345' }),
    ).rejects.toMatchObject({ code: 'OPERATOR_EXISTS' })
    const { code } = await admin.administration.enrolmentCode({ branch: '河东分中心' })
    expect((await clientOf(url).enrolments.create({ code, seatName: '河东 1' })).branch).toBe('河东分中心')

    const knowledge = {
      name: 'opening-hours',
      version: '1',
      effectiveAt: '2026-11-24T00:00:00.000Z',
      content: ['甲'],
    }
    await expect(lead.publications.publish(knowledge)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const published = await admin.publications.publish(knowledge)
    expect(await admin.publications.publish(knowledge)).toEqual(published)
    await expect(admin.publications.publish({ ...knowledge, content: ['乙'] })).rejects.toMatchObject({
      code: 'PUBLICATION_EXISTS',
    })
    const key = await centre.apiKeys.create('catalogue system', ['publication.publish'])
    const system = clientOf(url, () => ({ 'x-api-key': key }))
    await system.publications.publish({ ...knowledge, version: '2', effectiveAt: '2099-01-01T00:00:00.000Z' })
    await system.publications.publish({ ...knowledge, version: '0', effectiveAt: '2020-01-01T00:00:00.000Z' })
    const client = clientOf(url, () => bearer)
    expect((await client.publications.list({})).map(({ version }) => version)).toEqual(['1', '2'])
    expect(await client.publications.get({ name: 'opening-hours', version: '1' })).toEqual({
      ...published,
      content: ['甲'],
    })
    await expect(client.publications.get({ name: 'opening-hours', version: '9' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  it('finds the caller’s cases that this person may read, and counts no other', async () => {
    const number = '13912340000'
    const own = { callingNumber: '+86 139 1234 0000', contactNumber: '13912340000' }
    const [closed, open, secret] = [randomUUID(), randomUUID(), randomUUID()]
    const far = await enrol(centre, '河东分中心')
    const filed = await centre.push(seat.device, [
      seat.create(closed, { ...own, disposition: 'explain' }),
      seat.create(secret, { ...own, confidential: true }),
    ])
    expect(filed).toMatchObject([{ outcome: 'applied' }, { outcome: 'applied' }])
    await centre.push(far.device, [far.create(open, own, { operatorId: strangers.agent.operatorId })])
    const as = async (workNumber: string) => {
      const { accessToken } = await signIn(workNumber)
      return clientOf(url, () => ({ ...bearer, 'x-operator-session': accessToken }))
    }
    const colleague = await as('1003')
    const shown = await colleague.callers.get({ number })
    expect(shown.cases.map(({ caseId }) => caseId)).toEqual([closed])
    expect(shown).toMatchObject({ caseCount: 1, openCaseCount: 0, hiddenCount: 0 })
    const lead = await as('1002')
    expect(await lead.callers.get({ number: '0139-1234-0000' })).toMatchObject({
      hiddenCount: 0,
      caseCount: 2,
    })
    const city = await (await as('9001')).callers.get({ number })
    expect(
      city.cases
        .map(({ caseId }) => caseId)
        .slice(0, 2)
        .sort(),
    ).toEqual([open, secret].sort())
    expect(city).toMatchObject({ caseCount: 3, openCaseCount: 2, hiddenCount: 0 })
    for (const caseId of [secret, open])
      await expect(colleague.cases.get({ caseId })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(colleague.cases.get({ caseId: 'none' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect((await lead.cases.get({ caseId: secret })).history).toHaveLength(1)
    await expect(clientOf(url, () => bearer).callers.get({ number })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    })
  })

  it('leases blocks of numbers that never meet, the same one for the same request', async () => {
    const others = await Promise.all(Array.from({ length: 3 }, () => enrol(centre)))
    const blocks = await Promise.all(
      others.flatMap(from =>
        Array.from({ length: 4 }, (_, request) => centre.numberBlocks.lease(from.device, `r${request}`)),
      ),
    )
    const firsts = blocks.map(({ first }) => first).sort((a, b) => a - b)
    for (const [place, first] of firsts.entries())
      if (place > 0) expect(first - (firsts[place - 1] ?? 0)).toBe(200)
    const client = clientOf(url, () => bearer)
    const leased = await client.numberBlocks.lease({ requestId: 'same' })
    expect(await client.numberBlocks.lease({ requestId: 'same' })).toEqual(leased)
    expect(leased).toMatchObject({ prefix: '2026-', digits: 8 })
  })
})

describe('the server', () => {
  it('packs large answers for those who ask', async () => {
    const get = (encoding: string) =>
      new Promise<{ encoding: string | undefined; bytes: number }>((resolve, reject) => {
        request(`${url}/openapi.json`, { headers: { 'accept-encoding': encoding } }, response => {
          let bytes = 0
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length
          })
          response.on('end', () => resolve({ encoding: response.headers['content-encoding'], bytes }))
        })
          .on('error', reject)
          .end()
      })
    const packed = await get('gzip')
    const plain = await get('identity')
    expect(packed.encoding).toBe('gzip')
    expect(plain.encoding).toBeUndefined()
    expect(packed.bytes * 3).toBeLessThan(plain.bytes)
  })

  it('publishes itself: OpenAPI 3.1 with every route, a page that loads nothing from elsewhere, metrics, health', async () => {
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
      openapi: string
      paths: Record<string, Record<string, { summary: string; operationId: string }>>
    }
    expect(document.openapi).toMatch(/^3\.1/)
    const operations = Object.values(document.paths).flatMap(each => Object.values(each))
    for (const { summary } of operations) expect(summary).toMatch(/\p{Script=Han}/u)
    for (const id of Object.keys(examples)) expect(operations.map(each => each.operationId)).toContain(id)
    const page = await fetch(`${url}/docs`)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    const html = await page.text()
    expect(html).not.toMatch(/<script|https?:\/\//)
    for (const path of Object.keys(document.paths)) expect(html).toContain(path)
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' })
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    const { body: metrics } = await server.metrics.text()
    expect(metrics).toMatch(/zuoxi_commands_total\{outcome="applied",code=""\} \d/)
    expect(metrics).toContain('route="/v1/changes"')
    expect(metrics).toContain('zuoxi_stamp_lag_seconds_count')
  })

  it('has examples that the contract itself accepts', () => {
    for (const [id, { response }] of Object.entries(examples)) {
      const [group = '', name = ''] = id.split('.')
      const procedures = centralContract as unknown as Record<
        string,
        Record<string, { '~orpc': { outputSchema: z.ZodType } }>
      >
      const schema = procedures[group]?.[name]?.['~orpc'].outputSchema
      expect(schema, id).toBeDefined()
      if (response !== undefined) expect(schema?.safeParse(response).error, id).toBeUndefined()
    }
  })

  it('slows down who asks too often', async () => {
    const strict = await createServer(centre, null, { requestsPerMinute: 5, anonymousPerMinute: 3 })
    const at = await strict.listen({ host: '127.0.0.1', port: 0 })
    const ask = (headers: Record<string, string>) => fetch(`${at}/v1/changes`, { headers })
    for (let times = 0; times < 5; times += 1) expect((await ask(bearer)).status).toBe(200)
    const refused = await ask(bearer)
    expect(refused.headers.get('retry-after')).not.toBeNull()
    expect(await codeOf(refused)).toBe('RATE_LIMITED')
    expect((await ask(await tokenOf(await enrol(centre)))).status).toBe(200)
    expect(await codeOf(await ask({}))).toBe('UNAUTHENTICATED')
    await strict.close()
  })
})
