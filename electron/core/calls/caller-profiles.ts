/** What this seat remembers of a number (来电人档案); the centre keeps what all seats wrote. */
import type { CallerProfile } from '../../../shared/domain/caller-profile.ts'
import type { Operator } from '../../../shared/domain/operator.ts'
import type { Audit } from '../audit/audit.ts'
import { type Clock, isoNow } from '../context.ts'
import type { Database } from '../storage/database.ts'
import type { Outbox } from '../sync/outbox.ts'

export type CallerProfiles = {
  of(db: Database, numberKey: string): CallerProfile | null
  /** `callId`: the call in which the caller said so; the audit names it, since it holds no numbers. */
  remember(
    db: Database,
    by: Operator,
    told: Omit<CallerProfile, 'at'> & { callId: string | null },
  ): CallerProfile
}

export function createCallerProfiles(parts: { clock: Clock; audit: Audit; outbox: Outbox }): CallerProfiles {
  const { clock, audit, outbox } = parts
  return {
    of: (db, numberKey) =>
      (db
        .prepare(
          'SELECT number_key AS numberKey, dialect, caller_kind AS callerKind, at FROM caller_profile WHERE number_key = ?',
        )
        .get(numberKey) as CallerProfile | undefined) ?? null,
    remember: (db, by, { callId, ...told }) => {
      const profile = { ...told, at: isoNow(clock) }
      db.prepare(
        `INSERT INTO caller_profile (number_key, dialect, caller_kind, at) VALUES (@numberKey, @dialect, @callerKind, @at)
         ON CONFLICT (number_key) DO UPDATE SET dialect = excluded.dialect, caller_kind = excluded.caller_kind, at = excluded.at`,
      ).run(profile)
      const operatorId = by.operatorId
      const subject = { subjectKind: 'call', subjectId: callId ?? '' } as const
      audit.append(db, { operatorId, action: 'caller.remember', ...subject, result: 'done' })
      outbox.append(db, {
        name: 'caller.remember',
        operatorId,
        caseId: null,
        args: { ...profile, callId },
        baseVersion: null,
      })
      return profile
    },
  }
}
