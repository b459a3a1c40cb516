/** The callback policy in force: what was published last and holds already, or the example. Looked up once a second. */
import {
  type CallbackPolicy,
  callbackPolicy,
  callbackPolicyName,
  sampleCallbackPolicy,
} from '../../shared/domain/callback-policy.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'

const freshMs = 1_000

export type PolicyInForce = { current(): Promise<CallbackPolicy>; forget(): void }

export function createPolicyInForce({ sql, clock, log }: CentralContext): PolicyInForce {
  let known: { policy: Promise<CallbackPolicy>; until: number } | null = null

  const read = async (): Promise<CallbackPolicy> => {
    const [row] = await sql.query<{ content: string }>(
      `SELECT content FROM publication WHERE name = $1 AND effective_at <= $2
       ORDER BY effective_at DESC, published_at DESC LIMIT 1`,
      [callbackPolicyName, isoNow(clock)],
    )
    if (row === undefined) return sampleCallbackPolicy
    const found = callbackPolicy.safeParse(JSON.parse(row.content))
    if (!found.success) log.error('the published callback policy cannot be read: the example holds')
    return found.success ? found.data : sampleCallbackPolicy
  }

  return {
    current: () => {
      const now = clock.now()
      if (known !== null && now < known.until) return known.policy
      const policy = read()
      known = { policy, until: now + freshMs }
      policy.catch(() => {
        known = null
      })
      return policy
    },
    forget: () => {
      known = null
    },
  }
}
