/**
 * Carries the phone's events to the core, in order for each call, until the core has them. What was reported of a call that
 * still goes on is kept, and told again to a core that comes back: replays are harmless, gaps are not.
 */
import type { CallEvent } from '../../shared/domain/call.ts'
import { waitAfter } from '../../shared/domain/reconnect.ts'

export type CallSink = {
  /** `caseId`: the case that the call is about from the beginning. */
  report(callId: string, events: CallEvent[], caseId: string | null): Promise<unknown>
  after(ms: number, run: () => void): () => void
  /** When what an event shows has been drawn. */
  later(run: () => void): void
}

const waits = { firstMs: 500, longestMs: 5_000 }

export function createCallRecorder(sink: CallSink) {
  /** All events of calls that have not ended, or whose end the core does not have yet; how many of them it has. */
  const calls = new Map<string, { events: CallEvent[]; sent: number; caseId: string | null }>()
  let sending = false
  let retrying = false
  let failures = 0

  const pending = () => [...calls].find(([, { events, sent }]) => sent < events.length)

  const send = async () => {
    if (sending) return
    sending = true
    try {
      for (let next = pending(); next !== undefined; next = pending()) {
        const [callId, call] = next
        const events = call.events.slice(call.sent, call.sent + 100)
        await sink.report(callId, events, call.caseId)
        failures = 0
        call.sent += events.length
        if (call.sent === call.events.length && call.events.at(-1)?.type === 'ended') calls.delete(callId)
      }
    } catch {
      if (!retrying) {
        retrying = true
        failures += 1
        sink.after(waitAfter(failures, waits, 0.5 + Math.random() / 2), () => {
          retrying = false
          void send()
        })
      }
    } finally {
      sending = false
    }
  }

  return {
    record: (callId: string, event: CallEvent, caseId: string | null = null) => {
      const call = calls.get(callId) ?? { events: [], sent: 0, caseId }
      call.events.push(event)
      calls.set(callId, call)
      sink.later(() => void send())
    },
    /** The core is back, and may be a new one: everything of the live calls again. */
    again: () => {
      for (const call of calls.values()) call.sent = 0
      failures = 0
      void send()
    },
    waiting: () => pending() !== undefined,
  }
}
