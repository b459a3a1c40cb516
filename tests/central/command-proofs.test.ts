/** Nobody acts as somebody else (issue 14, A.1, A.3, A.5): each of these took effect before commands carried proofs. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { macOf, setAcceptUnprovedUntil } from '../../central/identity/actor-proofs.ts'
import type { CommandResult, OperatorSession } from '../../shared/contract/central.ts'
import type { HistoryEntry } from '../../shared/domain/case.ts'
import type { Command } from '../../shared/domain/command.ts'
import { commandProofText, type SessionProof } from '../../shared/domain/command-proof.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import {
  addPeople,
  databaseFor,
  databaseKinds,
  enrol,
  otherBranch,
  password,
  people,
  type Seat,
  startCentre,
  type TestCentre,
} from './centre.ts'

const hour = 3_600_000
const at = (ms: number) => new Date(ms).toISOString()

let postgres: Postgres | null = null
beforeAll(async () => {
  if (hasPostgres) postgres = await startPostgres()
})
afterAll(() => postgres?.stop())

describe.each(databaseKinds)('proofs on %s', kind => {
  let centre: TestCentre
  let seat: Seat
  let far: Seat
  beforeAll(async () => {
    centre = await startCentre(await databaseFor(kind, postgres))
    await addPeople(centre)
    seat = await enrol(centre)
    far = await enrol(centre, otherBranch)
  })
  afterAll(() => centre.end())

  const outcomes = (results: readonly CommandResult[]) =>
    results.map(result => ('code' in result ? result.code : result.outcome))
  const push = async (from: Seat, ...commands: Command[]) => {
    // What the centre remembers of the seat's contacts, as an HTTP request finds it.
    const { accessToken } = await centre.devices.token(from.credential)
    return outcomes(await centre.push(await centre.devices.of(accessToken), commands))
  }
  const historyOf = async (caseId: string) =>
    (
      await centre.sql.query<{ entry: string }>(
        'SELECT entry FROM case_history WHERE case_id = $1 ORDER BY version',
        [caseId],
      )
    ).map(({ entry }) => JSON.parse(entry) as HistoryEntry)
  const filed = async (fields = {}) => {
    const caseId = randomUUID()
    expect(await push(seat, seat.create(caseId, fields))).toEqual(['applied'])
    return caseId
  }
  const move = (from: Seat, caseId: string, name: 'close' | 'approve', by: { operatorId: string }) =>
    from.command(
      'case.move',
      { entryId: randomUUID(), move: name, reason: '' },
      { caseId, operatorId: by.operatorId },
    )
  const unproved = (command: Command): Command => {
    const { proof: _, ...rest } = command
    return rest
  }

  it('refuses what a seat says in the name of people who are not signed in there', async () => {
    const caseId = await filed()
    const forged = [
      unproved(move(far, caseId, 'close', people.admin)),
      unproved(
        far.edit(caseId, [{ field: 'confidential', from: false, to: true }], {
          operatorId: people.admin.operatorId,
        }),
      ),
      unproved(
        far.command(
          'ledger.export',
          { exportId: randomUUID(), ledger: 'enterprise', format: 'csv', rows: 9 },
          { operatorId: people.admin.operatorId },
        ),
      ),
      unproved(far.create(randomUUID())),
      unproved(far.remark('no-such-case', '有没有')),
    ]
    expect(await push(far, ...forged)).toEqual(Array(5).fill('ACTOR_UNPROVED'))
    expect(await historyOf(caseId)).toHaveLength(1)
  })

  it('refuses a proof that is of another command, person, session or time', async () => {
    const caseId = await filed()
    const good = seat.remark(caseId, '原话')
    const other = seat.remark(caseId, '另一句', { operatorId: people.lead.operatorId })
    const { proof } = good
    if (proof === undefined) throw new Error('no proof')
    const wrong: Command[] = [
      { ...good, args: { ...(good.args as object), text: '改过的话' } },
      { ...good, caseId: 'another' },
      { ...good, operatorId: people.lead.operatorId },
      { ...good, baseVersion: 7 },
      { ...good, issuedAt: at(centre.now.ms) },
      { ...good, schemaVersion: 3 },
      { ...good, id: randomUUID() },
      { ...good, proof: { ...proof, seq: proof.seq + 1 } },
      { ...good, proof: { ...proof, client: 'another' } },
      {
        ...good,
        proof: { ...proof, mac: `${proof.mac.slice(0, 42)}${proof.mac.endsWith('A') ? 'B' : 'A'}` },
      },
      { ...good, proof: { ...proof, session: 'no-such-session' } },
      { ...good, ...(other.proof === undefined ? {} : { proof: other.proof }) },
    ]
    for (const command of wrong) expect(await push(seat, command)).toEqual(['ACTOR_UNPROVED'])
    expect(await push(seat, good)).toEqual(['applied'])
    // The same again, from anywhere, is the same command.
    expect(await push(far, { ...good, clientId: far.device.clientId })).toEqual(['duplicate'])
    expect((await historyOf(caseId)).map(({ detail }) => detail)).toEqual(['accept', '原话'])
  })

  it('refuses what is nested too deep to be signed, and takes what stands beside it', async () => {
    const caseId = await filed()
    const deep = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) as unknown
    const good = seat.remark(caseId, '照常')
    const edit = seat.edit(caseId, [{ field: 'remarks', from: '', to: '改' }])
    const nested = {
      ...edit,
      args: { entryId: randomUUID(), changes: [{ field: 'remarks', from: deep, to: '改' }] },
    }
    expect(await push(seat, nested, good)).toEqual(['ACTOR_UNPROVED', 'applied'])
  })

  it('takes what the person of a real sign-in wrote, whoever sends it, under their own seat and branch', async () => {
    const session = await centre.sessions.signIn(seat.device, {
      workNumber: people.agent.workNumber,
      password,
    })
    const written = proved(session, seat, unproved(seat.create(randomUUID())))
    // A file taken in by a seat of another branch.
    const carried = { ...written, clientId: far.device.clientId, seq: 900 }
    expect(await push(far, carried)).toEqual(['applied'])
    const [row] = await centre.sql.query<{ seat_id: string; branch: string; operator_id: string }>(
      'SELECT seat_id, branch, operator_id FROM cases WHERE case_id = $1',
      [written.caseId],
    )
    expect(row).toEqual({
      seat_id: seat.device.seatId,
      branch: people.agent.branch,
      operator_id: people.agent.operatorId,
    })
    const [audited] = await centre.sql.query<{ proved_by: string; client_id: string }>(
      'SELECT proved_by, client_id FROM audit WHERE command_id = $1',
      [written.id],
    )
    expect(audited).toEqual({ proved_by: session.proof?.sessionId, client_id: far.device.clientId })
    expect(await centre.sql.query('SELECT 1 FROM case_seat WHERE case_id = $1', [written.caseId])).toEqual([])
  })

  it('a session that was ended proves what it wrote, one that was revoked proves nothing', async () => {
    const session = await centre.sessions.signIn(seat.device, {
      workNumber: people.lead.workNumber,
      password,
    })
    const caseId = await filed()
    const by = { operatorId: people.lead.operatorId }
    const write = (text: string) => proved(session, seat, unproved(seat.remark(caseId, text, by)))
    const [first, second] = [write('下班前'), write('吊销前')]
    await centre.sessions.end(seat.device, session.refreshToken)
    expect(await push(seat, first)).toEqual(['applied'])
    await centre.sql.query('UPDATE operator_session SET revoked_at = now() WHERE session_id = $1', [
      session.proof?.sessionId,
    ])
    expect(await push(seat, second)).toEqual(['ACTOR_UNPROVED'])
  })

  it('proves nothing that was written after its end, however late it comes', async () => {
    const late = await enrol(centre)
    const session = await centre.sessions.signIn(late.device, {
      workNumber: people.agent.workNumber,
      password,
    })
    const caseId = await filed()
    const until = Date.parse(session.proof?.until ?? '')
    const write = (issuedAt: string) =>
      proved(session, late, { ...unproved(late.remark(caseId, issuedAt)), issuedAt })
    const before = centre.now.ms
    try {
      centre.now.ms = until + 24 * hour
      expect(await push(late, write(at(until - hour)))).toEqual(['applied'])
      expect(await push(late, write(at(until + hour)))).toEqual(['ACTOR_UNPROVED'])
    } finally {
      centre.now.ms = before
    }
  })

  it('gives a session the same secret when it is renewed, and another one to each seat and person', async () => {
    const who = { workNumber: people.agent.workNumber, password }
    const one = await centre.sessions.signIn(seat.device, who)
    const again = await centre.sessions.refresh(seat.device, one.refreshToken)
    const elsewhere = await centre.sessions.signIn((await enrol(centre)).device, who)
    expect(again.proof?.secret).toBe(one.proof?.secret)
    expect(elsewhere.proof?.secret).not.toBe(one.proof?.secret)
    // The secret of one seat does not prove what is said of another's session.
    const caseId = await filed()
    const mixed = proved(
      { proof: { ...proofOf(elsewhere), secret: proofOf(one).secret } },
      seat,
      unproved(seat.remark(caseId, '混用')),
    )
    expect(await push(seat, mixed)).toEqual(['ACTOR_UNPROVED'])
  })

  it('refuses people whom a seat makes, and commands in the name of a unit', async () => {
    const unit = {
      ...people.agent,
      operatorId: 'p-unit',
      workNumber: '5001',
      role: 'unit' as const,
      unitCode: 'C07',
    }
    await centre.operators.save(unit, undefined, null)
    const made = {
      ...seat.command('seat.state', { kind: 'ready', reason: null, since: at(centre.now.ms) }),
      name: 'operator.create',
      args: { ...people.admin, operatorId: 'p-made', workNumber: people.admin.workNumber },
    }
    const named = seat.command(
      'seat.state',
      { kind: 'ready', reason: null, since: at(centre.now.ms) },
      { operatorId: unit.operatorId },
    )
    expect(await push(seat, made, named)).toEqual(['PEOPLE_AT_CENTRE_ONLY', 'ACTOR_UNPROVED'])
    expect(await centre.sql.query("SELECT 1 FROM operator WHERE operator_id = 'p-made'")).toEqual([])
  })

  it('names whoever took a call by the proof, never by what the record says', async () => {
    const record = (callId: string, operatorId: string | null, by: string | null) =>
      seat.command(
        'call.record',
        {
          direction: 'inbound',
          state: 'ended',
          facts: {
            originalCallId: callId,
            callerNumber: '19900000009',
            calledNumber: '12345',
            displayName: null,
            queue: null,
            skill: null,
            dialect: null,
            recordingId: null,
          },
          offeredAt: '2026-11-24T01:00:00.000Z',
          answeredAt: '2026-11-24T01:00:05.000Z',
          endedAt: '2026-11-24T01:01:00.000Z',
          hangUpSide: 'caller',
          outcome: 'answered',
          sipStatus: null,
          transfers: [],
          callId,
          numberKey: '19900000009',
          operatorId,
          caseId: null,
        },
        { operatorId: by },
      )
    const named = async (callId: string) => {
      const [row] = await centre.sql.query<{ operator_id: string | null; record: string }>(
        'SELECT operator_id, record FROM call_record WHERE call_id = $1',
        [callId],
      )
      return [row?.operator_id, (JSON.parse(row?.record ?? '{}') as { operatorId?: string }).operatorId]
    }
    expect(await push(seat, record('c-1', people.lead.operatorId, null))).toEqual(['applied'])
    expect(await named('c-1')).toEqual([null, null])
    expect(await push(seat, record('c-2', people.lead.operatorId, people.agent.operatorId))).toEqual([
      'applied',
    ])
    expect(await named('c-2')).toEqual([people.agent.operatorId, people.agent.operatorId])
    // Nobody is left to say how it ended: it stays the call of whoever took it.
    expect(await push(seat, record('c-2', null, null))).toEqual(['applied'])
    expect((await named('c-2'))[0]).toBe(people.agent.operatorId)
  })

  it('takes commands of the version before from seats that were enrolled before, until the date, and no privileged ones', async () => {
    const old = await enrol(centre)
    const former = (command: Command): Command => ({ ...unproved(command), schemaVersion: 3 })
    const clue = await filed({ disposition: 'refer', reasonCode: 'Y01', dispositionNote: '移交线索。' })
    const send = () =>
      push(
        old,
        former(old.create(randomUUID())),
        { ...former(old.create(randomUUID())), schemaVersion: 4 },
        former(move(old, clue, 'approve', people.lead)),
      )
    expect(await send()).toEqual(Array(3).fill('ACTOR_UNPROVED'))
    await centre.sql.query('UPDATE device SET before_proofs = true WHERE client_id = $1', [
      old.device.clientId,
    ])
    expect(await send()).toEqual(Array(3).fill('ACTOR_UNPROVED'))
    await setAcceptUnprovedUntil(centre.sql, at(centre.now.ms + hour))
    expect(await send()).toEqual(['applied', 'ACTOR_UNPROVED', 'ACTOR_UNPROVED'])
    expect(await push(seat, former(seat.create(randomUUID())))).toEqual(['ACTOR_UNPROVED'])
    await setAcceptUnprovedUntil(centre.sql, at(centre.now.ms - hour))
    expect(await send()).toEqual(Array(3).fill('ACTOR_UNPROVED'))
    await setAcceptUnprovedUntil(centre.sql, null)
  })

  it('counts the time of receipt where the seat says one that cannot be', async () => {
    const caseId = await filed()
    const lastMonth = '2026-10-20T01:00:00.000Z'
    expect(
      await push(
        seat,
        seat.remark(caseId, '迟到的答复', { issuedAt: lastMonth }),
        seat.remark(caseId, '来自将来', { issuedAt: at(centre.now.ms + 48 * hour) }),
        seat.remark(caseId, '刚才', { issuedAt: at(centre.now.ms - 1_000) }),
      ),
    ).toEqual(['applied', 'applied', 'applied'])
    const [, late, ahead, now] = await historyOf(caseId)
    expect(late).toMatchObject({ at: at(centre.now.ms), reportedAt: lastMonth })
    expect(ahead).toMatchObject({ at: at(centre.now.ms), reportedAt: at(centre.now.ms + 48 * hour) })
    expect(now?.at).toBe(at(centre.now.ms - 1_000))
    expect(now).not.toHaveProperty('reportedAt')
    const backdated = seat.create(randomUUID(), {}, { issuedAt: lastMonth })
    const created = seat.sign({ ...backdated, args: { ...(backdated.args as object), createdAt: lastMonth } })
    expect(await push(seat, created)).toEqual(['applied'])
    const [row] = await centre.sql.query<{ created_at: string }>(
      'SELECT created_at FROM cases WHERE case_id = $1',
      [created.caseId],
    )
    expect(row?.created_at).toBe(at(centre.now.ms))
  })

  it('keeps the times of a seat that was away for three days, and only of those days', async () => {
    const away = await enrol(centre)
    const start = centre.now.ms
    try {
      const caseId = randomUUID()
      await push(away, away.create(caseId))
      centre.now.ms = start + 72 * hour
      const done = [at(start + 5 * hour), at(start + 50 * hour)]
      const offline = (issuedAt: string | undefined) =>
        away.remark(caseId, '离线', { issuedAt: issuedAt ?? '' })
      const [one, two] = [offline(done[0]), offline(done[1])]
      const before = away.remark(caseId, '更早', { issuedAt: at(start - 2 * hour) })
      expect(await push(away, one)).toEqual(['applied'])
      // The rest of it comes a little later, after the seat was heard.
      centre.now.ms += 10 * 60_000
      expect(await push(away, two, before)).toEqual(['applied', 'applied'])
      // Much later nothing more can come of those days.
      for (let minute = 0; minute < 45; minute += 1) {
        centre.now.ms += 60_000
        await push(away)
      }
      const later = away.remark(caseId, '补记', { issuedAt: at(start + 6 * hour) })
      expect(await push(away, later)).toEqual(['applied'])
      const times = (await historyOf(caseId)).slice(1).map(entry => [entry.at, entry.reportedAt])
      const back = at(start + 72 * hour + 10 * 60_000)
      expect(times).toEqual([
        [done[0], undefined],
        [done[1], undefined],
        [back, at(start - 2 * hour)],
        [at(centre.now.ms), at(start + 6 * hour)],
      ])
    } finally {
      centre.now.ms = start
    }
  })

  it('takes the known skew of a seat’s clock off', async () => {
    const caseId = await filed()
    const skewed = centre.now.ms + 26 * hour
    const remark = seat.remark(caseId, '钟快一天多', { issuedAt: at(skewed - 2_000) })
    const { accessToken } = await centre.devices.token(seat.credential)
    const device = await centre.devices.of(accessToken)
    expect(outcomes(await centre.push(device, [remark], { sentAt: at(skewed) }))).toEqual(['applied'])
    const entry = (await historyOf(caseId)).at(-1)
    expect(entry?.at).toBe(at(centre.now.ms - 2_000))
    expect(entry).not.toHaveProperty('reportedAt')
  })
})

function proofOf({ proof }: Pick<OperatorSession, 'proof'>): SessionProof {
  if (proof === undefined) throw new Error('the sign-in gave no secret')
  return proof
}

/** Signed as a seat does it, with what a sign-in gave. */
function proved(session: Pick<OperatorSession, 'proof'>, seat: Seat, command: Command): Command {
  const proof = proofOf(session)
  const { seq } = command
  const client = seat.device.clientId
  const text = commandProofText({ ...command, client, session: proof.sessionId })
  return { ...command, proof: { session: proof.sessionId, client, seq, mac: macOf(proof.secret, text) } }
}
