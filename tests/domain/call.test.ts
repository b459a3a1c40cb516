import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CallEvent,
  type CallProgress,
  callEvent,
  endCause,
  transition,
} from '../../shared/domain/call.ts'

const facts = {
  originalCallId: 'o',
  callerNumber: '19900000001',
  calledNumber: '8001',
  displayName: null,
  queue: null,
  skill: null,
  dialect: null,
  recordingId: null,
}
const at = '2026-11-23T00:00:00.000Z'
const ended = (cause: (typeof endCause.options)[number]): CallEvent => ({
  type: 'ended',
  at,
  side: 'caller',
  cause,
  sipStatus: null,
})
const events: fc.Arbitrary<CallEvent> = fc.oneof(
  fc.constant<CallEvent>({ type: 'offered', at, facts }),
  fc.constant<CallEvent>({ type: 'dialled', at, facts }),
  fc.constantFrom<CallEvent>(
    { type: 'alerting', at },
    { type: 'answered', at },
    { type: 'held', at },
    { type: 'resumed', at },
  ),
  fc.constantFrom(...endCause.options).map(ended),
)
const run = (list: readonly CallEvent[]) =>
  list.reduce<CallProgress | null>((progress, event) => transition(progress, event).progress, null)

describe('the call record', () => {
  it('is missed when the caller gives up, and never when it was answered elsewhere', () => {
    const offered: CallEvent = { type: 'offered', at, facts }
    expect(run([offered, ended('cancelled')])?.outcome).toBe('missed')
    expect(run([offered, ended('answered-elsewhere')])?.outcome).toBe('answered-elsewhere')
    expect(run([offered, { type: 'answered', at }, ended('cancelled')])?.outcome).toBe('answered')
  })

  it('changes nothing when an event is told twice, in whatever state', () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 12 }), list => {
        const twice = list.flatMap(event => [event, event])
        // Only hold and resume may truly alternate; everything else is the same told once or twice.
        expect(run(twice)).toEqual(run(list))
      }),
    )
  })

  it('never changes again once it has ended, and then has an outcome', () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 12 }), events, (list, late) => {
        const progress = run(list)
        if (progress?.state !== 'ended') return
        expect(progress.outcome).not.toBeNull()
        expect(progress.endedAt).not.toBeNull()
        expect(transition(progress, late)).toEqual({ progress, changed: false })
      }),
    )
  })

  it('is begun only by a call that is offered or dialled', () => {
    fc.assert(
      fc.property(events, event => {
        const begun = transition(null, event).progress !== null
        expect(begun).toBe(event.type === 'offered' || event.type === 'dialled')
      }),
    )
  })

  it('is never begun or changed by something that is no event', () => {
    fc.assert(
      fc.property(fc.anything(), value => {
        const parsed = callEvent.safeParse(value)
        expect(parsed.success).toBe(false)
      }),
    )
  })
})
