/** What a seat shows at once is what the centre makes of the same commands: fields, status, and each entry of the history. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type CaseCommand, type CaseState, reduceCase } from '../../central/commands/case-reducer.ts'
import { Refusal } from '../../electron/core/refusal.ts'
import { type CaseMove, caseMove, type MoveInput } from '../../shared/domain/case-moves.ts'
import type { DispatchOrder } from '../../shared/domain/dispatch.ts'
import { seatParts } from '../support/seat-parts.ts'

const step = fc.record({
  by: fc.constantFrom('agent', 'contractor', 'lead'),
  kind: fc.constantFrom('edit', 'stale', 'move', 'onward', 'onward', 'remark', 'attach', 'reveal'),
  field: fc.constantFrom('title', 'place', 'urgency', 'confidential', 'tags', 'content'),
  value: fc.nat(2),
  pick: fc.nat(3),
  move: fc.constantFrom(...caseMove.options),
  reason: fc.constantFrom('', '原因'),
})
const order: DispatchOrder = {
  catalogueVersion: 'test',
  categoryCode: '020301',
  lead: { code: 'C07', name: '城管局' },
  assist: [],
  signBy: '2026-11-25T02:00:00.000Z',
  replyBy: '2026-12-01T02:00:00.000Z',
  opinion: '',
}
/** What belongs to each kind of move, some of it wrong. */
const detailOf = (move: CaseMove, value: number): Partial<MoveInput> => {
  if (move === 'dispatch' || move === 'redispatch') return value === 0 ? {} : { order }
  if (move === 'extend') return { replyBy: `2026-12-0${value + 1}T03:00:00.000Z` }
  if (move === 'handTo') return { owner: { operatorId: 'contractor', name: '页面所说' } }
  if (move === 'followUp')
    return value === 0
      ? { followUp: { reached: false, solved: null, satisfied: null } }
      : { followUp: { reached: true, solved: true, satisfied: value === 1 } }
  return {}
}
/** One that is likely to be possible is drawn more often than any other. */
const onward: Record<string, CaseMove[]> = {
  accepted: ['dispatch', 'close', 'handTo'],
  dispatched: ['sign', 'return', 'redispatch', 'urge'],
  handling: ['reply', 'extend', 'approveExtension', 'supervise'],
  returning: ['approveReturn', 'denyReturn'],
  replied: ['close', 'rehandle'],
  closed: ['followUp', 'rehandle', 'reopen', 'handTo'],
}
const values: Record<string, unknown[]> = {
  title: ['', '甲', '乙'],
  place: ['', '甲', '乙'],
  urgency: ['normal', 'urgent', 'critical'],
  confidential: [false, true, false],
  tags: [[], ['甲'], ['甲', '乙']],
  content: ['', '甲', '乙'],
}

it('a seat and the centre make the same of every command', () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 16 }),
      fc.constantFrom('agent' as const, 'contractor' as const),
      fc.constantFrom('accept' as const, 'refer' as const, 'explain' as const),
      fc.constantFrom('person' as const, 'enterprise' as const),
      (steps, filer, disposition, callerKind) => {
        const seat = seatParts('parity')
        try {
          const people = {
            agent: seat.person('agent', 'agent'),
            contractor: seat.person('contractor', 'contractor'),
            lead: seat.person('lead', 'lead'),
          }
          seat.write(db => seat.identity.signIn(db, 'lead'))
          seat.sent()
          const { caseId } = seat.file(people[filer], { disposition, callerKind })
          const opened = seat.cases.get(seat.db, people.lead, caseId).fields
          for (const [place, { by, kind, field, value, pick, move: any, reason }] of steps.entries()) {
            const operator = people[by]
            seat.time.now += 1_000
            const requestId = `request-${place}`
            const { fields: now, status } = seat.cases.get(seat.db, people.lead, caseId)
            const likely = onward[status] ?? []
            const move = kind === 'onward' ? (likely[pick % likely.length] ?? any) : any
            const from = (kind === 'stale' ? opened : now)[field as 'title']
            try {
              seat.write(db => {
                if (kind === 'edit' || kind === 'stale')
                  seat.cases.edit(db, operator, {
                    caseId,
                    requestId,
                    changes: [{ field, from, to: values[field]?.[value] }],
                  })
                if (kind === 'move' || kind === 'onward') {
                  const input = { move, reason, ...detailOf(move, value) }
                  seat.cases.move(db, operator, { caseId, requestId, ...input })
                }
                if (kind === 'remark') seat.cases.addRemark(db, operator, { caseId, requestId, text: '备注' })
                if (kind === 'attach')
                  seat.cases.attach(db, operator, {
                    caseId,
                    // Some of them twice: the second one changes nothing.
                    attachment: {
                      attachmentId: `file-${value}`,
                      name: `${place}.jpg`,
                      mediaType: 'image/jpeg',
                      bytes: place,
                      sha256: 'a'.repeat(64),
                    },
                  })
                if (kind === 'reveal')
                  seat.cases.reveal(db, operator, { caseId, what: 'contactNumber', reason: '回访' })
              })
            } catch (error) {
              if (!(error instanceof Refusal)) throw error
            }
          }

          let state: CaseState | undefined
          const entries: unknown[] = []
          const rows = seat.db
            .prepare('SELECT id, operator_id AS by, issued_at AS at FROM outbox ORDER BY seq')
            .all() as { id: string; by: keyof typeof people; at: string }[]
          const conflicts = new Map(
            seat.unsent.list(seat.db, 500).map(({ commandId, parked }) => [commandId, parked]),
          )
          for (const [place, { id, name, args }] of seat.waiting().entries()) {
            const { by, at } = rows[place] ?? { by: 'agent', at: '' }
            const command = { name, caseId, args, digest: '' } as unknown as CaseCommand
            const outcome = reduceCase(state, command, {
              operator: people[by],
              live: true,
              grantedTo: () => [],
              file: {},
              seat: { seatId: 's', branch: people.agent.branch },
              at,
              counted: said => said,
              now: at,
              owner: people.contractor,
              entryKnown: false,
              reasonKnown: () => true,
              numberTakenBy: undefined,
            })
            const parked = conflicts.get(id) ?? null
            expect(outcome.kind).toBe(parked === null ? 'applied' : 'conflict')
            if (outcome.kind === 'conflict') expect(outcome.detail.clashes).toEqual(parked?.conflict?.clashes)
            if (outcome.kind !== 'applied') continue
            state = outcome.state
            if (outcome.entry !== null) entries.push(outcome.entry)
          }
          const here = seat.cases.get(seat.db, people.lead, caseId)
          expect(here).toMatchObject({ fields: state?.fields, status: state?.status, loop: state?.loop })
          expect(here.history).toEqual(entries)
          expect(seat.cases.attachments(seat.db, people.lead, caseId)).toEqual(state?.attachments)
        } finally {
          seat.close()
        }
      },
    ),
    { numRuns: 150 },
  )
})
