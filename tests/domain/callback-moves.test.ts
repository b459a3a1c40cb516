import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CallbackEvent, callbackOutcome, callbackTask } from '../../shared/domain/callback.ts'
import { moveCallback, wakesAt } from '../../shared/domain/callback-moves.ts'
import { callbackPolicy, sampleCallbackPolicy } from '../../shared/domain/callback-policy.ts'
import { someTask } from './some-callback.ts'

const start = Date.parse('2026-11-24T02:00:00.000Z')
const actor = fc.record({
  seatId: fc.constantFrom('s1', 's2', 's3'),
  operatorId: fc.constantFrom('p1', 'p2'),
})
const fence = fc.integer({ min: 1, max: 6 })
const outcome = fc.constantFrom(...callbackOutcome.options)
const facts = fc.record({
  calls: fc.integer({ min: 1, max: 9 }),
  firstMissedAt: fc.constant(new Date(start - 60_000).toISOString()),
  lastMissedAt: fc.constant(new Date(start).toISOString()),
  note: fc.constantFrom('', '停水'),
  wants: fc.constant([] as string[]),
  enterprise: fc.boolean(),
  dialect: fc.constant(null),
})
const by = fc.constantFrom('p1', 'p2', 'p3')
const reason = fc.constant('')
const event: fc.Arbitrary<CallbackEvent> = fc.oneof(
  fc.record({ type: fc.constant('missed' as const), facts }),
  actor.map(who => ({ type: 'claim' as const, branch: '云澜中心', skills: [], ...who })),
  fc.tuple(actor, fence).map(([who, of]) => ({ type: 'renew' as const, fence: of, ...who })),
  fc.tuple(actor, fence).map(([who, of]) => ({ type: 'dial' as const, fence: of, ...who })),
  fc.tuple(actor, fence, outcome).map(([who, of, what]) => ({
    type: 'outcome' as const,
    fence: of,
    outcome: what,
    caseId: null,
    note: '',
    ...who,
  })),
  fc.tuple(actor, fence).map(([who, of]) => ({ type: 'decline' as const, fence: of, reason: '', ...who })),
  fc.tuple(actor, fence).map(([who, of]) => ({
    type: 'reschedule' as const,
    fence: of,
    at: new Date(start + 86_400_000).toISOString(),
    note: '',
    ...who,
  })),
  fc.record({
    type: fc.constant('answered' as const),
    left: fc.option(facts, { nil: null }),
    operatorId: by,
    detail: reason,
  }),
  fc.record({ type: fc.constant('offline' as const), outcome, at: fc.constant(start) }),
  fc.constant({ type: 'clock' as const }),
  fc.record({ type: fc.constant('undo' as const), operatorId: by, reason }),
  actor.map(who => ({ type: 'take-over' as const, ...who })),
  fc.record({ type: fc.constant('assign' as const), to: by, operatorId: by }),
  fc.record({ type: fc.constant('release' as const), operatorId: by, reason }),
  fc.record({ type: fc.constant('remove' as const), operatorId: by, reason }),
)
/** Fences that fit are rare by chance; these sequences name the one that holds. */
const steps = fc.array(fc.tuple(event, fc.integer({ min: 0, max: 400_000 }), fc.boolean()), { maxLength: 40 })
const somePolicy = fc.record({ hold: fc.constantFrom(null, 5), attempts: fc.integer({ min: 1, max: 4 }) })

describe('the moves of a callback', () => {
  it('keep a task whole whatever happens in whatever order', () => {
    fc.assert(
      fc.property(steps, somePolicy, (each, { hold, attempts }) => {
        const policy = { ...sampleCallbackPolicy, uncertainHoldMinutes: hold, attempts }
        let task = someTask(start)
        let now = start
        for (const [given, passed, fits] of each) {
          now += passed
          const settled = moveCallback(task, { type: 'clock' }, policy, now)
          if (!('refused' in settled)) task = settled.task
          const ev = fits && 'fence' in given ? { ...given, fence: Math.max(1, task.fence) } : given
          const before = task
          const after = moveCallback(task, ev, policy, now)
          if ('refused' in after) continue
          task = after.task
          expect(callbackTask.safeParse(task).success).toBe(true)
          if (after.kind === null) {
            expect(task).toBe(before)
            continue
          }
          expect(task.version).toBe(before.version + 1)
          expect(task.fence).toBeGreaterThanOrEqual(before.fence)
          expect(task.attempts - before.attempts).toBeOneOf([0, 1])
          expect(task.closed !== null).toBe(task.state === 'closed')
          expect(task.lease !== null).toBe(['claimed', 'dialling', 'uncertain'].includes(task.state))
          // A phone rings only under a lease, and nobody is given a task that may be ringing.
          if (task.state === 'dialling' && before.state !== 'dialling') expect(before.state).toBe('claimed')
          if (after.kind === 'claimed') expect(before.state).toBe('open')
          if (after.kind === 'claimed' || after.kind === 'taken-over')
            expect(task.fence).toBe(before.fence + 1)
          if (after.kind === 'declined') expect(task.attempts).toBe(before.attempts)
          // A lease that ended before it is no lease; time has been settled, so it does not come again.
          const wakes = wakesAt(task, policy)
          if (task.state === 'claimed' || task.state === 'dialling') expect(wakes).toBeGreaterThan(now)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('end a lease before dialling as free, and one while dialling as uncertain', () => {
    const claim = { type: 'claim', branch: '', skills: [], seatId: 's1', operatorId: 'p1' } as const
    const claimed = moveCallback(someTask(start), claim, sampleCallbackPolicy, start)
    if ('refused' in claimed) throw new Error(claimed.refused)
    const end = start + sampleCallbackPolicy.leaseSeconds * 1_000
    const clock = { type: 'clock' } as const
    expect(moveCallback(claimed.task, clock, sampleCallbackPolicy, end - 1)).toMatchObject({ kind: null })
    expect(moveCallback(claimed.task, clock, sampleCallbackPolicy, end)).toMatchObject({
      kind: 'lease-ended',
      task: { state: 'open', attempts: 0 },
    })
    const dial = { type: 'dial', fence: 1, seatId: 's1', operatorId: 'p1' } as const
    const dialling = moveCallback(claimed.task, dial, sampleCallbackPolicy, start)
    if ('refused' in dialling) throw new Error(dialling.refused)
    const uncertain = moveCallback(dialling.task, clock, sampleCallbackPolicy, end)
    expect(uncertain).toMatchObject({ kind: 'uncertain', task: { state: 'uncertain' } })
    if ('refused' in uncertain) return
    expect(moveCallback(uncertain.task, claim, sampleCallbackPolicy, end + 86_400_000)).toEqual({
      refused: 'CALLBACK_UNCERTAIN',
    })
  })

  it('has an example policy that says it is one', () => {
    expect(callbackPolicy.parse(sampleCallbackPolicy).sample).toBe(true)
  })
})
