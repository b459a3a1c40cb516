/** Administrators of one branch, and what they can not give themselves. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServer, type Server } from '../../central/http/server.ts'
import type { CentralOperator } from '../../shared/contract/central.ts'
import {
  addPeople,
  branch,
  enrol,
  otherBranch,
  password,
  people,
  type Seat,
  startCentre,
  strangers,
  type TestCentre,
} from './centre.ts'
import { type CentralClient, clientOf } from './processes.ts'

let centre: TestCentre
let server: Server
let url: string
let seat: Seat
let mine: CentralClient
let city: CentralClient
beforeAll(async () => {
  centre = await startCentre(null)
  await addPeople(centre)
  server = await createServer(centre, null, { requestsPerMinute: 100_000, anonymousPerMinute: 100_000 })
  url = await server.listen({ host: '127.0.0.1', port: 0 })
  seat = await enrol(centre)
  const as = async ({ workNumber }: CentralOperator) => {
    const { accessToken: device } = await centre.devices.token(seat.credential)
    const { accessToken } = await centre.sessions.signIn(seat.device, { workNumber, password })
    return clientOf(url, () => ({ authorization: `Bearer ${device}`, 'x-operator-session': accessToken }))
  }
  mine = await as(people.branchAdmin)
  city = await as(people.admin)
})
afterAll(async () => {
  await server.close()
  await centre.end()
})

let made = 0
const newcomer = (part: Partial<CentralOperator> = {}): CentralOperator => ({
  ...people.agent,
  operatorId: randomUUID(),
  workNumber: `77${(made += 1)}`,
  name: '新来的',
  ...part,
})
const codeOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 'done',
    (error: { code?: string }) => error.code,
  )
const save = (client: CentralClient, person: CentralOperator) =>
  codeOf(client.administration.saveOperator(person))

describe('an administrator of one branch', () => {
  it('makes and changes people of that branch', async () => {
    const person = newcomer()
    expect(await save(mine, person)).toBe('done')
    expect(await save(mine, { ...person, role: 'lead' })).toBe('done')
    expect(await save(mine, newcomer({ role: 'admin' }))).toBe('done')
  })

  it('has no people of another branch, and takes none over', async () => {
    expect(await save(mine, newcomer({ branch: otherBranch }))).toBe('FORBIDDEN')
    expect(await save(mine, { ...strangers.agent, name: '改名' })).toBe('FORBIDDEN')
    expect(await save(mine, { ...strangers.agent, branch })).toBe('FORBIDDEN')
    expect(await save(mine, { ...people.agent, branch: otherBranch })).toBe('FORBIDDEN')
    // Under the number of somebody else, with and without a password.
    const taken = newcomer({ workNumber: strangers.lead.workNumber })
    expect(await save(mine, taken)).toBe('OPERATOR_EXISTS')
    expect(await codeOf(mine.administration.saveOperator({ ...taken, password: '另一个-口令-12345' }))).toBe(
      'OPERATOR_EXISTS',
    )
    const [kept] = await centre.sql.query<{ branch: string; name: string }>(
      'SELECT branch, name FROM operator WHERE operator_id = $1',
      [strangers.agent.operatorId],
    )
    expect(kept).toEqual({ branch: otherBranch, name: strangers.agent.name })
    const refused = await centre.sql.query(
      "SELECT 1 FROM audit WHERE action = 'operator.save' AND operator_id = $1 AND result = 'FORBIDDEN'",
      [people.branchAdmin.operatorId],
    )
    expect(refused.length).toBeGreaterThanOrEqual(4)
  })

  it('gives nobody the whole city, nor changes who has it', async () => {
    expect(await save(mine, newcomer({ role: 'admin', allBranches: true }))).toBe('FORBIDDEN')
    expect(await save(mine, { ...people.branchAdmin, allBranches: true })).toBe('FORBIDDEN')
    expect(await save(mine, { ...people.admin, disabled: true })).toBe('FORBIDDEN')
    expect(await save(mine, { ...people.admin, allBranches: false })).toBe('FORBIDDEN')
    expect(
      await codeOf(mine.administration.saveOperator({ ...people.admin, password: '另一个-口令-12345' })),
    ).toBe('FORBIDDEN')
    expect(await save(city, newcomer({ role: 'admin', allBranches: true }))).toBe('done')
    expect(await save(city, newcomer({ branch: otherBranch }))).toBe('done')
  })

  it('enrols seats of that branch only, and publishes nothing for the city', async () => {
    expect(await codeOf(mine.administration.enrolmentCode({ branch }))).toBe('done')
    expect(await codeOf(mine.administration.enrolmentCode({ branch: otherBranch }))).toBe('FORBIDDEN')
    expect(await codeOf(city.administration.enrolmentCode({ branch: otherBranch }))).toBe('done')
    const rules = { name: 'notes', version: '1', effectiveAt: '2026-11-24T00:00:00.000Z', content: {} }
    expect(await codeOf(mine.publications.publish(rules))).toBe('FORBIDDEN')
    expect(await codeOf(city.publications.publish(rules))).toBe('done')
  })
})
