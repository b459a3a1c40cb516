/** 一跟到底 at the centre: a case is handed on by a supervisor, its owner calls the enterprise back first, and an export is in the audit. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CaseMove, MoveInput } from '../../shared/domain/case-moves.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import { missed, morning, policy, seatFor, takeLeaseClock } from './callback-queue.ts'
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

describe.each<DatabaseKind>(databaseKinds)('enterprises on %s', kind => {
  let centre: TestCentre
  let seat: Seat
  let setLeaseClock: (ms: number) => Promise<void>
  beforeAll(async () => {
    centre = await startCentre(await databaseFor(kind, postgres))
    setLeaseClock = await takeLeaseClock(centre.sql)
    await addPeople(centre)
    seat = await enrol(centre)
  })
  afterAll(() => centre.end())

  const told = async (...commands: unknown[]) =>
    (await pushLive(centre, seat, commands)).map(result =>
      'code' in result ? `${result.outcome} ${result.code}` : result.outcome,
    )
  const filed = async (number: string, part: object = {}) => {
    const caseId = randomUUID()
    const fields = { callerKind: 'enterprise' as const, company: '甲公司', callingNumber: number, ...part }
    expect(await told(seat.create(caseId, fields))).toEqual(['applied'])
    return caseId
  }
  const move = (caseId: string, by: string, name: CaseMove, part: Partial<MoveInput> = {}) =>
    seat.command(
      'case.move',
      { entryId: randomUUID(), move: name, reason: '转岗', ...part },
      { caseId, operatorId: by, schemaVersion: 3 },
    )
  const { agent, colleague, contractor, lead } = people
  const to = (operatorId: string) => ({ owner: { operatorId, name: '坐席所说' } })

  it('takes a hand-over of a supervisor’s only, to somebody whom it knows and who may read the case', async () => {
    const caseId = await filed('19900000401')
    const person = await filed('19900000402', { callerKind: 'person' })
    const secret = await filed('19900000403', { confidential: true })
    const ids = [agent.operatorId, lead.operatorId, colleague.operatorId] as const
    expect(
      await told(
        move(caseId, ids[0], 'handTo', to(ids[2])),
        move(caseId, ids[1], 'handTo', to('nobody')),
        move(caseId, ids[1], 'handTo'),
        move(person, ids[1], 'handTo', to(ids[2])),
        move(secret, ids[1], 'handTo', to(ids[2])),
        move(caseId, ids[1], 'handTo', to(ids[2])),
      ),
    ).toEqual([
      'rejected FORBIDDEN',
      'rejected OPERATOR_UNKNOWN',
      'rejected MOVE_INCOMPLETE',
      'rejected MOVE_NOT_POSSIBLE',
      'rejected FORBIDDEN',
      'applied',
    ])
    await centre.stamper.stamp()
    const kept = casesIn((await seat.pull()).changes).find(each => each.caseId === caseId)
    expect(kept?.loop?.owner).toEqual({ operatorId: ids[2], name: colleague.name })
    expect(kept?.history.at(-1)?.detail).toBe(`handTo 改由 ${colleague.name} 跟办；转岗`)
  })

  it('gives the missed call of an enterprise to whoever follows its case, until the time of an assignment is over', async () => {
    const number = '19900000404'
    const caseId = await filed(number)
    await told(move(caseId, lead.operatorId, 'handTo', to(colleague.operatorId)))
    await filed('19900000405', { callerKind: 'person' })
    await setLeaseClock(morning)
    const results = await centre.callbacks.post(
      [missed('e-1', number), missed('e-2', '19900000405')],
      'key:测试',
    )
    const [ofOwner, ofPerson] = results.map(result => ('taskId' in result ? (result.taskId ?? '') : ''))
    const [owner, other] = [await seatFor(centre, colleague), await seatFor(centre, agent)]
    const claim = async (by: typeof owner, taskId: string | undefined) => {
      const result = await centre.callbacks.claim(by, { requestId: randomUUID(), taskIds: [taskId ?? ''] })
      return result.outcome === 'granted' ? 'granted' : result.passed[0]?.code
    }
    expect(await claim(other, ofOwner)).toBe('CALLBACK_OTHERS_FIRST')
    expect(await claim(other, ofPerson)).toBe('granted')
    expect(await claim(owner, ofOwner)).toBe('granted')

    const again = await centre.callbacks.post([missed('e-3', '19900000401')], 'key:测试')
    const waiting = again.map(result => ('taskId' in result ? (result.taskId ?? '') : ''))[0]
    expect(await claim(other, waiting)).toBe('CALLBACK_OTHERS_FIRST')
    await setLeaseClock(morning + policy.assignedMinutes * 60_000 + 1_000)
    expect(await claim(other, waiting)).toBe('granted')
  })

  it('keeps in the audit what left a seat for the city’s language model, masked, and how it ended', async () => {
    const ask = { requestId: 'm1', purpose: 'summary' as const, model: 'city-7b', masked: '〔姓名1〕说漏水' }
    const answer = { requestId: 'm1', outcome: 'answered', characters: 12 }
    const by = { operatorId: agent.operatorId }
    expect(await told(seat.command('model.ask', ask, by), seat.command('model.answer', answer, by))).toEqual([
      'applied',
      'applied',
    ])
    const rows = await centre.sql.query(
      `SELECT operator_id, action, detail FROM audit WHERE subject_kind = 'model' AND subject_id = 'm1' ORDER BY action DESC`,
    )
    expect(rows).toEqual([
      { operator_id: agent.operatorId, action: 'model.ask', detail: JSON.stringify(ask) },
      { operator_id: agent.operatorId, action: 'model.answer', detail: JSON.stringify(answer) },
    ])
  })

  it('puts an export into the audit, and refuses that of a contractor’s operator', async () => {
    const exported = (operatorId: string, exportId: string) =>
      seat.command(
        'ledger.export',
        { exportId, ledger: 'enterprise', format: 'xlsx', rows: 12 },
        { operatorId },
      )
    expect(await told(exported(lead.operatorId, 'x1'), exported(contractor.operatorId, 'x2'))).toEqual([
      'applied',
      'rejected FORBIDDEN',
    ])
    const rows = await centre.sql.query(
      `SELECT operator_id, employer, subject_id, result, detail FROM audit WHERE action = 'ledger.export' ORDER BY subject_id`,
    )
    expect(rows).toEqual([
      {
        operator_id: lead.operatorId,
        employer: '',
        subject_id: 'x1',
        result: 'done',
        detail: JSON.stringify({ exportId: 'x1', ledger: 'enterprise', format: 'xlsx', rows: 12 }),
      },
      expect.objectContaining({ employer: '云帆外包服务', subject_id: 'x2', result: 'FORBIDDEN' }),
    ])
  })
})
