/** The latest time that was ever seen at a sign-in: a clock that goes back neither ends a wait nor lengthens an offline sign-in. */
import type { Clock } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { readState, writeState } from '../storage/local-state.ts'

/** In milliseconds. */
const latestState = 'sign-in-latest-time'

export function latestTime(db: Database, clock: Pick<Clock, 'now'>): number {
  const now = Math.max(clock.now(), Number(readState(db, latestState) ?? 0))
  writeState(db, latestState, String(now))
  return now
}

/** The centre is there: what the clock was before is forgotten. */
export const trustClock = (db: Database, clock: Pick<Clock, 'now'>): void =>
  writeState(db, latestState, String(clock.now()))
