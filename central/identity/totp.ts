/** Time-based one-time passwords (RFC 6238): six figures, 30 seconds, SHA-1, as every authenticator app knows them. */
import { Secret, TOTP } from 'otpauth'
import type { SecondFactor } from './second-factor.ts'

const issuer = 'Zuoxi'
const secretBytes = 20
/** Steps before and after the present one: a phone's clock may be off by half a minute. */
const tolerance = 1

const totpOf = (secret: string, label = '') =>
  new TOTP({ issuer, label, algorithm: 'SHA1', digits: 6, period: 30, secret: Secret.fromBase32(secret) })

export const totp: SecondFactor = {
  kind: 'totp',
  begin: (random, label) => {
    const secret = new Secret({ buffer: Uint8Array.from(random.bytes(secretBytes)).buffer }).base32
    return { secret, uri: totpOf(secret, label).toString() }
  },
  verify: (secret, code, { lastStep, now }) => {
    if (!/^\d{6}$/.test(code)) return null
    const it = totpOf(secret)
    const delta = it.validate({ token: code, timestamp: now, window: tolerance })
    if (delta === null) return null
    const step = it.counter({ timestamp: now }) + delta
    return step > lastStep ? step : null
  },
  offline: (secret, lastStep) => ({ secret, lastStep }),
}
