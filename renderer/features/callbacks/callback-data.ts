/** What the page knows of callbacks: the list, what is in hand, how many are due. Told anew on every change. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { queryKeys, useBridge, useSeatStatus } from '../../bridge/bridge-context.tsx'

/** Ranks grow with the minutes, and what waits comes due, without any change being told. */
const againMs = 30_000

export const useOpen = () => {
  const status = useSeatStatus()
  return status?.storage.state === 'open' && status.operator !== null
}

export function useCallbackList(show: 'open' | 'closed', limit: number) {
  const { seat } = useBridge()
  return useQuery({
    queryKey: [...queryKeys.callbacks, 'list', show, limit],
    queryFn: () => seat.callbacks.list({ show, limit }),
    enabled: useOpen(),
    refetchInterval: againMs,
    placeholderData: keepPreviousData,
  })
}

export function useHeldCallback() {
  const { seat } = useBridge()
  const { data, dataUpdatedAt } = useQuery({
    queryKey: [...queryKeys.callbacks, 'held'],
    queryFn: () => seat.callbacks.held({}),
    enabled: useOpen(),
    refetchInterval: query => (query.state.data == null ? false : 5_000),
  })
  return { held: data ?? null, at: dataUpdatedAt }
}

/** For the badge, and for who looks at another window: that goes on asking too. */
export function useCallbackCounts() {
  const { seat } = useBridge()
  return useQuery({
    queryKey: [...queryKeys.callbacks, 'counts'],
    queryFn: async () => (await seat.callbacks.list({ show: 'open', limit: 0 })).counts,
    enabled: useOpen(),
    refetchInterval: againMs,
    refetchIntervalInBackground: true,
  }).data
}
