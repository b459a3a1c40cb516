/** 受理方式: the transfer directory, the reasons and the scripts in force, for whoever hands a call over or ends it. */
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import type { DispositionRules } from '../../shared/domain/disposition-rules.ts'
import type { TransferDirectory } from '../../shared/domain/transfer-directory.ts'
import { queryKeys, useBridge, useSeatStatus } from './bridge-context.tsx'

/** Another version is told of at once; one that is here already comes into force by the clock. */
const lookAgainMs = 30_000

export type InForce = { directory: TransferDirectory; rules: DispositionRules }

export function useDispositions(): UseQueryResult<InForce> {
  const bridge = useBridge()
  const open = useSeatStatus()?.storage.state === 'open'
  return useQuery({
    queryKey: queryKeys.dispositions,
    queryFn: () => bridge.seat.dispositions.inForce({}),
    enabled: open,
    refetchInterval: lookAgainMs,
    refetchIntervalInBackground: true,
  })
}
