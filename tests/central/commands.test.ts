import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CommandResult } from '../../shared/contract/central.ts'
import type { CommandArgs } from '../../shared/domain/command.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import {
  addPeople,
  type DatabaseKind,
  databaseFor,
  databaseKinds,
  enrol,
  fieldsOf,
  otherBranch,
  people,
  pushLive,
  type Seat,
  seatWith,
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

const outcomes = (results: CommandResult[]) =>
  results.map(result => ('code' in result ? `${result.outcome} ${result.code}` : result.outcome))

describe.each<DatabaseKind>(databaseKinds)('commands on %s', kind => {
  let centre: TestCentre
  let seat: Seat
  let other: Seat
  beforeAll(async () => {
    centre = await startCentre(await databaseFor(kind, postgres))
    await addPeople(centre)
    seat = await enrol(centre)
    other = await enrol(centre)
  })
  afterAll(() => centre.end())

  const push = (from: Seat, ...commands: unknown[]) => centre.push(from.device, commands)
  const state = async (caseId: string) => {
    const [row] = await centre.sql.query<{ version: number; status: string; fields: string }>(
      'SELECT version, status, fields FROM cases WHERE case_id = $1',
      [caseId],
    )
    return row === undefined ? null : { ...row, fields: JSON.parse(row.fields) as Record<string, unknown> }
  }
  const count = async (table: string) =>
    (await centre.sql.query<{ count: number }>(`SELECT count(*) AS count FROM ${table}`))[0]?.count

  it('applies a batch, and answers the same commands as duplicates with the versions they led to', async () => {
    const caseId = randomUUID()
    const batch = [seat.create(caseId), seat.remark(caseId, '一'), seat.remark(caseId, '二')]
    expect(await push(seat, ...batch)).toEqual(
      batch.map(({ id }, place) => ({ id, outcome: 'applied', version: place + 1 })),
    )
    const histories = await count('case_history')
    expect(await push(seat, ...batch)).toEqual(
      batch.map(({ id }, place) => ({ id, outcome: 'duplicate', version: place + 1 })),
    )
    expect(await count('case_history')).toBe(histories)
    expect((await state(caseId))?.version).toBe(3)
  })

  it('takes a command twice in one batch once', async () => {
    const create = seat.create(randomUUID())
    expect(outcomes(await push(seat, create, create))).toEqual(['applied', 'duplicate'])
  })

  it('applies each command once when many identical batches arrive at once', async () => {
    const caseIds = Array.from({ length: 20 }, () => randomUUID())
    const batch = caseIds.flatMap(caseId => [seat.create(caseId), seat.remark(caseId, '并发')])
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, round) => push(seat, ...(round % 2 === 0 ? batch : batch.toReversed()))),
    )
    for (const [place] of batch.entries()) {
      const { id } = batch[place] ?? { id: '' }
      const told = all.map(results => results.find(result => result.id === id)?.outcome)
      expect(told.filter(outcome => outcome === 'applied')).toHaveLength(1)
      expect(told.filter(outcome => outcome === 'duplicate')).toHaveLength(7)
    }
    for (const caseId of caseIds) expect((await state(caseId))?.version).toBe(2)
  })

  it('keeps batches of many seats that arrive together apart from each other', async () => {
    const seats = await Promise.all(
      Array.from({ length: 8 }, (_, place) => enrol(centre, place < 4 ? undefined : otherBranch)),
    )
    const by = (place: number) => (place < 4 ? people.agent : strangers.agent).operatorId
    const shared = randomUUID()
    await push(seat, seat.create(shared))
    const batches = seats.map((from, place) => [
      from.create(randomUUID(), {}, { operatorId: by(place) }),
      from.remark(shared, `${place}`, { operatorId: by(place) }),
      from.remark(randomUUID(), '没有这个工单', { operatorId: by(place) }),
    ])
    // One id in two batches, from two seats: whoever comes second is not told that it was his.
    const [first, second] = batches
    const same = seats[1]?.sign({ ...second![0]!, id: first![0]!.id })
    const sent = batches.map((batch, place) => (place === 1 ? [same, ...batch.slice(1)] : batch))
    const results = await Promise.all(seats.map((from, place) => push(from, ...(sent[place] ?? []))))

    for (const [place, told] of results.entries()) {
      expect(told.map(({ id }) => id)).toEqual(sent[place]?.map(each => each?.id))
      // For another branch the case is not there.
      expect(outcomes(told).slice(1)).toEqual([
        place < 4 ? 'applied' : 'rejected CASE_NOT_FOUND',
        'rejected CASE_NOT_FOUND',
      ])
      if (place > 1) expect(outcomes(told)[0]).toBe('applied')
    }
    expect(new Set([results[0], results[1]].map(told => told?.[0]?.outcome))).toEqual(
      new Set(['applied', 'duplicate']),
    )
    expect((await state(shared))?.version).toBe(5)
    const rows = await centre.sql.query<{ client_id: string; highest_seq: number }>(
      'SELECT client_id, highest_seq FROM device WHERE client_id = ANY($1::text[])',
      [seats.map(({ device }) => device.clientId)],
    )
    expect(rows.map(row => row.highest_seq)).toEqual(seats.map(() => 3))
    expect(await centre.sql.query('SELECT 1 FROM case_grant WHERE case_id = $1', [shared])).toEqual([])
    await centre.stamper.stamp()
    const feed = JSON.stringify((await seats[7]?.pull())?.changes)
    expect(feed).not.toContain(shared)
  })

  it('loses no remark when two seats write to the same cases at once', async () => {
    const caseIds = Array.from({ length: 10 }, () => randomUUID())
    await push(seat, ...caseIds.map(caseId => seat.create(caseId)))
    await Promise.all(
      Array.from({ length: 12 }, (_, round) => {
        const from = round % 2 === 0 ? seat : other
        const order = round % 3 === 0 ? caseIds : caseIds.toReversed()
        return push(from, ...order.map(caseId => from.remark(caseId, `第 ${round} 次`)))
      }),
    )
    for (const caseId of caseIds) expect((await state(caseId))?.version).toBe(13)
  })

  it('merges changes of different fields and keeps both values of a clash apart', async () => {
    const caseId = randomUUID()
    await push(seat, seat.create(caseId))
    const first = await push(
      seat,
      seat.edit(caseId, [{ field: 'title', from: '路灯不亮', to: '路灯坏了' }], {
        operatorId: people.colleague.operatorId,
      }),
    )
    expect(first).toMatchObject([{ outcome: 'applied', version: 2 }])
    const merged = other.edit(caseId, [{ field: 'place', from: '', to: '河东路' }], { baseVersion: 1 })
    expect(await push(other, merged)).toMatchObject([{ outcome: 'applied', version: 3 }])

    const clashing = other.edit(
      caseId,
      [
        { field: 'title', from: '路灯不亮', to: '灯灭了' },
        { field: 'remarks', from: '', to: '不该写入' },
      ],
      { baseVersion: 1 },
    )
    expect(await push(other, clashing)).toEqual([
      {
        id: clashing.id,
        outcome: 'conflict',
        code: 'EDIT_CONFLICT',
        sentence: expect.stringContaining('修改'),
        version: 3,
        detail: {
          clashes: [{ field: 'title', from: '路灯不亮', mine: '灯灭了', theirs: '路灯坏了' }],
          by: {
            operatorId: people.colleague.operatorId,
            operatorName: people.colleague.name,
            at: '2026-11-24T01:59:00.000Z',
          },
        },
      },
    ])
    const after = await state(caseId)
    expect(after?.fields).toMatchObject({ title: '路灯坏了', place: '河东路', remarks: '' })

    // A conflict is not remembered: decided by the operator, the same command id is judged anew.
    const decided = other.sign({
      ...clashing,
      args: { entryId: randomUUID(), changes: [{ field: 'title', from: '路灯坏了', to: '灯灭了' }] },
    })
    expect(await push(other, decided)).toMatchObject([{ outcome: 'applied', version: 4 }])
  })

  it('moves cases by the recorded operator’s role', async () => {
    const open = randomUUID()
    const clue = randomUUID()
    await push(seat, seat.create(open), seat.create(clue, { disposition: 'refer' }))
    const move = (
      caseId: string,
      what: 'close' | 'approve' | 'reject' | 'reopen',
      by: { operatorId: string },
    ) =>
      seat.command(
        'case.move',
        { entryId: randomUUID(), move: what, reason: '' },
        { caseId, operatorId: by.operatorId },
      )
    expect(
      outcomes(
        await pushLive(centre, seat, [
          move(open, 'close', people.contractor),
          move(clue, 'approve', people.contractor),
          move(clue, 'approve', people.agent),
          move(open, 'approve', people.lead),
          move(open, 'close', people.agent),
          move(open, 'reopen', people.agent),
          move(open, 'reopen', people.lead),
          move(clue, 'approve', people.lead),
        ]),
      ),
    ).toEqual([
      'rejected FORBIDDEN',
      'rejected FORBIDDEN',
      'rejected FORBIDDEN',
      'rejected MOVE_NOT_POSSIBLE',
      'applied',
      'rejected FORBIDDEN',
      'applied',
      'applied',
    ])
    expect((await state(open))?.status).toBe('accepted')
    expect((await state(clue))?.status).toBe('closed')
  })

  it('refuses each command by itself, changes nothing by it and forgets it', async () => {
    const caseId = randomUUID()
    const good = seat.create(caseId)
    const broken = { ...seat.create(randomUUID()), args: { fields: 1 } }
    const results = await push(
      seat,
      good,
      broken,
      { ...seat.remark(caseId, '早'), schemaVersion: 0 },
      { ...seat.remark(caseId, '晚'), schemaVersion: 99 },
      { ...seat.remark(caseId, '别人的'), clientId: 'someone-else' },
      { ...seat.remark(caseId, '?'), name: 'case.fly' },
      seat.remark('no-such-case', '没有'),
      seat.remark(caseId, '谁', { operatorId: 'nobody' }),
      seat.create(randomUUID(), { content: ' ' }),
      seat.edit(caseId, [{ field: 'callingNumber', from: '19900000001', to: '1' }]),
      seat.edit(caseId, [{ field: 'content', from: fieldsOf().content, to: '' }]),
      seat.sign({ ...seat.create(randomUUID()), args: { ...(good.args as object) } }),
      { ...seat.create(caseId, { title: '不同' }) },
      seat.sign({ ...seat.create(caseId), args: good.args }),
      'not even an object',
      { id: 'x\u0000y', hello: 1 },
      seat.remark(`${caseId}\u0000`, 'NUL'),
    )
    expect(outcomes(results)).toEqual([
      'applied',
      'rejected COMMAND_INVALID',
      'rejected SCHEMA_TOO_OLD',
      'rejected SCHEMA_TOO_NEW',
      'rejected CLIENT_MISMATCH',
      'rejected COMMAND_UNKNOWN',
      'rejected CASE_NOT_FOUND',
      'rejected ACTOR_UNPROVED',
      'rejected CASE_INCOMPLETE',
      'rejected FIELD_INVALID',
      'rejected CASE_INCOMPLETE',
      'rejected CASE_NUMBER_TAKEN',
      'rejected CASE_EXISTS',
      'applied',
      'rejected COMMAND_INVALID',
      'rejected COMMAND_INVALID',
      'rejected COMMAND_INVALID',
    ])
    for (const result of results)
      if (result.outcome === 'rejected') expect(result.sentence).toMatch(/\p{Script=Han}/u)
    expect((await state(caseId))?.version).toBe(1)

    const unknown = seat.remark(caseId, '后来有了', { operatorId: 'p-later' })
    expect(outcomes(await push(seat, unknown))).toEqual(['rejected ACTOR_UNPROVED'])
    await centre.operators.save({ ...people.agent, operatorId: 'p-later', workNumber: 'L1' }, undefined, null)
    expect(outcomes(await push(seat, unknown))).toEqual(['applied'])
    await centre.operators.save(
      { ...people.agent, operatorId: 'p-later', workNumber: 'L1', disabled: true },
      undefined,
      null,
    )
    const late = seat.remark(caseId, '停用以后', { operatorId: 'p-later' })
    expect(outcomes(await push(seat, late))).toEqual(['rejected OPERATOR_DISABLED'])
  })

  it('keeps text that PostgreSQL itself would refuse', async () => {
    const caseId = randomUUID()
    const odd = 'a\u0000b \ud800 😀 "\\u0000"'
    expect(
      outcomes(await push(seat, seat.create(caseId, { content: odd }), seat.remark(caseId, odd))),
    ).toEqual(['applied', 'applied'])
    expect((await state(caseId))?.fields['content']).toBe(odd)
  })

  it('sees a number of the seat that another command took, within a batch and over batches', async () => {
    const first = seat.create(randomUUID())
    const second = { ...seat.create(randomUUID()), seq: first.seq }
    expect(outcomes(await push(seat, first, second))).toEqual(['applied', 'rejected SEQ_TAKEN'])
    expect(outcomes(await push(seat, second))).toEqual(['rejected SEQ_TAKEN'])
  })

  it('gives a copied seat another identity, keeps what it filed, and takes its unsent ids under the new one', async () => {
    const old = await enrol(centre)
    const caseId = randomUUID()
    await push(old, old.create(caseId, { confidential: true }))
    const unsent = old.remark(caseId, '未同步')
    await centre.numberBlocks.lease(old.device, 'r1')
    const asked = { ...old.credential, requestId: 'r2', reason: 'copied' }
    const credential = await centre.devices.renew(asked)
    // Its answer was lost, so it asks again.
    expect(await centre.devices.renew(asked)).toEqual(credential)
    const renewed = await seatWith(centre, credential)
    await expect(centre.devices.token(old.credential)).rejects.toThrow('DEVICE_SUPERSEDED')
    const moved = { ...unsent, clientId: renewed.device.clientId, seq: 1 }
    expect(outcomes(await push(renewed, moved))).toEqual(['applied'])
    await centre.stamper.stamp()
    const { changes } = await renewed.pull()
    expect(changes.some(change => change.kind === 'case' && change.case.caseId === caseId)).toBe(true)
  })

  it('takes calls and states, and no people', async () => {
    const local = await enrol(centre)
    const operator = {
      operatorId: randomUUID(),
      workNumber: '1701',
      name: '本机人员',
      branch: people.agent.branch,
      role: 'agent' as const,
      skills: [],
    }
    await centre.operators.save({ ...operator, disabled: false, employer: '' }, undefined, null)
    const caseId = randomUUID()
    const call = (state: 'talking' | 'ended'): CommandArgs<'call.record'> => ({
      direction: 'inbound',
      state,
      facts: {
        originalCallId: null,
        callerNumber: '19900000001',
        calledNumber: '12345',
        displayName: null,
        queue: null,
        skill: null,
        dialect: null,
        recordingId: null,
      },
      offeredAt: '2026-11-24T01:00:00.000Z',
      answeredAt: null,
      endedAt: null,
      hangUpSide: null,
      outcome: null,
      sipStatus: null,
      transfers: [],
      callId: `call-${caseId}`,
      numberKey: '19900000001',
      operatorId: operator.operatorId,
      caseId: null,
    })
    const by = { operatorId: operator.operatorId }
    const record = (state: 'talking' | 'ended') => local.command('call.record', call(state), by)
    const results = await push(
      local,
      {
        ...local.command('draft.discard', { draftId: 'd0', callId: null }, by),
        name: 'operator.create',
        args: operator,
      },
      local.create(caseId, {}, by),
      record('talking'),
      record('ended'),
      local.command('seat.state', { kind: 'busy', reason: null, since: '2026-11-24T01:00:00.000Z' }, by),
      local.command('draft.discard', { draftId: 'd1', callId: null }, by),
      local.command('case.reveal', { what: 'contactNumber', reason: '回电' }, { ...by, caseId }),
      local.command('case.move', { entryId: randomUUID(), move: 'reopen', reason: '' }, { ...by, caseId }),
    )
    expect(outcomes(results)).toEqual([
      'rejected PEOPLE_AT_CENTRE_ONLY',
      ...Array<string>(6).fill('applied'),
      'rejected FORBIDDEN',
    ])
    const [recorded] = await centre.sql.query<{ record: string }>(
      'SELECT record FROM call_record WHERE call_id = $1',
      [`call-${caseId}`],
    )
    expect(JSON.parse(recorded?.record ?? '{}')).toMatchObject({ state: 'ended' })
    const audited = await centre.sql.query<{ action: string; result: string }>(
      'SELECT action, result FROM audit WHERE operator_id = $1 AND command_id IS NOT NULL ORDER BY entry',
      [operator.operatorId],
    )
    expect(audited.map(({ action, result }) => `${action} ${result}`)).toEqual([
      'case.create done',
      'call.record done',
      'call.record done',
      'seat.state done',
      'draft.discard done',
      'case.reveal done',
      'case.move FORBIDDEN',
    ])
  })

  it('lets history and audit only grow', async () => {
    await expect(centre.sql.query("UPDATE audit SET result = 'done'")).rejects.toThrow('only grows')
    await expect(centre.sql.query('DELETE FROM case_history')).rejects.toThrow('only grows')
  })
})
