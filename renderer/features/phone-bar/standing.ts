/** What the keys and the cards of the phone are about. */
import type { PhoneCall } from '../../phone/phone.ts'

export type Stand = ReturnType<typeof standing>

export function standing(calls: readonly PhoneCall[]) {
  const ringing = calls.find(call => call.direction === 'inbound' && call.state === 'ringing')
  const spoken = calls.find(call => call.state === 'talking') ?? calls.find(call => call !== ringing)
  const consult = calls.find(call => call.consultOf !== null)
  return {
    ringing,
    spoken,
    current: spoken ?? ringing,
    canTalk: spoken !== undefined && (spoken.state === 'talking' || spoken.state === 'held'),
    consult,
    asked: calls.find(call => call.callId === consult?.consultOf),
    canJoin: calls.some(call => call.state === 'held') && calls.some(call => call.state === 'talking'),
    joined: calls.some(call => call.inConference),
  }
}
