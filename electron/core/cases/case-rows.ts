/** A case as it is stored, and what is read out of it: for lists with its number masked, in full for whoever may read it. */
import {
  type CaseDetail,
  type CaseFields,
  type CaseStatus,
  type CaseSummary,
  type Disposition,
  type HistoryEntry,
  historyEntry,
  type ShownRelation,
  titleOf,
} from '../../../shared/domain/case.ts'
import { type CaseLoop, caseLoop } from '../../../shared/domain/case-loop.ts'
import { type CaseView, waitingOf } from '../../../shared/domain/case-moves.ts'
import { type CaseRelations, isMerged } from '../../../shared/domain/case-relations.ts'
import { type Attachment, commandArgs } from '../../../shared/domain/command.ts'
import { type CaseReader, mayReadCase } from '../../../shared/domain/permission.ts'
import { maskNumber } from '../../../shared/domain/phone-number.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import { readRelations } from '../sync/kept-relations.ts'
import { parseFields } from './drafts.ts'
import type { SearchableCase } from './search.ts'

export type CaseRow = {
  case_key: number
  case_id: string
  case_number: string
  status: CaseStatus
  disposition: Disposition
  operator_id: string
  catalogue_version: string
  version: number
  branch: string
  /** JSON: other branches that may read it; null: none. */
  granted: string | null
  fields: string
  /** JSON; null: it was never dispatched. */
  loop: string | null
  /** JSON; null: it names no other case. */
  relations: string | null
  /** As the centre told them. */
  told_relations: string | null
  created_at: string
  progress_code: string | null
  /** The centre's version; null: it has not come back from there. */
  synced_version: number | null
}

/** Null: nobody is signed in, who may read nothing. */
export type Reader = CaseReader | null

export function readable(reader: Reader, row: CaseRow, { confidential }: CaseFields): boolean {
  if (reader === null) return false
  const access = {
    branch: row.branch,
    confidential,
    operatorId: row.operator_id,
    ...(row.granted === null ? {} : { grantedBranches: JSON.parse(row.granted) as string[] }),
  }
  if (mayReadCase(reader, access)) return true
  // Parsed only where its owner decides: a list reads thousands of rows.
  return row.loop !== null && mayReadCase(reader, { ...access, ownerId: loopOf(row)?.owner?.operatorId })
}

/** The row and its fields. What this reader may not read is refused like what does not exist: CASE_NOT_FOUND. */
export function openCase(db: Database, reader: Reader, caseId: string): { row: CaseRow; fields: CaseFields } {
  const row = rowOf(db, caseId)
  if (row === undefined) throw new Refusal('CASE_NOT_FOUND')
  const fields = parseFields(row.fields)
  if (!readable(reader, row, fields)) throw new Refusal('CASE_NOT_FOUND')
  return { row, fields }
}

/** True for a case that is not here: nothing of it can be shown. */
export function mayShow(db: Database, reader: Reader, caseId: string): boolean {
  const row = rowOf(db, caseId)
  return row === undefined || readable(reader, row, parseFields(row.fields))
}

export const loopOf = ({ loop }: Pick<CaseRow, 'loop'>): CaseLoop | null =>
  loop === null ? null : caseLoop.parse(JSON.parse(loop))
export const viewOf = (
  row: Pick<CaseRow, 'status' | 'loop' | 'fields' | 'relations'>,
  fields: CaseFields = parseFields(row.fields),
): CaseView => ({
  status: row.status,
  loop: loopOf(row),
  enterprise: fields.callerKind === 'enterprise',
  merged: isMerged(readRelations(row.relations)),
})
export const storedLoop = (loop: CaseLoop | null): string | null =>
  loop === null ? null : JSON.stringify(loop)

export const rowOf = (db: Database, caseId: string): CaseRow | undefined =>
  db.prepare('SELECT * FROM cases WHERE case_id = ?').get(caseId) as CaseRow | undefined

/** For lists and screen pops. The number is masked here already: what the page does not have, it cannot show by mistake. */
export const summaryOf = (row: CaseRow, fields: CaseFields = parseFields(row.fields)): CaseSummary => ({
  caseId: row.case_id,
  caseNumber: row.case_number,
  title: titleOf(fields),
  callerName: fields.callerName,
  contactNumber: maskNumber(fields.contactNumber),
  kind: fields.kind,
  urgency: fields.urgency,
  categoryCode: fields.categoryCode,
  divisionCode: fields.divisionCode,
  disposition: row.disposition,
  status: row.status,
  confidential: fields.confidential,
  operatorId: row.operator_id,
  createdAt: row.created_at,
  version: row.version,
})

const historyColumns =
  'h.entry_id AS entryId, h.kind, h.at, h.reported_at AS reportedAt, h.operator_id AS operatorId, o.name AS operatorName, h.detail'

export const historyOf = (db: Database, caseKey: number): HistoryEntry[] =>
  db
    .prepare(
      `SELECT ${historyColumns} FROM case_history h JOIN operator o USING (operator_id)
       WHERE h.case_key = ? ORDER BY h.at, h.kind <> 'created', h.entry_id`,
    )
    .all(caseKey)
    .map(row => {
      const { reportedAt, ...entry } = row as { reportedAt: string | null }
      return historyEntry.parse(reportedAt === null ? entry : { ...entry, reportedAt })
    })

/** One case opened: its fields whole, since they are what an edit begins with. `known`: what was just written is not read back. */
export const detailOf = (
  db: Database,
  reader: Reader,
  row: CaseRow,
  fields = parseFields(row.fields),
  known: Partial<Pick<CaseDetail, 'history' | 'related'>> = {},
): CaseDetail => ({
  ...summaryOf(row, fields),
  contactNumber: fields.contactNumber,
  fields,
  catalogueVersion: row.catalogue_version,
  callIds: db
    .prepare('SELECT call_id FROM call_record WHERE case_id = ? ORDER BY offered_at')
    .pluck()
    .all(row.case_id) as string[],
  history: known.history ?? historyOf(db, row.case_key),
  loop: loopOf(row),
  progressCode: fields.confidential ? null : row.progress_code,
  merged: isMerged(readRelations(row.relations)),
  related: known.related ?? relatedTo(db, reader, row),
})

export const addHistory = (
  db: Database,
  caseKey: number,
  entry: Pick<HistoryEntry, 'entryId' | 'kind' | 'at' | 'operatorId' | 'detail'>,
): void => {
  db.prepare(
    'INSERT INTO case_history (entry_id, case_key, kind, at, operator_id, detail) VALUES (?, ?, ?, ?, ?, ?)',
  ).run(entry.entryId, caseKey, entry.kind, entry.at, entry.operatorId, entry.detail)
}

export const knowsEntry = (db: Database, caseKey: number, entryId: string): boolean =>
  db.prepare('SELECT 1 FROM case_history WHERE case_key = ? AND entry_id = ?').get(caseKey, entryId) !==
  undefined

export const searchableOf = (row: CaseRow, fields: CaseFields): SearchableCase => ({
  caseKey: row.case_key,
  caseNumber: row.case_number,
  status: row.status,
  waiting: waitingOf(viewOf(row, fields)),
  disposition: row.disposition,
  urgency: fields.urgency,
  operatorId: row.operator_id,
  fields,
})

/** Only of what the centre never took, in the transaction in which it is given up. */
export function dropEntry(db: Database, caseKey: number, entryId: string): void {
  db.prepare('INSERT INTO case_removal (case_key) VALUES (?)').run(caseKey)
  db.prepare('DELETE FROM case_history WHERE case_key = ? AND entry_id = ?').run(caseKey, entryId)
  db.prepare('DELETE FROM case_removal WHERE case_key = ?').run(caseKey)
}

/** A request of the page that comes again (its answer was lost) changes nothing. */
export const isNewRequest = (db: Database, caseId: string, requestId: string): boolean =>
  db.prepare('INSERT OR IGNORE INTO case_request (case_id, request_id) VALUES (?, ?)').run(caseId, requestId)
    .changes > 0

/** False when the case has it already. */
export const keepAttachment = (db: Database, caseKey: number, attachment: Attachment): boolean =>
  db
    .prepare(
      `INSERT OR IGNORE INTO case_attachment (case_key, attachment_id, name, media_type, bytes, sha256, added_by)
       VALUES (@caseKey, @attachmentId, @name, @mediaType, @bytes, @sha256, @addedBy)`,
    )
    .run({
      caseKey,
      ...attachment,
      addedBy: attachment.addedBy === undefined ? null : JSON.stringify(attachment.addedBy),
    }).changes > 0

/** In the order in which they were added. A seat names the entry after the attachment; another centre may not. */
export const attachmentsOf = (db: Database, caseKey: number): Attachment[] => {
  const rows = db
    .prepare(
      `SELECT attachment_id AS attachmentId, name, media_type AS mediaType, bytes, sha256, added_by AS addedBy
       FROM case_attachment a WHERE case_key = @caseKey
       ORDER BY coalesce((SELECT at FROM case_history h WHERE h.case_key = @caseKey AND h.entry_id = a.attachment_id),
                         (SELECT min(at) FROM case_history h
                          WHERE h.case_key = @caseKey AND kind = 'attached' AND detail = a.name)), attachment_id`,
    )
    .all({ caseKey }) as (Omit<Attachment, 'addedBy'> & { addedBy: string | null })[]
  return rows.map(({ addedBy, ...file }) =>
    addedBy === null ? file : { ...file, addedBy: JSON.parse(addedBy) as Attachment['addedBy'] },
  )
}

/** Closed, and its follow-up is over: this caller has been answered. */
const isAnswered = (row: CaseRow): boolean => row.status === 'closed' && loopOf(row)?.followUp !== 'due'

/** What belongs to a case, written at it or at the others. Others' confidential cases that name it are left out. */
function relatedTo(db: Database, reader: Reader, row: CaseRow): ShownRelation[] {
  const { links, mergedInto } = readRelations(row.relations) ?? { links: [], mergedInto: null }
  const line = (
    kind: ShownRelation['kind'],
    holderId: string,
    otherId: string,
    named: CaseRelations['links'][number],
    refused: string | null = null,
  ): ShownRelation => {
    const other = rowOf(db, otherId)
    const fields = other === undefined ? null : parseFields(other.fields)
    const shown = other !== undefined && fields !== null && readable(reader, other, fields)
    return {
      kind,
      caseId: otherId,
      caseNumber: other?.case_number ?? named.caseNumber,
      holderId,
      operatorName: named.operatorName,
      at: named.at,
      title: shown ? titleOf(fields) : null,
      status: shown ? other.status : null,
      replyDue: kind === 'merged-here' && other !== undefined && !isAnswered(other),
      refused,
    }
  }
  const own = row.case_id
  const named = db
    .prepare(
      'SELECT c.* FROM case_relation r JOIN cases c USING (case_id) WHERE r.other_id = ? GROUP BY c.case_id ORDER BY c.case_key',
    )
    .all(own) as CaseRow[]
  const theirs = named.flatMap(other => {
    if (!readable(reader, other, parseFields(other.fields))) return []
    const their = readRelations(other.relations)
    const link = their?.links.find(({ caseId }) => caseId === own)
    const merge = their?.mergedInto?.caseId === own ? their.mergedInto : null
    return [
      ...(merge === null ? [] : [line('merged-here', other.case_id, other.case_id, merge)]),
      ...(link === undefined ? [] : [line('linked', other.case_id, other.case_id, link)]),
    ]
  })
  return [
    ...(mergedInto === null ? [] : [line('merged-into', own, mergedInto.caseId, mergedInto)]),
    ...refusedOf(db, own).map(({ kind, otherId, named: as, sentence }) =>
      line(kind, own, otherId, as, sentence),
    ),
    ...theirs.filter(({ kind }) => kind === 'merged-here'),
    ...links.map(link => line('linked', own, link.caseId, link)),
    ...theirs.filter(({ kind }) => kind === 'linked'),
  ]
}

/** Relations that the centre refused: they are in force nowhere, and wait for somebody to take them back. */
function refusedOf(db: Database, caseId: string) {
  const rows = db
    .prepare(
      `SELECT o.args, o.issued_at AS at, o.operator_id AS operatorId, coalesce(w.name, '') AS operatorName, p.sentence
       FROM outbox o JOIN parked p ON p.command_id = o.id LEFT JOIN operator w USING (operator_id)
       WHERE o.name = 'case.relate' AND o.case_id = ? ORDER BY o.seq`,
    )
    .all(caseId) as {
    args: string
    at: string
    operatorId: string | null
    operatorName: string
    sentence: string
  }[]
  return rows.flatMap(({ args, at, operatorId, operatorName, sentence }) => {
    const { relation, otherId } = commandArgs['case.relate'].parse(JSON.parse(args))
    if (relation !== 'link' && relation !== 'merge') return []
    const kind: ShownRelation['kind'] = relation === 'link' ? 'linked' : 'merged-into'
    const named = { caseId: otherId, caseNumber: '', operatorId: operatorId ?? '', operatorName, at }
    return [{ kind, otherId, named, sentence }]
  })
}
