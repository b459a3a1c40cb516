/**
 * Proofs of who gave a command (ADR 9). A session's secret is derived, never stored: every process of one centre computes it from
 * one key in the database.
 */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { firstProvedSchemaVersion } from '../../shared/domain/command.ts'
import {
  commandProofText,
  type ProvedParts,
  type SessionProof,
  TooDeep,
} from '../../shared/domain/command-proof.ts'
import { type Contact, floorOf } from '../../shared/domain/command-time.ts'
import type { ParsedCommand } from '../commands/parse.ts'
import type { CentralContext } from '../context.ts'
import type { Queries } from '../storage/sql.ts'
import { type ContactRow, contactOf } from './devices.ts'

const dayMs = 24 * 3_600_000
/** How far the seat's clock may be ahead of what the centre knows of it. */
const toleranceMs = 5 * 60_000
const mostKeys = 5_000
const actorKeyName = 'actor-key'
const acceptUntilName = 'accept-unproved-until'

/** Whom a session stands for. */
export type ActorSession = { sessionId: string; operatorId: string; seatId: string }

/** A session that commands of a batch name. */
type ProvingSession = ActorSession & {
  branch: string
  provesUntil: Date | null
  revoked: boolean
  /** The seat's contacts; null: no device of it is left. */
  contact: Contact | null
}

/** What the proofs of a batch are held against. */
export type Proving = {
  sessions: ReadonlyMap<string, ProvingSession>
  /** Until when seats of the version before may send commands without a proof; null: not at all. */
  acceptUntil: number | null
}

export type Proved = { sessionId: string; seatId: string; branch: string; contact: Contact | null }

export type ActorProofs = {
  /** What the seat proves commands with. The same for the same session, whoever asks. */
  secretOf(session: ActorSession): string
  /** `until`: as `proves_until` of the session is to say. */
  issue(session: ActorSession): SessionProof
  /** One query for a batch, and one more where something without a proof is in it. */
  load(tx: Queries, commands: readonly ParsedCommand[]): Promise<Proving>
  /** Null: it is not proved that this operator gave this command. */
  prove(proving: Proving, command: ParsedCommand, received: { now: number; skewMs: number }): Proved | null
}

/** The one rule by which a session's secret follows from the centre's key. */
export const secretUnder = (key: Uint8Array, { sessionId, operatorId, seatId }: ActorSession): string =>
  createHmac('sha256', key)
    .update(`zuoxi actor 1\0${sessionId}\0${operatorId}\0${seatId}`)
    .digest('base64url')

const keyOf = (secret: string): KeyObject => createSecretKey(secret, 'base64url')

export const macOf = (key: KeyObject | string, text: string): string =>
  createHmac('sha256', typeof key === 'string' ? keyOf(key) : key)
    .update(text)
    .digest('base64url')

/** Until when commands without a proof are taken from seats that were enrolled before; null: not at all. */
export async function acceptUnprovedUntil(sql: Queries): Promise<string | null> {
  const [row] = await sql.query<{ value: string }>('SELECT value FROM meta WHERE name = $1', [
    acceptUntilName,
  ])
  return row === undefined || row.value === '' ? null : row.value
}

export async function setAcceptUnprovedUntil(sql: Queries, until: string | null): Promise<void> {
  await sql.query(
    'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    [acceptUntilName, until ?? ''],
  )
}

export async function createActorProofs(
  { sql, clock, random }: CentralContext,
  options: { offlineDays: number },
): Promise<ActorProofs> {
  await sql.query('INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    actorKeyName,
    Buffer.from(random.bytes(32)).toString('base64url'),
  ])
  const [row] = await sql.query<{ value: string }>('SELECT value FROM meta WHERE name = $1', [actorKeyName])
  if (row === undefined) throw new Error('central: the actor key cannot be read')
  const key = Buffer.from(row.value, 'base64url')
  /** As key objects, with which an HMAC costs a third. */
  const keys = new Map<string, KeyObject>()

  const secretOf = (session: ActorSession): string => secretUnder(key, session)
  const keptKey = ({ sessionId, operatorId, seatId }: ActorSession): KeyObject => {
    const name = `${sessionId}\0${operatorId}\0${seatId}`
    const known = keys.get(name)
    if (known !== undefined) return known
    const made = keyOf(secretOf({ sessionId, operatorId, seatId }))
    if (keys.size >= mostKeys) keys.clear()
    keys.set(name, made)
    return made
  }

  const loadSessions = async (tx: Queries, ids: readonly string[]): Promise<Proving['sessions']> => {
    if (ids.length === 0) return new Map()
    const rows = await tx.prepared<
      {
        session_id: string
        operator_id: string
        seat_id: string
        branch: string
        proves_until: Date | null
        revoked_at: Date | null
      } & { [K in keyof ContactRow]: ContactRow[K] | null }
    >(
      'proving-sessions',
      `SELECT s.session_id, s.operator_id, s.seat_id, s.branch, s.proves_until, s.revoked_at,
              d.contact_at, d.away_from, d.back_at
       FROM operator_session s
       LEFT JOIN LATERAL (SELECT contact_at, away_from, back_at FROM device WHERE device.seat_id = s.seat_id
                          ORDER BY contact_at DESC LIMIT 1) d ON true
       WHERE s.session_id = ANY($1::text[])`,
      [ids],
    )
    return new Map(
      rows.map(({ contact_at, away_from, back_at, ...session }) => [
        session.session_id,
        {
          sessionId: session.session_id,
          operatorId: session.operator_id,
          seatId: session.seat_id,
          branch: session.branch,
          provesUntil: session.proves_until,
          revoked: session.revoked_at !== null,
          contact: contact_at === null ? null : contactOf({ contact_at, away_from, back_at }),
        },
      ]),
    )
  }

  return {
    secretOf,
    issue: session => ({
      sessionId: session.sessionId,
      secret: secretOf(session),
      until: new Date(clock.now() + options.offlineDays * dayMs).toISOString(),
    }),

    load: async (tx, commands) => {
      const ids = new Set(commands.flatMap(({ sent }) => sent.proof?.session ?? []))
      const former = commands.some(isOfFormerVersion)
      const [sessions, until] = await Promise.all([
        loadSessions(tx, [...ids].filter(isPlain)),
        former ? acceptUnprovedUntil(tx) : null,
      ])
      return { sessions, acceptUntil: until === null ? null : Date.parse(until) }
    },

    prove: ({ sessions }, command, { now, skewMs }) => {
      const { proof, ...said } = command.sent
      if (proof === undefined) return null
      const session = sessions.get(proof.session)
      if (session === undefined || session.revoked || session.provesUntil === null) return null
      if (session.operatorId !== command.operatorId) return null
      // What is here before the end was written before it, whatever the seat's clock says.
      const until = session.provesUntil.getTime()
      if (now > until && Date.parse(said.issuedAt) - skewMs > until + toleranceMs) return null
      const parts: ProvedParts = {
        ...said,
        session: proof.session,
        client: proof.client,
        seq: proof.seq,
        id: command.id,
      }
      const text = textOf(parts)
      if (text === null) return null
      const expected = Buffer.from(macOf(keptKey(session), text))
      const given = Buffer.from(proof.mac)
      if (expected.length !== given.length || !timingSafeEqual(expected, given)) return null
      const { sessionId, seatId, branch, contact } = session
      return { sessionId, seatId, branch, contact }
    },
  }
}

/** Null: no seat signs what is nested so deep, and it must not stop the commands beside it. */
function textOf(parts: ProvedParts): string | null {
  try {
    return commandProofText(parts)
  } catch (error) {
    if (error instanceof TooDeep) return null
    throw error
  }
}

/** PostgreSQL's text holds no U+0000: no session has such a name. */
const isPlain = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed()

/** Written by a program that knew no proofs. */
export const isOfFormerVersion = ({ sent }: Pick<ParsedCommand, 'sent'>): boolean =>
  sent.proof === undefined && sent.schemaVersion < firstProvedSchemaVersion

export const floorAt = (contact: Contact | null, now: number): string =>
  contact === null ? new Date(0).toISOString() : floorOf(contact, now)
