/**
 * Which history of the database a cursor belongs to (epoch). After a restore, numbers that seats have read may come again with
 * other content, so the epoch must change. That is seen from what PostgreSQL knows of itself: a dump that was restored lies in
 * another database, a physical restore to a point in time and a promoted standby begin another timeline. A plain copy of the
 * data files laid back is not seen: `npm run central -- new-epoch` (docs/central.md).
 */
import type { CentralContext } from '../context.ts'
import type { Sql } from '../storage/sql.ts'

async function originOf(sql: Sql): Promise<string> {
  try {
    const [row] = await sql.query<{ origin: string }>(
      `SELECT (SELECT system_identifier FROM pg_control_system())::text || '/' ||
              (SELECT timeline_id FROM pg_control_checkpoint())::text || '/' ||
              (SELECT oid FROM pg_database WHERE datname = current_database())::text AS origin`,
    )
    return row?.origin ?? ''
  } catch {
    return ''
  }
}

const readMeta = async (sql: Sql, name: string): Promise<string | undefined> =>
  (await sql.query<{ value: string }>('SELECT value FROM meta WHERE name = $1', [name]))[0]?.value

export async function newEpoch({ sql, random }: Pick<CentralContext, 'sql' | 'random'>): Promise<string> {
  const epoch = Buffer.from(random.bytes(9)).toString('base64url')
  await sql.query(
    'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    ['epoch', epoch],
  )
  return epoch
}

/** At each start. */
export async function settleEpoch(context: CentralContext): Promise<void> {
  const { sql, log } = context
  const origin = await originOf(sql)
  const before = await readMeta(sql, 'origin')
  if (before !== origin || (await readMeta(sql, 'epoch')) === undefined) {
    await newEpoch(context)
    if (before !== undefined) log.warn('the database was restored: every seat reads from the beginning')
  }
  await sql.query(
    'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    ['origin', origin],
  )
}

/** Read each time, so that a new epoch holds for processes that run already. */
export const currentEpoch = async (sql: Sql): Promise<string> => (await readMeta(sql, 'epoch')) ?? ''
