/** The callback policy in force at the seat: what was published last and holds already, or the example. */
import {
  type CallbackPolicy,
  callbackPolicy,
  callbackPolicyName,
  sampleCallbackPolicy,
} from '../../../shared/domain/callback-policy.ts'
import type { Database } from '../storage/database.ts'
import { publishedInForce } from '../storage/published.ts'

export type PolicyInForce = (db: Database) => CallbackPolicy

export function createPolicyInForce(now: () => number): PolicyInForce {
  let known: { sha256: string; policy: CallbackPolicy } | null = null
  return db => {
    const row = publishedInForce(db, callbackPolicyName, now())
    if (row === undefined) return sampleCallbackPolicy
    if (known?.sha256 !== row.sha256) {
      const read = callbackPolicy.safeParse(JSON.parse(row.content))
      known = { sha256: row.sha256, policy: read.success ? read.data : sampleCallbackPolicy }
    }
    return known.policy
  }
}
