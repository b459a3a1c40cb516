/** Calls that come in: shown, refused where they cannot be taken, and rung for. */
import { type Invitation, SessionState } from 'sip.js'
import type { CallEvent, EndCause } from '../../../shared/domain/call.ts'
import { type ReadHeader, readCallFacts } from '../call-facts.ts'
import type { PhoneOptions } from '../phone.ts'
import type { PhoneState } from '../phone-state.ts'
import { offersAudio } from '../sdp.ts'
import { afterDrawing, type Timers } from '../timers.ts'
import type { Calls } from './calls.ts'
import type { Legs } from './leg.ts'
import type { SeenInvite } from './plain-message.ts'
import type { Shown } from './shown-first.ts'

const ringingCallsAllowed = 4

export function createIncoming(parts: {
  timers: Timers
  state: PhoneState
  legs: Legs
  calls: Pick<Calls, 'newCall' | 'newLeg' | 'updateRing'>
  options(): Pick<PhoneOptions, 'headerMap'>
  emit(callId: string, event: CallEvent): void
}) {
  const { timers, state, legs, calls, emit } = parts
  const at = () => new Date(timers.now()).toISOString()
  const idOf = (sipCallId: string) => sipCallId.slice(0, 256)

  const factsOf = (read: ReadHeader, callId: string) => readCallFacts(read, callId, parts.options().headerMap)

  const ringingBeside = (callId: string) =>
    state.snapshot().calls.filter(call => call.callId !== callId && call.state === 'ringing').length

  /** Shows that it rings; the rest of `invited` follows when that is seen. */
  const announce = (invite: SeenInvite): Shown | null => {
    const callId = idOf(invite.callId)
    if (state.call(callId) !== undefined || ringingBeside(callId) >= ringingCallsAllowed) return null
    const facts = factsOf(invite.read, callId)
    state.add(calls.newCall({ callId, direction: 'inbound', state: 'ringing', facts }))
    const takeBack = () => {
      if (!legs.has(callId)) state.remove(callId)
    }
    return { takeBack, until: 'seen' }
  }

  const invited = (invitation: Invitation) => {
    const { request } = invitation
    const callId = idOf(request.callId)
    if (legs.has(callId)) return void invitation.reject({ statusCode: 482 })
    const announced = state.call(callId)
    const facts = factsOf(name => request.getHeader(name), callId)
    emit(callId, { type: 'offered', at: at(), facts })
    const refuse = (statusCode: number, cause: EndCause) => {
      void invitation.reject({ statusCode }).catch(() => {})
      emit(callId, { type: 'ended', at: at(), side: 'seat', cause, sipStatus: statusCode })
    }
    if (request.body !== '' && !offersAudio(request.body)) return refuse(488, 'failed')
    if (ringingBeside(callId) >= ringingCallsAllowed) return refuse(486, 'busy')
    const startedAt = announced?.startedAt ?? timers.now()
    calls.newLeg(
      invitation,
      calls.newCall({ callId, direction: 'inbound', state: 'ringing', facts, startedAt }),
    )
    // What is seen comes first, then what is heard, here and at the caller.
    const ring = () => {
      calls.updateRing()
      if (invitation.state === SessionState.Initial) void invitation.progress().catch(() => {})
    }
    if (announced === undefined) afterDrawing(timers, ring)
    else timers.after(0, ring)
  }

  return { announce, invited }
}
