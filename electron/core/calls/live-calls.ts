/** What a call leaves beside its record: the dialog while it lives, its evidence afterwards. */

import { type CallRecord, callEvent } from '../../../shared/domain/call.ts'
import {
  type CallEvidence,
  callEvidence,
  type EvidenceBundle,
  type SipDialog,
  sipDialog,
} from '../../../shared/domain/call-evidence.ts'
import { maskNumber } from '../../../shared/domain/phone-number.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'

export type LiveCalls = {
  /** Null forgets it. A call that has no record yet keeps none. */
  keepDialog(db: Database, callId: string, dialog: SipDialog | null): void
  dialog(db: Database, callId: string): SipDialog | null
  keepEvidence(db: Database, callId: string, evidence: CallEvidence): void
  /** Numbers masked, names and case left out. CALL_NOT_FOUND when there is no record. */
  bundle(db: Database, record: CallRecord | null): EvidenceBundle
}

export const liveCalls: LiveCalls = {
  keepDialog: (db, callId, dialog) => {
    if (dialog === null) db.prepare('DELETE FROM live_dialog WHERE call_id = ?').run(callId)
    else
      db.prepare(
        `INSERT INTO live_dialog (call_id, dialog) SELECT call_id, @dialog FROM call_record WHERE call_id = @callId
         ON CONFLICT (call_id) DO UPDATE SET dialog = excluded.dialog`,
      ).run({ callId, dialog: JSON.stringify(dialog) })
  },

  dialog: (db, callId) => {
    const stored: unknown = db.prepare('SELECT dialog FROM live_dialog WHERE call_id = ?').pluck().get(callId)
    return typeof stored === 'string' ? sipDialog.parse(JSON.parse(stored)) : null
  },

  keepEvidence: (db, callId, evidence) => {
    db.prepare(
      `INSERT INTO call_evidence (call_id, evidence) SELECT call_id, @evidence FROM call_record WHERE call_id = @callId
       ON CONFLICT (call_id) DO UPDATE SET evidence = excluded.evidence`,
    ).run({ callId, evidence: JSON.stringify(evidence) })
  },

  bundle: (db, record) => {
    if (record === null) throw new Refusal('CALL_NOT_FOUND')
    const stored: unknown = db
      .prepare('SELECT evidence FROM call_evidence WHERE call_id = ?')
      .pluck()
      .get(record.callId)
    const events = db
      .prepare('SELECT event FROM call_event WHERE call_id = ? ORDER BY sequence')
      .pluck()
      .all(record.callId) as string[]
    const bundle: EvidenceBundle = {
      record: { ...record, caseId: null },
      events: events.map(event => callEvent.parse(JSON.parse(event))),
      evidence: typeof stored === 'string' ? callEvidence.parse(JSON.parse(stored)) : null,
    }
    return masked(bundle) as EvidenceBundle
  },
}

const numbers = new Set(['callerNumber', 'calledNumber', 'numberKey', 'to'])

/** The same value with every number masked and every displayed name gone, however deep they are. */
function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => {
      if (name === 'displayName') return [name, null]
      return [name, numbers.has(name) && typeof part === 'string' ? maskNumber(part) : masked(part)]
    }),
  )
}
