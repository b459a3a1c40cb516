/** Call records (通话记录), written from the events that the page's phone reports. Replays are harmless. */
import {
  type CallEvent,
  type CallProgress,
  type CallRecord,
  callProgress,
  callRecord,
  transition,
} from '../../../shared/domain/call.ts'
import type { Audit } from '../audit/audit.ts'
import type { Clock } from '../context.ts'
import { isoNow } from '../context.ts'
import type { Database } from '../storage/database.ts'
import type { Outbox } from '../sync/outbox.ts'

type CallRow = {
  call_id: string
  number_key: string | null
  operator_id: string | null
  case_id: string | null
  progress: string
}

const progressOf = (row: CallRow): CallProgress => callProgress.parse(JSON.parse(row.progress))
const recordOf = (row: CallRow, progress: CallProgress = progressOf(row)): CallRecord =>
  callRecord.parse({
    ...progress,
    callId: row.call_id,
    numberKey: row.number_key,
    operatorId: row.operator_id,
    caseId: row.case_id,
  })

/** The evidence of a call, and what a page tells again, come after its end, but not long after. */
const lateMs = 5 * 60_000

export type CallerCalls = { calls: CallRecord[]; callCount: number; missedCount: number }

export type Calls = {
  /**
   * Applies the events in order; a record that they begin belongs to the case of `caseId`, if there is one. Null: no record exists
   * and none of the events could begin one.
   */
  report(
    db: Database,
    operatorId: string | null,
    callId: string,
    events: readonly CallEvent[],
    caseId?: string,
  ): CallRecord | null
  /** This operator's, and those that nobody took. */
  list(db: Database, operatorId: string, limit: number, before: string | null): CallRecord[]
  ofNumber(db: Database, key: string, excludeCallId: string | null, limit: number): CallerCalls
  /** Null: there is none of this id. */
  get(db: Database, callId: string): CallRecord | null
  /** Answered calls of citizens, of this operator since then, that no case was filed from (待补工单). */
  unfiled(db: Database, operatorId: string, since: string): CallRecord[]
  linkCase(db: Database, callId: string, caseId: string): void
  /**
   * Whether a page may report this while nobody is signed in: how a call that was in hand went on and ended, and a call that rang
   * and that nobody could answer.
   */
  openToNobody(db: Database, told: { callId: string; events?: { type: string }[] | undefined }): boolean
  /** Calls that have not ended as far as this database knows. */
  live(db: Database): string[]
}

export function createCalls(parts: {
  clock: Clock
  audit: Audit
  outbox: Outbox
  numberKey(raw: string): string | null
  /** The number whose callback is being dialled here: that its citizen was reached is told as the callback's outcome. */
  callingBack(db: Database): string | null
}): Calls {
  const { audit, outbox, callingBack } = parts
  const find = (db: Database, callId: string): CallRow | undefined =>
    db
      .prepare(
        'SELECT call_id, number_key, operator_id, case_id, progress FROM call_record WHERE call_id = ?',
      )
      .get(callId) as CallRow | undefined

  const begin = (
    db: Database,
    operatorId: string | null,
    callId: string,
    progress: CallProgress,
    caseId: string | null,
  ): CallRow => {
    const { facts, direction } = progress
    const other = direction === 'inbound' ? facts.callerNumber : facts.calledNumber
    const row: CallRow = {
      call_id: callId,
      number_key: other === null ? null : parts.numberKey(other),
      operator_id: operatorId,
      case_id: caseId,
      progress: JSON.stringify(progress),
    }
    db.prepare(
      `INSERT INTO call_record (call_id, number_key, state, direction, outcome, operator_id, case_id, progress, offered_at)
       VALUES (?, ?, ?, ?, NULL, ?, ?, ?, ?)`,
    ).run(
      callId,
      row.number_key,
      progress.state,
      direction,
      operatorId,
      caseId,
      row.progress,
      progress.offeredAt,
    )
    return row
  }

  const knownCase = (db: Database, caseId: string | undefined): string | null => {
    if (caseId === undefined) return null
    const known = db.prepare('SELECT case_id FROM cases WHERE case_id = ?').pluck().get(caseId)
    return typeof known === 'string' ? known : null
  }

  const keepEvent = (db: Database, callId: string, event: CallEvent) => {
    db.prepare(
      `INSERT INTO call_event (call_id, sequence, at, event)
       VALUES (@callId, (SELECT coalesce(max(sequence), 0) + 1 FROM call_event WHERE call_id = @callId), @at, @event)`,
    ).run({ callId, at: event.at, event: JSON.stringify(event) })
  }

  const tellCentre = (db: Database, row: CallRow, progress: CallProgress) =>
    outbox.append(db, {
      name: 'call.record',
      operatorId: row.operator_id,
      caseId: row.case_id,
      args: recordOf(row, progress),
      baseVersion: null,
    })

  const ended = (db: Database, row: CallRow, progress: CallProgress) => {
    audit.append(db, {
      operatorId: row.operator_id,
      action: 'call.end',
      subjectKind: 'call',
      subjectId: row.call_id,
      result: 'done',
    })
    tellCentre(db, row, progress)
  }

  return {
    report: (db, operatorId, callId, events, about) => {
      let row = find(db, callId)
      let progress = row === undefined ? null : progressOf(row)
      const before = progress?.answeredAt ?? null
      for (const event of events) {
        const next = transition(progress, event)
        if (!next.changed) continue
        progress = next.progress
        row ??= begin(db, operatorId, callId, progress, knownCase(db, about))
        keepEvent(db, callId, event)
        const by = row.operator_id ?? operatorId
        db.prepare(
          'UPDATE call_record SET state = ?, outcome = ?, operator_id = ?, progress = ? WHERE call_id = ?',
        ).run(progress.state, progress.outcome, by, JSON.stringify(progress), callId)
        row = { ...row, operator_id: by, progress: JSON.stringify(progress) }
        if (progress.state === 'ended') ended(db, row, progress)
      }
      // Not only when it ends: whoever is talked with is not to be called back meanwhile.
      if (row !== undefined && progress !== null && progress.state !== 'ended')
        if (before === null && progress.answeredAt !== null)
          if (progress.direction === 'inbound' || callingBack(db) !== row.number_key)
            tellCentre(db, row, progress)
      return row === undefined || progress === null ? null : recordOf(row, progress)
    },

    list: (db, operatorId, limit, before) =>
      (
        db
          .prepare(
            `SELECT call_id, number_key, operator_id, case_id, progress FROM call_record
             WHERE offered_at < ? AND (operator_id = ? OR operator_id IS NULL)
             ORDER BY offered_at DESC LIMIT ?`,
          )
          .all(before ?? '9999', operatorId, limit) as CallRow[]
      ).map(row => recordOf(row)),

    ofNumber: (db, key, excludeCallId, limit) => {
      const rows = db
        .prepare(
          `SELECT call_id, number_key, operator_id, case_id, progress FROM call_record
           WHERE number_key = ? AND call_id IS NOT ? ORDER BY offered_at DESC LIMIT ?`,
        )
        .all(key, excludeCallId, limit) as CallRow[]
      const count = db
        .prepare('SELECT count(*) FROM call_record WHERE number_key = ? AND call_id IS NOT ?')
        .pluck()
        .get(key, excludeCallId)
      const missed = db
        .prepare(
          "SELECT count(*) FROM call_record WHERE number_key = ? AND outcome = 'missed' AND call_id IS NOT ?",
        )
        .pluck()
        .get(key, excludeCallId)
      return { calls: rows.map(row => recordOf(row)), callCount: Number(count), missedCount: Number(missed) }
    },

    get: (db, callId) => {
      const row = find(db, callId)
      return row === undefined ? null : recordOf(row)
    },

    unfiled: (db, operatorId, since) =>
      (
        db
          .prepare(
            `SELECT call_id, number_key, operator_id, case_id, progress FROM call_record
             WHERE operator_id = ? AND outcome = 'answered' AND direction = 'inbound' AND case_id IS NULL
               AND offered_at >= ? ORDER BY offered_at DESC LIMIT 50`,
          )
          .all(operatorId, since) as CallRow[]
      ).map(row => recordOf(row)),

    linkCase: (db, callId, caseId) => {
      db.prepare('UPDATE call_record SET case_id = ? WHERE call_id = ?').run(caseId, callId)
    },

    openToNobody: (db, { callId, events }) => {
      const row = find(db, callId)
      const begins = events?.[0]?.type === 'offered'
      const takes = events?.some(({ type }) => type === 'answered' || type === 'dialled') ?? false
      if (row === undefined) return begins && !takes
      const { state, endedAt } = progressOf(row)
      if (state === 'ended' && (endedAt === null || Date.parse(endedAt) + lateMs < parts.clock.now()))
        return false
      return row.operator_id !== null || !takes
    },

    live: db =>
      db.prepare("SELECT call_id FROM call_record WHERE state <> 'ended'").pluck().all() as string[],
  }
}

/** What is recorded when nobody is left to say how a call ended. */
export const interruptedEvent = (clock: Clock): CallEvent => ({
  type: 'ended',
  at: isoNow(clock),
  side: 'unknown',
  cause: 'interrupted',
  sipStatus: null,
})
