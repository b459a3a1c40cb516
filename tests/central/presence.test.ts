import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { presenceSeconds } from '../../shared/contract/central-presence.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import { morning, takeLeaseClock } from './callback-queue.ts'
import {
  addPeople,
  type DatabaseKind,
  databaseFor,
  databaseKinds,
  enrol,
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

describe.each<DatabaseKind>(databaseKinds)('specialist seats on %s', kind => {
  let centre: TestCentre
  let setClock: (ms: number) => Promise<void>
  let a: Seat
  let b: Seat
  beforeAll(async () => {
    centre = await startCentre(await databaseFor(kind, postgres))
    setClock = await takeLeaseClock(centre.sql)
    await addPeople(centre)
    await centre.operators.save({ ...people.colleague, skills: ['闽南话', '涉企'] }, undefined, null)
    a = await enrol(centre)
    b = await enrol(centre)
  })
  afterAll(() => centre.end())

  const since = new Date(morning - 60_000).toISOString()
  const tell = (seat: Seat, operatorId: string, more: object = {}) =>
    centre.presence.tell(seat.device, operatorId, { kind: 'ready', since, extension: '8003', ...more })
  const seen = () => tell(a, people.agent.operatorId, { extension: '8001' })

  it('shows who has skills, at which extension and in which state, and never the seat that asks', async () => {
    expect(await seen()).toEqual([])
    expect(await tell(b, people.colleague.operatorId)).toEqual([])
    expect(await seen()).toEqual([
      {
        operatorId: people.colleague.operatorId,
        operatorName: people.colleague.name,
        branch: people.colleague.branch,
        skills: ['闽南话', '涉企'],
        extension: '8003',
        kind: 'ready',
        since,
      },
    ])
    await tell(b, people.colleague.operatorId, { kind: 'talking', since: '2030-01-01T00:00:00.000Z' })
    expect(await seen()).toMatchObject([{ kind: 'talking', since: new Date(morning).toISOString() }])
  })

  it('leaves out who cannot be called, who went off, who may not work, and who was not heard for a minute', async () => {
    await tell(b, people.colleague.operatorId, { extension: null })
    expect(await seen()).toEqual([])
    await tell(b, people.colleague.operatorId, { kind: 'offline' })
    expect(await seen()).toEqual([])
    await tell(b, people.colleague.operatorId)
    await centre.operators.save({ ...people.colleague, skills: ['涉企'], disabled: true }, undefined, null)
    expect(await seen()).toEqual([])
    await centre.operators.save({ ...people.colleague, skills: ['涉企'] }, undefined, null)
    expect(await seen()).toHaveLength(1)
    await setClock(morning + presenceSeconds * 1_000 + 1)
    expect(await seen()).toEqual([])
    await setClock(morning)
  })

  it('remembers a caller by what was written down last, whichever seat it comes from and in whatever order', async () => {
    const number = '19900000031'
    const told = (dialect: string, callerKind: 'person' | 'enterprise' | null, at: string) =>
      ({ numberKey: number, dialect, callerKind, at, callId: 'c' }) as const
    const later = b.command('caller.remember', told('闽南话', 'enterprise', '2026-11-24T01:50:00.000Z'))
    const earlier = a.command('caller.remember', told('', 'person', '2026-11-24T01:40:00.000Z'))
    await centre.push(b.device, [later])
    await centre.push(a.device, [earlier])
    const history = () => centre.cases.ofCaller({ device: a.device, operator: people.agent }, `+86 ${number}`)
    expect((await history()).profile).toEqual({
      numberKey: number,
      dialect: '闽南话',
      callerKind: 'enterprise',
      at: '2026-11-24T01:50:00.000Z',
    })
    const ahead = a.command('caller.remember', told('粤语', null, '2031-01-01T00:00:00.000Z'))
    const [result] = await centre.push(a.device, [ahead])
    expect(result?.outcome).toBe('applied')
    expect((await history()).profile).toMatchObject({ dialect: '粤语', at: '2026-11-24T02:00:00.000Z' })
  })

  it('keeps no number of a caller in the audit', async () => {
    const rows = await centre.sql.query<{ subject_kind: string; subject_id: string }>(
      "SELECT subject_kind, subject_id FROM audit WHERE action = 'caller.remember'",
    )
    const everything = await centre.sql.query<{ row: string }>(
      'SELECT row_to_json(audit)::text AS row FROM audit',
    )
    expect(everything.some(({ row }) => row.includes('caller.lookup'))).toBe(true)
    for (const { row } of everything) expect(row).not.toContain('19900000031')
    expect(rows.length).toBeGreaterThan(0)
    for (const row of rows) expect(row).toEqual({ subject_kind: 'call', subject_id: 'c' })
  })
})
