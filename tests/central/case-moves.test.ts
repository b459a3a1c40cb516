/** The closed loop at the centre: moves of several seats at once, what each seat is told, and who is refused. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CaseMove, MoveInput } from '../../shared/domain/case-moves.ts'
import type { DispatchOrder } from '../../shared/domain/dispatch.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import {
  addPeople,
  casesIn,
  type DatabaseKind,
  databaseFor,
  databaseKinds,
  enrol,
  people,
  pushLive,
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

const order = (code: string, name: string): DispatchOrder => ({
  catalogueVersion: '2026-11',
  categoryCode: '020301',
  lead: { code, name },
  assist: [{ code: 'S03', name: '河东街道' }],
  signBy: '2026-11-24T03:00:00.000Z',
  replyBy: '2026-12-01T02:00:00.000Z',
  opinion: '',
})
const lighting = order('C07', '城管局')

describe.each<DatabaseKind>(databaseKinds)('moves on %s', kind => {
  let centre: TestCentre
  let one: Seat
  let two: Seat
  beforeAll(async () => {
    centre = await startCentre(await databaseFor(kind, postgres))
    await addPeople(centre)
    one = await enrol(centre)
    two = await enrol(centre)
  })
  afterAll(() => centre.end())

  const move = (
    seat: Seat,
    caseId: string,
    by: string,
    name: CaseMove,
    part: Partial<MoveInput> = {},
    schemaVersion = 3,
  ) =>
    seat.command(
      'case.move',
      { entryId: randomUUID(), move: name, reason: '', ...part },
      { caseId, operatorId: by, schemaVersion },
    )
  const told = async (seat: Seat, commands: unknown[]) =>
    (await pushLive(centre, seat, commands)).map(result =>
      'code' in result ? `${result.outcome} ${result.code}` : result.outcome,
    )
  const filed = async () => {
    const caseId = randomUUID()
    expect(await told(one, [one.create(caseId)])).toEqual(['applied'])
    return caseId
  }
  const { agent, lead, contractor } = people
  const caseOf = async (caseId: string) => {
    await centre.stamper.stamp()
    return casesIn((await two.pull()).changes).find(each => each.caseId === caseId)
  }

  it('keeps the view of a case beside its history, and tells it to every seat of its branch', async () => {
    const caseId = await filed()
    const results = await told(one, [
      move(one, caseId, contractor.operatorId, 'dispatch', { order: lighting, round: 0 }),
      move(one, caseId, lead.operatorId, 'sign'),
      move(one, caseId, agent.operatorId, 'urge'),
      move(one, caseId, lead.operatorId, 'reply', { reason: '路灯已修复' }),
      move(one, caseId, agent.operatorId, 'close'),
      move(one, caseId, agent.operatorId, 'followUp', {
        followUp: { reached: true, solved: true, satisfied: false },
      }),
    ])
    expect(results).toEqual(results.map(() => 'applied'))
    const document = await caseOf(caseId)
    expect(document).toMatchObject({
      status: 'closed',
      loop: {
        order: lighting,
        replyBy: lighting.replyBy,
        reply: '路灯已修复',
        urged: 1,
        followUp: 'reached',
        evaluation: { solved: true, satisfied: false },
      },
    })
    expect(document?.history.map(({ detail }) => detail.split(' ')[0])).toEqual([
      'accept',
      'dispatch',
      'sign',
      'urge',
      'reply',
      'close',
      'followUp',
    ])
  })

  it('commands of the versions before are taken still', async () => {
    const caseId = await filed()
    expect(await told(one, [move(one, caseId, agent.operatorId, 'close', {}, 1)])).toEqual(['applied'])
    expect(await told(two, [move(two, caseId, lead.operatorId, 'reopen', {}, 2)])).toEqual(['applied'])
    expect((await caseOf(caseId))?.loop ?? null).toBeNull()
  })

  it('of two who move one case at once one is heard, and the other is told why not', async () => {
    for (let round = 0; round < 20; round += 1) {
      const caseId = await filed()
      const both = await Promise.all([
        told(one, [move(one, caseId, agent.operatorId, 'dispatch', { order: lighting, round: 0 })]),
        told(two, [move(two, caseId, people.colleague.operatorId, 'close')]),
      ])
      expect(both.flat().sort()).toEqual(['applied', 'rejected MOVE_NOT_POSSIBLE'])
      const [row] = await centre.sql.query<{ status: string; entries: number }>(
        `SELECT status, (SELECT count(*)::int FROM case_history h WHERE h.case_id = c.case_id) AS entries
         FROM cases c WHERE case_id = $1`,
        [caseId],
      )
      expect(row?.entries).toBe(2)
      expect(row?.status).toBe(both[0]?.[0] === 'applied' ? 'dispatched' : 'closed')
    }
  })

  it('two supervisors who re-dispatch at once do not undo each other', async () => {
    const other = order('C09', '住建局')
    for (let round = 0; round < 10; round += 1) {
      const caseId = await filed()
      await told(one, [move(one, caseId, agent.operatorId, 'dispatch', { order: lighting })])
      const again = { reason: '职责', round: 1 }
      const both = await Promise.all([
        told(one, [move(one, caseId, lead.operatorId, 'redispatch', { ...again, order: other })]),
        told(two, [
          move(two, caseId, people.admin.operatorId, 'redispatch', {
            ...again,
            order: order('C10', '水务局'),
          }),
        ]),
      ])
      expect(both.flat().sort()).toEqual(['applied', 'rejected MOVE_NOT_POSSIBLE'])
    }
  })

  it('a contractor is refused here, not only at the seat', async () => {
    const caseId = await filed()
    const by = contractor.operatorId
    await told(one, [move(one, caseId, agent.operatorId, 'dispatch', { order: lighting })])
    await told(one, [move(one, caseId, lead.operatorId, 'return', { reason: '不属本单位' })])
    expect(
      await told(one, [
        move(one, caseId, by, 'approveReturn'),
        move(one, caseId, by, 'denyReturn', { reason: '不行' }),
        move(one, caseId, by, 'redispatch', { reason: '改', order: lighting }),
      ]),
    ).toEqual(Array(3).fill('rejected FORBIDDEN'))
    await told(one, [move(one, caseId, lead.operatorId, 'denyReturn', { reason: '属本单位' })])
    await told(one, [
      move(one, caseId, lead.operatorId, 'extend', { reason: '备件', replyBy: '2026-12-09T02:00:00.000Z' }),
    ])
    expect(
      await told(one, [
        move(one, caseId, by, 'approveExtension'),
        move(one, caseId, by, 'denyExtension', { reason: '不行' }),
        move(one, caseId, by, 'close'),
        move(one, caseId, by, 'sign'),
      ]),
    ).toEqual(Array(4).fill('rejected FORBIDDEN'))
    expect(
      await told(one, [
        move(one, caseId, lead.operatorId, 'sign'),
        move(one, caseId, lead.operatorId, 'reply'),
      ]),
    ).toEqual(['applied', 'rejected MOVE_INCOMPLETE'])
  })

  it('takes no command in the name of a unit: its people have a page of their own', async () => {
    const person = (operatorId: string, workNumber: string, unitCode: string) =>
      centre.operators.save(
        { ...agent, operatorId, workNumber, role: 'unit', unitCode, name: `经办${workNumber}` },
        undefined,
        null,
      )
    await person('u-lighting', '5001', 'C07')
    await person('u-street', '5002', 'S03')
    const caseId = await filed()
    await told(one, [move(one, caseId, agent.operatorId, 'dispatch', { order: lighting })])
    expect(
      await told(one, [
        move(one, caseId, 'u-street', 'sign'),
        move(one, caseId, 'u-lighting', 'sign'),
        move(one, caseId, 'u-lighting', 'close'),
        one.remark(caseId, '备注', { operatorId: 'u-lighting' }),
        one.create(randomUUID(), {}, { operatorId: 'u-lighting' }),
      ]),
    ).toEqual(Array(5).fill('rejected ACTOR_UNPROVED'))
    expect((await caseOf(caseId))?.status).toBe('dispatched')
    const changes = (await two.pull()).changes
    expect(changes.filter(({ kind }) => kind === 'operator').length).toBeGreaterThan(0)
  })
})
