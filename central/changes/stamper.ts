/**
 * Numbers committed changes, one stamper at a time over all processes. Readers see only what has a number, so a change whose
 * writer commits late can not be skipped: it gets its number when it is committed, behind what was read already.
 *
 * A subject stands in the feed once, at the number of its newest change: whoever reads on from an older number meets it there.
 */
import type { CentralContext } from '../context.ts'
import type { Queries } from '../storage/sql.ts'

const stampLock = 12_345_002
const batchSize = 5_000
export const changesChannel = 'zuoxi_changes'
/** PostgreSQL carries no longer notification; then everybody looks. */
const longestPayload = 7_000

export type Stamper = {
  /** Soon, and once for however many ask meanwhile. */
  kick(): void
  /** When nothing that was asked for is left to do. */
  settled(): Promise<void>
  /** One round. How many were numbered, and how long the oldest had waited. */
  stamp(): Promise<{ count: number; lagMs: number }>
  stop(): Promise<void>
}

const stampSql = `
WITH taken AS (
  DELETE FROM change_inbox WHERE id IN (SELECT id FROM change_inbox ORDER BY id LIMIT ${batchSize})
  RETURNING id, kind, subject, branch, written_at
), newest AS (
  SELECT DISTINCT ON (kind, subject) id, kind, subject, branch FROM taken ORDER BY kind, subject, id DESC
), stamped AS (
  INSERT INTO change (number, kind, subject, branch)
  SELECT (SELECT coalesce(max(number), 0) FROM change) + row_number() OVER (ORDER BY id), kind, subject, branch FROM newest
  ON CONFLICT (kind, subject) DO UPDATE SET number = excluded.number, branch = excluded.branch
)
SELECT count(*) AS count, min(written_at) AS oldest, bool_or(branch IS NULL) AS everybody,
       (SELECT json_agg(DISTINCT concerned.branch)::text FROM (
          SELECT branch FROM taken WHERE branch IS NOT NULL
          UNION SELECT g.branch FROM case_grant g JOIN taken ON kind = 'case' AND subject = case_id) concerned) AS branches
FROM taken`

type Stamped = {
  count: number
  oldest: Date | null
  everybody: boolean | null
  branches: string | null
}

/** Whom a batch concerns; null is everybody. */
export type Concern = { branches: string[] } | null

const concernOf = (row: Stamped): Concern =>
  row.everybody === true ? null : { branches: JSON.parse(row.branches ?? '[]') as string[] }

export function createStamper(
  { sql, clock, log }: CentralContext,
  onStamped: (result: { count: number; lagMs: number }) => void,
  /** `pauseMs`: between two rounds, so that under load one round numbers what many batches wrote, and wakes its readers once. */
  { pollMs, pauseMs }: { pollMs: number; pauseMs: number },
): Stamper {
  let wanted = false
  let running: Promise<void> | null = null
  let cancelTimer = () => {}
  let endPause = () => {}
  let stopped = false

  const round = async (tx: Queries) => {
    // Sent together. The second is a statement of its own: it sees whatever was committed until the lock was had.
    const [, [row]] = await Promise.all([
      tx.prepared('stamp-lock', 'SELECT pg_advisory_xact_lock($1)', [stampLock]),
      tx.query<Stamped>(stampSql),
    ])
    if (row === undefined || row.count === 0) return { count: 0, lagMs: 0 }
    const payload = JSON.stringify(concernOf(row))
    await tx.query('SELECT pg_notify($1, $2)', [
      changesChannel,
      Buffer.byteLength(payload) > longestPayload ? 'null' : payload,
    ])
    return { count: row.count, lagMs: row.oldest === null ? 0 : clock.now() - row.oldest.getTime() }
  }

  const stamp = async () => {
    const result = await sql.transaction(round)
    if (result.count > 0) onStamped(result)
    return result
  }

  const pause = () =>
    new Promise<void>(resolve => {
      const cancel = clock.after(pauseMs, resolve)
      endPause = () => {
        cancel()
        resolve()
      }
    })

  const work = async () => {
    while (wanted && !stopped) {
      wanted = false
      try {
        while ((await stamp()).count >= batchSize);
        if (pauseMs > 0 && !stopped) await pause()
      } catch (error) {
        log.error(
          { kind: error instanceof Error ? error.name : typeof error },
          'changes could not be numbered',
        )
      }
    }
  }

  const kick = () => {
    if (stopped) return
    wanted = true
    running ??= work().finally(() => {
      running = null
      if (wanted) kick()
    })
  }

  const poll = () => {
    cancelTimer = clock.after(pollMs, () => {
      kick()
      if (!stopped) poll()
    })
  }
  poll()

  return {
    kick,
    stamp,
    settled: async () => {
      while (running !== null) await running
    },
    stop: async () => {
      stopped = true
      cancelTimer()
      endPause()
      await running
    },
  }
}
