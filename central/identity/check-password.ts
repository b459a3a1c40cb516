/**
 * Whose password it is, whichever door it is tried at. Everybody goes the same way: the attempt is counted, argon2 runs once, and a
 * refusal says nothing but how long to wait. So neither the answer nor its time tells who exists, who is disabled, or who was
 * guessed at.
 */
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import { type OperatorRow, operatorColumns } from './operators.ts'
import { nobodysHash, type Passwords, type Source } from './passwords.ts'
import type { SignInFailures } from './sign-in-failures.ts'

const knownMs = 90 * 86_400_000

export type PasswordHolder = OperatorRow & {
  password_hash: string
  must_change_password: boolean
  password_set_at: Date | null
}

export type CheckedPassword = {
  row: PasswordHolder
  source: Source
  /** How long the next attempt would have to wait, if this one is a failure after all. */
  retryAfterSeconds: number
  /** Nothing was wrong but something is missing: this attempt is not counted. */
  undo(): Promise<void>
  /** It led to a sign-in: failures are forgotten, and the person is known here from now on, by `source` if given. */
  succeed(source?: Source): Promise<void>
}

export type PasswordCheck = {
  right: CheckedPassword | null
  /** Whom it was tried for, for the audit. */
  operatorId: string | null
  retryAfterSeconds: number
}

export const signInFailed = ({ retryAfterSeconds }: { retryAfterSeconds: number }): Refusal =>
  new Refusal('SIGN_IN_FAILED', null, { retryAfterSeconds })

/**
 * `sources`: where it comes from, the surest first; of several the first at which the person is known counts, else the last.
 * `door`: who may come in by it; anybody else is refused as one whose password is wrong. BUSY.
 */
export async function checkPassword(
  { sql, clock }: CentralContext,
  { failures, passwords }: { failures: SignInFailures; passwords: Passwords },
  { workNumber, password, sources }: { workNumber: string; password: string; sources: readonly Source[] },
  door: (row: OperatorRow) => boolean,
): Promise<PasswordCheck> {
  // PostgreSQL's text holds no U+0000: nobody has such a number.
  const number = workNumber.replaceAll('\u0000', '\ufffd')
  const [row] = await sql.query<PasswordHolder & { known_at: string[] }>(
    `SELECT ${operatorColumns}, password_hash, must_change_password, password_set_at, ARRAY(
       SELECT s.source FROM sign_in_source s WHERE s.operator_id = operator.operator_id AND s.source = ANY($2::text[])
         AND s.last_at > $3) AS known_at
     FROM operator WHERE work_number = $1 AND password_hash IS NOT NULL`,
    [number, sources, new Date(clock.now() - knownMs).toISOString()],
  )
  const known = sources.find(each => row?.known_at.includes(each))
  const source = known ?? sources.at(-1) ?? 'administration'
  const attempt = await failures.begin(source, number, known !== undefined)
  let matches: boolean
  try {
    matches = await passwords.verify(password, row?.password_hash ?? nobodysHash, source)
  } catch (error) {
    // Nobody looked at the password.
    if (!attempt.refused) await failures.undo(source, number, false)
    throw error
  }
  const { retryAfterSeconds } = attempt
  const operatorId = row?.operator_id ?? null
  if (row === undefined || attempt.refused || !matches || row.disabled || !door(row))
    return { right: null, operatorId, retryAfterSeconds }
  const right: CheckedPassword = {
    row,
    source,
    retryAfterSeconds,
    undo: () => failures.undo(source, number, false),
    succeed: async (at = source) => {
      await failures.undo(source, number, true)
      await sql.query(
        `INSERT INTO sign_in_source (operator_id, source, last_at) VALUES ($1, $2, $3)
         ON CONFLICT (operator_id, source) DO UPDATE SET last_at = excluded.last_at`,
        [row.operator_id, at, isoNow(clock)],
      )
    },
  }
  return { right, operatorId, retryAfterSeconds }
}
