/** Who is at which seat now. Not kept: an unlogged table of what was heard in the last minute. */
import { presenceSeconds } from '../../shared/contract/central-presence.ts'
import type { SeatState } from '../../shared/domain/seat-state.ts'
import type { PresentSeat } from '../../shared/domain/specialist.ts'
import type { CentralContext } from '../context.ts'
import type { Device } from '../identity/devices.ts'

/** More are never of use to one who looks for a colleague. */
const most = 500

export type Presence = {
  /** Keeps what this seat says and answers with the specialists of the other seats. */
  tell(
    device: Device,
    operatorId: string,
    state: { kind: SeatState['kind']; since: string; extension: string | null },
  ): Promise<PresentSeat[]>
}

type Row = {
  operator_id: string
  name: string
  branch: string
  skills: string
  extension: string
  kind: SeatState['kind']
  since: Date
}

export function createPresence({ sql }: CentralContext): Presence {
  return {
    tell: async (device, operatorId, { kind, since, extension }) => {
      // A seat's clock that is ahead would show a state that has not begun.
      await sql.query(
        `INSERT INTO presence (seat_id, operator_id, kind, since, extension, seen_at)
         VALUES ($1, $2, $3, least($4::timestamptz, lease_now()), $5, lease_now())
         ON CONFLICT (seat_id) DO UPDATE SET operator_id = excluded.operator_id, kind = excluded.kind,
           since = excluded.since, extension = excluded.extension, seen_at = excluded.seen_at`,
        [device.seatId, operatorId, kind, since, extension],
      )
      const rows = await sql.query<Row>(
        `SELECT o.operator_id, o.name, o.branch, o.skills, p.extension, p.kind, p.since
         FROM presence p JOIN operator o USING (operator_id)
         WHERE p.seat_id <> $1 AND p.kind <> 'offline' AND p.extension IS NOT NULL AND o.skills <> '[]' AND NOT o.disabled
           AND p.seen_at > lease_now() - make_interval(secs => $2)
         ORDER BY o.name, o.operator_id LIMIT ${most}`,
        [device.seatId, presenceSeconds],
      )
      return rows.map(row => ({
        operatorId: row.operator_id,
        operatorName: row.name,
        branch: row.branch,
        skills: JSON.parse(row.skills) as string[],
        extension: row.extension,
        kind: row.kind,
        since: row.since.toISOString(),
      }))
    },
  }
}
