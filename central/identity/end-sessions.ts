/** Ends what people are signed in with: sessions at seats, sessions of the units' page, tickets of sign-ins that are half done. */
import type { Queries } from '../storage/sql.ts'
import type { Ending, Endings } from './endings.ts'

/**
 * `revoked`: nothing is proved under these sessions any more, also under those that were signed out of. `ended`: what was
 * done under them stays good; the person signs in anew.
 */
export type SessionsEnd = 'revoked' | 'ended'

export async function endSessions(
  { tx, now, endings }: { tx: Queries; now: string; endings: Pick<Endings, 'announce'> },
  how: SessionsEnd,
  of: { operatorId: string; except?: string } | { clientId: string },
): Promise<void> {
  const [column, value] = 'operatorId' in of ? ['operator_id', of.operatorId] : ['client_id', of.clientId]
  const except = 'operatorId' in of ? (of.except ?? '') : ''
  const wanted = how === 'revoked' ? 'revoked_at IS NULL' : 'ended_at IS NULL'
  const rows = await tx.query<{ client_id: string | null }>(
    `UPDATE operator_session SET ended_at = coalesce(ended_at, $2)${how === 'revoked' ? ', revoked_at = $2' : ''}
     WHERE ${column} = $1 AND session_id <> $3 AND ${wanted} RETURNING client_id`,
    [value, now, except],
  )
  await tx.query(`DELETE FROM sign_in_ticket WHERE ${column} = $1`, [value])
  if ('operatorId' in of)
    await tx.query('UPDATE unit_session SET ended_at = $2 WHERE operator_id = $1 AND ended_at IS NULL', [
      of.operatorId,
      now,
    ])
  const devices = new Set(rows.flatMap(({ client_id }) => (client_id === null ? [] : [client_id])))
  await endings.announce(
    tx,
    Array.from(devices, (clientId): Ending => `sessions:${clientId}`),
  )
}
