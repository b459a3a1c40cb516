/** The audit trail (审计): when, who, what, on what, with which result. Append-only; no names, numbers or text in it. */
import type { Clock } from '../context.ts'
import { isoNow } from '../context.ts'
import type { Database } from '../storage/database.ts'

export type AuditEntry = {
  operatorId: string | null
  action: string
  subjectKind:
    | 'case'
    | 'caller'
    | 'draft'
    | 'call'
    | 'operator'
    | 'setting'
    | 'seat'
    | 'callback'
    | 'export'
    | 'model'
    | 'knowledge'
  subjectId: string
  result: 'done' | 'refused'
}

export type Audit = { append(db: Database, entry: AuditEntry): void }

export function createAudit(parts: { clock: Clock }): Audit {
  return {
    append: (db, entry) => {
      db.prepare(
        'INSERT INTO audit (at, operator_id, action, subject_kind, subject_id, result) VALUES (?, ?, ?, ?, ?, ?)',
      ).run(
        isoNow(parts.clock),
        entry.operatorId,
        entry.action,
        entry.subjectKind,
        entry.subjectId,
        entry.result,
      )
    },
  }
}
