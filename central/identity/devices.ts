/**
 * Seats as devices (坐席设备): enrolled once with a code, then known by a secret that is exchanged for short tokens. A seat keeps
 * its `seatId` when it gets another `clientId`; what it filed before stays its own.
 */
import type { DeviceCredential } from '../../shared/contract/central.ts'
import { type Contact, contactAfter } from '../../shared/domain/command-time.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { createGatherer } from '../gather.ts'
import { Refusal } from '../refusal.ts'
import type { Queries } from '../storage/sql.ts'
import { digestOf, isSecretOf, newCode, newSecret, normalCode } from './secrets.ts'
import { accessSeconds, type Tokens } from './tokens.ts'

export type Device = {
  clientId: string
  seatId: string
  branch: string
  /** Another identity took its place: it may only ask for one of its own. */
  superseded: boolean
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
  before_proofs: boolean
} & ContactRow

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
  enrol(input: { code: string; seatName: string }): Promise<DeviceCredential>
  renew(device: Device, reason: string): Promise<DeviceCredential>
  token(input: { clientId: string; deviceSecret: string }): Promise<{
    accessToken: string
    expiresInSeconds: number
    highestSeq: number
  }>
  /** Whose token it is, or UNAUTHENTICATED. */
  of(token: string): Promise<Device>
}

/** `centreKey`: shown to every seat with its credential. */
export function createDevices(context: CentralContext, tokens: Tokens, centreKey: string): Devices {
  const { sql, clock, random } = context

  const add = async (
    tx: Queries,
    seat: Pick<DeviceRow, 'seat_name' | 'branch' | 'before_proofs'> & {
      seat_id: string | null
      contact: Contact
    },
  ): Promise<DeviceCredential> => {
    const clientId = random.uuid()
    const deviceSecret = newSecret(random)
    await tx.query(
      `INSERT INTO device (client_id, seat_id, seat_name, branch, secret_hash, enrolled_at,
                           contact_at, away_from, back_at, before_proofs)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        clientId,
        seat.seat_id ?? clientId,
        seat.seat_name,
        seat.branch,
        digestOf(deviceSecret),
        isoNow(clock),
        seat.contact.contactAt,
        seat.contact.awayFrom,
        seat.contact.backAt,
        seat.before_proofs,
      ],
    )
    return { clientId, deviceSecret, branch: seat.branch, centreKey }
  }

  const audit = (tx: Queries, clientId: string, action: string, detail: unknown) =>
    tx.query(
      `INSERT INTO audit (at, client_id, action, subject_kind, subject_id, result, detail)
       VALUES ($1, $2, $3, 'seat', $2, 'done', $4)`,
      [isoNow(clock), clientId, action, JSON.stringify(detail)],
    )

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

    enrol: ({ code, seatName }) =>
      sql.transaction(async tx => {
        const now = isoNow(clock)
        const [used] = await tx.query<{ branch: string }>(
          `UPDATE enrolment_code SET used_at = $2
           WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING branch`,
          [digestOf(normalCode(code)), now],
        )
        if (used === undefined) throw new Refusal('ENROLMENT_CODE_INVALID')
        const credential = await add(tx, {
          seat_id: null,
          seat_name: seatName,
          branch: used.branch,
          before_proofs: false,
          contact: { contactAt: now, awayFrom: null, backAt: null },
        })
        await audit(tx, credential.clientId, 'seat.enrol', { seatName })
        return credential
      }),

    // Asked again after a lost answer, it gives yet another identity: none was used, so nothing is lost.
    renew: (device, reason) =>
      sql.transaction(async tx => {
        const now = isoNow(clock)
        const [before] = await tx.query<DeviceRow>(
          'UPDATE device SET superseded_at = coalesce(superseded_at, $2) WHERE client_id = $1 RETURNING *',
          [device.clientId, now],
        )
        if (before === undefined) throw new Refusal('UNAUTHENTICATED')
        await tx.query('UPDATE number_block SET ended_at = $2 WHERE client_id = $1 AND ended_at IS NULL', [
          device.clientId,
          now,
        ])
        const credential = await add(tx, { ...before, contact: contactOf(before) })
        await audit(tx, credential.clientId, 'seat.renew', { reason, former: device.clientId })
        return credential
      }),

    token: async ({ clientId, deviceSecret }) => {
      const [row] = await sql.query<DeviceRow>('SELECT * FROM device WHERE client_id = $1', [clientId])
      const right = isSecretOf(deviceSecret, row?.secret_hash)
      if (row === undefined || row.revoked_at !== null || !right) throw new Refusal('UNAUTHENTICATED')
      return {
        accessToken: await tokens.sign('device', clientId),
        expiresInSeconds: accessSeconds,
        highestSeq: row.highest_seq,
      }
    },

    of: async token => {
      const clientId = await tokens.verify('device', token)
      const row = await find(clientId)
      if (row === undefined || row.revoked_at !== null) throw new Refusal('UNAUTHENTICATED')
      const contact = contactOf(row)
      await contacted(clientId, contact)
      return {
        clientId,
        seatId: row.seat_id,
        branch: row.branch,
        superseded: row.superseded_at !== null,
        beforeProofs: row.before_proofs,
        contact,
      }
    },
  }
}
