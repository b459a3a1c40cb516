/** A person's own new password, whichever door it comes in by. */
import type { IdentityPolicy } from '../../shared/domain/identity-policy.ts'
import { isExpired } from '../../shared/domain/identity-policy.ts'
import { Refusal } from '../refusal.ts'
import type { Queries } from '../storage/sql.ts'
import type { PasswordHolder } from './check-password.ts'
import { endSessions } from './end-sessions.ts'
import type { Endings } from './endings.ts'

/** Why the password must be replaced before anything else, or null. */
export function changeNeeded(
  { must_change_password: given, password_set_at: setAt }: PasswordHolder,
  policy: IdentityPolicy,
  now: number,
): 'given' | 'expired' | null {
  if (given) return 'given'
  return setAt !== null && isExpired(policy, setAt.getTime(), now) ? 'expired' : null
}

export const sameAgain = () => new Refusal('PASSWORD_WEAK', null, { fault: 'same' })

/** Everything that was signed in with the old one is revoked, but for one session. */
export async function setPassword(
  { tx, now, endings }: { tx: Queries; now: string; endings: Endings },
  { operatorId, hash, except }: { operatorId: string; hash: string; except?: string },
): Promise<void> {
  await tx.query(
    `UPDATE operator SET password_hash = $2, must_change_password = false, password_set_at = $3, updated_at = $3
     WHERE operator_id = $1`,
    [operatorId, hash, now],
  )
  const of = { operatorId, ...(except === undefined ? {} : { except }) }
  await endSessions({ tx, now, endings }, 'revoked', of)
}
