/** What the operator is told of the sync: counted in the database, and what the engine has seen of the line. */
import type { SyncStatus } from '../../../shared/contract/seat.ts'
import type { Clock } from '../context.ts'
import type { Database } from '../storage/database.ts'

/** A clock that differs by more than this is named (毫秒). */
const skewToldMs = 60_000
const speedOverMs = 5_000

/** `refused`: the centre answers and does not want this seat. */
export type LineState = 'none' | 'connecting' | 'online' | 'offline' | 'refused'

export type SyncWatch = {
  line: LineState
  problem: string | null
  lastContactAt: string | null
  catchUp: { done: number; remaining: number } | null
  /** As the centre last said; null: it is not behind. */
  feedLagSeconds: number | null
  heard(serverTime: string): void
  sent(commands: number): void
  status(db: Database, numbersLeft: number | null): SyncStatus
}

export function createSyncWatch(clock: Clock, alarmAfterMs: () => number): SyncWatch {
  let skewMs = 0
  let sends: { at: number; commands: number }[] = []

  const speed = (): number | null => {
    const now = clock.now()
    sends = sends.filter(({ at }) => at > now - speedOverMs && at <= now)
    const [first] = sends
    if (first === undefined || sends.length < 2) return null
    const commands = sends.slice(1).reduce((sum, each) => sum + each.commands, 0)
    return Math.round((commands * 1_000) / Math.max(1, now - first.at)) || null
  }

  const watch: SyncWatch = {
    line: 'none',
    problem: null,
    lastContactAt: null,
    catchUp: null,
    feedLagSeconds: null,
    heard: serverTime => {
      skewMs = clock.now() - Date.parse(serverTime)
      watch.lastContactAt = new Date(clock.now()).toISOString()
    },
    sent: commands => void sends.push({ at: clock.now(), commands }),
    status: (db, numbersLeft) => {
      const { waiting, parked, oldest, files } = db
        .prepare(
          `SELECT (SELECT count(*) FROM outbox) - (SELECT count(*) FROM parked) AS waiting,
                  (SELECT count(*) FROM parked) AS parked,
                  (SELECT issued_at FROM outbox WHERE id NOT IN (SELECT command_id FROM parked)
                   ORDER BY seq LIMIT 1) AS oldest,
                  (SELECT count(*) FROM local_file WHERE state IN ('waiting', 'failed')) AS files`,
        )
        .get() as { waiting: number; parked: number; oldest: string | null; files: number }
      const age = oldest === null ? 0 : clock.now() - Date.parse(oldest)
      return {
        centre: watch.line,
        problem: watch.problem,
        waiting,
        parked,
        oldestWaitingAt: oldest,
        alarm: watch.line === 'online' && age > alarmAfterMs(),
        lastContactAt: watch.lastContactAt,
        commandsPerSecond: speed(),
        catchUp: watch.catchUp,
        feedLagSeconds: watch.line === 'online' ? watch.feedLagSeconds : null,
        clockSkewMs: Math.abs(skewMs) > skewToldMs ? skewMs : null,
        numbersLeft,
        filesWaiting: files === 0 ? null : files,
      }
    },
  }
  return watch
}
