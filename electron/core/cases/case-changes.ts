/**
 * What happens to a case after it was filed: changed, moved, added to, looked at. Each is one transaction with its history,
 * audit and outbox rows, and words its history as the centre does (central/commands/case-reducer.ts).
 */
import type { ConflictDetail } from '../../../shared/contract/central.ts'
import { firstWording } from '../../../shared/domain/caller-words.ts'
import { type CaseDetail, type CaseFields, missingForSubmit } from '../../../shared/domain/case.ts'
import type { CaseOwner } from '../../../shared/domain/case-loop.ts'
import { type FieldClash, mergeFields } from '../../../shared/domain/case-merge.ts'
import { type MoveInput, moveCase, moveEntry } from '../../../shared/domain/case-moves.ts'
import type { Attachment, CommandArgs, FieldChange } from '../../../shared/domain/command.ts'
import { type Operator, operatorRole } from '../../../shared/domain/operator.ts'
import { may, mayFollow } from '../../../shared/domain/permission.ts'
import type { Audit } from '../audit/audit.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import type { Outbox } from '../sync/outbox.ts'
import {
  addHistory,
  type CaseRow,
  detailOf,
  historyOf,
  isNewRequest,
  keepAttachment,
  knowsEntry,
  openCase,
  searchableOf,
  storedLoop,
  viewOf,
} from './case-rows.ts'
import { type CodePaths, renewSearchRow } from './search.ts'

export type CaseChanges = {
  edit(
    db: Database,
    operator: Operator,
    input: { caseId: string; requestId: string; changes: FieldChange[] },
  ): CaseDetail
  move(db: Database, operator: Operator, input: { caseId: string; requestId: string } & MoveInput): CaseDetail
  reveal(
    db: Database,
    operator: Operator,
    input: { caseId: string } & CommandArgs<'case.reveal'>,
  ): { value: string }
  addRemark(
    db: Database,
    operator: Operator,
    input: { caseId: string; requestId: string; text: string },
  ): CaseDetail
  /** Names a file in the case. Its content comes to the centre by itself. An attachment that is there changes nothing. */
  attach(db: Database, operator: Operator, input: { caseId: string; attachment: Attachment }): void
  /** Refuses where `attach` would. */
  mayAttach(db: Database, operator: Operator, caseId: string): void
}

export function createCaseChanges(parts: {
  audit: Audit
  outbox: Outbox
  catalogue: CodePaths
  /** The normal form of a number, or null. */
  numberKey(raw: string): string | null
  /** Refuses with CATALOGUE_UNKNOWN_CODE. */
  checkCodes(fields: Pick<CaseFields, 'categoryCode' | 'divisionCode'>): void
}): CaseChanges {
  const { audit, outbox, catalogue, numberKey, checkCodes } = parts

  const audited = (db: Database, operator: Operator, action: string, caseId: string) =>
    audit.append(db, {
      operatorId: operator.operatorId,
      action,
      subjectKind: 'case',
      subjectId: caseId,
      result: 'done',
    })

  /** The row as it is now, its version one higher, with its search row and keys. */
  const store = (db: Database, before: CaseRow, change: Partial<CaseRow>, fields: CaseFields, at: string) => {
    const row: CaseRow = { ...before, ...change, version: before.version + 1, fields: JSON.stringify(fields) }
    db.prepare(
      `UPDATE cases SET version = ?, status = ?, loop = ?, fields = ?, calling_key = ?, contact_key = ?, updated_at = ?
       WHERE case_key = ?`,
    ).run(
      row.version,
      row.status,
      row.loop,
      row.fields,
      numberKey(fields.callingNumber),
      numberKey(fields.contactNumber),
      at,
      row.case_key,
    )
    renewSearchRow(db, searchableOf(row, fields), catalogue)
    return row
  }

  const commandOf = <N extends 'case.edit' | 'case.move' | 'case.addRemark' | 'case.attach' | 'case.reveal'>(
    operator: Operator,
    row: CaseRow,
    name: N,
    args: CommandArgs<N>,
  ) => ({
    name,
    args,
    operatorId: operator.operatorId,
    caseId: row.case_id,
    baseVersion: row.synced_version ?? row.version,
  })

  /** Whose value stands in a field now, as the history knows it. */
  const latestAuthor = (db: Database, row: CaseRow, clashes: readonly FieldClash[]): ConflictDetail['by'] => {
    const fields = new Set<string>(clashes.map(({ field }) => field))
    const last = historyOf(db, row.case_key)
      .filter(
        ({ kind, detail }) =>
          kind === 'created' || (kind === 'edited' && detail.split(' ').some(name => fields.has(name))),
      )
      .at(-1)
    if (last === undefined) return null
    const { operatorId, operatorName, at } = last
    return { operatorId, operatorName, at }
  }

  /** Under the name that this seat knows, whatever the page said. */
  const knownOwner = (
    db: Database,
    { operatorId }: CaseOwner,
    row: CaseRow,
    { confidential }: CaseFields,
  ): CaseOwner => {
    const known = db.prepare('SELECT name, role FROM operator WHERE operator_id = ?').get(operatorId) as
      | { name: string; role: unknown }
      | undefined
    if (known === undefined) throw new Refusal('OPERATOR_NOT_FOUND')
    const owner = { operatorId, role: operatorRole.catch('agent').parse(known.role) }
    if (!mayFollow(owner, { confidential, operatorId: row.operator_id }))
      throw new Refusal('FORBIDDEN', undefined, '这名人员不能跟办这张工单')
    return { operatorId, name: known.name }
  }

  const changeable = (db: Database, operator: Operator, caseId: string) => {
    const opened = openCase(db, operator, caseId)
    if (!may(operator.role, 'case.write')) throw new Refusal('CASE_READ_ONLY')
    return opened
  }

  return {
    edit: (db, operator, { caseId, requestId, changes: asked }) => {
      const { row, fields: before } = changeable(db, operator, caseId)
      const changes = withFirstWording(before, asked)
      if (!isNewRequest(db, caseId, requestId)) return detailOf(db, operator, row, before)
      const merge = mergeFields(before, changes)
      if (merge.kind === 'invalid') throw new Refusal('FIELD_INVALID', { field: merge.field })
      const command = commandOf(operator, row, 'case.edit', { entryId: requestId, changes })
      if (merge.kind === 'clash') {
        // Somebody else's value came while the form was open. Nothing of it is lost: it is kept as the conflict that the
        // centre would make of it, where the operator chooses.
        const { id } = outbox.append(db, command)
        const conflict = { clashes: merge.clashes, by: latestAuthor(db, row, merge.clashes) }
        outbox.parkConflict(db, id, conflict)
        audited(db, operator, 'case.edit', caseId)
        return detailOf(db, operator, row, before)
      }
      if (merge.changed.length === 0) return detailOf(db, operator, row, before)
      const missing = missingForSubmit(merge.fields)
      if (missing.length > 0) throw new Refusal('CASE_INCOMPLETE', { missing })
      // A code that stood there before may be of an older catalogue: only what was chosen now is looked up.
      const chosen = (field: 'categoryCode' | 'divisionCode') =>
        merge.changed.includes(field) ? merge.fields[field] : ''
      checkCodes({ categoryCode: chosen('categoryCode'), divisionCode: chosen('divisionCode') })

      const { issuedAt: at } = outbox.append(db, command)
      const after = store(db, row, {}, merge.fields, at)
      const { operatorId } = operator
      const detail = merge.changed.join(' ')
      addHistory(db, row.case_key, { entryId: requestId, kind: 'edited', at, operatorId, detail })
      audited(db, operator, 'case.edit', caseId)
      return detailOf(db, operator, after, merge.fields)
    },

    move: (db, operator, { caseId, requestId, ...asked }) => {
      const { row, fields } = openCase(db, operator, caseId)
      if (!isNewRequest(db, caseId, requestId)) return detailOf(db, operator, row, fields)
      const input =
        asked.owner === undefined ? asked : { ...asked, owner: knownOwner(db, asked.owner, row, fields) }
      // What is refused here leaves nothing in the outbox: its transaction ends with it.
      const { issuedAt: at } = outbox.append(
        db,
        commandOf(operator, row, 'case.move', { entryId: requestId, ...input }),
      )
      const result = moveCase(viewOf(row, fields), input, operator, at)
      if (!result.allowed) throw new Refusal(result.why)
      const { status, loop } = result
      const after = store(db, row, { status, loop: storedLoop(loop) }, fields, at)
      const { operatorId } = operator
      const detail = moveEntry(input)
      addHistory(db, row.case_key, { entryId: requestId, kind: 'moved', at, operatorId, detail })
      audited(db, operator, 'case.move', caseId)
      return detailOf(db, operator, after, fields)
    },

    reveal: (db, operator, { caseId, what, reason }) => {
      const { row, fields } = openCase(db, operator, caseId)
      audited(db, operator, 'case.reveal', caseId)
      outbox.append(db, commandOf(operator, row, 'case.reveal', { what, reason }))
      return { value: fields[what] }
    },

    addRemark: (db, operator, { caseId, requestId, text }) => {
      const { row, fields } = changeable(db, operator, caseId)
      if (knowsEntry(db, row.case_key, requestId)) return detailOf(db, operator, row, fields)
      const { issuedAt: at } = outbox.append(
        db,
        commandOf(operator, row, 'case.addRemark', { entryId: requestId, text }),
      )
      const { operatorId } = operator
      addHistory(db, row.case_key, { entryId: requestId, kind: 'remark', at, operatorId, detail: text })
      db.prepare('UPDATE cases SET version = version + 1, updated_at = ? WHERE case_key = ?').run(
        at,
        row.case_key,
      )
      audited(db, operator, 'case.addRemark', caseId)
      return detailOf(db, operator, { ...row, version: row.version + 1 }, fields)
    },

    mayAttach: (db, operator, caseId) => void changeable(db, operator, caseId),

    attach: (db, operator, { caseId, attachment }) => {
      const { row } = changeable(db, operator, caseId)
      if (!keepAttachment(db, row.case_key, attachment)) return
      const entryId = attachment.attachmentId
      const { issuedAt: at } = outbox.append(
        db,
        commandOf(operator, row, 'case.attach', { entryId, attachment }),
      )
      const { operatorId } = operator
      addHistory(db, row.case_key, { entryId, kind: 'attached', at, operatorId, detail: attachment.name })
      db.prepare('UPDATE cases SET version = version + 1, updated_at = ? WHERE case_key = ?').run(
        at,
        row.case_key,
      )
      audited(db, operator, 'case.attach', caseId)
    },
  }
}

/** An edit of the content does not lose what it said first. */
function withFirstWording(before: CaseFields, changes: FieldChange[]): FieldChange[] {
  const to = (field: string) => changes.find(change => change.field === field)?.to
  const [content, callerWords] = [to('content'), to('callerWords')]
  if (typeof content !== 'string' || callerWords !== undefined) return changes
  const first = firstWording(before, { content })
  return first === null ? changes : [...changes, { field: 'callerWords', from: '', to: first }]
}
