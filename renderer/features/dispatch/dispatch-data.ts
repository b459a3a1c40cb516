/** What the page knows of the dispatch: the catalogue and calendar in force, ready for questions, and the form's own choice. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { CatalogueNotice } from '../../../shared/contract/seat-dispatch.ts'
import { type WorkCalendar, workDays } from '../../../shared/domain/calendar.ts'
import type { DispatchCatalogue } from '../../../shared/domain/catalogue.ts'
import {
  asProposed,
  type DispatchChoice,
  type Dispatching,
  dispatching,
} from '../../../shared/domain/make-dispatch.ts'
import { queryKeys, useBridge, useCatalogue, useSeatStatus } from '../../bridge/bridge-context.tsx'

export type DispatchReady = {
  catalogue: DispatchCatalogue
  calendar: WorkCalendar | null
  /** When the catalogue came into force; null: it is the sample. */
  since: string | null
  dispatch: Dispatching
}

/** Null until both are here. */
export function useDispatching(): DispatchReady | null {
  const { seat } = useBridge()
  const catalogue = useCatalogue().data
  const { data } = useQuery({
    queryKey: [...queryKeys.dispatch, 'calendar'],
    queryFn: () => seat.dispatch.calendar({}),
    enabled: useSeatStatus()?.storage.state === 'open',
  })
  return useMemo(() => {
    if (catalogue === undefined || data === undefined) return null
    const { calendar, catalogueSince } = data
    return {
      catalogue,
      calendar,
      since: catalogueSince,
      dispatch: dispatching(catalogue, calendar === null ? null : workDays(calendar)),
    }
  }, [catalogue, data])
}

/** What the core has not taken yet: it is away, and gets it when everything is asked for anew. */
const unsaved = new Map<string, DispatchChoice>()
/** Somebody else sits down. */
export const forgetDispatchChoices = (): void => unsaved.clear()
const choiceKey = (draftId: string) => ['dispatch-choice', draftId]

/** Kept with the draft, shown at once. */
export function useChoice(draftId: string): [DispatchChoice, (change: Partial<DispatchChoice>) => void] {
  const { seat } = useBridge()
  const client = useQueryClient()
  const { data } = useQuery({
    queryKey: choiceKey(draftId),
    queryFn: async () => {
      const own = unsaved.get(draftId)
      if (own === undefined) return seat.dispatch.choice({ draftId })
      await seat.dispatch.choose({ draftId, choice: own })
      if (unsaved.get(draftId) === own) unsaved.delete(draftId)
      return unsaved.get(draftId) ?? own
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
  const choose = useCallback(
    (change: Partial<DispatchChoice>) => {
      const key = choiceKey(draftId)
      const next = { ...(client.getQueryData<DispatchChoice>(key) ?? asProposed), ...change }
      client.setQueryData(key, next)
      unsaved.set(draftId, next)
      void seat.dispatch.choose({ draftId, choice: next }).then(
        () => unsaved.get(draftId) === next && unsaved.delete(draftId),
        () => {},
      )
    },
    [client, seat, draftId],
  )
  return [data ?? asProposed, choose]
}

export function useCatalogueNotice(): [CatalogueNotice | null, () => void] {
  const { seat } = useBridge()
  const client = useQueryClient()
  const status = useSeatStatus()
  const operatorId = status?.operator?.operatorId ?? null
  const queryKey = [...queryKeys.dispatch, 'notice', operatorId]
  const { data } = useQuery({
    queryKey,
    queryFn: () => seat.dispatch.notice({}),
    enabled: status?.storage.state === 'open' && operatorId !== null,
  })
  const notice = data ?? null
  return [
    notice,
    () => {
      if (notice === null) return
      client.setQueryData(queryKey, null)
      void seat.dispatch.seen({ key: notice.key }).catch(() => {})
    },
  ]
}
