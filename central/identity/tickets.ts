/**
 * A sign-in whose password was right but that cannot be finished yet goes on with a ticket: for one step, for ten minutes, from the
 * device that it was given to.
 */
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Queries } from '../storage/sql.ts'
import type { Device } from './devices.ts'
import { digestOf, newSecret } from './secrets.ts'

const ticketMs = 10 * 60_000

export type TicketStep = 'password' | 'second-factor'

export type Tickets = {
  /** Those of before for the same step are worth nothing any more. */
  give(device: Device, operatorId: string, step: TicketStep): Promise<{ ticket: string; until: string }>
  /** Whose it is, and nobody else uses it meanwhile. TICKET_INVALID. */
  hold(tx: Queries, device: Device, ticket: string, step: TicketStep): Promise<string>
  use(tx: Queries, ticket: string): Promise<void>
}

export const createTickets = ({ sql, clock, random }: CentralContext): Tickets => ({
  give: async ({ clientId }, operatorId, step) => {
    const ticket = newSecret(random)
    const until = new Date(clock.now() + ticketMs).toISOString()
    await sql.transaction(async tx => {
      await tx.query(
        'DELETE FROM sign_in_ticket WHERE expires_at <= $1 OR (operator_id = $2 AND step = $3)',
        [isoNow(clock), operatorId, step],
      )
      await tx.query(
        `INSERT INTO sign_in_ticket (ticket_hash, operator_id, client_id, step, expires_at)
         VALUES ($1, $2, $3, $4, $5)`,
        [digestOf(ticket), operatorId, clientId, step, until],
      )
    })
    return { ticket, until }
  },
  hold: async (tx, { clientId }, ticket, step) => {
    const [row] = await tx.query<{ operator_id: string }>(
      `SELECT operator_id FROM sign_in_ticket WHERE ticket_hash = $1 AND client_id = $2 AND step = $3 AND expires_at > $4
       FOR UPDATE`,
      [digestOf(ticket), clientId, step, isoNow(clock)],
    )
    if (row === undefined) throw new Refusal('TICKET_INVALID')
    return row.operator_id
  },
  use: async (tx, ticket) => {
    await tx.query('DELETE FROM sign_in_ticket WHERE ticket_hash = $1', [digestOf(ticket)])
  },
})
