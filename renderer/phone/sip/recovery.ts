/**
 * After the line was away: every live dialog is told where we are now, one at a time, with an ICE restart, so that the
 * far end's words and its hang-up reach us again. A dialog that the other side no longer knows ends here too.
 */
import type { PhoneState } from '../phone-state.ts'
import type { Timers } from '../timers.ts'
import type { Calls } from './calls.ts'
import { isEstablished, type Leg, type Legs } from './leg.ts'
import type { Reinvite } from './reinvite.ts'

const againMs = 2_000

/** The other side answered that it knows nothing of this dialog, or nobody is left who would. */
const gone = (status: number | null) => status === 481 || status === 404 || status === 410

export function createRecovery(parts: {
  timers: Timers
  state: PhoneState
  legs: Legs
  calls: Calls
  reinvite: Reinvite
}) {
  const { timers, state, legs, calls, reinvite } = parts
  let queue = Promise.resolve()

  const recover = async (leg: Leg) => {
    const { callId } = leg
    const call = state.call(callId)
    if (legs.get(callId) !== leg || call === undefined || !isEstablished(leg)) return
    state.change(callId, { recovering: true })
    const result = await reinvite(leg, { hold: call.state === 'held', iceRestart: true })
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
      for (const leg of legs.values()) later(leg)
    },
    one: later,
  }
}
