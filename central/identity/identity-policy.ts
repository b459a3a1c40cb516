/** The identity policy in force: what was published last and holds already, or the defaults. */
import {
  defaultIdentityPolicy,
  type IdentityPolicy,
  identityPolicy,
  identityPolicyName,
} from '../../shared/domain/identity-policy.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'

export const createIdentityPolicy =
  ({ sql, clock, log }: CentralContext) =>
  async (): Promise<IdentityPolicy> => {
    const [row] = await sql.query<{ content: string }>(
      `SELECT content FROM publication WHERE name = $1 AND effective_at <= $2
       ORDER BY effective_at DESC, published_at DESC LIMIT 1`,
      [identityPolicyName, isoNow(clock)],
    )
    if (row === undefined) return defaultIdentityPolicy
    const found = identityPolicy.safeParse(JSON.parse(row.content))
    if (!found.success) log.error('the published identity policy cannot be read: the defaults hold')
    return found.success ? found.data : defaultIdentityPolicy
  }
