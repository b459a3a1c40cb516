/** Whose password it is. Failures are counted and lock, whichever door they were tried at. */
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { type OperatorRow, operatorColumns } from './operators.ts'
import { nobodysHash, verifyPassword } from './passwords.ts'

const failuresAllowed = 5
const lockMs = 30 * 60_000

export type PasswordCheck =
  | { right: true; row: OperatorRow }
  | { right: false; code: 'SIGN_IN_LOCKED' | 'SIGN_IN_FAILED'; operatorId: string | null }

/** `door`: who may come in by it; anybody else is refused as one whose password is wrong. */
export async function checkPassword(
  { sql, clock }: CentralContext,
  { workNumber, password }: { workNumber: string; password: string },
  door: (row: OperatorRow) => boolean,
): Promise<PasswordCheck> {
  const now = isoNow(clock)
  // PostgreSQL's text holds no U+0000: nobody has such a number.
  if (workNumber.includes('\u0000')) return { right: false, code: 'SIGN_IN_FAILED', operatorId: null }
  // Counted before the password is looked at, so that many attempts at once are no way round the lock.
  const [row] = await sql.query<OperatorRow & { password_hash: string; locked: boolean }>(
    `UPDATE operator SET
       failures = CASE WHEN locked_until > $2 THEN failures WHEN locked_until IS NULL THEN failures + 1 ELSE 1 END,
       locked_until = CASE
         WHEN locked_until > $2 THEN locked_until
         WHEN locked_until IS NULL AND failures >= $3 THEN $4::timestamptz
       END
     WHERE work_number = $1 AND password_hash IS NOT NULL
     RETURNING ${operatorColumns}, password_hash, locked_until IS NOT NULL AS locked`,
    [workNumber, now, failuresAllowed, new Date(clock.now() + lockMs).toISOString()],
  )
  if (row?.locked === true) return { right: false, code: 'SIGN_IN_LOCKED', operatorId: row.operator_id }
  const right = await verifyPassword(password, row?.password_hash ?? nobodysHash)
  if (row === undefined || !right || row.disabled || !door(row))
    return { right: false, code: 'SIGN_IN_FAILED', operatorId: row?.operator_id ?? null }
  return { right: true, row }
}
