/**
 * Numbers committed changes, one stamper at a time over all processes. Readers see only what has a number, so a change whose
 * writer commits late can not be skipped: it gets its number when it is committed, behind what was read already.
 *
 * A subject stands in the feed once, at the number of its newest change: whoever reads on from an older number meets it there.
 */
import type { CentralContext } from '../context.ts'
import { sqlState } from '../storage/sql.ts'

const stampLock = 12_345_002
const batchSize = 5_000
export const changesChannel = 'zuoxi_changes'
/** In bytes. PostgreSQL carries no longer notification; then everybody looks. */
const longestPayload = 7_000

export type Stamper = {
  /** Soon, and once for however many ask meanwhile. */
  kick(): void
  /** When nothing that was asked for is left to do. */
  settled(): Promise<void>
  /** One round. How many were numbered, and how long the oldest had waited. */
  stamp(): Promise<{ count: number; lagMs: number }>
  /** How long the oldest change waits that has no number and should have one, in milliseconds; 0: none does. */
  lagMs(): Promise<number>
  stop(): Promise<void>
}

/**
 * One message to the database, which takes the lock, numbers and ends the transaction by itself: a process that freezes here keeps
 * nobody waiting. The second statement begins when the lock is had, so it sees whatever was committed until then. It notifies only
 * when something was numbered, with whom the batch concerns.
 */
const stampSql = `
SELECT pg_advisory_xact_lock(${stampLock});
WITH taken AS (
  DELETE FROM change_inbox WHERE id IN (SELECT id FROM change_inbox ORDER BY id LIMIT ${batchSize})
  RETURNING id, kind, subject, branch, written_at
), newest AS (
  SELECT DISTINCT ON (kind, subject) id, kind, subject, branch FROM taken ORDER BY kind, subject, id DESC
), stamped AS (
  INSERT INTO change (number, kind, subject, branch)
  SELECT (SELECT coalesce(max(number), 0) FROM change) + row_number() OVER (ORDER BY id), kind, subject, branch FROM newest
  ON CONFLICT (kind, subject) DO UPDATE SET number = excluded.number, branch = excluded.branch
), concerned AS (
  SELECT branch FROM taken WHERE branch IS NOT NULL
  UNION SELECT g.branch FROM case_grant g JOIN taken ON kind = 'case' AND subject = case_id
), told AS (
  SELECT count(*) AS count, min(written_at) AS oldest,
    CASE WHEN bool_or(branch IS NULL) THEN 'null'
      ELSE json_build_object('branches', (SELECT coalesce(json_agg(branch), '[]') FROM concerned))::text END AS payload
  FROM taken
)
SELECT count, oldest, CASE WHEN count > 0 THEN pg_notify('${changesChannel}',
  CASE WHEN octet_length(payload) > ${longestPayload} THEN 'null' ELSE payload END) END AS notified
FROM told`

type Stamped = { count: number; oldest: Date | null }

/** Whom a batch concerns; null is everybody. */
export type Concern = { branches: string[] } | null

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

  /** When nothing was left without a number, by this process's own rounds. */
  let caughtUpAt = clock.now()

  const stamp = async () => {
    const begunAt = clock.now()
    const [row] = await sql.atOnce<Stamped>(stampSql)
    const count = row?.count ?? 0
    if (count < batchSize) caughtUpAt = begunAt
    const result = { count, lagMs: row?.oldest == null ? 0 : clock.now() - row.oldest.getTime() }
    if (count > 0) onStamped(result)
    return result
  }

  const lagMs = async () => {
    // While the rounds go on as they should, nothing waits for longer than one of them: nobody has to look.
    const sinceMs = clock.now() - caughtUpAt
    if (sinceMs < 2 * pollMs) return 0
    const [oldest] = await sql.query<{ written_at: Date }>(
      'SELECT written_at FROM change_inbox ORDER BY id LIMIT 1',
    )
    // Another process may have numbered until now. A writer that committed late says of its change that it is older than it is.
    return oldest === undefined
      ? 0
      : Math.max(0, Math.min(sinceMs, clock.now() - oldest.written_at.getTime()))
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
          { kind: error instanceof Error ? error.name : typeof error, state: sqlState(error) },
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
    lagMs,
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
