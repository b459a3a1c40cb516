import { createHmac, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { applyChange } from '../../electron/core/sync/apply-changes.ts'
import { commandProof, commandProofText, type SessionProof } from '../../shared/domain/command-proof.ts'
import { documentOf, refusalOf, type SeatParts, seatParts } from '../support/seat-parts.ts'

let seat: SeatParts
const proof: SessionProof = {
  sessionId: 'session-1',
  secret: randomBytes(32).toString('base64url'),
  until: '2026-12-01T00:00:00.000Z',
}
beforeEach(() => {
  seat = seatParts()
})
afterEach(() => seat.close())

type Row = {
  seq: number
  id: string
  client: string
  operatorId: string | null
  caseId: string | null
  schemaVersion: number
  name: string
  args: string
  baseVersion: number | null
  issuedAt: string
  proof: string | null
}
const rows = () =>
  seat.db
    .prepare(
      `SELECT seq, id, client_id AS client, operator_id AS operatorId, case_id AS caseId, schema_version AS schemaVersion,
              name, args, base_version AS baseVersion, issued_at AS issuedAt, proof FROM outbox ORDER BY seq`,
    )
    .all() as Row[]
/** Whether the proof is of the row as it stands, whoever sends it. */
const isProved = ({ proof: told, ...row }: Row): boolean => {
  const { mac, session, client, seq } = commandProof.parse(JSON.parse(told ?? '{}'))
  const text = commandProofText({ ...row, client, seq, session, args: JSON.parse(row.args) as unknown })
  return createHmac('sha256', Buffer.from(proof.secret, 'base64url')).update(text).digest('base64url') === mac
}
const hold = (operatorId: string) => seat.keys.hold({ ...proof, operatorId })

it('signs in the transaction of the save, with the number that the command gets', () => {
  const anna = seat.person('anna')
  hold('anna')
  const one = seat.file(anna, { title: '半个字符 \ud83d', content: '路灯不亮' })
  seat.sent()
  seat.write(db => seat.cases.addRemark(db, anna, { caseId: one.caseId, requestId: 'r', text: '备注' }))
  const [remark] = rows()
  // A number is never given twice, though what had the first is gone.
  expect(remark?.seq).toBe(2)
  expect(rows().every(isProved)).toBe(true)
})

it('signs nothing for anybody else, and nothing once its person has gone', () => {
  const anna = seat.person('anna')
  const bert = seat.person('bert')
  hold('anna')
  seat.file(bert)
  seat.keys.drop()
  seat.file(anna)
  expect(rows().map(row => [row.operatorId, row.proof])).toEqual([
    ['bert', null],
    ['anna', null],
  ])
})

it('opens the secret with its person’s password and with no other', async () => {
  seat.person('anna')
  seat.person('bert')
  const sealed = await seat.keys.seal('anna', proof, '安娜的口令')
  seat.write(db => seat.keys.store(db, sealed))
  expect(Buffer.from(sealed.sealed).includes(Buffer.from(proof.secret, 'base64url'))).toBe(false)
  expect(await seat.keys.unlock(seat.db, 'anna', '别的口令')).toBe(false)
  expect(seat.keys.held()).toBeNull()
  expect(await seat.keys.unlock(seat.db, 'bert', '安娜的口令')).toBe(false)
  // Under another's name it does not open either.
  seat.write(db => seat.keys.store(db, { ...sealed, operatorId: 'bert' }))
  expect(await seat.keys.unlock(seat.db, 'bert', '安娜的口令')).toBe(false)
  expect(await seat.keys.unlock(seat.db, 'anna', '安娜的口令')).toBe(true)
  expect(seat.keys.held()).toEqual({ ...proof, operatorId: 'anna' })
  seat.write(db => seat.keys.extend(db, 'anna', { ...proof, until: '2026-12-09T00:00:00.000Z' }))
  expect(await seat.keys.unlock(seat.db, 'anna', '安娜的口令')).toBe(true)
  expect(seat.keys.held()?.until).toBe('2026-12-09T00:00:00.000Z')
})

it('tells of a call in nobody’s name where nobody can prove it', () => {
  seat.person('anna')
  const report = (callId: string) =>
    seat.write(db =>
      seat.calls.report(db, 'anna', callId, [
        {
          type: 'offered',
          at: '2026-11-23T01:00:00.000Z',
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
        },
        {
          type: 'ended',
          at: '2026-11-23T01:00:09.000Z',
          side: 'caller',
          cause: 'cancelled',
          sipStatus: null,
        },
      ]),
    )
  hold('anna')
  report('c1')
  seat.keys.drop()
  report('c2')
  expect(rows().map(({ name, operatorId }) => [name, operatorId])).toEqual([
    ['call.record', 'anna'],
    ['call.record', null],
  ])
})

it('only the person named sends again what was not proved, and signs it anew', () => {
  const anna = seat.person('anna')
  seat.person('bert')
  seat.file(anna)
  const id = rows()[0]?.id ?? ''
  seat.db
    .prepare(
      "INSERT INTO parked (command_id, code, sentence, at) VALUES (?, 'ACTOR_UNPROVED', '无法确认', '2026')",
    )
    .run(id)
  const retry = (by: string) => refusalOf(() => seat.write(db => seat.unsent.retry(db, by, id)))
  expect(retry('anna')).toBe('AUTHOR_NEEDED')
  hold('bert')
  expect(retry('bert')).toBe('AUTHOR_NEEDED')
  expect(rows()[0]?.operatorId).toBe('anna')
  hold('anna')
  expect(retry('anna')).toBe('none')
  expect(rows().every(isProved)).toBe(true)
  expect(seat.db.prepare('SELECT count(*) FROM parked').pluck().get()).toBe(0)
})

it('what waited for a person’s session at the centre goes again when they have one', () => {
  const anna = seat.person('anna')
  const bert = seat.person('bert')
  for (const each of [anna, bert]) seat.file(each)
  for (const { id } of rows())
    seat.db
      .prepare(
        "INSERT INTO parked (command_id, code, sentence, at) VALUES (?, 'LIVE_SESSION_NEEDED', '须登录', '2026')",
      )
      .run(id)
  expect(seat.write(db => seat.unsent.retryLive(db, 'anna'))).toBe(true)
  expect(seat.write(db => seat.unsent.retryLive(db, 'anna'))).toBe(false)
  expect(seat.unsent.list(seat.db, 9).map(({ state }) => state)).toEqual(['waiting', 'parked'])
})

it('whoever decides a conflict proves what is left of the edit', () => {
  const anna = seat.person('anna')
  const lead = seat.person('lead', 'lead')
  hold('anna')
  const one = seat.file(anna, { title: '原' })
  seat.sent()
  seat.write(db =>
    seat.cases.edit(db, anna, {
      caseId: one.caseId,
      requestId: 'e',
      changes: [{ field: 'title', from: '原', to: '我的' }],
    }),
  )
  const id = rows()[0]?.id ?? ''
  const conflict = { clashes: [{ field: 'title', from: '原', mine: '我的', theirs: '他的' }], by: null }
  seat.db
    .prepare(
      "INSERT INTO parked (command_id, code, sentence, at, conflict) VALUES (?, 'EDIT_CONFLICT', '冲突', '2026', ?)",
    )
    .run(id, JSON.stringify(conflict))
  hold('lead')
  seat.write(db => seat.identity.signIn(db, 'lead'))
  seat.write(db => seat.unsent.resolve(db, lead.operatorId, { commandId: id, mine: ['title'] }))
  expect(rows().map(({ operatorId }) => operatorId)).toEqual(['lead', 'lead'])
  expect(rows().every(isProved)).toBe(true)
})

it('shows the time that counts at the centre beside its own where they differ', () => {
  const anna = seat.person('anna')
  const one = seat.file(anna)
  const [entry] = seat.cases.get(seat.db, anna, one.caseId).history
  if (entry === undefined) throw new Error('no history')
  const told = { ...entry, at: '2026-11-25T00:00:00.000Z', reportedAt: entry.at }
  seat.sent()
  const doc = documentOf({
    caseId: one.caseId,
    caseNumber: one.caseNumber,
    operatorId: 'anna',
    history: [told],
  })
  seat.write(db => applyChange(db, { kind: 'case', case: { ...doc, createdAt: told.at } }, false, seat.apply))
  const shown = seat.cases.get(seat.db, anna, one.caseId)
  expect(shown.history).toEqual([told])
  expect(shown.createdAt).toBe(told.at)
})
