/** Who looks up callers and cases: counted by person, limited, told to leads, and found again by the number. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lookupPolicyName, sampleLookupPolicy } from '../../shared/domain/lookup-policy.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import {
  addPeople,
  type DatabaseKind,
  databaseFor,
  databaseKinds,
  enrol,
  people,
  type Seat,
  startCentre,
  strangers,
  type TestCentre,
} from './centre.ts'

let postgres: Postgres | null = null
beforeAll(async () => {
  if (hasPostgres) postgres = await startPostgres()
})
afterAll(async () => {
  await postgres?.stop()
})

const limit = (perHour: number, perDay: number) => ({ perHour, perDay })
const policy = {
  ...sampleLookupPolicy,
  sample: false,
  callers: { ...sampleLookupPolicy.callers, contractor: limit(6, 9), agent: limit(6, 9) },
  cases: { ...sampleLookupPolicy.cases, agent: limit(5, 50) },
  ringing: limit(12, 50),
  run: { minutes: 10, lookups: 4 },
}
let numbers = 0
const someNumber = () => `1990077${String((numbers += 1)).padStart(4, '0')}`

describe.each<DatabaseKind>(databaseKinds)('lookups on %s', kind => {
  let centre: TestCentre
  let seat: Seat
  beforeAll(async () => {
    centre = await startCentre(await databaseFor(kind, postgres))
    await addPeople(centre)
    seat = await enrol(centre)
    await centre.publications.publish(
      {
        name: lookupPolicyName,
        version: '1',
        effectiveAt: '2026-11-01T00:00:00.000Z',
        content: policy,
      },
      people.admin.operatorId,
    )
  })
  afterAll(() => centre.end())

  const by = (operator: (typeof people)['agent']) => ({ device: seat.device, operator })
  const ask = (who: ReturnType<typeof by>, number: string, callId?: string) =>
    centre.cases.ofCaller(who, number, callId).then(
      () => 'answered',
      (error: { code?: string }) => error.code,
    )
  const alarms = async (of = people.lead) => centre.lookups.alarms(of, undefined)

  it('refuses a policy that seats could not read', async () => {
    await expect(
      centre.publications.publish(
        { name: lookupPolicyName, version: 'x', effectiveAt: '2026-11-01T00:00:00.000Z', content: {} },
        'key:x',
      ),
    ).rejects.toMatchObject({ code: 'PUBLICATION_INVALID' })
  })

  it('of callers are refused beyond the limit, the same number counts once, and a run raises an alarm', async () => {
    const who = by(people.contractor)
    const first = someNumber()
    const told = [await ask(who, first), await ask(who, first), await ask(who, `+86 ${first}`)]
    for (let more = 0; more < 5; more += 1) told.push(await ask(who, someNumber()))
    expect(new Set(told)).toEqual(new Set(['answered']))
    expect(await ask(who, someNumber())).toBe('LOOKUP_LIMIT')
    // What was asked a moment ago may be asked again.
    expect(await ask(who, first)).toBe('answered')
    expect(await alarms()).toMatchObject([
      { operatorId: people.contractor.operatorId, kind: 'caller.lookup', refused: true },
      {
        operatorId: people.contractor.operatorId,
        employer: '云帆外包服务',
        kind: 'caller.lookup',
        count: 4,
        minutes: 10,
        refused: false,
      },
    ])
    expect(await alarms(strangers.lead)).toEqual([])
    expect(await alarms(people.admin)).toHaveLength(2)

    // An hour later there are three left of the day.
    centre.now.ms += 61 * 60_000
    const later = []
    for (let more = 0; more < 5; more += 1) later.push(await ask(who, someNumber()))
    expect(later).toEqual(['answered', 'answered', 'answered', 'LOOKUP_LIMIT', 'LOOKUP_LIMIT'])
  })

  it('that come at once are counted one after the other', async () => {
    const who = by(people.agent)
    const told = await Promise.all(Array.from({ length: 20 }, () => ask(who, someNumber())))
    expect(told.filter(each => each === 'answered')).toHaveLength(6)
  })

  it('for a call that rings at the seat have a limit of their own', async () => {
    const who = by(people.agent)
    expect(await ask(who, someNumber())).toBe('LOOKUP_LIMIT')
    const told: (string | undefined)[] = []
    for (let call = 0; call < 13; call += 1) told.push(await ask(who, someNumber(), randomUUID()))
    expect(told.filter(each => each === 'answered')).toHaveLength(12)
    expect(told.at(-1)).toBe('LOOKUP_LIMIT')
  })

  it('of cases count what others filed, and what one may not read', async () => {
    const who = by(people.colleague)
    const get = (caseId: string) =>
      centre.cases.get(who, caseId).then(
        () => 'read',
        (error: { code?: string }) => error.code,
      )
    const filed = async (operatorId: string) => {
      const caseId = randomUUID()
      await centre.push(seat.device, [seat.create(caseId, {}, { operatorId })])
      return caseId
    }
    for (let own = 0; own < 8; own += 1)
      expect(await get(await filed(people.colleague.operatorId))).toBe('read')
    const others = [await filed(people.agent.operatorId), await filed(people.agent.operatorId)]
    for (const caseId of others) expect(await get(caseId)).toBe('read')
    for (let guess = 0; guess < 3; guess += 1) expect(await get(randomUUID())).toBe('NOT_FOUND')
    expect(await get(randomUUID())).toBe('LOOKUP_LIMIT')
    expect((await alarms()).some(({ operatorId }) => operatorId === people.colleague.operatorId)).toBe(true)
  })

  it('are found by the number, which the audit itself does not hold', async () => {
    const number = someNumber()
    await ask(by(people.lead), number)
    expect(await centre.lookups.ofNumber(number)).toMatchObject([
      { operatorId: people.lead.operatorId, kind: 'caller.lookup', result: 'done' },
    ])
    const rows = await centre.sql.query<{ row: string }>('SELECT row_to_json(audit)::text AS row FROM audit')
    expect(rows.some(({ row }) => row.includes(number))).toBe(false)
  })
})
