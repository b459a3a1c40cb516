/** The call of a follow-up: whose it is, and what it proposes. */
import { describe, expect, it } from 'vitest'
import { afterCall, dialable, followCalls } from '../../renderer/features/cases/follow-up-call.ts'
import type { PhoneCall, PhoneSnapshot } from '../../renderer/phone/phone.ts'
import type { CallEvent, CallOutcome, EndCause } from '../../shared/domain/call.ts'
import type { FollowUp } from '../../shared/domain/case-loop.ts'

const at = '2026-11-24T02:00:00.000Z'
const unsaid: FollowUp = { reached: true, solved: null, satisfied: null }
const unreached: FollowUp = { reached: false, solved: null, satisfied: null }

describe('whose call it is', () => {
  const dialled: CallEvent = { type: 'dialled', at, facts: {} as PhoneCall['facts'] }
  const answered: CallEvent = { type: 'answered', at }
  const ended = (cause: EndCause): CallEvent => ({
    type: 'ended',
    at,
    side: 'caller',
    cause,
    sipStatus: null,
  })
  const follow = (...live: Partial<PhoneCall>[]) => {
    const outcomes: CallOutcome[] = []
    let tell: (callId: string, event: CallEvent) => void = () => {}
    let calls = live as readonly PhoneCall[]
    followCalls(
      {
        snapshot: () => ({ calls }) as PhoneSnapshot,
        onCallEvent: listener => {
          tell = listener
          return () => {}
        },
      },
      'case',
      outcome => outcomes.push(outcome),
    )
    return {
      outcomes,
      show: (...shown: Partial<PhoneCall>[]) => {
        calls = shown as PhoneCall[]
      },
      tell: (callId: string, ...events: CallEvent[]) => {
        for (const event of events) tell(callId, event)
      },
    }
  }

  it('tells how the calls of this case ended, and of no other', () => {
    const { outcomes, show, tell } = follow()
    show({ callId: 'mine', caseId: 'case' }, { callId: 'other', caseId: null })
    tell('mine', dialled)
    tell('other', dialled, answered)
    show()
    tell('other', ended('hang-up'))
    tell('mine', ended('busy'))
    show({ callId: 'again', caseId: 'case' })
    tell('again', dialled, answered)
    show()
    tell('again', ended('hang-up'), ended('hang-up'))
    expect(outcomes).toEqual(['busy', 'answered'])
  })

  it('follows one that is talked on already', () => {
    const { outcomes, tell } = follow({ callId: 'mine', caseId: 'case', answeredAt: 1 })
    tell('mine', ended('hang-up'))
    expect(outcomes).toEqual(['answered'])
  })
})

describe('what it proposes', () => {
  it.each<CallOutcome>(['no-answer', 'busy', 'rejected', 'invalid-number', 'cancelled'])(
    '联系不上 when nobody answered: %s',
    outcome => {
      expect(afterCall(unsaid, outcome)).toEqual(unreached)
    },
  )
  it.each<CallOutcome>(['failed', 'interrupted'])('nothing when the line failed: %s', outcome => {
    expect(afterCall(unsaid, outcome)).toBe(unsaid)
  })
  it('takes away nothing that the citizen has said', () => {
    const said = { ...unsaid, satisfied: false }
    expect(afterCall(said, 'no-answer')).toBe(said)
  })
  it('an answered call after one that nobody answered asks again, without an answer of its own', () => {
    expect(afterCall(unreached, 'answered')).toEqual(unsaid)
  })
})

describe('where the citizen can be called', () => {
  const numbers = (contactNumber: string, callingNumber: string) =>
    dialable({ contactNumber, callingNumber }, { areaCode: '0512' }).map(({ what, key }) => `${what} ${key}`)
  it('the contact number first, then the one they called from, each once', () => {
    expect(numbers('19900000001', '19900000002')).toEqual([
      'contactNumber 19900000001',
      'callingNumber 19900000002',
    ])
    expect(numbers('199-0000-0001', '+8619900000001')).toEqual(['contactNumber 19900000001'])
  })
  it('nothing where there is none, or none that can be dialled', () => {
    expect(numbers('', '')).toEqual([])
    expect(numbers('不详', 'anonymous')).toEqual([])
  })
})
