import { createContext, useContext } from 'react'
import type { Desk, OpenDraft } from './draft-store.ts'

const DeskContext = createContext<Desk | null>(null)
export const DeskProvider = DeskContext.Provider

export function useDesk(): Desk {
  const desk = useContext(DeskContext)
  if (desk === null) throw new Error('useDesk outside DeskProvider')
  return desk
}

/** Whoever uses it is drawn anew with each key in that draft. */
export function useDraft(draftId: string): OpenDraft | undefined {
  return useDesk().use(state => state.drafts.find(draft => draft.draftId === draftId))
}
