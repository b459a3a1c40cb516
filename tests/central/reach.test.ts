/** What people of another branch, contractors, units and stolen seats reach at the centre: nothing that the tables do not give them. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CentralOperator, CommandResult } from '../../shared/contract/central.ts'
import { type CaseFields, disposition, handling } from '../../shared/domain/case.ts'
import type { CaseMove, MoveInput } from '../../shared/domain/case-moves.ts'
import type { Command } from '../../shared/domain/command.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import { missed } from './callback-queue.ts'
import {
  addPeople,
  branch,
  type DatabaseKind,
  databaseFor,
  databaseKinds,
  enrol,
  otherBranch,
  password,
  people,
  pushLive,
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

const codeOf = (result: CommandResult | undefined) =>
  result === undefined ? 'none' : 'code' in result ? result.code : result.outcome
const codesOf = (results: CommandResult[]) => results.map(codeOf)
const order = {
  catalogueVersion: '2026-11',
  categoryCode: '020301',
  lead: { code: 'C07', name: '城市照明中心' },
  assist: [],
  signBy: '2026-11-25T02:00:00.000Z',
  replyBy: '2026-12-01T02:00:00.000Z',
  opinion: '',
}

describe.each<DatabaseKind>(databaseKinds)('on %s', kind => {
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

  const filed = async (fields: Partial<CaseFields> = {}, by: CentralOperator = people.agent) => {
    const caseId = randomUUID()
    const create = seat.create(caseId, fields, { operatorId: by.operatorId })
    expect(codesOf(await centre.push(seat.device, [create]))).toEqual(['applied'])
    return caseId
  }
  const statusOf = async (caseId: string) =>
    (await centre.sql.query<{ status: string }>('SELECT status FROM cases WHERE case_id = $1', [caseId]))[0]
      ?.status
  const move = (from: Seat, caseId: string, name: CaseMove, by: string, part: Partial<MoveInput> = {}) =>
    from.command(
      'case.move',
      { entryId: randomUUID(), move: name, reason: '核实', ...part },
      { caseId, operatorId: by },
    )
  const attach = (from: Seat, caseId: string, by: string, part: object = {}) =>
    from.command(
      'case.attach',
      {
        entryId: randomUUID(),
        attachment: {
          attachmentId: randomUUID(),
          name: '现场.jpg',
          mediaType: 'image/jpeg',
          bytes: 3,
          sha256: 'a'.repeat(64),
          ...part,
        },
      },
      { caseId, operatorId: by },
    )
  /** One of every kind of command about a case. */
  const everything = (from: Seat, caseId: string, other: string, by: string): Command[] => [
    from.remark(caseId, '看看', { operatorId: by }),
    from.edit(caseId, [{ field: 'title', from: 'x', to: 'y' }], { operatorId: by }),
    move(from, caseId, 'approve', by),
    move(from, caseId, 'close', by),
    from.command(
      'case.relate',
      { entryId: randomUUID(), relation: 'link', otherId: other },
      { caseId, operatorId: by },
    ),
    attach(from, caseId, by),
    from.command('case.reveal', { what: 'contactNumber', reason: '回电' }, { caseId, operatorId: by }),
  ]

  describe('a case that one may not read', () => {
    it('is answered in every command like one that does not exist, and only the audit knows better', async () => {
      const [foreign, secret] = [await filed(), await filed({ confidential: true })]
      for (const [from, by, caseId] of [
        [far, strangers.agent, foreign],
        [far, strangers.lead, secret],
        [seat, people.colleague, secret],
      ] as const) {
        const there = await pushLive(centre, from, everything(from, caseId, caseId, by.operatorId))
        const none = await pushLive(centre, from, everything(from, randomUUID(), caseId, by.operatorId))
        const without = (results: CommandResult[]) => results.map(({ id: _id, ...rest }) => rest)
        expect(without(there)).toEqual(without(none))
        expect(new Set(codesOf(there))).toEqual(new Set(['CASE_NOT_FOUND']))
        const rows = await centre.sql.query<{ result: string; detail: string | null }>(
          'SELECT result, detail FROM audit WHERE subject_id = $1 AND operator_id = $2',
          [caseId, by.operatorId],
        )
        expect(rows).toHaveLength(there.length)
        for (const row of rows)
          expect(row).toEqual({ result: 'CASE_NOT_FOUND', detail: expect.stringContaining('hidden') })
      }
      expect(await statusOf(foreign)).toBe('accepted')
    })

    it('can not be related to, and is not named', async () => {
      const foreign = await filed()
      const own = randomUUID()
      const by = strangers.agent.operatorId
      await centre.push(far.device, [far.create(own, {}, { operatorId: by })])
      const link = (otherId: string) =>
        far.command(
          'case.relate',
          { entryId: randomUUID(), relation: 'link', otherId },
          { caseId: own, operatorId: by },
        )
      const [theirs, none] = await centre.push(far.device, [link(foreign), link(randomUUID())])
      expect(theirs).toEqual({ ...none, id: theirs?.id })
      expect(codeOf(theirs)).toBe('RELATED_CASE_NOT_FOUND')
    })

    it('is not found by its id, whoever leads elsewhere, and the audit has each try', async () => {
      const secret = await filed({ confidential: true })
      for (const operator of [strangers.agent, strangers.lead, strangers.admin]) {
        const who = { device: far.device, operator }
        await expect(centre.cases.get(who, secret)).rejects.toMatchObject({ code: 'NOT_FOUND' })
        await expect(centre.cases.get(who, randomUUID())).rejects.toMatchObject({ code: 'NOT_FOUND' })
      }
      const tries = await centre.sql.query(
        "SELECT 1 FROM audit WHERE action = 'case.read' AND subject_id = $1 AND result = 'NOT_FOUND'",
        [secret],
      )
      expect(tries).toHaveLength(3)
      const home = { device: seat.device, operator: people.lead }
      expect((await centre.cases.get(home, secret)).caseId).toBe(secret)
    })

    it('is read by whoever follows it from another branch, and by those who lead there', async () => {
      const caseId = await filed({ callerKind: 'enterprise' })
      const { operatorId, name } = strangers.agent
      const who = { device: far.device, operator: strangers.lead }
      await expect(centre.cases.get(who, caseId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      // An owner that is named with another move gives nothing.
      const sly = move(seat, caseId, 'dispatch', people.agent.operatorId, {
        order,
        owner: { operatorId, name },
      })
      expect(codesOf(await centre.push(seat.device, [sly]))).toEqual(['applied'])
      await expect(centre.cases.get(who, caseId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      const handOver = move(seat, caseId, 'handTo', people.lead.operatorId, { owner: { operatorId, name } })
      expect(codesOf(await pushLive(centre, seat, [handOver]))).toEqual(['applied'])
      expect((await centre.cases.get(who, caseId)).caseId).toBe(caseId)
      const remark = far.remark(caseId, '已联系企业', { operatorId })
      expect(codesOf(await centre.push(far.device, [remark]))).toEqual(['applied'])
    })
  })

  describe('a file', () => {
    const stored = async (from: Seat, attachmentId: string, sha256: string) =>
      centre.sql.query(
        `INSERT INTO file (file_id, attachment_id, sha256, bytes, seat_id, stored_at) VALUES ($1, $2, $3, 3, $4, now())`,
        [randomUUID(), attachmentId, sha256, from.device.seatId],
      )
    const readable = async (caseId: string, attachmentId: string) =>
      (
        await centre.sql.query(
          `SELECT 1 FROM case_file c JOIN file f ON f.attachment_id = c.attachment_id AND c.sender = 'seat:' || f.seat_id
           WHERE c.case_id = $1 AND c.attachment_id = $2`,
          [caseId, attachmentId],
        )
      ).length > 0

    it('is read in the case that its seat attached it to, and by naming it in no other', async () => {
      const secret = await filed({ confidential: true })
      const file = { attachmentId: randomUUID(), sha256: 'b'.repeat(64) }
      await stored(seat, file.attachmentId, file.sha256)
      const { operatorId } = people.agent
      expect(codesOf(await centre.push(seat.device, [attach(seat, secret, operatorId, file)]))).toEqual([
        'applied',
      ])
      expect(await readable(secret, file.attachmentId)).toBe(true)

      // A colleague at the same seat, and somebody at another: both know its id and digest.
      const mine = await filed({}, people.colleague)
      const same = attach(seat, mine, people.colleague.operatorId, file)
      expect(codesOf(await centre.push(seat.device, [same]))).toEqual(['ATTACHMENT_OF_OTHER_CASE'])
      const neighbour = await enrol(centre)
      const named = { ...attach(neighbour, mine, people.colleague.operatorId, file) }
      await centre.push(neighbour.device, [named])
      expect(await readable(mine, file.attachmentId)).toBe(false)
    })

    it('is said to be of a channel or a unit by the centre alone', async () => {
      const caseId = await filed()
      const addedBy = { name: '城市照明中心', unitCode: 'C07' }
      const forged = attach(seat, caseId, people.agent.operatorId, { addedBy })
      expect(codesOf(await centre.push(seat.device, [forged]))).toEqual(['applied'])
      const { attachments } = await centre.cases.get({ device: seat.device, operator: people.lead }, caseId)
      expect(attachments).toHaveLength(1)
      expect(attachments[0]).not.toHaveProperty('addedBy')
    })
  })

  describe('whoever gives a command', () => {
    it('is there in person for a privileged one; in the name of an administrator it is refused', async () => {
      const clue = await filed({ disposition: 'refer' })
      const replied = await filed({ callerKind: 'enterprise' })
      const secret = await filed({ confidential: true })
      const { agent, admin, colleague } = people
      await centre.push(seat.device, [move(seat, replied, 'dispatch', agent.operatorId, { order })])
      const by = admin.operatorId
      const owner = { operatorId: colleague.operatorId, name: '' }
      const privileged = (): Command[] => [
        move(seat, clue, 'approve', by),
        move(seat, clue, 'reject', by),
        move(seat, replied, 'sign', by),
        move(seat, replied, 'redispatch', by, { order }),
        move(seat, replied, 'supervise', by),
        move(seat, replied, 'handTo', by, { owner }),
        move(seat, secret, 'close', by),
        seat.edit(secret, [{ field: 'confidential', from: true, to: false }], { operatorId: by }),
        seat.command(
          'ledger.export',
          { exportId: randomUUID(), ledger: 'enterprise', format: 'csv', rows: 900 },
          { operatorId: by },
        ),
      ]
      const nobody = await centre.push(seat.device, privileged())
      expect(new Set(codesOf(nobody))).toEqual(new Set(['LIVE_SESSION_NEEDED']))
      for (const result of nobody) expect('sentence' in result && result.sentence).toMatch(/登录/)
      const live = { operatorId: agent.operatorId, sessionId: 's' }
      const others = await centre.push(seat.device, privileged(), { live })
      expect(new Set(codesOf(others))).toEqual(new Set(['LIVE_SESSION_NEEDED']))
      expect([await statusOf(clue), await statusOf(replied), await statusOf(secret)]).toEqual([
        'awaiting-approval',
        'dispatched',
        'accepted',
      ])
      const own = { operatorId: by, sessionId: 's' }
      const [approved] = await centre.push(seat.device, privileged().slice(0, 1), { live: own })
      expect(codeOf(approved)).toBe('applied')
      // Of one's own case, and what an agent does every day, needs no more than their proof.
      const mine = await filed({ confidential: true })
      const public_ = seat.edit(mine, [{ field: 'confidential', from: true, to: false }])
      expect(
        codesOf(await centre.push(seat.device, [public_, move(seat, mine, 'close', agent.operatorId)])),
      ).toEqual(['applied', 'applied'])
    })

    it('is no unit and no key', async () => {
      const unit = { ...people.agent, operatorId: 'u-reach', workNumber: '5009', unitCode: 'C07' }
      await centre.operators.save({ ...unit, role: 'unit' }, undefined, null)
      const caseId = await filed()
      for (const operatorId of ['u-reach', 'key:case platform'])
        expect(
          new Set(codesOf(await pushLive(centre, seat, everything(seat, caseId, caseId, operatorId)))),
        ).toEqual(new Set(['ACTOR_UNPROVED']))
      await expect(
        centre.operators.save(
          { ...unit, operatorId: 'key:case platform', workNumber: '5010' },
          undefined,
          null,
        ),
      ).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    })

    it('belongs to the branch of the seat now, whatever they were before', async () => {
      const person = { ...people.agent, operatorId: 'p-moving', workNumber: '1901' }
      await centre.operators.save(person, password, null)
      // Where they sign in after they were given their password.
      const own = await enrol(centre)
      const caseId = await filed()
      const remark = () => own.remark(caseId, '一', { operatorId: person.operatorId })
      expect(codesOf(await centre.push(own.device, [remark()]))).toEqual(['applied'])
      await centre.operators.save({ ...person, branch: otherBranch }, undefined, null)
      const [there] = await centre.push(own.device, [remark()])
      const none = own.remark(randomUUID(), '一', { operatorId: person.operatorId })
      expect([codeOf(there), ...codesOf(await centre.push(own.device, [none]))]).toEqual([
        'SEAT_OTHER_BRANCH',
        'SEAT_OTHER_BRANCH',
      ])
      await expect(
        centre.sessions.signIn(own.device, { workNumber: '1901', password }),
      ).rejects.toMatchObject({ code: 'SEAT_OTHER_BRANCH' })
      await expect(
        centre.sessions.signIn(own.device, { workNumber: '1901', password: '不是口令' }),
      ).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
      const session = await centre.sessions.signIn(far.device, { workNumber: '1901', password })
      expect(session.operator.branch).toBe(otherBranch)
      await centre.operators.save({ ...person, branch }, undefined, null)
      await expect(centre.sessions.refresh(far.device, session.refreshToken)).rejects.toMatchObject({
        code: 'SESSION_ENDED',
      })
    })
  })

  describe('a contractor’s operator', () => {
    it('closes no case, however it is filed; a supervisor does, and then it is closed', async () => {
      for (const disposed of disposition.options)
        for (const by of handling.options) {
          const fields = { disposition: disposed, handling: by }
          const caseId = await filed(fields, people.contractor)
          expect(await statusOf(caseId), `${disposed} ${by}`).not.toBe('closed')
          const mine = await filed(fields)
          expect(await statusOf(mine)).toBe(
            disposed === 'accept' && by === 'dispatch'
              ? 'accepted'
              : disposed === 'refer'
                ? 'awaiting-approval'
                : 'closed',
          )
        }
      const direct = await filed({ handling: 'direct' }, people.contractor)
      expect(await statusOf(direct)).toBe('awaiting-approval')
      const { contractor, lead } = people
      const others: CaseMove[] = ['approve', 'reject', 'close', 'reopen', 'dispatch', 'handTo', 'supervise']
      for (const name of others)
        expect(
          codesOf(await pushLive(centre, seat, [move(seat, direct, name, contractor.operatorId)])),
        ).toEqual([name === 'dispatch' ? 'MOVE_NOT_POSSIBLE' : 'FORBIDDEN'])
      expect(codesOf(await pushLive(centre, seat, [move(seat, direct, 'approve', lead.operatorId)]))).toEqual(
        ['applied'],
      )
      expect(await statusOf(direct)).toBe('closed')
    })
  })

  describe('callbacks of another branch', () => {
    it('look as if they did not exist, to a lead too, and their figures do not count', async () => {
      const at = Date.parse('2026-11-24T02:00:00.000Z')
      const [result] = await centre.callbacks.post(
        [missed(randomUUID(), '19900000777', at, { branch })],
        'key:测试',
      )
      const taskId = result !== undefined && 'taskId' in result ? (result.taskId ?? '') : ''
      const lead = { device: far.device, operator: strangers.lead }
      const acts = [
        { type: 'take-over' },
        { type: 'assign', to: strangers.agent.operatorId },
        { type: 'release', reason: '放行' },
        { type: 'remove', reason: '移除' },
        { type: 'undo', reason: '撤销' },
        { type: 'renew', fence: 1 },
      ] as const
      for (const act of acts) {
        await expect(centre.callbacks.act(lead, taskId, act)).rejects.toMatchObject({ code: 'NOT_FOUND' })
        await expect(centre.callbacks.act(lead, randomUUID(), act)).rejects.toMatchObject({
          code: 'NOT_FOUND',
        })
      }
      await expect(centre.callbacks.get(lead, taskId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      const claimed = await centre.callbacks.claim(lead, { requestId: randomUUID(), taskIds: [taskId] })
      expect(claimed).toMatchObject({ outcome: 'none', passed: [{ code: 'NOT_FOUND', heldBy: null }] })
      const [row] = await centre.sql.query<{ state: string; fence: number }>(
        'SELECT state, fence FROM callback_task WHERE task_id = $1',
        [taskId],
      )
      expect(row).toEqual({ state: 'open', fence: 0 })
      const period = { from: '2020-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' }
      expect(await centre.callbacks.figures(strangers.lead, period)).toMatchObject({ open: 0, opened: 0 })
      expect(await centre.callbacks.figures(people.lead, period)).toMatchObject({ open: 1, opened: 1 })
    })
  })

  describe('requests of the internet', () => {
    const content = {
      name: '',
      phone: '19900000001',
      kind: null,
      title: '路灯',
      content: '路灯不亮',
      place: '',
      confidential: false,
      replyWanted: true,
    }
    const sees = async (who: Parameters<TestCentre['intake']['list']>[0], intakeId: string) =>
      (await centre.intake.list(who)).some(item => item.intakeId === intakeId)

    it('show in their branch only; those of none until a branch has one in hand', async () => {
      const home = { device: seat.device, operator: people.agent }
      const away = { device: far.device, operator: strangers.agent }
      const named = await centre.intake.post('小程序', randomUUID(), content, [], branch)
      expect([await sees(home, named.intakeId), await sees(away, named.intakeId)]).toEqual([true, false])
      await expect(centre.intake.claim(away, named.intakeId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(centre.intake.claim(away, 'none')).rejects.toMatchObject({ code: 'NOT_FOUND' })

      const free = await centre.intake.post('小程序', randomUUID(), content)
      expect([await sees(home, free.intakeId), await sees(away, free.intakeId)]).toEqual([true, true])
      const { fence } = await centre.intake.claim(home, free.intakeId)
      expect([await sees(home, free.intakeId), await sees(away, free.intakeId)]).toEqual([true, false])
      await expect(centre.intake.claim(away, free.intakeId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await centre.intake.release(home, free.intakeId, fence)
      expect(await sees(away, free.intakeId)).toBe(true)
      await centre.intake.claim(home, free.intakeId)
      centre.now.ms += 601_000
      expect(await sees(away, free.intakeId)).toBe(true)
      expect(await sees({ device: seat.device, operator: people.admin }, named.intakeId)).toBe(true)
    })
  })
})

describe('a centre that names the branches for requests of the internet', () => {
  it('shows those of none only there', async () => {
    const centre = await startCentre(null, { intakeBranches: [otherBranch] })
    try {
      await addPeople(centre)
      const seat = await enrol(centre)
      const { intakeId } = await centre.intake.post('小程序', randomUUID(), {
        name: '',
        phone: '19900000001',
        kind: null,
        title: '',
        content: '路灯不亮',
        place: '',
        confidential: false,
        replyWanted: true,
      })
      const ids = async (operator: CentralOperator) =>
        (await centre.intake.list({ device: seat.device, operator })).map(item => item.intakeId)
      expect(await ids(people.agent)).toEqual([])
      expect(await ids(strangers.agent)).toEqual([intakeId])
      expect(await ids(people.admin)).toEqual([intakeId])
    } finally {
      await centre.end()
    }
  })
})
