/** The seat's state for every feature. */
import { createContext, useContext } from 'react'
import type { SeatState } from '../../../shared/domain/seat-state.ts'
import type { SeatStateStore } from './seat-state-store.ts'

const SeatStateContext = createContext<SeatStateStore | null>(null)
export const SeatStateProvider = SeatStateContext.Provider

export function useSeatStateStore(): SeatStateStore {
  const store = useContext(SeatStateContext)
  if (store === null) throw new Error('useSeatStateStore outside SeatStateProvider')
  return store
}

export const useSeatState = (): SeatState => useSeatStateStore().use(({ state }) => state)
