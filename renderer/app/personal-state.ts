/**
 * What the page holds of the person who sits there. It goes when they leave, when the seat passes to another, and before the gate
 * shows: behind the gate there is nothing to read.
 */
import type { QueryClient } from '@tanstack/react-query'
import { queryKeys } from '../bridge/bridge-context.tsx'
import type { Desk } from '../features/case-form/draft-store.ts'
import { forgetDispatchChoices } from '../features/dispatch/dispatch-data.ts'

/** Of the seat, not of a person. Everything else that the core answered is thrown away. */
const ofTheSeat: ReadonlySet<unknown> = new Set([
  queryKeys.status[0],
  queryKeys.settings[0],
  queryKeys.sync[0],
  'operators',
])

/** `next`: who sits down now; null: nobody. The settings are read afresh: the gate is told less than a person. */
export function clearPersonalState(
  parts: { queries: QueryClient; desk: Pick<Desk, 'handTo'> },
  next: string | null,
): void {
  const { queries, desk } = parts
  desk.handTo(next)
  forgetDispatchChoices()
  void queries.cancelQueries({ predicate: ({ queryKey }) => !ofTheSeat.has(queryKey[0]) })
  queries.removeQueries({ predicate: ({ queryKey }) => !ofTheSeat.has(queryKey[0]) })
  queries.getMutationCache().clear()
  void queries.invalidateQueries({ queryKey: queryKeys.settings })
}
