/**
 * What makes or closes tasks of a number holds the number for its transaction, so that missed calls and answered ones of one
 * citizen are judged one after the other. All of them at the beginning, in order, before any task is locked: then nobody waits
 * in a circle. Numbers share 256 locks, since PostgreSQL's table of locks is small.
 */
import type { Queries } from '../storage/sql.ts'

const lockClass = 12_345_003
const buckets = 256

function bucketOf(key: string): number {
  let hash = 2_166_136_261
  for (let place = 0; place < key.length; place += 1)
    hash = Math.imul(hash ^ key.charCodeAt(place), 16_777_619) >>> 0
  return hash % buckets
}

export async function lockNumbers(tx: Queries, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  const wanted = [...new Set(keys.map(bucketOf))].sort((a, b) => a - b)
  await tx.query('SELECT pg_advisory_xact_lock($1, b) FROM unnest($2::integer[]) AS b', [lockClass, wanted])
}

export async function leaseNow(tx: Queries): Promise<number> {
  const [row] = await tx.query<{ now: Date }>('SELECT lease_now() AS now')
  return row?.now.getTime() ?? 0
}
