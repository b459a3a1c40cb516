/**
 * The phone's snapshots for whatever is drawn after a call's card. Only the calls wait for the card: how the line and the microphone
 * stand is told at once, with the calls as they were last told.
 */
import type { Phone } from './phone.ts'
import { after, afterDrawing } from './timers.ts'

type Followed = Pick<Phone, 'snapshot' | 'subscribe'>

export function followLater(phone: Followed): Followed {
  let told = phone.snapshot()
  let waiting = false
  const listeners = new Set<() => void>()
  const tell = (next: typeof told) => {
    told = next
    for (const listener of listeners) listener()
  }
  const changed = () => {
    const now = phone.snapshot()
    const { line, microphone, ringtoneAllowed, calls } = told
    if (now.calls === calls) return tell(now)
    const isCallsOnly =
      now.line === line && now.microphone === microphone && now.ringtoneAllowed === ringtoneAllowed
    if (!isCallsOnly) tell({ ...now, calls })
    if (waiting) return
    waiting = true
    afterDrawing({ after }, () => {
      waiting = false
      if (phone.snapshot() !== told) tell(phone.snapshot())
    })
  }
  let stop = () => {}
  return {
    snapshot: () => (listeners.size === 0 ? phone.snapshot() : told),
    subscribe: listener => {
      if (listeners.size === 0) {
        told = phone.snapshot()
        stop = phone.subscribe(changed)
      }
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) stop()
      }
    },
  }
}
