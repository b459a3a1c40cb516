/**
 * The second factor while the centre is away (RFC 6238: six figures, 30 seconds). The centre hands its secret over with a sign-in;
 * it is sealed under the person's password, so that neither the database nor anybody else at the seat makes a code of it. A code
 * counts once: its step is in the database before it opens anything.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import type { OperatorSession } from '../../../shared/contract/central.ts'
import type { Clock, Random } from '../context.ts'
import type { Database } from '../storage/database.ts'
import type { Passwords } from './passwords.ts'

const saltBytes = 16
const ivBytes = 12
const tagBytes = 16
/** Steps before and after the present one, as at the centre. */
const tolerance = 1

type Totp = NonNullable<OperatorSession['totp']>
export type SealedFactor = { sealed: string; lastStep: number }

export type SecondFactors = {
  /** Null: this person has none. */
  seal(operatorId: string, totp: Totp | null, password: string): Promise<SealedFactor | null>
  keep(db: Database, operatorId: string, factor: SealedFactor | null): void
  has(db: Database, operatorId: string): boolean
  /** Whether this code is right and new. The password is known to be right. */
  verify(operatorId: string, password: string, code: string): Promise<boolean>
}

const context = (operatorId: string) => Buffer.from(`zuoxi second factor 1\0${operatorId}`)

export function createSecondFactors(parts: {
  clock: Pick<Clock, 'now'>
  random: Random
  passwords: Pick<Passwords, 'derive'>
  read(): Database
  write<T>(work: (db: Database) => T): T
}): SecondFactors {
  const { clock, random, passwords, read, write } = parts
  const sealedOf = (db: Database, operatorId: string) =>
    db.prepare('SELECT sealed FROM second_factor WHERE operator_id = ?').pluck().get(operatorId) as
      | string
      | undefined

  return {
    has: (db, operatorId) => sealedOf(db, operatorId) !== undefined,
    seal: async (operatorId, totp, password) => {
      if (totp === null) return null
      const salt = random.bytes(saltBytes)
      const iv = random.bytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', await passwords.derive(password, salt), iv)
      cipher.setAAD(context(operatorId))
      const text = Buffer.concat([cipher.update(totp.secret, 'utf8'), cipher.final()])
      const sealed = Buffer.concat([salt, iv, cipher.getAuthTag(), text]).toString('base64url')
      return { sealed, lastStep: totp.lastStep }
    },
    keep: (db, operatorId, factor) => {
      if (factor === null)
        return void db.prepare('DELETE FROM second_factor WHERE operator_id = ?').run(operatorId)
      // The steps are time: a code that was used here alone stays used.
      db.prepare(
        `INSERT INTO second_factor (operator_id, sealed, last_step) VALUES (?, ?, ?)
         ON CONFLICT (operator_id) DO UPDATE SET sealed = excluded.sealed,
           last_step = max(last_step, excluded.last_step)`,
      ).run(operatorId, factor.sealed, factor.lastStep)
    },
    verify: async (operatorId, password, code) => {
      const sealed = sealedOf(read(), operatorId)
      if (sealed === undefined || !/^\d{6}$/.test(code)) return false
      const bytes = Buffer.from(sealed, 'base64url')
      const key = await passwords.derive(password, bytes.subarray(0, saltBytes))
      const secret = open(key, bytes.subarray(saltBytes), operatorId)
      if (secret === null) return false
      const totp = new TOTP({
        algorithm: 'SHA1',
        digits: 6,
        period: 30,
        secret: Secret.fromBase32(secret),
      })
      const delta = totp.validate({ token: code, timestamp: clock.now(), window: tolerance })
      if (delta === null) return false
      const step = totp.counter({ timestamp: clock.now() }) + delta
      // Two at once with one code: the second changes no row.
      return write(
        db =>
          db
            .prepare('UPDATE second_factor SET last_step = ? WHERE operator_id = ? AND last_step < ?')
            .run(step, operatorId, step).changes > 0,
      )
    },
  }
}

/** Null: another password sealed it. */
function open(key: Uint8Array, bytes: Uint8Array, operatorId: string): string | null {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes))
    decipher.setAAD(context(operatorId))
    decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
    const text = decipher.update(bytes.subarray(ivBytes + tagBytes))
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch {
    return null
  }
}
