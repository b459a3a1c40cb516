/**
 * Signing in while the centre is away: a verifier of the password that the centre accepted last, for so many days, and locked
 * after too many failures. All of it is in the database, so that neither a restart nor a clock that goes back opens it again.
 */
import type { Clock } from '../context.ts'
import type { RefusalCode } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import { latestTime, trustClock } from './latest-time.ts'

const failuresAllowed = 5
const lockMs = 30 * 60_000
const dayMs = 24 * 3_600_000

export type Attempt = { kind: 'refused'; code: RefusalCode } | { kind: 'try'; verifier: string }

export type OfflineVerifiers = {
  /** After the centre accepted the password. What the clock was before is forgotten: the centre is there. */
  keep(db: Database, operatorId: string, verifier: string, offlineDays: number): void
  forget(db: Database, operatorId: string): void
  /** Counts the attempt before the password is looked at, so that many at once are no way round the lock. */
  attempt(db: Database, operatorId: string): Attempt
  succeeded(db: Database, operatorId: string): void
}

/** Nobody signs in here without the centre any more. */
export const forgetVerifiers = (db: Database): void => {
  db.prepare('DELETE FROM offline_verifier').run()
}

export function createOfflineVerifiers({ clock }: { clock: Pick<Clock, 'now'> }): OfflineVerifiers {
  return {
    keep: (db, operatorId, verifier, offlineDays) => {
      const now = clock.now()
      trustClock(db, clock)
      db.prepare(
        `INSERT INTO offline_verifier (operator_id, verifier, verified_at, offline_days) VALUES (?, ?, ?, ?)
         ON CONFLICT (operator_id) DO UPDATE SET verifier = excluded.verifier, verified_at = excluded.verified_at,
           offline_days = excluded.offline_days, failures = 0, locked_until = NULL`,
      ).run(operatorId, verifier, new Date(now).toISOString(), offlineDays)
    },
    forget: (db, operatorId) => {
      db.prepare('DELETE FROM offline_verifier WHERE operator_id = ?').run(operatorId)
    },
    attempt: (db, operatorId) => {
      const row = db
        .prepare(
          `SELECT verifier, verified_at AS verifiedAt, offline_days AS offlineDays, failures, locked_until AS lockedUntil
           FROM offline_verifier WHERE operator_id = ?`,
        )
        .get(operatorId) as
        | {
            verifier: string
            verifiedAt: string
            offlineDays: number
            failures: number
            lockedUntil: string | null
          }
        | undefined
      if (row === undefined) return { kind: 'refused', code: 'CENTRE_UNREACHABLE' }
      const now = latestTime(db, clock)
      if (row.lockedUntil !== null && Date.parse(row.lockedUntil) > now)
        return { kind: 'refused', code: 'SIGN_IN_LOCKED' }
      if (now >= Date.parse(row.verifiedAt) + row.offlineDays * dayMs)
        return { kind: 'refused', code: 'OFFLINE_SIGN_IN_EXPIRED' }
      const failures = row.lockedUntil === null ? row.failures + 1 : 1
      const locks = failures > failuresAllowed
      db.prepare('UPDATE offline_verifier SET failures = ?, locked_until = ? WHERE operator_id = ?').run(
        failures,
        locks ? new Date(now + lockMs).toISOString() : null,
        operatorId,
      )
      return locks ? { kind: 'refused', code: 'SIGN_IN_LOCKED' } : { kind: 'try', verifier: row.verifier }
    },
    succeeded: (db, operatorId) => {
      db.prepare('UPDATE offline_verifier SET failures = 0, locked_until = NULL WHERE operator_id = ?').run(
        operatorId,
      )
    },
  }
}
