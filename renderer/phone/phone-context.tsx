/** The phone for every feature. */
import { createContext, useContext, useSyncExternalStore } from 'react'
import type { Phone, PhoneSnapshot } from './phone.ts'

const PhoneContext = createContext<Phone | null>(null)
export const PhoneProvider = PhoneContext.Provider

export function usePhone(): Phone {
  const phone = useContext(PhoneContext)
  if (phone === null) throw new Error('usePhone outside PhoneProvider')
  return phone
}

export function usePhoneSnapshot(): PhoneSnapshot {
  const phone = usePhone()
  return useSyncExternalStore(phone.subscribe, phone.snapshot)
}

/** One part of it: whoever needs no more is not drawn anew with each change of a call. `pick` makes no new objects. */
export function usePhonePart<T>(pick: (snapshot: PhoneSnapshot) => T): T {
  const phone = usePhone()
  return useSyncExternalStore(phone.subscribe, () => pick(phone.snapshot()))
}
