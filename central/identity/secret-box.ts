/**
 * Secrets that the centre must read again (of second factors) are encrypted at rest: under the key in ZUOXI_SECRETS_KEY, which a dump
 * of the database does not hold, or else under one in the database, which protects little. docs/central.md.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Random } from '../context.ts'

const ivBytes = 12
const tagBytes = 16

export type SecretBox = {
  seal(text: string, about: string): string
  /** Null: another key sealed it, or it belongs to somebody else. */
  open(sealed: string, about: string): string | null
}

/** `outside`: 32 bytes, or null where none is given. */
export function createSecretBox(
  random: Random,
  { outside, inside }: { outside: Buffer | null; inside: Buffer },
): SecretBox {
  const keys: Record<string, Buffer | null> = { e: outside, m: inside }
  return {
    seal: (text, about) => {
      const iv = random.bytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', outside ?? inside, iv)
      cipher.setAAD(Buffer.from(about))
      const sealed = Buffer.concat([iv, cipher.update(text), cipher.final(), cipher.getAuthTag()])
      return `${outside === null ? 'm' : 'e'}.${sealed.toString('base64url')}`
    },
    open: (sealed, about) => {
      const key = keys[sealed.charAt(0)]
      if (key == null) return null
      const bytes = Buffer.from(sealed.slice(2), 'base64url')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), {
          authTagLength: tagBytes,
        })
        decipher.setAAD(Buffer.from(about))
        decipher.setAuthTag(bytes.subarray(-tagBytes))
        return Buffer.concat([
          decipher.update(bytes.subarray(ivBytes, -tagBytes)),
          decipher.final(),
        ]).toString()
      } catch {
        return null
      }
    },
  }
}

/** From the environment: base64 of 32 bytes. */
export function secretsKeyFrom(value: string | undefined): Buffer | null {
  if (value === undefined || value === '') return null
  const key = Buffer.from(value, 'base64')
  if (key.byteLength !== 32) throw new Error('central: ZUOXI_SECRETS_KEY must be base64 of 32 bytes')
  return key
}
