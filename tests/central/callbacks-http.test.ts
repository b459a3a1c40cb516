import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServer, type Server } from '../../central/http/server.ts'
import { maxMissedCalls } from '../../shared/contract/central-callbacks.ts'
import { missed, morning, takeLeaseClock } from './callback-queue.ts'
import { addPeople, enrol, password, startCentre, type TestCentre } from './centre.ts'
import { type CentralClient, clientOf } from './processes.ts'
import { codeOf } from './refusals.ts'

let centre: TestCentre
let server: Server
let url: string
let key: string
let bearer: Record<string, string>
let agent: CentralClient
let lead: CentralClient

beforeAll(async () => {
  centre = await startCentre(null)
  await takeLeaseClock(centre.sql)
  await addPeople(centre)
  server = await createServer(centre, null, { requestsPerMinute: 100_000, anonymousPerMinute: 100_000 })
  url = await server.listen({ host: '127.0.0.1', port: 0 })
  key = await centre.apiKeys.create('交换机', ['missed-call.post'])
  const signedIn = async (workNumber: string) => {
    const seat = await enrol(centre)
    const { accessToken } = await centre.devices.token(seat.credential)
    bearer = { authorization: `Bearer ${accessToken}` }
    const session = await clientOf(url, () => bearer).sessions.create({ workNumber, password })
    const headers = { ...bearer, 'x-operator-session': session.accessToken }
    return clientOf(url, () => headers)
  }
  agent = await signedIn('1001')
  lead = await signedIn('1002')
})
afterAll(async () => {
  await server.close()
  await centre.end()
})

const post = (calls: unknown, headers: Record<string, string> = { 'x-api-key': key }) =>
  fetch(`${url}/v1/missed-calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ calls }),
  })
const rows = async () =>
  JSON.stringify(
    await Promise.all(
      ['missed_call', 'callback_task', 'callback_event'].map(table =>
        centre.sql.query(`SELECT count(*) AS count FROM ${table}`),
      ),
    ),
  )
const metric = async (name: string, labels: string) => {
  const { body: text } = await server.metrics.text()
  return Number(
    text
      .split('\n')
      .find(line => line.startsWith(`${name}{${labels}}`))
      ?.split(' ')[1] ?? 0,
  )
}

describe('callbacks over HTTP', () => {
  it('takes missed calls from whoever has a key for them, and from nobody else', async () => {
    const call = missed(randomUUID(), '19900001111', morning)
    expect(await codeOf(await post([call], {}))).toBe('UNAUTHENTICATED')
    expect(await codeOf(await post([call], bearer))).toBe('UNAUTHENTICATED')
    expect(await codeOf(await post([call], { 'x-api-key': 'no-key' }))).toBe('UNAUTHENTICATED')
    const other = await centre.apiKeys.create('目录系统', ['publication.publish'])
    expect(await codeOf(await post([call], { 'x-api-key': other }))).toBe('FORBIDDEN')
    expect((await post([call])).status).toBe(200)
  })

  it('refuses what is bad with codes that are counted, and changes nothing', async () => {
    const before = await rows()
    const refused = (code: string) => metric('zuoxi_missed_calls_total', `outcome="rejected",code="${code}"`)
    const many = Array.from({ length: 10_000 }, (_, place) => missed(`many-${place}`, '19900002222', morning))
    expect(await codeOf(await post(many))).toBe('TOO_MANY_CALLS')
    expect(await codeOf(await post([]))).toBe('BAD_REQUEST')
    expect(await codeOf(await post('nothing'))).toBe('BAD_REQUEST')
    const answer = await post([missed('n1', null), missed('n2', '19900002222', morning + 3_600_000), 17])
    const { results } = (await answer.json()) as { results: { code: string }[] }
    expect(results.map(result => result.code)).toEqual([
      'NUMBER_MISSING',
      'MISSED_IN_FUTURE',
      'MISSED_CALL_INVALID',
    ])
    expect(await rows()).toBe(before)
    for (const code of ['TOO_MANY_CALLS', 'NUMBER_MISSING', 'MISSED_IN_FUTURE', 'MISSED_CALL_INVALID'])
      expect(await refused(code)).toBe(1)
    expect((await post(many.slice(0, maxMissedCalls))).status).toBe(200)
  })

  it('refuses stale fences and other people’s leases with codes that are counted', async () => {
    const answer = await post([missed(randomUUID(), '19900003333', morning)])
    const { results } = (await answer.json()) as { results: { taskId: string }[] }
    const taskId = results[0]?.taskId ?? ''
    const result = await agent.callbacks.claim({ requestId: randomUUID(), taskIds: [taskId, 'unheard-of'] })
    if (result.outcome !== 'granted') throw new Error('not granted')
    const { fence } = result.lease
    const before = await rows()
    const others = lead.callbacks.outcome({ taskId, fence, outcome: 'reached' })
    await expect(others).rejects.toMatchObject({ code: 'LEASE_NOT_YOURS', status: 403 })
    await expect(agent.callbacks.renew({ taskId, fence: fence + 1 })).rejects.toMatchObject({
      code: 'LEASE_NOT_YOURS',
    })
    expect(await rows()).toBe(before)
    await lead.callbacks.takeOver({ taskId })
    await expect(agent.callbacks.dialling({ taskId, fence })).rejects.toMatchObject({
      code: 'FENCE_STALE',
      status: 409,
    })
    const all = await Promise.allSettled([
      agent.callbacks.takeOver({ taskId }),
      agent.callbacks.assign({ taskId, operatorId: 'p-agent' }),
      agent.callbacks.release({ taskId, reason: '试试' }),
      agent.callbacks.remove({ taskId, reason: '试试' }),
      agent.callbacks.figures({ from: new Date(0).toISOString(), to: new Date().toISOString() }),
    ])
    for (const each of all) expect(each).toMatchObject({ status: 'rejected', reason: { code: 'FORBIDDEN' } })
    await expect(agent.callbacks.get({ taskId: 'unheard-of' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(clientOf(url, () => bearer).callbacks.get({ taskId })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    })
    expect(await metric('zuoxi_callback_actions_total', 'action="dial",code="FENCE_STALE"')).toBe(1)
    expect(await metric('zuoxi_callback_actions_total', 'action="outcome",code="LEASE_NOT_YOURS"')).toBe(1)
    expect(await metric('zuoxi_callback_claims_total', 'outcome="granted",code=""')).toBe(1)
    expect(await metric('zuoxi_callbacks', 'which="open"')).toBeGreaterThan(0)
  })
})
