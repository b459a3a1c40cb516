/** What the centre tells of cases and operators, laid under what this seat has not sent yet. */
import {
  type CaseDocument,
  type CentralOperator,
  type Change,
  type ConflictDetail,
  conflictDetail,
} from '../../../shared/contract/central.ts'
import type { CallbackTask } from '../../../shared/domain/callback.ts'
import type { CaseFields, CaseStatus, Disposition, Urgency } from '../../../shared/domain/case.ts'
import type { CaseLoop } from '../../../shared/domain/case-loop.ts'
import { type Merge, mergeFields, sameValue } from '../../../shared/domain/case-merge.ts'
import { type CaseWaiting, moveCase, waitingOf } from '../../../shared/domain/case-moves.ts'
import { isMerged } from '../../../shared/domain/case-relations.ts'
import { commandArgs } from '../../../shared/domain/command.ts'
import { operatorRole } from '../../../shared/domain/operator.ts'
import type { Database } from '../storage/database.ts'
import { forgetRelations, keepRelations, relationsOver, writtenRelations } from './kept-relations.ts'
import { keepPublication } from './publications.ts'

/** What of a case the search finds. */
type FoundCase = {
  caseKey: number
  caseNumber: string
  status: CaseStatus
  waiting: readonly CaseWaiting[]
  disposition: Disposition
  urgency: Urgency
  operatorId: string
  fields: CaseFields
  textTokens?: string | undefined
}

/** What need not be asked for each of the changes that are applied in one transaction. */
export type AppliedTogether = {
  /** Nothing waits in the outbox: what the centre tells stands as it is. */
  nothingUnsent: boolean
  /** Who is known to be here. */
  operators: Set<string>
}
export const appliedTogether = (db: Database): AppliedTogether => ({
  nothingUnsent: db.prepare('SELECT 1 FROM outbox LIMIT 1').get() === undefined,
  operators: new Set(),
})
type Given = { together?: AppliedTogether; textTokens?: string | undefined }

export type ApplyParts = {
  /** Makes the search row of a case; `isNew`: it has none yet. */
  searchRow(db: Database, row: FoundCase, isNew: boolean): void
  numberKey(raw: string): string | null
  /** Gives a case that the centre has not taken yet another number; null: it is not such a case. */
  renumber(db: Database, caseId: string): string | null
  /** The centre refused a relation of these two cases: it shows no more. */
  relationRefused(db: Database, caseIds: readonly string[]): void
  callbacks: {
    put(db: Database, task: CallbackTask, again: boolean): void
    remove(db: Database, taskId: string): void
  }
}

type KnownCase = {
  key: number
  synced: number | null
  told: number | null
  caseNumber: string
  status: string
  disposition: string
  operatorId: string
  fields: string
  loop: string | null
  relations: string | null
}

/** `again`: the centre was restored, and its versions count anew. `textTokens`: of a case's texts as the centre has them. */
export function applyChange(
  db: Database,
  change: Change,
  again: boolean,
  parts: ApplyParts,
  given: Given = {},
): void {
  switch (change.kind) {
    case 'case':
      return applyCase(db, change.case, again, parts, given)
    case 'case-removed':
      return removeCase(db, change.caseId)
    case 'operator':
      return applyOperator(db, change.operator)
    case 'publication':
      return keepPublication(db, change.publication)
    case 'callback':
      return parts.callbacks.put(db, change.callback, again)
    case 'callback-removed':
      return parts.callbacks.remove(db, change.taskId)
  }
}

function applyCase(
  db: Database,
  doc: CaseDocument,
  again: boolean,
  parts: ApplyParts,
  { together = appliedTogether(db), textTokens }: Given,
): void {
  const known = db
    .prepare(
      `SELECT case_key AS key, synced_version AS synced, told_version AS told, case_number AS caseNumber, status, disposition,
              operator_id AS operatorId, fields, loop, relations FROM cases WHERE case_id = ?`,
    )
    .get(doc.caseId) as KnownCase | undefined
  if (known !== undefined && !again) {
    if (known.synced !== null && known.synced >= doc.version) return
    if (known.told !== null && known.told > doc.version) return
  }
  const { operators, nothingUnsent } = together
  const people = [{ operatorId: doc.operatorId, operatorName: doc.operatorId }, ...doc.history]
  for (const { operatorId, operatorName } of people) {
    if (operators.has(operatorId)) continue
    operators.add(operatorId)
    ensureOperator(db, operatorId, operatorName, doc.branch)
  }
  yieldNumber(db, doc, parts)

  const key = known?.key ?? freeKey(db, Date.parse(doc.createdAt))
  const told = doc.relations ?? null
  const relations = nothingUnsent ? told : relationsOver(db, doc, told)
  const { fields, status, loop, pending } = nothingUnsent
    ? asTold(doc)
    : rebased(db, doc, isMerged(relations))
  const stored = JSON.stringify(fields)
  const storedLoop = loop === null ? null : JSON.stringify(loop)
  // Not one upsert: under foreign keys SQLite journals every page that such a statement touches, which costs five times as much.
  db.prepare(
    known === undefined
      ? `INSERT INTO cases (case_key, case_id, case_number, calling_key, contact_key, status, disposition, operator_id,
                            catalogue_version, version, fields, loop, created_at, synced_version, branch, granted, updated_at,
                            progress_code)
         VALUES (@key, @caseId, @caseNumber, @calling, @contact, @status, @disposition, @operatorId,
                 @catalogueVersion, @version, @fields, @loop, @createdAt, @version, @branch, @granted, @updatedAt,
                 @progressCode)`
      : `UPDATE cases SET case_number = @caseNumber, calling_key = @calling, contact_key = @contact, status = @status,
           disposition = @disposition, operator_id = @operatorId, catalogue_version = @catalogueVersion,
           version = @version, fields = @fields, loop = @loop, synced_version = @version, branch = @branch, granted = @granted,
           updated_at = @updatedAt, progress_code = @progressCode, told_version = NULL, created_at = @createdAt
         WHERE case_key = @key`,
  ).run({
    key,
    caseId: doc.caseId,
    caseNumber: doc.caseNumber,
    calling: parts.numberKey(fields.callingNumber),
    contact: parts.numberKey(fields.contactNumber),
    status,
    disposition: doc.disposition,
    operatorId: doc.operatorId,
    catalogueVersion: doc.catalogueVersion,
    version: doc.version,
    fields: stored,
    loop: storedLoop,
    createdAt: doc.createdAt,
    branch: doc.branch,
    granted: doc.grantedBranches === undefined ? null : JSON.stringify(doc.grantedBranches),
    updatedAt: doc.updatedAt,
    progressCode: doc.progressCode ?? null,
  })
  if (relations !== null || told !== null || known?.relations != null)
    keepRelations(db, doc.caseId, relations, told)
  for (const entry of doc.history) {
    const { entryId, kind, at, operatorId, detail, reportedAt = null } = entry
    db.prepare(
      `INSERT OR IGNORE INTO case_history (entry_id, case_key, kind, at, operator_id, detail, reported_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ).run(entryId, key, kind, at, operatorId, detail, reportedAt)
    // An entry of this seat whose own time does not count.
    if (reportedAt !== null)
      db.prepare(
        `UPDATE case_history SET at = ?, reported_at = ?
         WHERE case_key = ? AND entry_id = ? AND reported_at IS NULL`,
      ).run(at, reportedAt, key, entryId)
  }
  if (known !== undefined) dropUntoldEdits(db, key, doc, pending)
  for (const file of doc.attachments)
    db.prepare(
      `INSERT OR IGNORE INTO case_attachment (case_key, attachment_id, name, media_type, bytes, sha256, added_by)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      key,
      file.attachmentId,
      file.name,
      file.mediaType,
      file.bytes,
      file.sha256,
      file.addedBy === undefined ? null : JSON.stringify(file.addedBy),
    )
  const { caseNumber, disposition, operatorId } = doc
  const isFound =
    known?.fields === stored &&
    known.loop === storedLoop &&
    known.relations === writtenRelations(relations) &&
    known.caseNumber === caseNumber &&
    known.status === status &&
    known.disposition === disposition &&
    known.operatorId === operatorId
  // What this seat sent comes back as it was: its search row, the dearest part, is there already.
  if (isFound) return
  const row = {
    caseKey: key,
    caseNumber,
    status,
    waiting: waitingOf({ status, loop, merged: isMerged(relations) }),
    disposition,
    urgency: fields.urgency,
    operatorId,
    fields,
    textTokens: fields === doc.fields ? textTokens : undefined,
  }
  parts.searchRow(db, row, known === undefined)
}

/**
 * The centre has given a number to this case, and another one here has it. One that the centre has not taken yet gets a new
 * number before it is sent. Any other is told its own by the centre in a document of its own: until then it stands aside.
 */
function yieldNumber(db: Database, doc: CaseDocument, parts: ApplyParts): void {
  const other = db
    .prepare('SELECT case_id FROM cases WHERE case_number = ? AND case_id <> ?')
    .pluck()
    .get(doc.caseNumber, doc.caseId)
  if (typeof other !== 'string' || parts.renumber(db, other) !== null) return
  db.prepare("UPDATE cases SET case_number = case_number || '-' || case_key WHERE case_id = ?").run(other)
}

/**
 * An edit whose value somebody else had made already changed nothing at the centre and has no entry there: its entry goes here
 * too, so that every seat shows the same history. Of other kinds none goes: should the centre have been put back, the words of a
 * remark are perhaps nowhere else.
 */
function dropUntoldEdits(db: Database, key: number, doc: CaseDocument, pending: ReadonlySet<string>): void {
  const told = new Set(doc.history.map(({ entryId }) => entryId))
  const here = db
    .prepare("SELECT entry_id FROM case_history WHERE case_key = ? AND kind = 'edited'")
    .pluck()
    .all(key) as string[]
  const gone = here.filter(entryId => !told.has(entryId) && !pending.has(entryId))
  if (gone.length === 0) return
  db.prepare('INSERT INTO case_removal (case_key) VALUES (?)').run(key)
  for (const entryId of gone)
    db.prepare('DELETE FROM case_history WHERE case_key = ? AND entry_id = ?').run(key, entryId)
  db.prepare('DELETE FROM case_removal WHERE case_key = ?').run(key)
}

/**
 * A conflict that waits for its operator is told with what stands now: a value that was the other's once must not be put back by
 * the decision. One that has gone by itself is sent again.
 */
function retell(db: Database, commandId: string, merge: Merge, doc: CaseDocument): void {
  if (merge.kind === 'invalid') return
  if (merge.kind === 'merged') {
    db.prepare("DELETE FROM parked WHERE command_id = ? AND code = 'EDIT_CONFLICT'").run(commandId)
    return
  }
  const told: unknown = db.prepare('SELECT conflict FROM parked WHERE command_id = ?').pluck().get(commandId)
  const before = typeof told === 'string' ? conflictDetail.safeParse(JSON.parse(told)) : null
  if (before?.success && sameValue(before.data.clashes, merge.clashes)) return
  const fields = new Set<string>(merge.clashes.map(({ field }) => field))
  const last = doc.history
    .filter(
      ({ kind, detail }) =>
        kind === 'created' || (kind === 'edited' && detail.split(' ').some(name => fields.has(name))),
    )
    .at(-1)
  const by =
    last === undefined ? null : { operatorId: last.operatorId, operatorName: last.operatorName, at: last.at }
  const conflict: ConflictDetail = { clashes: merge.clashes, by }
  db.prepare("UPDATE parked SET conflict = ? WHERE command_id = ? AND code = 'EDIT_CONFLICT'").run(
    JSON.stringify(conflict),
    commandId,
  )
}

type Rebased = Pick<CaseDocument, 'fields' | 'status'> & {
  loop: CaseLoop | null
  /** Entries of edits that are not sent and change something still. */
  pending: Set<string>
}

const asTold = ({ fields, status, loop }: CaseDocument): Rebased => ({
  fields,
  status,
  loop: loop ?? null,
  pending: new Set(),
})

/**
 * What is not sent, on top of the centre's: edits, and moves that it has not refused. An edit that clashes stays in its
 * command and shows nowhere else. Remarks need nothing: history only grows.
 */
function rebased(db: Database, doc: CaseDocument, merged: boolean): Rebased {
  const unsent = db
    .prepare(
      `SELECT o.id, o.name, o.args, o.issued_at AS at, operator.role, p.command_id IS NOT NULL AS refused
       FROM outbox o LEFT JOIN operator USING (operator_id) LEFT JOIN parked p ON p.command_id = o.id
       WHERE o.case_id = ? AND o.name IN ('case.edit', 'case.move') ORDER BY o.seq`,
    )
    .all(doc.caseId) as {
    id: string
    name: string
    args: string
    at: string
    role: string | null
    refused: number
  }[]
  let { fields, status } = doc
  let loop = doc.loop ?? null
  const pending = new Set<string>()
  for (const { id, name, args, at, role, refused } of unsent) {
    if (name === 'case.edit') {
      const { entryId, changes } = commandArgs['case.edit'].parse(JSON.parse(args))
      const merge = mergeFields(fields, changes)
      if (refused !== 0) retell(db, id, merge, doc)
      if (merge.kind === 'merged') fields = merge.fields
      if (merge.kind !== 'merged' || merge.changed.length > 0) pending.add(entryId)
    } else if (refused === 0) {
      const input = commandArgs['case.move'].parse(JSON.parse(args))
      const moved = moveCase(
        { status, loop, merged },
        input,
        { role: operatorRole.catch('agent').parse(role) },
        at,
      )
      if (moved.allowed) ({ status, loop } = moved)
    }
  }
  return { fields, status, loop, pending }
}

/**
 * A change that this program cannot read although it knows its kind. The feed goes on, since everything behind it would wait
 * for ever; what was told is kept, so that a later version or a person can see to it.
 */
export function keepUnreadable(db: Database, raw: unknown, at: string): void {
  db.prepare('INSERT INTO unreadable_change (at, content) VALUES (?, ?)').run(at, JSON.stringify(raw))
}

function removeCase(db: Database, caseId: string): void {
  const key: unknown = db.prepare('SELECT case_key FROM cases WHERE case_id = ?').pluck().get(caseId)
  if (typeof key !== 'number') return
  db.prepare('UPDATE call_record SET case_id = NULL WHERE case_id = ?').run(caseId)
  db.prepare('INSERT INTO case_removal (case_key) VALUES (?)').run(key)
  db.prepare('DELETE FROM case_history WHERE case_key = ?').run(key)
  db.prepare('DELETE FROM case_removal WHERE case_key = ?').run(key)
  db.prepare('DELETE FROM case_search WHERE rowid = ?').run(key)
  forgetRelations(db, caseId)
  db.prepare('DELETE FROM case_attachment WHERE case_key = ?').run(key)
  db.prepare('DELETE FROM cases WHERE case_key = ?').run(key)
  db.prepare('DELETE FROM dispatch_choice WHERE case_id = ?').run(caseId)
}

/** By time, as the seat's own keys are. */
export function freeKey(db: Database, at: number): number {
  let key = at * 1024
  while (db.prepare('SELECT 1 FROM cases WHERE case_key = ?').get(key) !== undefined) key += 1
  return key
}

/** Somebody whom the feed has not told yet: named in histories, not offered for sign-in. */
export function ensureOperator(db: Database, operatorId: string, name: string, branch: string): void {
  db.prepare(
    `INSERT OR IGNORE INTO operator (operator_id, work_number, name, branch, disabled, created_at)
     VALUES (@operatorId, '~' || @operatorId, @name, @branch, 1, '')`,
  ).run({ operatorId, name, branch })
}

export function applyOperator(db: Database, told: CentralOperator): void {
  // A work number belongs to whom the centre says; one that was made here under it keeps its rows and is not offered.
  db.prepare(
    `UPDATE operator SET work_number = work_number || '~' || operator_id, disabled = 1
     WHERE work_number = ? AND operator_id <> ?`,
  ).run(told.workNumber, told.operatorId)
  db.prepare(
    `INSERT INTO operator (operator_id, work_number, name, branch, role, skills, disabled, employer, unit_code, all_branches,
                           created_at)
     VALUES (@operatorId, @workNumber, @name, @branch, @role, @skills, @disabled, @employer, @unitCode, @allBranches, '')
     ON CONFLICT (operator_id) DO UPDATE SET work_number = excluded.work_number, name = excluded.name,
       branch = excluded.branch, role = excluded.role, skills = excluded.skills, disabled = excluded.disabled,
       employer = excluded.employer, unit_code = excluded.unit_code, all_branches = excluded.all_branches`,
  ).run({
    ...told,
    unitCode: told.unitCode ?? '',
    allBranches: told.allBranches === true ? 1 : 0,
    skills: JSON.stringify(told.skills),
    disabled: told.disabled ? 1 : 0,
  })
  // Whoever does not work here any more signs in without a line neither.
  if (told.disabled) db.prepare('DELETE FROM offline_verifier WHERE operator_id = ?').run(told.operatorId)
}
