/** The catalogue's entries with their pinyin, ready to be searched; made anew only for another version. */
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import {
  type CategoryIndex,
  type CategoryReading,
  categoryIndex,
} from '../../shared/domain/category-search.ts'
import { queryKeys, useBridge, useSeatStatus } from '../bridge/bridge-context.tsx'

const none: readonly CategoryReading[] = []
const noCodes: readonly string[] = []

/** Names of entries that were seen in any version: what a removed one was called is still known. */
const seen = new Map<string, string>()
export const rememberedName = (code: string): string | undefined => seen.get(code)

export function useCategoryIndex(): CategoryIndex {
  const { seat } = useBridge()
  const open = useSeatStatus()?.storage.state === 'open'
  const { data } = useQuery({
    queryKey: [...queryKeys.dispatch, 'readings'],
    queryFn: () => seat.dispatch.readings({}),
    enabled: open,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const readings = data?.readings ?? none
  return useMemo(() => {
    for (const { code, name, path } of readings) seen.set(code, `${path} / ${name}`)
    return categoryIndex(readings)
  }, [readings])
}

export function useRecentCategories(): readonly string[] {
  const { seat } = useBridge()
  const open = useSeatStatus()?.storage.state === 'open'
  const { data } = useQuery({
    queryKey: queryKeys.recentCategories,
    queryFn: () => seat.dispatch.recent({}),
    enabled: open,
  })
  return data ?? noCodes
}
