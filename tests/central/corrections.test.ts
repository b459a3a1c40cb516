/** 知识纠错 at the centre: each is kept once, who may read and decide, and what a second decision comes to. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServer, type Server } from '../../central/http/server.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import {
  addPeople,
  type DatabaseKind,
  databaseFor,
  databaseKinds,
  enrol,
  password,
  people,
  type Seat,
  startCentre,
  type TestCentre,
} from './centre.ts'

let postgres: Postgres | null = null
beforeAll(async () => {
  if (hasPostgres) postgres = await startPostgres()
})
afterAll(async () => {
  await postgres?.stop()
})

describe.each<DatabaseKind>(databaseKinds)('corrections on %s', kind => {
  let centre: TestCentre
  let server: Server
  let url: string
  let seat: Seat
  beforeAll(async () => {
    centre = await startCentre(await databaseFor(kind, postgres))
    await addPeople(centre)
    seat = await enrol(centre)
    server = await createServer(centre, null, { requestsPerMinute: 100_000, anonymousPerMinute: 100_000 })
    url = await server.listen({ host: '127.0.0.1', port: 0 })
  })
  afterAll(async () => {
    await server.close()
    await centre.end()
  })

  const correct = (correctionId: string, part: object = {}) =>
    seat.command('knowledge.correct', {
      correctionId,
      articleId: 'cover',
      articleVersion: 3,
      title: '窨井盖缺失如何处理',
      owner: '城管局',
      remark: '值班电话已换',
      ...part,
    })
  const outcomes = async (...commands: unknown[]) =>
    (await centre.push(seat.device, commands)).map(result =>
      'code' in result ? `${result.outcome} ${result.code}` : result.outcome,
    )
  const by = { id: people.lead.operatorId, name: people.lead.name, operator: people.lead }
  const ids = async (asked: Parameters<TestCentre['corrections']['list']>[1]) =>
    (await centre.corrections.list(by, asked)).map(({ correctionId }) => correctionId)

  it('keeps each once, whatever came of the answer, with who said it and of which version', async () => {
    const id = randomUUID()
    // The same one under another command, as after an export from a seat that was replaced.
    expect(await outcomes(correct(id), correct(id))).toEqual(['applied', 'applied'])
    expect(await ids({ state: 'open', owner: '城管局' })).toEqual([id])
    expect(await centre.corrections.list(by, { state: 'open' })).toMatchObject([
      { articleVersion: 3, operatorName: people.agent.name, remark: '值班电话已换', state: 'open' },
    ])
    expect(await ids({ state: 'open', owner: '别的单位' })).toEqual([])
  })

  it('refuses one without a remark, one that is too long, and one that the database could not keep', async () => {
    expect(
      await outcomes(
        correct(randomUUID(), { remark: ' ' }),
        correct(randomUUID(), { remark: '长'.repeat(501) }),
        correct(randomUUID(), { remark: '零\u0000' }),
      ),
    ).toEqual(['rejected COMMAND_INVALID', 'rejected COMMAND_INVALID', 'rejected COMMAND_INVALID'])
  })

  it('is decided once; the same decision again is none, another one is refused', async () => {
    const correctionId = randomUUID()
    await outcomes(correct(correctionId))
    const decision = { correctionId, accepted: true, answer: '第 4 版已改' }
    const decided = { state: 'accepted', answer: '第 4 版已改', decidedBy: people.lead.name }
    expect(await centre.corrections.decide(by, decision)).toMatchObject(decided)
    expect(await centre.corrections.decide(by, decision)).toMatchObject(decided)
    await expect(centre.corrections.decide(by, { ...decision, accepted: false })).rejects.toMatchObject({
      code: 'CORRECTION_DECIDED',
    })
    await expect(centre.corrections.decide(by, { ...decision, correctionId: 'none' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    expect(await ids({ state: 'accepted' })).toContain(correctionId)
  })

  it('is read by team leads and the publisher of knowledge, and by nobody else', async () => {
    const { accessToken } = await centre.devices.token(seat.credential)
    const as = async (person: { workNumber: string }) => {
      const session = await centre.sessions.signIn(seat.device, { workNumber: person.workNumber, password })
      return { authorization: `Bearer ${accessToken}`, 'x-operator-session': session.accessToken }
    }
    const status = async (headers: Record<string, string>) =>
      (await fetch(new URL('/v1/knowledge/corrections?state=open', url), { headers })).status
    expect(await status(await as(people.lead))).toBe(200)
    expect(await status(await as(people.agent))).toBe(403)
    expect(await status({})).toBe(401)
    const publisher = await centre.apiKeys.create('知识库', ['publication.publish'])
    const other = await centre.apiKeys.create('交换机', ['missed-call.post'])
    expect(await status({ 'x-api-key': publisher })).toBe(200)
    expect(await status({ 'x-api-key': other })).toBe(403)
  })
})
