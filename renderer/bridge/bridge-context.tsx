/** The bridge and what nearly every feature reads through it: connection, seat status, settings, catalogue. */
import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useSyncExternalStore } from 'react'
import type {
  SeatEvent,
  SeatStatus,
  SettingsView,
  SyncStatus,
  UnsentItem,
} from '../../shared/contract/seat.ts'
import type { DispatchCatalogue } from '../../shared/domain/catalogue.ts'
import { createReconnect } from '../../shared/domain/reconnect.ts'
import type { Bridge, CoreConnection } from './bridge.ts'
import { pageTime } from './page-time.ts'

const BridgeContext = createContext<Bridge | null>(null)

export function BridgeProvider({ bridge, children }: { bridge: Bridge; children: ReactNode }) {
  return (
    <BridgeContext.Provider value={bridge}>
      <CoreEvents />
      {children}
    </BridgeContext.Provider>
  )
}

export function useBridge(): Bridge {
  const bridge = useContext(BridgeContext)
  if (bridge === null) throw new Error('useBridge outside BridgeProvider')
  return bridge
}

export function useConnection(): CoreConnection {
  const bridge = useBridge()
  return useSyncExternalStore(bridge.onConnection, bridge.connection)
}

export const queryKeys = {
  status: ['status'],
  settings: ['settings'],
  catalogue: ['catalogue'],
  cases: ['cases'],
  calls: ['calls'],
  unfiled: ['unfiled'],
  callers: ['callers'],
  drafts: ['drafts'],
  dispositions: ['dispositions'],
  sync: ['sync'],
  unsent: ['unsent'],
  callbacks: ['callbacks'],
  intake: ['intake'],
  presence: ['presence'],
  attachments: ['attachments'],
  dispatch: ['dispatch'],
  recentCategories: ['recent-categories'],
  lookupAlarms: ['lookup-alarms'],
  othersDrafts: ['others-drafts'],
} as const

export function useSeatStatus(): SeatStatus | undefined {
  const bridge = useBridge()
  return useQuery({ queryKey: queryKeys.status, queryFn: () => bridge.seat.seat.status({}) }).data
}

export function useSettings(): UseQueryResult<SettingsView> {
  const bridge = useBridge()
  const open = useSeatStatus()?.storage.state === 'open'
  return useQuery({
    queryKey: queryKeys.settings,
    queryFn: () => bridge.seat.settings.get({}),
    enabled: open,
  })
}

export function useCatalogue(): UseQueryResult<DispatchCatalogue> {
  const bridge = useBridge()
  const open = useSeatStatus()?.storage.state === 'open'
  return useQuery({
    queryKey: queryKeys.catalogue,
    queryFn: () => bridge.seat.catalogue.get({}),
    enabled: open,
  })
}

/** What has and has not reached the centre. Told by the core on every change. */
export function useSyncStatus(): SyncStatus | undefined {
  const bridge = useBridge()
  const open = useSeatStatus()?.storage.state === 'open'
  return useQuery({ queryKey: queryKeys.sync, queryFn: () => bridge.seat.sync.status({}), enabled: open })
    .data
}

/** As many unsent items as the core tells at once; how many there are altogether is in the status. */
export const unsentLimit = 500

export function useUnsentItems(): UseQueryResult<UnsentItem[]> {
  const bridge = useBridge()
  const open = useSeatStatus()?.storage.state === 'open'
  return useQuery({
    queryKey: queryKeys.unsent,
    queryFn: () => bridge.seat.sync.items({ limit: unsentLimit }),
    enabled: open,
  })
}

/** Which cached answers an event of the core makes stale. */
function staleKeys(event: SeatEvent): readonly (readonly string[])[] {
  switch (event.type) {
    case 'status':
      return []
    case 'cases-changed':
      return [
        queryKeys.cases,
        queryKeys.attachments,
        queryKeys.callers,
        queryKeys.unfiled,
        queryKeys.unsent,
        queryKeys.recentCategories,
      ]
    case 'drafts-changed':
      return [queryKeys.drafts, queryKeys.othersDrafts]
    case 'calls-changed':
      return [queryKeys.calls, queryKeys.callers, queryKeys.unfiled]
    case 'settings-changed':
      return [queryKeys.settings]
    case 'catalogue-changed':
      return [queryKeys.catalogue, queryKeys.dispatch]
    case 'dispositions-changed':
      return [queryKeys.dispositions]
    case 'callbacks-changed':
      return [queryKeys.callbacks]
    case 'callers-changed':
      return [queryKeys.callers]
    case 'intake-changed':
      return [queryKeys.intake]
    case 'presence-changed':
      return [queryKeys.presence]
    case 'attachments-changed':
      return [queryKeys.attachments]
    case 'lookup-alarm':
      return [queryKeys.lookupAlarms]
    case 'sync':
      return [queryKeys.unsent]
  }
}

/** After a stream of events that ended although the connection is there. */
const eventWaits = { firstMs: 1_000, longestMs: 10_000 }
const eventsWellMs = 10_000

/** How much later the lists follow a call: its sound comes first, and several of its events are one. Milliseconds. */
const callsFollowMs = 250

/** Follows the core's events for as long as it is connected; a new core makes everything stale. */
function CoreEvents() {
  const bridge = useBridge()
  const connection = useConnection()
  const client = useQueryClient()
  useEffect(() => {
    if (connection !== 'connected') return
    const ended = new AbortController()
    const makeStale = (event: SeatEvent) => {
      for (const queryKey of staleKeys(event)) void client.invalidateQueries({ queryKey })
    }
    let callsFollow: ReturnType<typeof setTimeout> | undefined
    const read = async (events: AsyncIterable<SeatEvent>) => {
      for await (const event of events) {
        if (event.type === 'status') client.setQueryData(queryKeys.status, event.status)
        if (event.type === 'sync') client.setQueryData(queryKeys.sync, event.sync)
        if (event.type !== 'calls-changed') makeStale(event)
        else
          callsFollow ??= setTimeout(() => {
            callsFollow = undefined
            makeStale(event)
          }, callsFollowMs)
      }
    }
    // A connection that is gone ends this effect. As long as it is there nothing else may leave the page deaf.
    const reconnect = createReconnect({
      attempt: async () => {
        void client.invalidateQueries()
        const events = await bridge.seat.seat.events({}, { signal: ended.signal })
        void read(events).then(reconnect.lost, reconnect.lost)
      },
      waits: eventWaits,
      wellMs: eventsWellMs,
      ...pageTime,
    })
    reconnect.start()
    return () => {
      reconnect.stop()
      ended.abort()
      clearTimeout(callsFollow)
    }
  }, [bridge, client, connection])
  return null
}
