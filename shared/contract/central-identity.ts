/** Who a seat and a person are to the centre: what is given out at enrolment and at a sign-in. */
import { z } from 'zod'
import { sessionProof } from '../domain/command-proof.ts'
import { operator } from '../domain/operator.ts'

const id = z.string().min(1).max(64)
const token = z.string().min(16).max(4_096)

export const centralOperator = operator.extend({ disabled: z.boolean(), employer: z.string().max(100) })
export type CentralOperator = z.infer<typeof centralOperator>

export const deviceCredential = z.object({
  clientId: id,
  deviceSecret: token.describe('坐席设备密钥，只在登记时给出一次'),
  branch: z.string(),
  centreKey: z.string().max(100).optional().describe('中心的公钥 (Ed25519, base64url)；坐席只认它'),
})
export type DeviceCredential = z.infer<typeof deviceCredential>

/** The centre shows which one it is: its key, and the challenge signed with it (shared/domain/centre-proof.ts). */
export const centreProof = z.object({
  key: z.string().max(100).describe('公钥 (Ed25519, base64url)'),
  signature: z.string().max(200).describe('对挑战值的签名 (base64url)'),
})

export const accessGrant = z.object({ accessToken: token, expiresInSeconds: z.number().int().positive() })

/** What a seat needs to hold a code against while the centre is away. It wraps it under the person's password. */
export const totpCopy = z.object({
  secret: z.string().max(200).describe('base32'),
  lastStep: z.number().int().min(0).describe('最后用过的时间步；不大于它的不再接受'),
})

export const operatorSession = accessGrant.extend({
  refreshToken: token,
  operator: centralOperator,
  offlineDays: z.number().int().min(0).describe('离线登录的有效天数'),
  /** Without it the seat's commands prove nobody, and the centre refuses them. */
  proof: sessionProof.optional().describe('本次登录证明命令出自本人所用的密钥'),
  totp: totpCopy.nullable().default(null).describe('离线核对两步验证码所需；没有两步验证则为空'),
})
export type OperatorSession = z.infer<typeof operatorSession>
