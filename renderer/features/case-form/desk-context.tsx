import { createContext, useContext } from 'react'
import type { CaseFields } from '../../../shared/domain/case.ts'
import type { Desk } from './draft-store.ts'

const DeskContext = createContext<Desk | null>(null)
export const DeskProvider = DeskContext.Provider

export function useDesk(): Desk {
  const desk = useContext(DeskContext)
  if (desk === null) throw new Error('useDesk outside DeskProvider')
  return desk
}

/** One field of one draft: a key press redraws only what shows that field. */
export function useDraftField<K extends keyof CaseFields>(
  draftId: string,
  name: K,
): CaseFields[K] | undefined {
  return useDesk().use(({ drafts }) => drafts.find(draft => draft.draftId === draftId)?.fields[name])
}
