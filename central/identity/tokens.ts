/** Short signed tokens (JWT, HS256) under a key that every process of one centre reads from the database. */
import { errors, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { CentralContext } from '../context.ts'
import { Refusal } from '../refusal.ts'
import { metaKey } from './meta-key.ts'

export const accessSeconds = 15 * 60

const mostChecked = 5_000

const audience = z.enum(['device', 'operator'])
type Audience = z.infer<typeof audience>

export type Tokens = {
  sign(audience: Audience, subject: string): Promise<string>
  /** The subject, or UNAUTHENTICATED. */
  verify(audience: Audience, token: string): Promise<string>
  /** Whose token it was, when nothing but its time is wrong. It proves no more than that its bearer was let in once. */
  expiredSubject(audience: Audience, token: string): Promise<string | null>
}

export async function createTokens(context: CentralContext): Promise<Tokens> {
  const { clock } = context
  const key = await metaKey(context, 'token-key')
  /** Signatures that were checked: one costs more than all else that a short request asks of this thread. */
  const checked = new Map<string, { subject: string; until: number }>()
  return {
    sign: (audience, subject) => {
      const now = Math.floor(clock.now() / 1_000)
      return new SignJWT()
        .setProtectedHeader({ alg: 'HS256' })
        .setAudience(audience)
        .setSubject(subject)
        .setIssuedAt(now)
        .setExpirationTime(now + accessSeconds)
        .sign(key)
    },
    verify: async (audience, token) => {
      const known = checked.get(`${audience} ${token}`)
      if (known !== undefined && clock.now() < known.until) return known.subject
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: ['HS256'],
          audience,
          requiredClaims: ['sub', 'exp'],
          currentDate: new Date(clock.now()),
        })
        if (checked.size >= mostChecked) checked.clear()
        const subject = payload.sub ?? ''
        checked.set(`${audience} ${token}`, { subject, until: (payload.exp ?? 0) * 1_000 })
        return subject
      } catch {
        throw new Refusal('UNAUTHENTICATED')
      }
    },
    expiredSubject: async (audience, token) => {
      try {
        await jwtVerify(token, key, {
          algorithms: ['HS256'],
          audience,
          requiredClaims: ['sub', 'exp'],
          currentDate: new Date(clock.now()),
        })
        return null
      } catch (error) {
        // Thrown only after the signature and the audience were found right.
        return error instanceof errors.JWTExpired ? (error.payload.sub ?? null) : null
      }
    },
  }
}
