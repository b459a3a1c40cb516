/** What the phone shows, as snapshots that never change in place. */
import type { Line, MicrophoneState, PhoneCall, PhoneSnapshot } from './phone.ts'

export type PhoneState = ReturnType<typeof createPhoneState>

export function createPhoneState() {
  let snapshot: PhoneSnapshot = {
    line: { state: 'unconfigured', problem: null },
    microphone: 'unknown',
    ringtoneAllowed: true,
    calls: [],
  }
  const listeners = new Set<() => void>()
  const set = (change: Partial<PhoneSnapshot>) => {
    snapshot = { ...snapshot, ...change }
    for (const listener of listeners) listener()
  }
  return {
    snapshot: () => snapshot,
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    line: (state: Line['state'], problem: string | null = null) => {
      if (snapshot.line.state !== state || snapshot.line.problem !== problem)
        set({ line: { state, problem } })
    },
    microphone: (microphone: MicrophoneState) => {
      if (snapshot.microphone !== microphone) set({ microphone })
    },
    ringtoneAllowed: (ringtoneAllowed: boolean) => {
      if (snapshot.ringtoneAllowed !== ringtoneAllowed) set({ ringtoneAllowed })
    },
    call: (callId: string): PhoneCall | undefined => snapshot.calls.find(call => call.callId === callId),
    /** In the place of what was known of it, if anything was. */
    add: (call: PhoneCall) =>
      set({ calls: [...snapshot.calls.filter(({ callId }) => callId !== call.callId), call] }),
    change: (callId: string, change: Partial<PhoneCall>) => {
      if (!snapshot.calls.some(call => call.callId === callId)) return
      set({ calls: snapshot.calls.map(call => (call.callId === callId ? { ...call, ...change } : call)) })
    },
    remove: (callId: string) => set({ calls: snapshot.calls.filter(call => call.callId !== callId) }),
  }
}
