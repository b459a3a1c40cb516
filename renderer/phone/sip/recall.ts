/**
 * Taking back a call of a page that is gone: an INVITE with Replaces (RFC 3891). Where the far side refuses it, its old call
 * is ended: nobody is left in silence.
 */
import { Inviter, SessionState, UserAgent } from 'sip.js'
import type { CallEvent } from '../../../shared/domain/call.ts'
import type { SipDialog } from '../../../shared/domain/call-evidence.ts'
import { type PhoneCall, PhoneError } from '../phone.ts'
import type { PhoneState } from '../phone-state.ts'
import type { Timers } from '../timers.ts'
import type { Calls } from './calls.ts'

export function createRecall(parts: {
  timers: Timers
  state: PhoneState
  calls: Calls
  emit(callId: string, event: CallEvent): void
}) {
  const { timers, state, calls, emit } = parts

  /** An INVITE that takes the place of a dialog that this page no longer has. Rejects when the far side does not know it. */
  return async (call: PhoneCall, dialog: SipDialog) => {
    const agent = calls.agent()
    const uri = UserAgent.makeURI(dialog.remoteTarget)
    if (uri === undefined) throw new PhoneError('CALL_GONE', '原通话无法接回')
    const inviter = new Inviter(agent, uri, {
      sessionDescriptionHandlerModifiers: calls.modifiers(),
      extraHeaders: [
        `Replaces: ${dialog.sipCallId};to-tag=${dialog.remoteTag};from-tag=${dialog.localTag}`,
        'Require: replaces',
      ],
    })
    const leg = calls.newLeg(inviter, calls.newCall({ ...call, recovering: true }))
    const taken = new Promise<void>((resolve, reject) => {
      inviter.stateChange.addListener(sessionState => {
        if (sessionState === SessionState.Established) resolve()
        if (sessionState === SessionState.Terminated && !leg.answered) {
          leg.ending = { side: 'unknown', cause: 'interrupted', sipStatus: leg.ending?.sipStatus ?? null }
          reject(new PhoneError('CALL_GONE', '原通话无法接回'))
        }
      })
    })
    await Promise.all([calls.invite(inviter, leg), taken]).catch((error: unknown) => {
      endOrphan(agent, dialog)
      throw error
    })
    state.change(call.callId, { recovering: false })
    // The record may have been left on hold by the page that is gone.
    emit(call.callId, { type: 'resumed', at: new Date(timers.now()).toISOString() })
  }
}

/** Above every request that the page that is gone can have sent in it; RFC 3261 §12.2.1.1 wants no more than that. */
const sequence = 1_000_000

/** Says BYE in that dialog, once; nothing depends on the answer. */
function endOrphan(agent: UserAgent, dialog: SipDialog): void {
  const [target, from, to] = [dialog.remoteTarget, dialog.localUri, dialog.remoteUri].map(uri =>
    UserAgent.makeURI(uri),
  )
  if (target === undefined || from === undefined || to === undefined) return
  const core = agent.userAgentCore
  const { sipCallId: callId, localTag: fromTag, remoteTag: toTag, routeSet } = dialog
  core.request(
    core.makeOutgoingRequestMessage('BYE', target, from, to, {
      callId,
      fromTag,
      toTag,
      routeSet,
      cseq: sequence,
    }),
  )
}
