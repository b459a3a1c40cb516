/**
 * What a city decides about signing in (身份政策): a table that the centre publishes under the name `identity-policy`. A centre
 * that has published none works by the defaults. How long a seat may sign people in offline is the centre's own option.
 */
import { z } from 'zod'
import { type OperatorRole, operatorRole } from './operator.ts'

export const identityPolicyName = 'identity-policy'

export const identityPolicy = z.object({
  rotationDays: z.number().int().min(0).max(3_650).default(0).describe('口令多少天后必须更换；0 为不要求'),
  secondFactor: z
    .union([z.enum(['nobody', 'everybody']), z.array(operatorRole).min(1).max(5)])
    .default('nobody')
    .describe('哪些角色登录坐席时须有两步验证'),
  /** Never while a call is in hand, whatever the policy says. */
  idleLockMinutes: z.number().int().min(1).max(480).default(15).describe('无人操作多少分钟后锁定坐席'),
})
export type IdentityPolicy = z.infer<typeof identityPolicy>

export const defaultIdentityPolicy: IdentityPolicy = identityPolicy.parse({})

/** Whether a person of this role signs in with a second factor. The page of the units has none (docs/central.md). */
export function needsSecondFactor({ secondFactor }: IdentityPolicy, role: OperatorRole): boolean {
  if (role === 'unit' || secondFactor === 'nobody') return false
  return secondFactor === 'everybody' || secondFactor.includes(role)
}

/** Whether a password that was set then must be replaced now. */
export const isExpired = (policy: IdentityPolicy, setAt: number, now: number): boolean =>
  policy.rotationDays > 0 && now >= setAt + policy.rotationDays * 86_400_000
