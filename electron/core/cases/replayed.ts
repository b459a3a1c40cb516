/**
 * What changes a case here without being done here now: a conflict that was decided, and commands that came in the file of
 * another seat.
 */
import { caseFields, statusAfterSubmit } from '../../../shared/domain/case.ts'
import { mergeFields } from '../../../shared/domain/case-merge.ts'
import { moveCase, moveEntry } from '../../../shared/domain/case-moves.ts'
import { entryOf } from '../../../shared/domain/case-relations.ts'
import { type CommandName, commandArgs } from '../../../shared/domain/command.ts'
import { type OperatorRole, operatorRole } from '../../../shared/domain/operator.ts'
import type { Clock } from '../context.ts'
import { isoNow } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { freeKey } from '../sync/apply-changes.ts'
import { keepRelations, readRelations, relationsOver } from '../sync/kept-relations.ts'
import {
  addHistory,
  type CaseRow,
  dropEntry,
  keepAttachment,
  knowsEntry,
  rowOf,
  searchableOf,
  storedLoop,
  viewOf,
} from './case-rows.ts'
import { parseFields } from './drafts.ts'
import type { Renumber } from './renumber.ts'
import { type CodePaths, renewSearchRow } from './search.ts'

export type DecidedEdit = {
  caseId: string
  entryId: string
  /** Who made the edit, and when. */
  operatorId: string
  issuedAt: string
  /** By field: whose value the operator let stand. */
  values: Record<string, unknown>
  /** The fields that the edit changes still; empty when nothing of it is left. */
  changed: string[]
}

export type TakenCommand = {
  name: CommandName
  caseId: string | null
  operatorId: string | null
  args: unknown
  issuedAt: string
}

export type Replayed = {
  decided(db: Database, edit: DecidedEdit): void
  /**
   * Shows here what another seat's command did, if its case is here or is filed by it. Any other case comes with the feed, and
   * what is unsent is laid on top of it then.
   */
  taken(db: Database, command: TakenCommand): void
}

const roleOf = (db: Database, operatorId: string): OperatorRole =>
  operatorRole
    .catch('agent')
    .parse(db.prepare('SELECT role FROM operator WHERE operator_id = ?').pluck().get(operatorId))

export function createReplayed(parts: {
  clock: Clock
  catalogue: CodePaths
  numberKey(raw: string): string | null
  renumber: Renumber
}): Replayed {
  const { clock, catalogue, numberKey, renumber } = parts

  const store = (
    db: Database,
    row: CaseRow,
    change: Partial<Pick<CaseRow, 'fields' | 'status' | 'loop'>>,
  ) => {
    const after = { ...row, ...change }
    const fields = parseFields(after.fields)
    db.prepare(
      `UPDATE cases SET version = version + 1, fields = ?, status = ?, loop = ?, calling_key = ?, contact_key = ?, updated_at = ?
       WHERE case_key = ?`,
    ).run(
      after.fields,
      after.status,
      after.loop,
      numberKey(fields.callingNumber),
      numberKey(fields.contactNumber),
      isoNow(clock),
      row.case_key,
    )
    renewSearchRow(db, searchableOf(after, fields), catalogue)
  }

  const filed = (db: Database, command: TakenCommand & { caseId: string; operatorId: string }) => {
    const args = commandArgs['case.create'].parse(command.args)
    const { fields } = args
    const { disposition } = fields
    if (disposition === null) return
    const taken = db.prepare('SELECT 1 FROM cases WHERE case_number = ?').get(args.caseNumber) !== undefined
    const caseKey = freeKey(db, Date.parse(args.createdAt))
    const known: unknown = db
      .prepare('SELECT branch FROM operator WHERE operator_id = ?')
      .pluck()
      .get(command.operatorId)
    const branch = typeof known === 'string' ? known : ''
    const row: CaseRow = {
      case_key: caseKey,
      case_id: command.caseId,
      case_number: taken ? `${args.caseNumber}-${caseKey}` : args.caseNumber,
      status: statusAfterSubmit(disposition, fields.handling, roleOf(db, command.operatorId)),
      disposition,
      operator_id: command.operatorId,
      catalogue_version: args.catalogueVersion,
      version: 1,
      branch,
      granted: null,
      fields: JSON.stringify(fields),
      loop: null,
      relations: null,
      told_relations: null,
      created_at: args.createdAt,
      synced_version: null,
      progress_code: null,
    }
    db.prepare(
      `INSERT INTO cases (case_key, case_id, case_number, calling_key, contact_key, status, disposition, operator_id,
                          catalogue_version, version, branch, fields, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      row.case_key,
      row.case_id,
      row.case_number,
      numberKey(fields.callingNumber),
      numberKey(fields.contactNumber),
      row.status,
      row.disposition,
      row.operator_id,
      row.catalogue_version,
      row.version,
      row.branch,
      row.fields,
      row.created_at,
    )
    renewSearchRow(db, searchableOf(row, fields), catalogue)
    const { caseId: entryId, operatorId, issuedAt: at } = command
    addHistory(db, caseKey, { entryId, kind: 'created', at, operatorId, detail: disposition })
    if (taken) renumber(db, command.caseId)
  }

  return {
    decided: (db, { caseId, entryId, operatorId, issuedAt, values, changed }) => {
      const row = rowOf(db, caseId)
      if (row === undefined) return
      const fields = caseFields.parse({ ...parseFields(row.fields), ...values })
      store(db, row, { fields: JSON.stringify(fields) })
      const known = knowsEntry(db, row.case_key, entryId)
      if (changed.length === 0 && known) dropEntry(db, row.case_key, entryId)
      if (changed.length === 0 || known) return
      const detail = changed.join(' ')
      addHistory(db, row.case_key, { entryId, kind: 'edited', at: issuedAt, operatorId, detail })
    },

    taken: (db, command) => {
      const { caseId, operatorId, issuedAt: at } = command
      if (caseId === null || operatorId === null) return
      const row = rowOf(db, caseId)
      if (row === undefined) {
        if (command.name === 'case.create') filed(db, { ...command, caseId, operatorId })
        return
      }
      const entry = (entryId: string, kind: 'remark' | 'edited' | 'moved' | 'attached', detail: string) => {
        if (!knowsEntry(db, row.case_key, entryId))
          addHistory(db, row.case_key, { entryId, kind, at, operatorId, detail })
      }
      switch (command.name) {
        case 'case.addRemark': {
          const { entryId, text } = commandArgs['case.addRemark'].parse(command.args)
          return entry(entryId, 'remark', text)
        }
        case 'case.edit': {
          const { entryId, changes } = commandArgs['case.edit'].parse(command.args)
          const merge = mergeFields(parseFields(row.fields), changes)
          if (merge.kind !== 'merged' || merge.changed.length === 0) return
          store(db, row, { fields: JSON.stringify(merge.fields) })
          return entry(entryId, 'edited', merge.changed.join(' '))
        }
        case 'case.move': {
          const { entryId, ...input } = commandArgs['case.move'].parse(command.args)
          const moved = moveCase(viewOf(row), input, { role: roleOf(db, operatorId) }, at)
          if (!moved.allowed) return
          store(db, row, { status: moved.status, loop: storedLoop(moved.loop) })
          return entry(entryId, 'moved', moveEntry(input))
        }
        case 'case.relate': {
          const { entryId, relation, otherId } = commandArgs['case.relate'].parse(command.args)
          const other = rowOf(db, otherId)
          if (other === undefined) return
          // The command lies in the outbox by now.
          const standing = { caseId, caseNumber: row.case_number, status: row.status }
          keepRelations(db, caseId, relationsOver(db, standing, readRelations(row.told_relations)))
          store(db, rowOf(db, caseId) ?? row, {})
          const { confidential } = parseFields(other.fields)
          return entry(entryId, 'moved', entryOf(relation, { caseNumber: other.case_number, confidential }))
        }
        case 'case.attach': {
          const { entryId, attachment } = commandArgs['case.attach'].parse(command.args)
          if (keepAttachment(db, row.case_key, attachment)) entry(entryId, 'attached', attachment.name)
          return
        }
        case 'case.create':
        case 'case.reveal':
        case 'draft.discard':
        case 'call.record':
        case 'callback.outcome':
        case 'callback.offline':
        case 'caller.remember':
        case 'ledger.export':
        case 'model.ask':
        case 'model.answer':
        case 'knowledge.correct':
        case 'seat.state':
          return
      }
    },
  }
}
