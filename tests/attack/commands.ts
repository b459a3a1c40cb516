/** Section A: commands in somebody else's name, of another branch, at another time. */
import { randomUUID } from 'node:crypto'
import type { CommandResult, OperatorSession } from '../../shared/contract/central.ts'
import type { MoveInput } from '../../shared/domain/case-moves.ts'
import type { Command } from '../../shared/domain/command.ts'
import { signCommand } from '../support/sign-command.ts'
import { type Attack, createFindings } from './attack.ts'
import { type AttackSeat, type PersonName, people, type World } from './world.ts'

const tookEffect = (results: readonly CommandResult[]): boolean =>
  results.some(({ outcome }) => outcome === 'applied')
const codeOf = (results: readonly CommandResult[]): string =>
  results.map(result => ('code' in result ? result.code : result.outcome)).join(' ')

const move = (
  seat: AttackSeat,
  caseId: string,
  input: Partial<MoveInput> & Pick<MoveInput, 'move'>,
  session: OperatorSession | null,
  about: Partial<Command> = {},
) =>
  seat.command(
    'case.move',
    { entryId: randomUUID(), reason: '理由', ...input },
    { caseId, session, ...about },
  )

const statusOf = async ({ sql }: World, caseId: string): Promise<string> =>
  (await sql.query<{ status: string }>('SELECT status FROM cases WHERE case_id = $1', [caseId]))[0]?.status ??
  'none'

/** A case that waits for a team lead's word. */
const clue = async (world: World, by: PersonName = 'agent') => {
  const session = await world.seats.own.signIn(by)
  return world.seats.own.file(session, { disposition: 'refer', reasonCode: '' })
}

/** A session as it would be for somebody else, with the secret of one's own. */
const pretending = (session: OperatorSession, who: PersonName): OperatorSession => ({
  ...session,
  operator: people[who],
})

export const commandAttacks: Attack<World>[] = [
  {
    name: 'a seat of another branch, with nobody signed in, moves a case in the name of the administrator',
    by: 'thief of a seat',
    run: async world => {
      const { findings, found } = createFindings()
      const caseId = await clue(world)
      for (const who of ['admin', 'cityAdmin', 'lead', 'agent'] as const)
        for (const input of [
          { move: 'approve' },
          { move: 'reject' },
          { move: 'close' },
          { move: 'supervise' },
        ] as const) {
          const command = move(world.seats.other, caseId, input, null, { operatorId: people[who].operatorId })
          const results = await world.seats.other.push([command])
          found(tookEffect(results), `${input.move} as ${who} took effect without a proof`)
          found(
            codeOf(results) !== 'ACTOR_UNPROVED',
            `${input.move} as ${who} was refused as ${codeOf(results)}`,
          )
        }
      found((await statusOf(world, caseId)) !== 'awaiting-approval', 'the case moved')
      return findings
    },
  },
  {
    name: 'a proof under one’s own secret stands for somebody else',
    by: 'colleague',
    run: async world => {
      const { findings, found } = createFindings()
      const caseId = await clue(world)
      const own = await world.seats.own.signIn('colleague')
      for (const who of ['agent', 'lead', 'cityAdmin'] as const) {
        const results = await world.seats.own.push(
          [move(world.seats.own, caseId, { move: 'approve' }, pretending(own, who))],
          own,
        )
        found(tookEffect(results), `approved as ${who}`)
        const remark = world.seats.own.command(
          'case.addRemark',
          { entryId: randomUUID(), text: '冒名' },
          { caseId, session: pretending(own, who) },
        )
        found(tookEffect(await world.seats.own.push([remark])), `remarked as ${who}`)
      }
      return findings
    },
  },
  {
    name: 'one field of a proved command is changed on the way',
    by: 'thief of a seat',
    run: async world => {
      const { findings, found } = createFindings()
      const session = await world.seats.own.signIn('agent')
      const caseId = await world.seats.own.file(session)
      const other = await world.seats.own.file(session)
      const make = () =>
        world.seats.own.command(
          'case.addRemark',
          { entryId: randomUUID(), text: '原话' },
          { caseId, session },
        )
      const changes: Record<string, (command: Command) => Command> = {
        id: command => ({ ...command, id: randomUUID() }),
        operatorId: command => ({ ...command, operatorId: people.colleague.operatorId }),
        caseId: command => ({ ...command, caseId: other }),
        name: command => ({ ...command, name: 'case.reveal', args: { what: 'contactNumber', reason: '' } }),
        args: command => ({ ...command, args: { entryId: randomUUID(), text: '改过的话' } }),
        baseVersion: command => ({ ...command, baseVersion: 7 }),
        issuedAt: command => ({ ...command, issuedAt: '2026-10-01T00:00:00.000Z' }),
        schemaVersion: command => ({ ...command, schemaVersion: 3 }),
        'no proof': ({ proof: _gone, ...command }) => command,
        'no proof, older version': ({ proof: _gone, ...command }) => ({ ...command, schemaVersion: 3 }),
      }
      for (const [field, change] of Object.entries(changes)) {
        const results = await world.seats.own.push([change(make())])
        found(tookEffect(results), `took effect with another ${field}`)
      }
      return findings
    },
  },
  {
    name: 'a command is sent twice, and from another seat',
    by: 'thief of a seat',
    run: async world => {
      const { findings, found } = createFindings()
      const session = await world.seats.own.signIn('agent')
      const caseId = await world.seats.own.file(session)
      const remark = world.seats.own.command(
        'case.addRemark',
        { entryId: randomUUID(), text: '一次' },
        { caseId, session },
      )
      found(!tookEffect(await world.seats.own.push([remark])), 'the honest command was refused')
      found(tookEffect(await world.seats.own.push([remark])), 'took effect twice')
      const again = { ...remark, clientId: world.seats.second.credential.clientId, seq: 900 }
      found(tookEffect(await world.seats.second.push([again])), 'took effect twice by another seat')
      const rows = await world.sql.query('SELECT 1 FROM case_history WHERE case_id = $1', [caseId])
      found(rows.length !== 2, `the history has ${rows.length} entries`)
      return findings
    },
  },
  {
    name: 'a person is made by a command',
    by: 'thief of a seat',
    run: async world => {
      const { findings, found } = createFindings()
      const session = await world.seats.own.signIn('agent')
      for (const workNumber of ['7777', people.admin.workNumber]) {
        const args = {
          operatorId: `made-${workNumber}`,
          workNumber,
          name: '假人',
          branch: '云澜中心',
          role: 'admin',
          skills: [],
        }
        for (const by of [session, null]) {
          const raw = {
            ...world.seats.own.command(
              'seat.state',
              { kind: 'ready', reason: null, since: new Date().toISOString() },
              {},
            ),
            name: 'operator.create',
            args,
            operatorId: by === null ? args.operatorId : by.operator.operatorId,
          }
          const sent = by?.proof === undefined ? raw : signCommand(raw, by.proof)
          for (const schemaVersion of [4, 3])
            found(
              tookEffect(await world.seats.own.push([{ ...sent, schemaVersion }])),
              `made ${workNumber} by version ${schemaVersion}`,
            )
        }
        const made = await world.sql.query('SELECT 1 FROM operator WHERE operator_id = $1', [args.operatorId])
        found(made.length > 0, `${workNumber} is in the list of people`)
      }
      return findings
    },
  },
  {
    name: 'a privileged move without the person’s live session',
    by: 'thief of a seat',
    run: async world => {
      const { findings, found } = createFindings()
      const lead = await world.seats.own.signIn('lead')
      const agent = await world.seats.own.signIn('agent')
      const caseId = await clue(world)
      const approve = () => move(world.seats.own, caseId, { move: 'approve' }, lead)
      found(tookEffect(await world.seats.own.push([approve()])), 'approved without any session')
      found(
        tookEffect(await world.seats.own.push([approve()], agent)),
        'approved under the session of somebody else',
      )
      const exported = world.seats.own.command(
        'ledger.export',
        { exportId: randomUUID(), ledger: 'enterprise', format: 'csv', rows: 3 },
        { session: lead },
      )
      found(tookEffect(await world.seats.own.push([exported])), 'exported without a session')
      await world.ask(
        'POST',
        '/v1/sessions/end',
        { seat: world.seats.own, session: lead },
        { refreshToken: lead.refreshToken },
      )
      found(
        tookEffect(await world.seats.own.push([approve()], lead)),
        'approved under a session that was ended',
      )
      found((await statusOf(world, caseId)) !== 'awaiting-approval', 'the case moved')
      const again = await world.seats.own.signIn('lead')
      const results = await world.seats.own.push(
        [move(world.seats.own, caseId, { move: 'approve' }, again)],
        again,
      )
      found(!tookEffect(results), `the lead in person was refused: ${codeOf(results)}`)
      return findings
    },
  },
  {
    name: 'a case of another branch is worked on, by every kind of command',
    by: 'colleague',
    run: async world => {
      const { findings, found } = createFindings()
      const { own, other } = world.seats
      const caseId = await own.file(await own.signIn('agent'))
      const nowhere = randomUUID()
      for (const who of ['otherAgent', 'otherLead', 'otherAdmin'] as const) {
        const session = await other.signIn(who)
        const tries: Record<string, (about: string) => Command> = {
          remark: about =>
            other.command(
              'case.addRemark',
              { entryId: randomUUID(), text: '外来' },
              { caseId: about, session },
            ),
          edit: about =>
            other.command(
              'case.edit',
              { entryId: randomUUID(), changes: [{ field: 'title', from: '路灯不亮', to: '改' }] },
              { caseId: about, session },
            ),
          reveal: about =>
            other.command(
              'case.reveal',
              { what: 'contactNumber', reason: '看看' },
              { caseId: about, session },
            ),
          close: about => move(other, about, { move: 'close' }, session),
          supervise: about => move(other, about, { move: 'supervise' }, session),
          attach: about =>
            other.command(
              'case.attach',
              {
                entryId: randomUUID(),
                attachment: {
                  attachmentId: randomUUID(),
                  name: 'a.png',
                  mediaType: 'image/png',
                  bytes: 3,
                  sha256: 'a'.repeat(64),
                },
              },
              { caseId: about, session },
            ),
          relate: about =>
            other.command(
              'case.relate',
              { entryId: randomUUID(), relation: 'link', otherId: randomUUID() },
              { caseId: about, session },
            ),
        }
        for (const [name, make] of Object.entries(tries)) {
          const results = await other.push([make(caseId)], session)
          const unknown = await other.push([make(nowhere)], session)
          found(tookEffect(results), `${name} as ${who} took effect`)
          found(
            JSON.stringify({ ...results[0], id: '' }) !== JSON.stringify({ ...unknown[0], id: '' }),
            `${name} as ${who}: ${codeOf(results)} tells that the case exists (unknown: ${codeOf(unknown)})`,
          )
        }
      }
      world.central.stamper.kick()
      await new Promise(resolve => setTimeout(resolve, 500))
      const page = await world.ask('GET', '/v1/changes', { seat: other })
      found(page.text.includes(caseId), 'the case came into the feed of the other branch')
      return findings
    },
  },
  {
    name: 'a confidential case is made public, or read, by who may not',
    by: 'colleague',
    run: async world => {
      const { findings, found } = createFindings()
      const { own } = world.seats
      const caseId = await own.file(await own.signIn('agent'), { confidential: true })
      const colleague = await own.signIn('colleague')
      const open = own.command(
        'case.edit',
        { entryId: randomUUID(), changes: [{ field: 'confidential', from: true, to: false }] },
        { caseId, session: colleague },
      )
      found(tookEffect(await own.push([open], colleague)), 'a colleague made it public')
      const lead = await own.signIn('lead')
      const byLead = own.command(
        'case.edit',
        { entryId: randomUUID(), changes: [{ field: 'confidential', from: true, to: false }] },
        { caseId, session: lead },
      )
      found(tookEffect(await own.push([byLead])), 'a lead made it public without a live session')
      const read = await world.ask('GET', `/v1/cases/${caseId}`, { seat: own, session: colleague })
      const unknown = await world.ask('GET', `/v1/cases/${randomUUID()}`, { seat: own, session: colleague })
      found(read.status === 200, 'a colleague read it')
      found(read.text !== unknown.text || read.status !== unknown.status, 'the answer tells that it exists')
      return findings
    },
  },
  {
    name: 'a reply is dated back',
    by: 'colleague',
    run: async world => {
      const { findings, found } = createFindings()
      const { own } = world.seats
      const lead = await own.signIn('lead')
      const caseId = await own.file(lead)
      const lastMonth = new Date(Date.now() - 30 * 24 * 3_600_000).toISOString()
      const order = {
        catalogueVersion: '2026-11',
        categoryCode: '0101',
        lead: { code: 'C07', name: '城管局' },
        assist: [],
        signBy: null,
        replyBy: null,
        opinion: '',
      }
      const results = [
        ...(await own.push([move(own, caseId, { move: 'dispatch', order }, lead)], lead)),
        ...(await own.push([move(own, caseId, { move: 'sign' }, lead, { issuedAt: lastMonth })], lead)),
        ...(await own.push(
          [move(own, caseId, { move: 'reply', reason: '已修好' }, lead, { issuedAt: lastMonth })],
          lead,
        )),
      ]
      found(
        !results.every(({ outcome }) => outcome === 'applied'),
        `the honest way failed: ${codeOf(results)}`,
      )
      const [row] = await world.sql.query<{ loop: string }>('SELECT loop FROM cases WHERE case_id = $1', [
        caseId,
      ])
      const loop = JSON.parse(row?.loop ?? '{}') as { signedAt?: string; repliedAt?: string }
      for (const [name, at] of Object.entries({ signedAt: loop.signedAt, repliedAt: loop.repliedAt }))
        found(at === undefined || Math.abs(Date.parse(at) - Date.now()) > 60_000, `${name} is ${at}`)
      return findings
    },
  },
  {
    name: 'a contractor closes by filing 直办, and by every other way',
    by: 'contractor',
    run: async world => {
      const { findings, found } = createFindings()
      const { own } = world.seats
      const session = await own.signIn('contractor')
      for (const fields of [
        { handling: 'direct' },
        { disposition: 'explain' },
        { disposition: 'statutory' },
      ] as const) {
        const caseId = await own.file(session, { ...fields }).catch(() => null)
        if (caseId !== null)
          found((await statusOf(world, caseId)) === 'closed', `closed by filing ${JSON.stringify(fields)}`)
      }
      const caseId = await own.file(session)
      for (const input of ['close', 'approve', 'reopen', 'supervise', 'approveReturn', 'handTo'] as const)
        found(
          tookEffect(await own.push([move(own, caseId, { move: input }, session)], session)),
          `${input} took effect`,
        )
      const exported = own.command(
        'ledger.export',
        { exportId: randomUUID(), ledger: 'enterprise', format: 'csv', rows: 3 },
        { session },
      )
      found(tookEffect(await own.push([exported], session)), 'exported')
      return findings
    },
  },
  {
    name: 'a command in the name of a unit or of an integration’s key',
    by: 'unit',
    run: async world => {
      const { findings, found } = createFindings()
      const { own } = world.seats
      const session = await own.signIn('agent')
      const caseId = await own.file(session)
      for (const operatorId of [people.unit.operatorId, 'key:示例系统']) {
        const named = own.command(
          'case.addRemark',
          { entryId: randomUUID(), text: '冒名' },
          { caseId, session, operatorId },
        )
        for (const sent of [named, { ...named, schemaVersion: 3, proof: undefined }])
          found(tookEffect(await own.push([sent], session)), `took effect as ${operatorId}`)
      }
      const answer = await world.ask(
        'POST',
        '/v1/sessions',
        { seat: own },
        { workNumber: people.unit.workNumber, password: 'Kouling-Gongji-1' },
      )
      found(answer.status === 200, 'a unit signed in at a seat')
      return findings
    },
  },
  {
    name: 'a call record names somebody who is not proved',
    by: 'thief of a seat',
    run: async world => {
      const { findings, found } = createFindings()
      const { own } = world.seats
      const callId = `call-${randomUUID()}`
      const now = new Date().toISOString()
      const record = {
        callId,
        direction: 'in',
        number: '19900000001',
        numberKey: '19900000001',
        operatorId: people.lead.operatorId,
        state: 'ended',
        startedAt: now,
        ringAt: now,
        answeredAt: now,
        endedAt: now,
        caseId: null,
      }
      await own.push([own.command('call.record', record as never, {})])
      const rows = await world.sql.query<{ operator_id: string | null }>(
        'SELECT operator_id FROM call_record WHERE call_id = $1',
        [callId],
      )
      found(
        rows.some(row => row.operator_id !== null),
        `recorded for ${rows[0]?.operator_id}`,
      )
      return findings
    },
  },
]
