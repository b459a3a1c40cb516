/**
 * The phone for every feature. What a change of a call shows first is its card; everything else that follows the calls is drawn
 * after that, so that a ring or a hold is seen when it is there.
 */
import { createContext, type ReactNode, useContext, useMemo, useSyncExternalStore } from 'react'
import { followLater } from './follow-later.ts'
import type { Phone, PhoneCall, PhoneSnapshot } from './phone.ts'

const PhoneContext = createContext<{ phone: Phone; later: ReturnType<typeof followLater> } | null>(null)

export function PhoneProvider({ value, children }: { value: Phone; children: ReactNode }) {
  const both = useMemo(() => ({ phone: value, later: followLater(value) }), [value])
  return <PhoneContext value={both}>{children}</PhoneContext>
}

function useBoth() {
  const both = useContext(PhoneContext)
  if (both === null) throw new Error('usePhone outside PhoneProvider')
  return both
}

export const usePhone = (): Phone => useBoth().phone

/** Drawn at once with every change: for the calls' cards, and for nothing that costs time to draw. */
export function useCallsNow(): readonly PhoneCall[] {
  const { phone } = useBoth()
  return useSyncExternalStore(phone.subscribe, () => phone.snapshot().calls)
}

/** One part of it: whoever needs no more is not drawn anew with each change of a call. `pick` makes no new objects. */
export function usePhonePart<T>(pick: (snapshot: PhoneSnapshot) => T): T {
  const { later } = useBoth()
  return useSyncExternalStore(later.subscribe, () => pick(later.snapshot()))
}
