/**
 * After the line was away: every live dialog is told where we are now, one at a time, with an ICE restart, so that the
 * far end's words and its hang-up reach us again. A dialog that the other side no longer knows ends here too, and so does
 * a call that still rings although its caller may have given up unheard.
 */
import { Invitation, SessionState, type UserAgent } from 'sip.js'
import type { PhoneState } from '../phone-state.ts'
import type { Timers } from '../timers.ts'
import type { Calls } from './calls.ts'
import { isEstablished, type Leg, type Legs } from './leg.ts'
import type { Reinvite } from './reinvite.ts'

const againMs = 2_000
/** A CANCEL is not sent again: a call that rang while the line was away rings for so long, and is then a missed one. */
const ringOnMs = 20_000

/** The other side answered that it knows nothing of this dialog, or nobody is left who would. */
const gone = (status: number | null) => status === 481 || status === 404 || status === 410

export function createRecovery(parts: {
  timers: Timers
  state: PhoneState
  legs: Legs
  calls: Calls
  reinvite: Reinvite
  agent(): UserAgent | null
}) {
  const { timers, state, legs, calls, reinvite } = parts
  let queue = Promise.resolve()

  const isRinging = (leg: Leg) =>
    legs.get(leg.callId) === leg &&
    leg.session instanceof Invitation &&
    leg.session.state === SessionState.Initial

  const givenUp = (leg: Leg, statusCode: number) => {
    if (!isRinging(leg) || !(leg.session instanceof Invitation)) return
    calls.ended(leg, { side: 'unknown', cause: 'cancelled', sipStatus: statusCode })
    leg.session.reject({ statusCode }).catch(() => leg.session.dispose())
  }

  /** Whether the caller is still there: many exchanges answer 481 to a request in a dialog that they no longer have. */
  const askWhetherItRings = (leg: Leg) => {
    timers.after(ringOnMs, () => givenUp(leg, 480))
    const core = parts.agent()?.userAgentCore
    const dialog = core?.dialogs.get(leg.session.dialog?.id ?? '')
    if (core === undefined || dialog === undefined) return
    core.request(dialog.createOutgoingRequestMessage('OPTIONS'), {
      onReject: ({ message }) => {
        // sip.js makes up answers of its own when it cannot send; those say nothing.
        if (message.getHeader('Via') !== undefined && gone(message.statusCode ?? null)) givenUp(leg, 487)
      },
    })
  }

  const recover = async (leg: Leg) => {
    const { callId } = leg
    const call = state.call(callId)
    if (legs.get(callId) !== leg || call === undefined || !isEstablished(leg)) return
    state.change(callId, { recovering: true })
    const hold = () => state.call(callId)?.state === 'held'
    const result = await reinvite(leg, { hold, iceRestart: true })
    if (legs.get(callId) !== leg) return
    calls.applyMute(callId)
    if (gone(result.status)) {
      calls.ended(leg, { side: 'unknown', cause: 'hang-up', sipStatus: result.status })
      await leg.session.bye().catch(() => leg.session.dispose())
      return
    }
    state.change(callId, { recovering: !result.accepted })
    // Refused, or the line went again: once more while it is registered; a new registration comes here by itself.
    if (!result.accepted && state.snapshot().line.state === 'registered')
      timers.after(againMs, () => later(leg))
  }

  const later = (leg: Leg) => {
    queue = queue.then(() => recover(leg)).catch(() => {})
  }

  return {
    all: () => {
      for (const leg of legs.values()) {
        if (isRinging(leg)) askWhetherItRings(leg)
        else later(leg)
      }
    },
    one: later,
  }
}
