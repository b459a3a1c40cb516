/** The state machine of a case: every move from every state by every role, and what no path may break. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CaseStatus, caseStatus, isOpen } from '../../shared/domain/case.ts'
import { type CaseLoop, evaluated, followUp, newLoop } from '../../shared/domain/case-loop.ts'
import {
  type CaseMove,
  type CaseView,
  caseMove,
  isDispatchedTo,
  type MoveInput,
  type Mover,
  moveCase,
  moveEntry,
  needsReason,
  possibleMoves,
  waitingOf,
} from '../../shared/domain/case-moves.ts'
import type { DispatchOrder } from '../../shared/domain/dispatch.ts'
import { type OperatorRole, operatorRole } from '../../shared/domain/operator.ts'
import { may, mayRead } from '../../shared/domain/permission.ts'

const at = '2026-11-24T02:00:00.000Z'
const due = '2026-12-01T02:00:00.000Z'
const later = '2026-12-08T02:00:00.000Z'
const order: DispatchOrder = {
  catalogueVersion: '2026-11',
  categoryCode: '020301',
  lead: { code: 'C07', name: '城管局' },
  assist: [{ code: 'S03', name: '河东街道' }],
  signBy: null,
  replyBy: due,
  opinion: '',
}
const loop: CaseLoop = { ...newLoop, round: 1, order, replyBy: due, dispatchedAt: at }

/** A case as it stands in each state, with everything that a move may want of it. */
const standing: Record<CaseStatus, CaseView> = {
  accepted: { status: 'accepted', loop: null },
  'awaiting-approval': { status: 'awaiting-approval', loop: null },
  dispatched: { status: 'dispatched', loop },
  handling: { status: 'handling', loop: { ...loop, signedAt: at } },
  returning: { status: 'returning', loop: { ...loop, returnAsked: '不属本单位' } },
  replied: { status: 'replied', loop: { ...loop, signedAt: at, repliedAt: at, reply: '已修复' } },
  closed: { status: 'closed', loop: { ...loop, followUp: 'due' } },
}
const asked = { reason: '材料未到', replyBy: later }
const input = (move: CaseMove, part: Partial<MoveInput> = {}): MoveInput => ({
  move,
  reason: '原因',
  ...(move === 'dispatch' || move === 'redispatch' ? { order } : {}),
  ...(move === 'extend' ? { replyBy: later } : {}),
  ...(move === 'followUp' ? { followUp: { reached: true, solved: true, satisfied: false } } : {}),
  ...part,
})
const people: Record<OperatorRole, Mover> = {
  agent: { role: 'agent' },
  contractor: { role: 'contractor' },
  lead: { role: 'lead' },
  admin: { role: 'admin' },
  unit: { role: 'unit', unitCode: 'C07' },
}

/** From where, to where, by whom. Written out by hand: what stands nowhere here is refused. */
const anyone: OperatorRole[] = ['agent', 'contractor', 'lead', 'admin']
const own: OperatorRole[] = ['agent', 'lead', 'admin']
const supervisors: OperatorRole[] = ['lead', 'admin']
const ofUnit: OperatorRole[] = ['unit', 'lead', 'admin']
const table: Record<CaseMove, { to: Partial<Record<CaseStatus, CaseStatus>>; by: OperatorRole[] }> = {
  close: { to: { accepted: 'closed', replied: 'closed' }, by: own },
  approve: { to: { 'awaiting-approval': 'closed' }, by: supervisors },
  reject: { to: { 'awaiting-approval': 'accepted' }, by: supervisors },
  reopen: { to: { closed: 'accepted' }, by: supervisors },
  dispatch: { to: { accepted: 'dispatched' }, by: anyone },
  redispatch: {
    to: { dispatched: 'dispatched', handling: 'dispatched', returning: 'dispatched' },
    by: supervisors,
  },
  sign: { to: { dispatched: 'handling' }, by: ofUnit },
  reply: { to: { handling: 'replied' }, by: ofUnit },
  return: { to: { dispatched: 'returning', handling: 'returning' }, by: ofUnit },
  approveReturn: { to: { returning: 'accepted' }, by: supervisors },
  denyReturn: { to: { returning: 'dispatched' }, by: supervisors },
  extend: { to: { dispatched: 'dispatched', handling: 'handling' }, by: ofUnit },
  approveExtension: { to: { dispatched: 'dispatched', handling: 'handling' }, by: supervisors },
  denyExtension: { to: { dispatched: 'dispatched', handling: 'handling' }, by: supervisors },
  rehandle: { to: { replied: 'handling', closed: 'handling' }, by: own },
  urge: { to: { dispatched: 'dispatched', handling: 'handling' }, by: anyone },
  supervise: {
    to: { dispatched: 'dispatched', handling: 'handling', returning: 'returning', replied: 'replied' },
    by: supervisors,
  },
  followUp: { to: { closed: 'closed' }, by: anyone },
  // Of an enterprise's case only; these are none.
  handTo: { to: {}, by: supervisors },
}

describe('every move from every state by every role', () => {
  it.each(caseMove.options)('%s', move => {
    for (const status of caseStatus.options)
      for (const role of operatorRole.options) {
        const decides = move === 'approveExtension' || move === 'denyExtension'
        const before = standing[status]
        const view: CaseView =
          decides && before.loop !== null
            ? { status, loop: { ...before.loop, extensionAsked: asked } }
            : before
        const result = moveCase(view, input(move), people[role], at)
        const { to, by } = table[move]
        // A unit that is not the case's is refused as one that may not; where there is no order, nobody's unit leads.
        const mayDo = by.includes(role) && (role !== 'unit' || view.loop?.order != null)
        const what = `${move} from ${status} by ${role}`
        if (!mayDo) expect(result, what).toEqual({ allowed: false, why: 'FORBIDDEN' })
        else if (to[status] === undefined)
          expect(result, what).toEqual({ allowed: false, why: 'MOVE_NOT_POSSIBLE' })
        else expect(result, what).toMatchObject({ allowed: true, status: to[status] })
        expect(possibleMoves(view, people[role]).includes(move), what).toBe(result.allowed)
      }
  })

  it('needs what belongs to it', () => {
    const lead = people.lead
    for (const move of caseMove.options.filter(needsReason)) {
      if (move === 'handTo') continue
      const status = Object.keys(table[move].to)[0] as CaseStatus
      const before = standing[status]
      const extensionAsked = move === 'denyExtension' ? asked : null
      const view = { status, loop: before.loop === null ? null : { ...before.loop, extensionAsked } }
      expect(moveCase(view, input(move, { reason: ' ' }), lead, at), move).toEqual({
        allowed: false,
        why: 'MOVE_INCOMPLETE',
      })
    }
    const refused = { allowed: false, why: 'MOVE_INCOMPLETE' }
    const bare = (move: CaseMove): MoveInput => ({ move, reason: '原因' })
    expect(moveCase(standing.accepted, bare('dispatch'), lead, at)).toEqual(refused)
    expect(moveCase(standing.returning, bare('redispatch'), lead, at)).toEqual(refused)
    expect(moveCase(standing.closed, bare('followUp'), lead, at)).toEqual(refused)
    expect(moveCase(standing.handling, bare('extend'), lead, at)).toEqual(refused)
    expect(moveCase(standing.handling, input('extend', { replyBy: due }), lead, at)).toEqual(refused)
  })

  it('a round that is over takes no move: of two who re-dispatch at once the second is refused', () => {
    const once = moveCase(standing.dispatched, input('redispatch', { round: 1 }), people.lead, at)
    if (!once.allowed) throw new Error('refused')
    expect(moveCase(once, input('redispatch', { round: 1 }), people.admin, at)).toEqual({
      allowed: false,
      why: 'MOVE_NOT_POSSIBLE',
    })
    expect(moveCase(once, input('redispatch', { round: 2 }), people.admin, at).allowed).toBe(true)
  })
})

describe('units', () => {
  it('act on what they lead, see what they help with, and read no case as it is', () => {
    const helping: Mover = { role: 'unit', unitCode: 'S03' }
    expect(isDispatchedTo(loop, 'S03')).toBe(true)
    expect(isDispatchedTo(loop, 'C01')).toBe(false)
    expect(isDispatchedTo(loop, '')).toBe(false)
    expect(isDispatchedTo(loop, undefined)).toBe(false)
    for (const by of [helping, { role: 'unit' } as const, { role: 'unit', unitCode: 'C01' } as const])
      for (const status of caseStatus.options) expect(possibleMoves(standing[status], by)).toEqual([])
    expect(mayRead({ operatorId: 'u', role: 'unit' }, { confidential: false, operatorId: 'someone' })).toBe(
      false,
    )
  })

  it('a denied return goes back to where it was; an approved one to whom it came from, with no unit', () => {
    for (const status of ['dispatched', 'handling'] as const) {
      const away = moveCase(standing[status], input('return'), people.unit, at)
      if (!away.allowed) throw new Error('refused')
      expect(waitingOf(away)).toEqual(['review'])
      expect(moveCase(away, input('denyReturn'), people.lead, at)).toMatchObject({ status })
      expect(moveCase(away, input('approveReturn'), people.lead, at)).toMatchObject({
        status: 'accepted',
        loop: { order: null, replyBy: null, returns: 1, returnAsked: null },
      })
    }
  })

  it('an extension that is approved moves the due time, one that is denied does not', () => {
    const wanted = moveCase(standing.handling, input('extend'), people.unit, at)
    if (!wanted.allowed) throw new Error('refused')
    expect(waitingOf(wanted)).toEqual(['review', 'unit'])
    expect(moveCase(wanted, input('approveExtension'), people.lead, at)).toMatchObject({
      loop: { replyBy: later, extensions: 1, extensionAsked: null },
    })
    expect(moveCase(wanted, input('denyExtension'), people.lead, at)).toMatchObject({
      loop: { replyBy: due, extensions: 0, extensionAsked: null },
    })
  })
})

describe('follow-up', () => {
  it('联系不上 is never an evaluation', () => {
    expect(followUp.safeParse({ reached: false, solved: null, satisfied: true }).success).toBe(false)
    expect(followUp.safeParse({ reached: false, solved: true, satisfied: null }).success).toBe(false)
    let view: CaseView = standing.closed
    for (const expected of ['due', 'due', 'unreachable']) {
      const told = { reached: false, solved: null, satisfied: null }
      const result = moveCase(view, input('followUp', { followUp: told }), people.agent, at)
      if (!result.allowed) throw new Error('refused')
      view = result
      expect(view.loop).toMatchObject({ followUp: expected, evaluation: null })
    }
    expect(moveCase(view, input('followUp'), people.agent, at).allowed).toBe(false)
    const answered = (solved: boolean | null, satisfied: boolean | null) => ({
      followUp: 'reached' as const,
      evaluation: { solved, satisfied },
    })
    expect(
      evaluated([
        answered(true, false),
        answered(true, null),
        { followUp: 'unreachable', evaluation: null },
        { followUp: 'due', evaluation: null },
      ]),
    ).toEqual({
      reached: 2,
      unreachable: 1,
      solved: { yes: 2, no: 0 },
      satisfied: { yes: 0, no: 1 },
    })
  })

  it('of a case that no unit handled there is none', () => {
    expect(moveCase(standing.accepted, input('close'), people.agent, at)).toEqual({
      allowed: true,
      status: 'closed',
      loop: null,
    })
  })
})

const step = fc.record({
  move: fc.constantFrom(...caseMove.options),
  role: fc.constantFrom(...operatorRole.options),
  reached: fc.boolean(),
  satisfied: fc.option(fc.boolean()),
  days: fc.integer({ min: 1, max: 60 }),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
const inputOf = ({ move, reached, satisfied, days }: Step): MoveInput =>
  input(move, {
    ...(move === 'extend' ? { replyBy: new Date(Date.parse(due) + days * 86_400_000).toISOString() } : {}),
    ...(move === 'followUp'
      ? { followUp: { reached, solved: reached ? true : null, satisfied: reached ? satisfied : null } }
      : {}),
  })
const beginnings = fc.constantFrom(standing.accepted, standing['awaiting-approval'])

describe('any path', () => {
  it('can still reach closure', () => {
    /** What somebody who wants it closed would do next. */
    const onward: Record<CaseStatus, { move: CaseMove; role: OperatorRole } | null> = {
      accepted: { move: 'close', role: 'agent' },
      'awaiting-approval': { move: 'approve', role: 'lead' },
      dispatched: { move: 'sign', role: 'unit' },
      handling: { move: 'reply', role: 'unit' },
      returning: { move: 'denyReturn', role: 'lead' },
      replied: { move: 'close', role: 'agent' },
      closed: null,
    }
    fc.assert(
      fc.property(beginnings, fc.array(step, { maxLength: 40 }), (start, steps) => {
        let view: CaseView = start
        for (const each of steps) {
          const result = moveCase(view, inputOf(each), people[each.role], at)
          if (result.allowed) view = result
        }
        let left = 6
        for (let next = onward[view.status]; next !== null; next = onward[view.status]) {
          const result = moveCase(view, input(next.move), people[next.role], at)
          if (!result.allowed) throw new Error(`${next.move} from ${view.status}: ${result.why}`)
          view = result
          left -= 1
          if (left < 0) throw new Error('it never closes')
        }
        expect(isOpen(view.status)).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })

  it('a contractor never closes, approves a return or an extension, or exports in bulk', () => {
    const never: CaseMove[] = [
      'close',
      'approve',
      'reject',
      'reopen',
      'redispatch',
      'approveReturn',
      'denyReturn',
      'approveExtension',
      'denyExtension',
      'sign',
      'reply',
      'rehandle',
    ]
    expect(may('contractor', 'case.exportInBulk')).toBe(false)
    fc.assert(
      fc.property(beginnings, fc.array(step, { maxLength: 40 }), (start, steps) => {
        let view: CaseView = start
        for (const each of steps) {
          for (const move of never)
            expect(moveCase(view, input(move), people.contractor, at)).toEqual({
              allowed: false,
              why: 'FORBIDDEN',
            })
          const result = moveCase(view, inputOf(each), people[each.role], at)
          if (!result.allowed) continue
          if (each.role === 'contractor') {
            expect(isOpen(result.status)).toBe(isOpen(view.status))
            expect(result.loop?.extensions ?? 0).toBe(view.loop?.extensions ?? 0)
            expect(result.loop?.returns ?? 0).toBe(view.loop?.returns ?? 0)
          }
          view = result
        }
      }),
      { numRuns: 500 },
    )
  })

  it('counts never fall, an evaluation stands only beside a follow-up that reached somebody, a unit only while it is dispatched', () => {
    fc.assert(
      fc.property(beginnings, fc.array(step, { maxLength: 60 }), (start, steps) => {
        let view: CaseView = start
        for (const each of steps) {
          const result = moveCase(view, inputOf(each), people[each.role], at)
          if (!result.allowed) continue
          const before = view.loop ?? newLoop
          const after = result.loop ?? newLoop
          for (const count of ['round', 'returns', 'extensions', 'rehandled', 'urged'] as const)
            expect(after[count]).toBeGreaterThanOrEqual(before[count])
          expect(after.evaluation === null).toBe(after.followUp !== 'reached')
          if (['dispatched', 'handling', 'returning', 'replied'].includes(result.status))
            expect(after.order).not.toBeNull()
          if (result.status === 'accepted') expect(after.order).toBeNull()
          expect(result.status === 'returning').toBe(after.returnAsked !== null)
          view = result
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

it('the history says what a move brought', () => {
  expect(moveEntry({ move: 'close', reason: '' })).toBe('close')
  expect(moveEntry({ move: 'close', reason: '已答复' })).toBe('close 已答复')
  expect(moveEntry({ move: 'dispatch', reason: '', order })).toBe(
    'dispatch 主办 城管局，协办 河东街道；2026-12-01 10:00 前答复',
  )
  expect(
    moveEntry({ move: 'dispatch', reason: '', order: { ...order, attachments: ['a', 'b'], opinion: '' } }),
  ).toMatch(/；附件 2 个交承办单位$/)
  const told = { reached: true, solved: true, satisfied: null }
  expect(moveEntry({ move: 'followUp', reason: '', followUp: told })).toBe('followUp 已联系，已解决，未评价')
  const missed = { reached: false, solved: null, satisfied: null }
  expect(moveEntry({ move: 'followUp', reason: '关机', followUp: missed })).toBe('followUp 联系不上；关机')
})
