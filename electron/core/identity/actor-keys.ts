/**
 * The secret that proves commands for whoever is signed in (ADR 9). The centre gives it with a sign-in. The database keeps it
 * sealed under its person's password, so that nobody else here can use it, with a line or without; while they are signed in it is
 * open in this process's memory, and nowhere else.
 */
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import {
  commandProofText,
  type SessionProof,
  type SignCommand,
} from '../../../shared/domain/command-proof.ts'
import type { Random } from '../context.ts'
import type { Database } from '../storage/database.ts'
import type { Passwords } from './passwords.ts'

export type HeldProof = SessionProof & { operatorId: string }
export type SealedProof = {
  operatorId: string
  sessionId: string
  until: string
  salt: Uint8Array
  iv: Uint8Array
  sealed: Uint8Array
}

export type ActorKeys = {
  /** Seals the secret under the password, on another thread. */
  seal(operatorId: string, proof: SessionProof, password: string): Promise<SealedProof>
  store(db: Database, sealed: SealedProof): void
  /** The same session proves longer. */
  extend(db: Database, operatorId: string, proof: SessionProof): void
  /** Opens what was sealed and holds it. False: there is nothing here that this password opens, and nothing is held. */
  unlock(db: Database, operatorId: string, password: string): Promise<boolean>
  held(): HeldProof | null
  hold(proof: HeldProof): void
  /** Whoever was signed in no longer is. */
  drop(): void
  sign: SignCommand
}

const cipher = 'aes-256-gcm'
const tagBytes = 16
/** What is sealed belongs to one person and one session. */
const context = (operatorId: string, sessionId: string) =>
  Buffer.from(`zuoxi actor key 1\0${operatorId}\0${sessionId}`)

export function createActorKeys({
  random,
  passwords,
}: {
  random: Random
  passwords: Pick<Passwords, 'derive'>
}): ActorKeys {
  /** As a key object, an HMAC costs a third. */
  let open: { proof: HeldProof; key: KeyObject } | null = null
  const hold = (proof: HeldProof) => {
    open = { proof, key: createSecretKey(proof.secret, 'base64url') }
  }

  return {
    seal: async (operatorId, { sessionId, secret, until }, password) => {
      const salt = random.bytes(16)
      const iv = random.bytes(12)
      const sealing = createCipheriv(cipher, await passwords.derive(password, salt), iv)
      sealing.setAAD(context(operatorId, sessionId))
      const text = Buffer.concat([sealing.update(Buffer.from(secret, 'base64url')), sealing.final()])
      const sealed = Buffer.concat([text, sealing.getAuthTag()])
      return { operatorId, sessionId, until, salt, iv, sealed }
    },

    store: (db, { operatorId, sessionId, until, salt, iv, sealed }) => {
      db.prepare(
        `INSERT INTO actor_key (operator_id, session_id, until, salt, iv, sealed) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (operator_id) DO UPDATE SET session_id = excluded.session_id, until = excluded.until,
           salt = excluded.salt, iv = excluded.iv, sealed = excluded.sealed`,
      ).run(operatorId, sessionId, until, salt, iv, sealed)
    },

    extend: (db, operatorId, { sessionId, until }) => {
      db.prepare('UPDATE actor_key SET until = ? WHERE operator_id = ? AND session_id = ?').run(
        until,
        operatorId,
        sessionId,
      )
    },

    unlock: async (db, operatorId, password) => {
      open = null
      const row = db
        .prepare(
          'SELECT session_id AS sessionId, until, salt, iv, sealed FROM actor_key WHERE operator_id = ?',
        )
        .get(operatorId) as Omit<SealedProof, 'operatorId'> | undefined
      if (row === undefined) return false
      const opening = createDecipheriv(cipher, await passwords.derive(password, row.salt), row.iv, {
        authTagLength: tagBytes,
      })
      opening.setAAD(context(operatorId, row.sessionId))
      opening.setAuthTag(row.sealed.subarray(-tagBytes))
      try {
        const secret = Buffer.concat([opening.update(row.sealed.subarray(0, -tagBytes)), opening.final()])
        const { sessionId, until } = row
        hold({ operatorId, sessionId, until, secret: secret.toString('base64url') })
        return true
      } catch {
        return false
      }
    },

    held: () => open?.proof ?? null,
    hold,
    drop: () => {
      open = null
    },

    sign: command => {
      if (open === null || open.proof.operatorId !== command.operatorId) return null
      const { sessionId: session } = open.proof
      const text = commandProofText({ ...command, session })
      const mac = createHmac('sha256', open.key).update(text).digest('base64url')
      return { session, client: command.client, seq: command.seq, mac }
    },
  }
}
