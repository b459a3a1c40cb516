/**
 * Who else is at their seat (在岗状态): told to the centre and asked of it in one request, every few seconds and when this seat's
 * state changes. Nothing of it is kept: what is older than the centre itself would believe is shown as nobody.
 */
import { presenceAnswer, presenceSeconds } from '../../../shared/contract/central-presence.ts'
import type { SeatState } from '../../../shared/domain/seat-state.ts'
import type { PresentSeat } from '../../../shared/domain/specialist.ts'
import type { Clock } from '../context.ts'
import type { Centre } from '../sync/centre.ts'
import { CentreFailure } from '../sync/centre-client.ts'

const everyMs = 20_000
/** Several changes of state in a row are told once. */
const gatherMs = 200

export type Presence = {
  /** This seat's state has changed, or somebody signed in or out. */
  changed(): void
  /** The specialists who are at other seats now; empty without a centre. */
  list(): PresentSeat[]
  stop(): void
}

export function createPresence(parts: {
  clock: Clock
  centre: Pick<Centre, 'asOperator'>
  /** Null: nobody is signed in, or the line to the centre is down. */
  own(): { state: Pick<SeatState, 'kind' | 'since'>; extension: string | null } | null
  published(): void
}): Presence {
  const { clock } = parts
  let seats: PresentSeat[] = []
  let heardAt = Number.NEGATIVE_INFINITY
  let asking = false
  let again = false
  let stopped = false
  let cancel = () => {}

  const isFresh = () => Math.abs(clock.now() - heardAt) < presenceSeconds * 1_000
  const take = (told: PresentSeat[], at: number) => {
    const changed = JSON.stringify(told) !== JSON.stringify(seats)
    seats = told
    heardAt = at
    if (changed) parts.published()
  }

  const tell = async () => {
    if (asking) {
      again = true
      return
    }
    const own = parts.own()
    if (own !== null) {
      asking = true
      const { kind, since } = own.state
      const body = { kind, since: new Date(since).toISOString(), extension: own.extension }
      try {
        const request = { method: 'POST', path: '/v1/presence', body } as const
        take((await parts.centre.asOperator(request, presenceAnswer)).seats, clock.now())
      } catch (error) {
        // The sync tells that the line is down, or that the centre refuses the seat.
        if (!(error instanceof CentreFailure)) throw error
      } finally {
        asking = false
      }
    }
    if (!isFresh()) take([], Number.NEGATIVE_INFINITY)
    const soon = again
    again = false
    schedule(soon ? gatherMs : everyMs)
  }

  const schedule = (ms: number) => {
    cancel()
    if (!stopped) cancel = clock.after(ms, () => void tell())
  }

  schedule(everyMs)
  return {
    changed: () => schedule(gatherMs),
    list: () => (isFresh() ? seats : []),
    stop: () => {
      stopped = true
      cancel()
    },
  }
}
