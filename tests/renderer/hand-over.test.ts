/** What the phone did to hand a call over, written into the call's form. */
import { beforeEach, describe, expect, it } from 'vitest'
import { consultAndJoin, followHandOvers } from '../../renderer/features/case-form/hand-over.ts'
import type { PhoneCall, PhoneSnapshot } from '../../renderer/phone/phone.ts'
import type { CallEvent } from '../../shared/domain/call.ts'
import { type CaseFields, emptyCaseFields } from '../../shared/domain/case.ts'
import { transferDirectory } from '../../shared/domain/transfer-directory.ts'

const at = '2026-11-24T02:00:00.000Z'
const directory = transferDirectory.parse({
  version: '甲',
  sample: false,
  entries: [{ number: '119', name: '消防', kind: 'emergency' }],
})
let fields: CaseFields
let tell: (callId: string, event: CallEvent) => void
let show: (...calls: Partial<PhoneCall>[]) => void
beforeEach(() => {
  fields = { ...emptyCaseFields, disposition: 'transfer' }
  let changed = () => {}
  let calls: readonly PhoneCall[] = []
  followHandOvers({
    phone: {
      onCallEvent: listener => {
        tell = listener
        return () => {}
      },
      subscribe: listener => {
        changed = listener
        return () => {}
      },
      snapshot: () => ({ calls }) as PhoneSnapshot,
    },
    desk: {
      ofCall: callId =>
        callId === 'citizen'
          ? {
              draftId: 'draft',
              callId,
              createdAt: at,
              fields,
              revision: 1,
              savedRevision: 1,
              savedFields: emptyCaseFields,
              sent: null,
              saveState: 'saved',
              problem: null,
            }
          : undefined,
      edit: (_, patch) => {
        fields = { ...fields, ...patch }
      },
    },
    directory: () => directory,
    now: () => Date.parse(at),
  })
  show = (...shown) => {
    calls = shown as PhoneCall[]
    changed()
  }
})
const transferred = (change: Partial<CallEvent & { type: 'transferred' }> = {}): CallEvent => ({
  type: 'transferred',
  at,
  to: '119',
  how: 'blind',
  done: true,
  sipStatus: 200,
  ...change,
})
const consult = (inConference: boolean): Partial<PhoneCall> => ({
  callId: 'fire',
  consultOf: 'citizen',
  inConference,
  facts: { calledNumber: '119' } as PhoneCall['facts'],
})
const record = { handOverNumber: '119', handOverName: '消防', handOverAt: at, handOverDirectory: '甲' }

it('writes a transfer that was done, and nothing of one that failed or of a call without a form', () => {
  tell('citizen', transferred({ done: false, sipStatus: 486 }))
  tell('another', transferred())
  expect(fields.handOverAt).toBe('')
  tell('citizen', transferred())
  expect(fields).toMatchObject({ ...record, handOverWay: 'blind' })
  tell('citizen', transferred({ how: 'attended', to: '10086' }))
  expect(fields).toMatchObject({ handOverNumber: '10086', handOverName: '', handOverWay: 'consulted' })
})

it('a consultation alone is no hand-over; once all three are joined it is one, and leaving makes it no other', () => {
  show(consult(false))
  expect(fields.handOverAt).toBe('')
  show(consult(true))
  expect(fields).toMatchObject({ ...record, handOverWay: 'three-way' })
  tell('citizen', transferred({ how: 'attended' }))
  expect(fields.handOverWay).toBe('three-way')
})

it('keeps the consent for the line that it was given for, and for no other', () => {
  fields = { ...fields, handOverNumber: '119', handOverConsent: 'given' }
  tell('citizen', transferred())
  expect(fields.handOverConsent).toBe('given')
  tell('citizen', transferred({ to: '120' }))
  expect(fields.handOverConsent).toBeNull()
})

describe('三方通话 with a line that is rung first', () => {
  const talking = { transfer: null, inConference: false } as const
  /** What the phone shows after each step, and whether all three were joined. */
  const ring = (...steps: Partial<PhoneCall>[][]) => {
    let calls: readonly PhoneCall[] = []
    const listeners = new Set<() => void>()
    let joined = 0
    const done = consultAndJoin(
      {
        consult: () => Promise.resolve('fire'),
        startConference: () => {
          joined += 1
          return Promise.resolve()
        },
        snapshot: () => ({ calls }) as PhoneSnapshot,
        subscribe: listener => {
          listeners.add(listener)
          return () => listeners.delete(listener)
        },
      },
      'citizen',
      '119',
    )
    const show = (shown: Partial<PhoneCall>[]) => {
      calls = shown as PhoneCall[]
      for (const listener of listeners) listener()
    }
    const [first, ...rest] = steps
    if (first !== undefined) show(first)
    return (async () => {
      await Promise.resolve()
      await Promise.resolve()
      const before = joined
      for (const step of rest) show(step)
      return { before, joins: await done, joined, listening: listeners.size }
    })()
  }
  const citizen = (state: PhoneCall['state']) => ({ callId: 'citizen', state, ...talking })
  const line = (state: PhoneCall['state'], inConference = false) => ({
    callId: 'fire',
    state,
    ...talking,
    inConference,
  })

  it('joins once, as soon as the line answers, and not while it only rings', async () => {
    const held = citizen('held')
    expect(
      await ring([held, line('dialling')], [held, line('alerting')], [held, line('talking')], []),
    ).toEqual({ before: 0, joins: true, joined: 1, listening: 0 })
  })

  it('joins when the line has answered before anybody looked', async () => {
    expect(await ring([citizen('held'), line('talking')])).toMatchObject({ joins: true, joined: 1 })
  })

  it.each([
    ['the line does not answer', [citizen('held')]],
    ['the citizen has hung up', [line('alerting')]],
    ['the operator went back to the citizen', [citizen('talking'), line('held')]],
    ['the operator joined them by hand', [citizen('talking'), line('talking', true)]],
    ['the citizen is not held', [citizen('talking'), line('talking')]],
  ])('joins nobody when %s', async (_what, after) => {
    expect(await ring([citizen('held'), line('alerting')], after)).toMatchObject({
      joins: false,
      joined: 0,
      listening: 0,
    })
  })
})
