/** The call of a follow-up (回访): it belongs to the case, and what comes of it proposes an answer. */
import { type CallOutcome, dialledOutcome } from '../../../shared/domain/call.ts'
import type { FollowUp } from '../../../shared/domain/case-loop.ts'
import { normalizeNumber } from '../../../shared/domain/phone-number.ts'
import type { Phone } from '../../phone/phone.ts'

/** Tells how each call about this case ended; one that goes on already is followed too. */
export function followCalls(
  phone: Pick<Phone, 'onCallEvent' | 'snapshot'>,
  caseId: string,
  onOver: (outcome: CallOutcome) => void,
): () => void {
  const answered = new Map<string, boolean>()
  const about = () => phone.snapshot().calls.filter(call => call.caseId === caseId)
  for (const call of about()) answered.set(call.callId, call.answeredAt !== null)
  return phone.onCallEvent((callId, event) => {
    if (event.type === 'dialled' && about().some(call => call.callId === callId)) answered.set(callId, false)
    const before = answered.get(callId)
    if (before === undefined) return
    if (event.type === 'answered') answered.set(callId, true)
    if (event.type !== 'ended') return
    answered.delete(callId)
    onOver(dialledOutcome(before, event.cause))
  })
}

/** The line failed, not the citizen: nothing can be said about them. */
const saysNothing: readonly CallOutcome[] = ['failed', 'interrupted']

/** 联系不上 is proposed when nobody answered, unless the citizen's answers stand there already. */
export function afterCall(answers: FollowUp, outcome: CallOutcome): FollowUp {
  if (saysNothing.includes(outcome)) return answers
  if (outcome === 'answered') return answers.reached ? answers : { ...answers, reached: true }
  const asked = answers.solved !== null || answers.satisfied !== null
  return asked || !answers.reached ? answers : { reached: false, solved: null, satisfied: null }
}

export type Dialable = { what: 'contactNumber' | 'callingNumber'; key: string; display: string }

/** Where the citizen can be called: the contact number first, the one they called from if it is another. */
export function dialable(
  fields: { contactNumber: string; callingNumber: string },
  options: { areaCode: string },
): Dialable[] {
  const found: Dialable[] = []
  for (const what of ['contactNumber', 'callingNumber'] as const) {
    const number = normalizeNumber(fields[what], options)
    const { key, display } = number
    if (number.dialable && key !== null && !found.some(each => each.key === key))
      found.push({ what, key, display })
  }
  return found
}
