/** Secrets that the centre gives out, and what it keeps of them. They are random and long, so a plain digest keeps them. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Random } from '../context.ts'

export const newSecret = (random: Random): string => Buffer.from(random.bytes(32)).toString('base64url')

export const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

/** In a time that tells nothing of how much of it was right. `digest` undefined: there is none, and the answer takes as long. */
export function isSecretOf(secret: string, digest: string | undefined): boolean {
  const given = Buffer.from(digestOf(secret))
  const known = Buffer.from(digest ?? digestOf(''))
  return given.length === known.length && timingSafeEqual(given, known) && digest !== undefined
}

/** Without letters that are read or heard wrongly. */
const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'

/** Typed by a person: four groups of four, 80 bits. */
export function newCode(random: Random): string {
  const letters = Array.from(random.bytes(16), byte => alphabet[byte % alphabet.length] ?? '2').join('')
  return (letters.match(/.{4}/g) ?? []).join('-')
}

export const normalCode = (typed: string): string => typed.toUpperCase().replace(/[^0-9A-Z]/g, '')
