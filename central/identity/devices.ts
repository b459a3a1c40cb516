/**
 * Seats as devices (坐席设备): enrolled once with a code, then known by a secret that is exchanged for short tokens. A seat keeps
 * its `seatId` when it gets another `clientId`; what it filed before stays its own.
 */
import type { DeviceCredential } from '../../shared/contract/central.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { createGatherer } from '../gather.ts'
import { Refusal } from '../refusal.ts'
import type { Queries } from '../storage/sql.ts'
import { digestOf, newCode, newSecret, normalCode } from './secrets.ts'
import { accessSeconds, type Tokens } from './tokens.ts'

export type Device = {
  clientId: string
  seatId: string
  branch: string
  /** Another identity took its place: it may only ask for one of its own. */
  superseded: boolean
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
}

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
    seat: { seatId: string | null; seatName: string; branch: string },
  ): Promise<DeviceCredential> => {
    const clientId = random.uuid()
    const deviceSecret = newSecret(random)
    await tx.query(
      `INSERT INTO device (client_id, seat_id, seat_name, branch, secret_hash, enrolled_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [clientId, seat.seatId ?? clientId, seat.seatName, seat.branch, digestOf(deviceSecret), isoNow(clock)],
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
        const credential = await add(tx, { seatId: null, seatName, branch: used.branch })
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
        const credential = await add(tx, {
          seatId: before.seat_id,
          seatName: before.seat_name,
          branch: before.branch,
        })
        await audit(tx, credential.clientId, 'seat.renew', { reason, former: device.clientId })
        return credential
      }),

    token: async ({ clientId, deviceSecret }) => {
      const [row] = await sql.query<DeviceRow>('SELECT * FROM device WHERE client_id = $1', [clientId])
      if (row === undefined || row.revoked_at !== null || row.secret_hash !== digestOf(deviceSecret))
        throw new Refusal('UNAUTHENTICATED')
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
      return {
        clientId,
        seatId: row.seat_id,
        branch: row.branch,
        superseded: row.superseded_at !== null,
      }
    },
  }
}
