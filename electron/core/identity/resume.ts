/**
 * A core that died is followed by another one of the same program. That one goes on with the session of its predecessor if the
 * shell hands it the secret that the shell keeps in memory; the database has only what the secret opens. A program that was
 * restarted has no secret: it asks for the password.
 */
import { createCipheriv, createDecipheriv, createHash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Random } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { readState, writeState } from '../storage/local-state.ts'
import type { ActorKeys } from './actor-keys.ts'
import type { Identity } from './identity.ts'

const resumeState = 'session-resume'
const secretBytes = 32
const ivBytes = 12
const tagBytes = 16

const stored = z.object({
  operatorId: z.string(),
  hash: z.string(),
  /** The actor's secret, sealed under the resume secret; null while none is held. */
  sealed: z.string().nullable(),
})
const actorSecret = z.object({
  operatorId: z.string(),
  sessionId: z.string(),
  secret: z.string(),
  until: z.string(),
})

export type Resume = {
  /**
   * Whether the session in this database goes on: only for whoever knows its secret. Otherwise it ends here. Returns whether
   * somebody's session was ended.
   */
  settle(db: Database): { ended: boolean }
  /** Somebody signed in: their session gets its secret, which `tell` hands to the shell. */
  begin(db: Database): void
  /** The actor's secret was renewed under the same session. */
  keep(db: Database): void
  end(db: Database): void
  /** After the transaction: the shell learns what it is to hand to the next core. */
  tell(): void
}

export function createResume(parts: {
  random: Random
  identity: Pick<Identity, 'current' | 'signOut'>
  keys: Pick<ActorKeys, 'held' | 'hold' | 'drop'>
  /** What the shell handed over; null: the program has just been started. */
  given: Uint8Array | null
  tell(secret: Uint8Array | null): void
}): Resume {
  const { random, identity, keys } = parts
  let secret = parts.given

  const write = (db: Database) => {
    const operatorId = identity.current(db)?.operatorId
    if (secret === null || operatorId === undefined) return writeState(db, resumeState, null)
    const held = keys.held()
    const sealed =
      held === null || held.operatorId !== operatorId ? null : seal(secret, random, JSON.stringify(held))
    writeState(db, resumeState, JSON.stringify({ operatorId, hash: hashOf(secret), sealed }))
  }

  return {
    settle: db => {
      const operator = identity.current(db)
      const kept = parse(readState(db, resumeState))
      if (operator === null) return { ended: false }
      const known =
        secret !== null &&
        kept !== null &&
        kept.operatorId === operator.operatorId &&
        same(kept.hash, hashOf(secret))
      if (!known) {
        identity.signOut(db)
        writeState(db, resumeState, null)
        keys.drop()
        secret = null
        return { ended: true }
      }
      const opened = kept.sealed === null || secret === null ? null : open(secret, kept.sealed)
      const parsed = opened === null ? null : actorSecret.safeParse(JSON.parse(opened))
      if (keys.held() === null && parsed?.success === true) keys.hold(parsed.data)
      return { ended: false }
    },
    begin: db => {
      secret = random.bytes(secretBytes)
      write(db)
    },
    keep: write,
    end: db => {
      secret = null
      keys.drop()
      writeState(db, resumeState, null)
    },
    tell: () => parts.tell(secret),
  }
}

const hashOf = (secret: Uint8Array): string =>
  createHash('sha256').update('zuoxi resume 1\0').update(secret).digest('base64url')

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function parse(text: string | null) {
  if (text === null) return null
  try {
    return stored.parse(JSON.parse(text))
  } catch {
    return null
  }
}

function seal(key: Uint8Array, random: Random, text: string): string {
  const iv = random.bytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')
}

/** Null: it was not sealed under this key. */
function open(key: Uint8Array, sealed: string): string | null {
  const bytes = Buffer.from(sealed, 'base64url')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes))
    decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString(
      'utf8',
    )
  } catch {
    return null
  }
}
