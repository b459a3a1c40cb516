/** What the centre tells of cases and operators, laid under what this seat has not sent yet. */
import type { CaseDocument, CentralOperator, Change } from '../../../shared/contract/central.ts'
import { mergeFields } from '../../../shared/domain/case-merge.ts'
import { commandArgs } from '../../../shared/domain/command.ts'
import { type CodePaths, insertSearchRow } from '../cases/search.ts'
import type { Database } from '../storage/database.ts'

export type ApplyParts = { catalogue: CodePaths; numberKey(raw: string): string | null }

/** `again`: the centre was restored, and its versions count anew. */
export function applyChange(db: Database, change: Change, again: boolean, parts: ApplyParts): void {
  switch (change.kind) {
    case 'case':
      return applyCase(db, change.case, again, parts)
    case 'case-removed':
      return removeCase(db, change.caseId)
    case 'operator':
      return applyOperator(db, change.operator)
    case 'publication':
      return
  }
}

function applyCase(db: Database, doc: CaseDocument, again: boolean, parts: ApplyParts): void {
  const known = db
    .prepare(
      'SELECT case_key AS key, synced_version AS synced, told_version AS told FROM cases WHERE case_id = ?',
    )
    .get(doc.caseId) as { key: number; synced: number | null; told: number | null } | undefined
  if (known !== undefined && !again) {
    if (known.synced !== null && known.synced >= doc.version) return
    if (known.told !== null && known.told > doc.version) return
  }
  ensureOperator(db, doc.operatorId, doc.operatorId, doc.branch)
  for (const entry of doc.history) ensureOperator(db, entry.operatorId, entry.operatorName, doc.branch)
  // The centre's number stands; a case of this seat that made the same one by itself is told so when it is pushed.
  db.prepare(
    "UPDATE cases SET case_number = case_number || '-' || case_key WHERE case_number = ? AND case_id <> ?",
  ).run(doc.caseNumber, doc.caseId)

  const key = known?.key ?? freeKey(db, Date.parse(doc.createdAt))
  const fields = rebased(db, doc)
  db.prepare(
    `INSERT INTO cases (case_key, case_id, case_number, calling_key, contact_key, status, disposition, operator_id,
                        catalogue_version, version, fields, created_at, synced_version, branch, updated_at)
     VALUES (@key, @caseId, @caseNumber, @calling, @contact, @status, @disposition, @operatorId,
             @catalogueVersion, @version, @fields, @createdAt, @version, @branch, @updatedAt)
     ON CONFLICT (case_key) DO UPDATE SET case_number = excluded.case_number, calling_key = excluded.calling_key,
       contact_key = excluded.contact_key, status = excluded.status, disposition = excluded.disposition,
       operator_id = excluded.operator_id, catalogue_version = excluded.catalogue_version, version = excluded.version,
       fields = excluded.fields, synced_version = excluded.synced_version, branch = excluded.branch,
       updated_at = excluded.updated_at, told_version = NULL`,
  ).run({
    key,
    caseId: doc.caseId,
    caseNumber: doc.caseNumber,
    calling: parts.numberKey(fields.callingNumber),
    contact: parts.numberKey(fields.contactNumber),
    status: doc.status,
    disposition: doc.disposition,
    operatorId: doc.operatorId,
    catalogueVersion: doc.catalogueVersion,
    version: doc.version,
    fields: JSON.stringify(fields),
    createdAt: doc.createdAt,
    branch: doc.branch,
    updatedAt: doc.updatedAt,
  })
  for (const entry of doc.history)
    db.prepare(
      `INSERT OR IGNORE INTO case_history (entry_id, case_key, kind, at, operator_id, detail)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ).run(entry.entryId, key, entry.kind, entry.at, entry.operatorId, entry.detail)
  db.prepare('DELETE FROM case_search WHERE rowid = ?').run(key)
  const { caseNumber, status, disposition, operatorId } = doc
  insertSearchRow(
    db,
    { caseKey: key, caseNumber, status, disposition, urgency: fields.urgency, operatorId, fields },
    parts.catalogue,
  )
}

/** Edits that are not sent, on top of the centre's fields. One that clashes stays in its command and shows nowhere else. */
function rebased(db: Database, doc: CaseDocument): CaseDocument['fields'] {
  const edits = db
    .prepare("SELECT args FROM outbox WHERE case_id = ? AND name = 'case.edit' ORDER BY seq")
    .pluck()
    .all(doc.caseId) as string[]
  let { fields } = doc
  for (const args of edits) {
    const merge = mergeFields(fields, commandArgs['case.edit'].parse(JSON.parse(args)).changes)
    if (merge.kind === 'merged') fields = merge.fields
  }
  return fields
}

function removeCase(db: Database, caseId: string): void {
  const key: unknown = db.prepare('SELECT case_key FROM cases WHERE case_id = ?').pluck().get(caseId)
  if (typeof key !== 'number') return
  db.prepare('UPDATE call_record SET case_id = NULL WHERE case_id = ?').run(caseId)
  db.prepare('INSERT INTO case_removal (case_key) VALUES (?)').run(key)
  db.prepare('DELETE FROM case_history WHERE case_key = ?').run(key)
  db.prepare('DELETE FROM case_removal WHERE case_key = ?').run(key)
  db.prepare('DELETE FROM case_search WHERE rowid = ?').run(key)
  db.prepare('DELETE FROM cases WHERE case_key = ?').run(key)
}

function freeKey(db: Database, at: number): number {
  let key = at * 1024
  while (db.prepare('SELECT 1 FROM cases WHERE case_key = ?').get(key) !== undefined) key += 1
  return key
}

/** Somebody whom the feed has not told yet: named in histories, not offered for sign-in. */
function ensureOperator(db: Database, operatorId: string, name: string, branch: string): void {
  db.prepare(
    `INSERT OR IGNORE INTO operator (operator_id, work_number, name, branch, disabled, created_at)
     VALUES (@operatorId, '~' || @operatorId, @name, @branch, 1, '')`,
  ).run({ operatorId, name, branch })
}

function applyOperator(db: Database, told: CentralOperator): void {
  // A work number belongs to whom the centre says; one that was made here under it keeps its rows and is not offered.
  db.prepare(
    `UPDATE operator SET work_number = work_number || '~' || operator_id, disabled = 1
     WHERE work_number = ? AND operator_id <> ?`,
  ).run(told.workNumber, told.operatorId)
  db.prepare(
    `INSERT INTO operator (operator_id, work_number, name, branch, role, skills, disabled, employer, created_at)
     VALUES (@operatorId, @workNumber, @name, @branch, @role, @skills, @disabled, @employer, '')
     ON CONFLICT (operator_id) DO UPDATE SET work_number = excluded.work_number, name = excluded.name,
       branch = excluded.branch, role = excluded.role, skills = excluded.skills, disabled = excluded.disabled,
       employer = excluded.employer`,
  ).run({ ...told, skills: JSON.stringify(told.skills), disabled: told.disabled ? 1 : 0 })
}
