/**
 * 关联、并单 at the seat. A form chooses them before it is filed; they are done in the transaction that files it. A relation that the
 * centre refused is given up by taking it back: nothing of it was ever there.
 */
import type { CaseDetail } from '../../../shared/domain/case.ts'
import {
  entryOf,
  inverseOf,
  type RelateInput,
  type Relation,
  relateCases,
} from '../../../shared/domain/case-relations.ts'
import { commandArgs } from '../../../shared/domain/command.ts'
import type { Operator } from '../../../shared/domain/operator.ts'
import { may } from '../../../shared/domain/permission.ts'
import type { Audit } from '../audit/audit.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import { keepRelations, relationRefused, standingOf } from '../sync/kept-relations.ts'
import type { Outbox } from '../sync/outbox.ts'
import {
  addHistory,
  type CaseRow,
  detailOf,
  dropEntry,
  isNewRequest,
  openCase,
  readable,
  rowOf,
  searchableOf,
} from './case-rows.ts'
import { type Drafts, parseFields } from './drafts.ts'
import { type CodePaths, renewSearchRow } from './search.ts'

export type ChosenRelation = { otherId: string; relation: 'link' | 'merge' }

export type CaseRelationsPart = {
  /** CASE_NOT_FOUND, FORBIDDEN, and what relateCases refuses. */
  relate(
    db: Database,
    operator: Operator,
    input: { caseId: string; requestId: string } & RelateInput,
  ): CaseDetail
  /** What an open form shall be related to. Null takes the choice back; of merges there is one. */
  choose(
    db: Database,
    operator: Operator,
    input: { draftId: string; otherId: string; relation: ChosenRelation['relation'] | null },
  ): void
  /** Of an own form; DRAFT_NOT_FOUND. */
  chosen(db: Database, operator: Pick<Operator, 'operatorId'>, draftId: string): ChosenRelation[]
  /** Of a form that was given up. */
  forget(db: Database, draftId: string): void
  /** The centre refused one between these. */
  refused(db: Database, caseIds: readonly string[]): void
  /** The form has become a case. A merge that is not possible any more is kept as a link. False: none was chosen. */
  filed(db: Database, operator: Operator, caseId: string): boolean
}

export function createCaseRelations(parts: {
  audit: Audit
  outbox: Outbox
  catalogue: CodePaths
  drafts: Pick<Drafts, 'own'>
  uuid(): string
}): CaseRelationsPart {
  const { audit, outbox, catalogue } = parts

  const audited = (db: Database, { operatorId }: Operator, caseId: string) =>
    audit.append(db, {
      operatorId,
      action: 'case.relate',
      subjectKind: 'case',
      subjectId: caseId,
      result: 'done',
    })

  const renewed = (db: Database, caseId: string): CaseRow => {
    const row = rowOf(db, caseId)
    if (row === undefined) throw new Refusal('CASE_NOT_FOUND')
    renewSearchRow(db, searchableOf(row, parseFields(row.fields)), catalogue)
    return row
  }

  /** True: the centre had refused what is taken back, and now it is gone. */
  const withdrawn = (db: Database, row: CaseRow, { relation, otherId }: RelateInput): boolean => {
    const refused = db
      .prepare(
        `SELECT o.id, o.args FROM outbox o JOIN parked p ON p.command_id = o.id
         WHERE o.name = 'case.relate' AND o.case_id = ?`,
      )
      .all(row.case_id) as { id: string; args: string }[]
    const own = refused
      .map(({ id, args }) => ({ id, ...commandArgs['case.relate'].parse(JSON.parse(args)) }))
      .find(each => each.otherId === otherId && each.relation === inverseOf[relation])
    if (own === undefined) return false
    db.prepare('DELETE FROM outbox WHERE id = ?').run(own.id)
    db.prepare('DELETE FROM parked WHERE command_id = ?').run(own.id)
    dropEntry(db, row.case_key, own.entryId)
    relationRefused(db, row.case_id)
    return true
  }

  const opened = (db: Database, operator: Operator, caseId: string, otherId: string) => {
    const one = openCase(db, operator, caseId)
    const other = openCase(db, operator, otherId)
    if (!may(operator.role, 'case.write')) throw new Refusal('CASE_READ_ONLY')
    return { one, other }
  }

  const relate: CaseRelationsPart['relate'] = (db, operator, { caseId, requestId, relation, otherId }) => {
    const { one, other } = opened(db, operator, caseId, otherId)
    const { row, fields } = one
    if (!isNewRequest(db, caseId, requestId)) return detailOf(db, operator, row, fields)
    if (withdrawn(db, row, { relation, otherId })) {
      audited(db, operator, caseId)
      return detailOf(db, operator, renewed(db, caseId), fields)
    }
    const command = outbox.append(db, {
      name: 'case.relate',
      args: { entryId: requestId, relation, otherId },
      operatorId: operator.operatorId,
      caseId,
      baseVersion: row.synced_version ?? row.version,
    })
    const result = judged(db, operator, { caseId, relation, otherId }, command.issuedAt)
    if (!result.allowed) throw new Refusal(result.why)
    keepRelations(db, caseId, result.one)
    if (result.changed) keepRelations(db, otherId, result.other)
    const { case_number: caseNumber } = other.row
    const { confidential } = other.fields
    addHistory(db, row.case_key, {
      entryId: requestId,
      kind: 'moved',
      at: command.issuedAt,
      operatorId: operator.operatorId,
      detail: entryOf(relation, { caseNumber, confidential }),
    })
    db.prepare('UPDATE cases SET version = version + 1, updated_at = ? WHERE case_key = ?').run(
      command.issuedAt,
      row.case_key,
    )
    audited(db, operator, caseId)
    return detailOf(db, operator, renewed(db, caseId), fields)
  }

  const judged = (
    db: Database,
    { operatorId, name }: Operator,
    { caseId, relation, otherId }: RelateInput & { caseId: string },
    at: string,
  ) => {
    const one = standingOf(db, caseId)
    const other = standingOf(db, otherId)
    if (one === undefined || other === undefined) throw new Refusal('CASE_NOT_FOUND')
    const by = { operatorId, operatorName: name, at }
    return relateCases(relation, one, other, by, id => standingOf(db, id))
  }

  const chosenFor = (db: Database, draftId: string) =>
    db
      .prepare(
        'SELECT other_id AS otherId, relation FROM draft_relation WHERE draft_id = ? ORDER BY other_id',
      )
      .all(draftId) as ChosenRelation[]
  const forget: CaseRelationsPart['forget'] = (db, draftId) =>
    void db.prepare('DELETE FROM draft_relation WHERE draft_id = ?').run(draftId)

  return {
    relate,
    refused: (db, caseIds) => {
      for (const caseId of caseIds) {
        relationRefused(db, caseId)
        if (rowOf(db, caseId) !== undefined) renewed(db, caseId)
      }
    },
    chosen: (db, { operatorId }, draftId) => {
      parts.drafts.own(db, operatorId, draftId)
      return chosenFor(db, draftId)
    },
    forget,
    choose: (db, operator, { draftId, otherId, relation }) => {
      openCase(db, operator, otherId)
      parts.drafts.own(db, operator.operatorId, draftId)
      db.prepare('DELETE FROM draft_relation WHERE draft_id = ? AND other_id = ?').run(draftId, otherId)
      if (relation === null) return
      if (relation === 'merge')
        db.prepare("DELETE FROM draft_relation WHERE draft_id = ? AND relation = 'merge'").run(draftId)
      db.prepare('INSERT INTO draft_relation (draft_id, other_id, relation) VALUES (?, ?, ?)').run(
        draftId,
        otherId,
        relation,
      )
    },
    filed: (db, operator, caseId) => {
      const wanted = chosenFor(db, caseId)
      if (wanted.length === 0) return false
      forget(db, caseId)
      for (const { otherId, relation } of wanted) {
        const other = rowOf(db, otherId)
        // It was taken from this seat's sight while the form was open.
        if (other === undefined || !readable(operator, other, parseFields(other.fields))) continue
        const possible = (of: Relation) =>
          judged(db, operator, { caseId, relation: of, otherId }, other.created_at).allowed
        const done = possible(relation) ? relation : 'link'
        if (possible(done)) relate(db, operator, { caseId, requestId: parts.uuid(), relation: done, otherId })
      }
      return true
    },
  }
}
