/**
 * Seats as devices (坐席设备): enrolled once with a code, then known by a secret that is exchanged for short tokens. A seat keeps
 * its `seatId` when it gets another `clientId`; what it filed before stays its own.
 *
 * An identity is followed by one other at most. Of two copies of one seat the first to renew goes on; the other is told so
 * (DEVICE_SUPERSEDED) and needs a code from an administrator, who sees both in the list.
 */
import { createHmac } from 'node:crypto'
import type { DeviceCredential } from '../../shared/contract/central.ts'
import type { EnrolledDevice } from '../../shared/contract/central-accounts.ts'
import { type Contact, contactAfter } from '../../shared/domain/command-time.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { createGatherer } from '../gather.ts'
import { Refusal } from '../refusal.ts'
import type { Queries } from '../storage/sql.ts'
import { endSessions, type SessionsEnd } from './end-sessions.ts'
import type { Endings } from './endings.ts'
import { digestOf, isSecretOf, newCode, newSecret, normalCode } from './secrets.ts'
import { accessSeconds, type Tokens } from './tokens.ts'

export type Device = {
  clientId: string
  seatId: string
  branch: string
  /** Enrolled before commands carried proofs. */
  beforeProofs: boolean
  /** As it was before this request. */
  contact: Contact
}

type DeviceRow = {
  client_id: string
  seat_id: string
  seat_name: string
  branch: string
  secret_hash: string
  highest_seq: number
  superseded_at: Date | null
  revoked_at: Date | null
  enrolled_at: Date
  former_client_id: string | null
  token_at: Date | null
  before_proofs: boolean
} & ContactRow
type Proof = { clientId: string; deviceSecret: string }

export type ContactRow = { contact_at: Date; away_from: Date | null; back_at: Date | null }

export const contactOf = ({ contact_at, away_from, back_at }: ContactRow): Contact => ({
  contactAt: contact_at.toISOString(),
  awayFrom: away_from?.toISOString() ?? null,
  backAt: back_at?.toISOString() ?? null,
})

const lookedUpTogether = 100
const codeMs = 24 * 3_600_000

export type Devices = {
  enrolmentCode(branch: string, createdBy: string | null): Promise<{ code: string; expiresAt: string }>
  /** `former`: an identity of this seat that it still has the secret of. The seat stays the same one. */
  enrol(input: { code: string; seatName: string; former?: Proof | undefined }): Promise<DeviceCredential>
  /** UNAUTHENTICATED, DEVICE_REVOKED, DEVICE_SUPERSEDED. The same request again is answered the same until its answer was used. */
  renew(input: Proof & { requestId: string; reason: string }): Promise<DeviceCredential>
  token(input: Proof): Promise<{ accessToken: string; expiresInSeconds: number; highestSeq: number }>
  /** Whose token it is. UNAUTHENTICATED, DEVICE_REVOKED, DEVICE_SUPERSEDED. */
  of(token: string): Promise<Device>
  /** Whether it may still do anything. */
  isGood(clientId: string): Promise<boolean>
  /** Of one branch, or of all (null). Newest first. */
  list(branch: string | null): Promise<EnrolledDevice[]>
  find(clientId: string): Promise<EnrolledDevice | null>
  /** NOT_FOUND. Once more changes nothing. */
  revoke(clientId: string, by: string | null): Promise<EnrolledDevice>
}

const listed = (row: DeviceRow): EnrolledDevice => ({
  clientId: row.client_id,
  seatId: row.seat_id,
  seatName: row.seat_name,
  branch: row.branch,
  enrolledAt: row.enrolled_at.toISOString(),
  formerClientId: row.former_client_id,
  supersededAt: row.superseded_at?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
  lastTokenAt: row.token_at?.toISOString() ?? null,
})

const refuseEnded = (row: DeviceRow) => {
  if (row.revoked_at !== null) throw new Refusal('DEVICE_REVOKED')
  if (row.superseded_at !== null) throw new Refusal('DEVICE_SUPERSEDED')
}

/** `renewKey` makes the secret of a renewal, so that the same request can be given the same again. `centreKey` is shown to every seat. */
export function createDevices(
  context: CentralContext,
  parts: { tokens: Tokens; endings: Endings; renewKey: Buffer; centreKey: string },
): Devices {
  const { sql, clock, random } = context
  const { tokens, endings, renewKey, centreKey } = parts

  const add = async (
    tx: Queries,
    seat: Pick<DeviceRow, 'seat_name' | 'branch' | 'before_proofs'> & {
      seat_id: string | null
      contact: Contact
    },
    {
      former = null,
      request = null,
      secret = newSecret(random),
    }: Partial<Record<'former' | 'request', string | null>> & { secret?: string } = {},
  ): Promise<DeviceCredential> => {
    const clientId = random.uuid()
    await tx.query(
      `INSERT INTO device (client_id, seat_id, seat_name, branch, secret_hash, enrolled_at, former_client_id, renew_request,
                           contact_at, away_from, back_at, before_proofs)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        clientId,
        seat.seat_id ?? clientId,
        seat.seat_name,
        seat.branch,
        digestOf(secret),
        isoNow(clock),
        former,
        request,
        seat.contact.contactAt,
        seat.contact.awayFrom,
        seat.contact.backAt,
        seat.before_proofs,
      ],
    )
    return { clientId, deviceSecret: secret, branch: seat.branch, centreKey }
  }

  /** Its numbers, sessions, event streams and uploads end. */
  const end = async (tx: Queries, clientId: string, sessions: SessionsEnd) => {
    const now = isoNow(clock)
    await tx.query('UPDATE number_block SET ended_at = $2 WHERE client_id = $1 AND ended_at IS NULL', [
      clientId,
      now,
    ])
    await endSessions({ tx, now, endings }, sessions, { clientId })
    await endings.announce(tx, [`device:${clientId}`])
  }
  const supersede = async (tx: Queries, row: DeviceRow) => {
    if (row.superseded_at !== null) return
    await tx.query('UPDATE device SET superseded_at = $2 WHERE client_id = $1', [
      row.client_id,
      isoNow(clock),
    ])
    await end(tx, row.client_id, 'ended')
  }
  const locked = async (tx: Queries, { clientId, deviceSecret }: Proof): Promise<DeviceRow | null> => {
    const [row] = await tx.query<DeviceRow>('SELECT * FROM device WHERE client_id = $1 FOR UPDATE', [
      clientId,
    ])
    const isRight = isSecretOf(deviceSecret, row?.secret_hash)
    return row !== undefined && isRight ? row : null
  }

  const audit = (tx: Queries, clientId: string, action: string, detail: unknown) =>
    tx.query(
      `INSERT INTO audit (at, client_id, action, subject_kind, subject_id, result, detail)
       VALUES ($1, $2, $3, 'seat', $2, 'done', $4)`,
      [isoNow(clock), clientId, action, JSON.stringify(detail)],
    )
  const rowOf = async (clientId: string): Promise<DeviceRow | undefined> =>
    clientId.includes('\u0000')
      ? undefined
      : (await sql.query<DeviceRow>('SELECT * FROM device WHERE client_id = $1', [clientId]))[0]

  /** Looked up after it was asked for, so that a seat that was revoked is refused at once. */
  const find = createGatherer<string, DeviceRow | undefined>({
    lanes: 2,
    joins: group => group.length < lookedUpTogether,
    work: async ids => {
      const rows = await sql.prepared<DeviceRow>(
        'devices',
        'SELECT * FROM device WHERE client_id = ANY($1::text[])',
        [ids],
      )
      const found = new Map(rows.map(row => [row.client_id, row]))
      return ids.map(id => found.get(id))
    },
  })

  /** Written down now and then; not where another process has just done so. */
  const contacted = async (clientId: string, before: Contact) => {
    const after = contactAfter(before, clock.now())
    if (after === before) return
    await sql.prepared(
      'device-contact',
      `UPDATE device SET contact_at = $2, away_from = $3, back_at = $4
       WHERE client_id = $1 AND contact_at < $5::timestamptz + interval '1 millisecond'`,
      [clientId, after.contactAt, after.awayFrom, after.backAt, before.contactAt],
    )
  }

  return {
    enrolmentCode: async (branch, createdBy) => {
      const code = newCode(random)
      const expiresAt = new Date(clock.now() + codeMs).toISOString()
      await sql.query(
        'INSERT INTO enrolment_code (code_hash, branch, expires_at, created_by) VALUES ($1, $2, $3, $4)',
        [digestOf(normalCode(code)), branch, expiresAt, createdBy],
      )
      return { code, expiresAt }
    },

    enrol: ({ code, seatName, former }) =>
      sql.transaction(async tx => {
        const now = isoNow(clock)
        const [used] = await tx.query<{ branch: string }>(
          `UPDATE enrolment_code SET used_at = $2
           WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING branch`,
          [digestOf(normalCode(code)), now],
        )
        if (used === undefined) throw new Refusal('ENROLMENT_CODE_INVALID')
        const before = former === undefined ? null : await locked(tx, former)
        // Another branch's seat, or one that was revoked, begins as a new one.
        const same = before?.revoked_at === null && before.branch === used.branch ? before : null
        if (same !== null) await supersede(tx, same)
        const contact = { contactAt: now, awayFrom: null, backAt: null }
        const seat = {
          seat_id: same?.seat_id ?? null,
          seat_name: seatName,
          branch: used.branch,
          before_proofs: false,
          contact: same === null ? contact : contactOf(same),
        }
        const credential = await add(tx, seat, { former: same?.client_id ?? null })
        await audit(tx, credential.clientId, 'seat.enrol', { seatName, former: same?.client_id ?? null })
        return credential
      }),

    renew: ({ requestId, reason, ...proof }) =>
      sql.transaction(async tx => {
        const before = await locked(tx, proof)
        if (before === null) throw new Refusal('UNAUTHENTICATED')
        if (before.revoked_at !== null) throw new Refusal('DEVICE_REVOKED')
        const secret = createHmac('sha256', renewKey)
          .update(JSON.stringify([before.client_id, requestId]))
          .digest('base64url')
        if (before.superseded_at !== null) {
          const [answered] = await tx.query<DeviceRow>(
            `SELECT * FROM device WHERE former_client_id = $1 AND renew_request = $2
               AND revoked_at IS NULL AND superseded_at IS NULL AND token_at IS NULL`,
            [before.client_id, requestId],
          )
          if (answered === undefined) throw new Refusal('DEVICE_SUPERSEDED')
          return { clientId: answered.client_id, deviceSecret: secret, branch: answered.branch, centreKey }
        }
        await supersede(tx, before)
        const credential = await add(
          tx,
          { ...before, contact: contactOf(before) },
          { former: before.client_id, request: requestId, secret },
        )
        await audit(tx, credential.clientId, 'seat.renew', { reason, former: before.client_id })
        return credential
      }),

    token: async proof => {
      const row = await rowOf(proof.clientId)
      const isRight = isSecretOf(proof.deviceSecret, row?.secret_hash)
      if (row === undefined || !isRight) throw new Refusal('UNAUTHENTICATED')
      refuseEnded(row)
      await sql.query('UPDATE device SET token_at = $2 WHERE client_id = $1', [row.client_id, isoNow(clock)])
      return {
        accessToken: await tokens.sign('device', row.client_id),
        expiresInSeconds: accessSeconds,
        highestSeq: row.highest_seq,
      }
    },

    of: async token => {
      const clientId = await tokens.verify('device', token)
      const row = await find(clientId)
      if (row === undefined) throw new Refusal('UNAUTHENTICATED')
      refuseEnded(row)
      const contact = contactOf(row)
      await contacted(clientId, contact)
      return { clientId, seatId: row.seat_id, branch: row.branch, beforeProofs: row.before_proofs, contact }
    },

    isGood: async clientId => {
      const row = await rowOf(clientId)
      return row !== undefined && row.revoked_at === null && row.superseded_at === null
    },

    list: async branch => {
      const rows = await sql.query<DeviceRow>(
        'SELECT * FROM device WHERE $1::text IS NULL OR branch = $1 ORDER BY enrolled_at DESC, client_id',
        [branch],
      )
      return rows.map(listed)
    },
    find: async clientId => {
      const row = await rowOf(clientId)
      return row === undefined ? null : listed(row)
    },

    revoke: async (clientId, by) => {
      if (clientId.includes('\u0000')) throw new Refusal('NOT_FOUND')
      const row = await sql.transaction(async tx => {
        const now = isoNow(clock)
        const [before] = await tx.query<DeviceRow>('SELECT * FROM device WHERE client_id = $1 FOR UPDATE', [
          clientId,
        ])
        if (before === undefined) throw new Refusal('NOT_FOUND')
        if (before.revoked_at !== null) return before
        await tx.query('UPDATE device SET revoked_at = $2 WHERE client_id = $1', [clientId, now])
        await end(tx, clientId, 'revoked')
        await tx.query(
          `INSERT INTO audit (at, client_id, operator_id, action, subject_kind, subject_id, result)
           VALUES ($1, $2, $3, 'seat.revoke', 'seat', $2, 'done')`,
          [now, clientId, by],
        )
        return { ...before, revoked_at: new Date(now) }
      })
      return listed(row)
    },
  }
}
