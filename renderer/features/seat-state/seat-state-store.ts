/** Drives the seat's state from what the phone does, the clock and the operator, and keeps it in the core. */
import { create, type StoreApi, type UseBoundStore } from 'zustand'
import {
  offlineSeat,
  type SeatState,
  type SeatStateEvent,
  seatTransition,
  type WrapUpPolicy,
} from '../../../shared/domain/seat-state.ts'
import type { Phone } from '../../phone/phone.ts'

/** Ten minutes of wrap-up in all, however often it is extended. */
const longestWrapUpMs = 600_000

export type SeatStateStore = {
  use: UseBoundStore<StoreApi<{ state: SeatState }>>
  send(event: SeatStateEvent): void
  /** The operator signed in, with what was kept of this shift; null signs out. */
  operator(signedIn: boolean, kept: SeatState | null): void
  setWrapUpSeconds(seconds: number): void
}

export function createSeatStateStore(parts: {
  phone: Pick<Phone, 'subscribe' | 'snapshot' | 'onCallEvent'>
  now(): number
  after(ms: number, run: () => void): () => void
  keep(state: SeatState): void
}): SeatStateStore {
  const { phone, now } = parts
  const use = create<{ state: SeatState }>(() => ({ state: offlineSeat(now()) }))
  let policy: WrapUpPolicy = { wrapUpMs: 30_000, longestMs: longestWrapUpMs }
  let cancelClock = () => {}
  const inbound = new Map<string, boolean>()

  const send = (event: SeatStateEvent) => {
    const before = use.getState().state
    const next = seatTransition(before, event, now(), policy)
    if (next === before) return
    use.setState({ state: next })
    if (next.kind !== 'offline') parts.keep(next)
    cancelClock()
    if (next.wrapUpEndsAt !== null)
      cancelClock = parts.after(Math.max(0, next.wrapUpEndsAt - now()) + 1, () => send({ type: 'clock' }))
  }

  const followLine = () => {
    send({ type: phone.snapshot().line.state === 'registered' ? 'line-back' : 'line-lost' })
  }
  phone.subscribe(followLine)
  phone.onCallEvent((callId, event) => {
    switch (event.type) {
      case 'offered':
        return void inbound.set(callId, true)
      case 'dialled':
        inbound.set(callId, false)
        return send({ type: 'call-began', callId, inbound: false })
      case 'answered':
        // A call that was taken back after a reload began in a page that is gone: a citizen's, as most are.
        return send({ type: 'call-began', callId, inbound: inbound.get(callId) ?? true })
      case 'ended':
        inbound.delete(callId)
        return send({ type: 'call-over', callId })
      case 'alerting':
      case 'held':
      case 'resumed':
      case 'transferred':
        return
    }
  })

  return {
    use,
    send,
    operator: (signedIn, kept) => {
      if (!signedIn) return send({ type: 'sign-out' })
      if (use.getState().state.kind !== 'offline') return
      send({ type: 'sign-in' })
      if (kept === null) return
      // Calls of a page that is gone are counted again when they are taken back.
      if (kept.former === 'ready' || kept.lineLost) send({ type: 'go-ready' })
      else if (kept.former === 'break') send({ type: 'go-break', reason: kept.reason ?? 'other' })
      followLine()
    },
    setWrapUpSeconds: seconds => {
      policy = { wrapUpMs: seconds * 1_000, longestMs: longestWrapUpMs }
    },
  }
}
