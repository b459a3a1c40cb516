/**
 * How far a case is, for whoever has its number and the code (查询码) that was given with it. A wrong code, an unknown number and a
 * confidential caller's case are one answer, found in the same steps. Wrong codes are counted by number, over all processes.
 */
import type { IntakeProgress } from '../../shared/contract/central-intake.ts'
import type { CaseStatus } from '../../shared/domain/case.ts'
import type { CentralContext, Random } from '../context.ts'
import { isoNow } from '../context.ts'
import { digestOf, isSecretOf } from '../identity/secrets.ts'
import { Refusal } from '../refusal.ts'

const digits = 8
/** Of 100 million codes, a guesser tries so many of one number in an hour; right ones do not count. */
const wrongCodes = 20
const windowMs = 3_600_000

/** Digits only: it is read out and typed at a telephone. */
export function newProgressCode(random: Random): string {
  const drawn = Buffer.from(random.bytes(6)).readUIntBE(0, 6)
  return String(drawn % 10 ** digits).padStart(digits, '0')
}

type Found = {
  status: CaseStatus | null
  state: string | null
  code: string | null
  confidential: boolean
  at: string
}

/** Null says no more than that. RATE_LIMITED: too many wrong codes for this number, whether there is such a number or not. */
export function createProgress({ sql, clock }: CentralContext) {
  return async (number: string, code: string): Promise<IntakeProgress | null> => {
    const wanted = number.trim()
    if (wanted === '' || wanted.length > 64 || wanted.includes('\u0000') || !wanted.isWellFormed())
      return null
    const since = new Date(clock.now() - windowMs).toISOString()
    // Counted before the code is looked at, so that many guesses at once are no way round.
    const [counted] = await sql.query<{ failures: number }>(
      `INSERT INTO progress_guess AS g (number, since, failures) VALUES ($1, $2, 1)
       ON CONFLICT (number) DO UPDATE SET
         since = CASE WHEN g.since <= $3 THEN excluded.since ELSE g.since END,
         failures = CASE WHEN g.since <= $3 THEN 1 ELSE g.failures + 1 END
       RETURNING failures`,
      [wanted, isoNow(clock), since],
    )
    const failures = counted?.failures ?? 1
    if (failures === 1) await sql.query('DELETE FROM progress_guess WHERE since <= $1', [since])
    const rows = await sql.query<Found>(
      `SELECT status, NULL AS state, progress_code AS code, confidential, created_at AS at FROM cases WHERE case_number = $1
       UNION ALL
       SELECT c.status, i.state, i.progress_code, coalesce(c.confidential, (i.content::json ->> 'confidential')::boolean),
              coalesce(c.created_at, to_char(i.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
       FROM intake i LEFT JOIN cases c ON c.case_id = i.case_id WHERE i.intake_id = $1`,
      [wanted],
    )
    const [found] = rows
    const given = code.replace(/\D/g, '')
    const isRight = isSecretOf(given, digestOf(found?.code ?? ''))
    if (failures > wrongCodes) throw new Refusal('RATE_LIMITED')
    if (found === undefined || found.code === null || found.confidential || !isRight) return null
    await sql.query('UPDATE progress_guess SET failures = failures - 1 WHERE number = $1 AND failures > 0', [
      wanted,
    ])
    const status = found.status ?? (found.state === 'dropped' ? 'dropped' : 'waiting')
    return { number: wanted, status, receivedAt: found.at }
  }
}
