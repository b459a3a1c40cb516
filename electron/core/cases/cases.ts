/** Cases (诉求工单): filed, listed, read. Filing is one transaction with its audit and outbox rows; case-changes.ts has the rest. */
import type { CaseFilter } from '../../../shared/contract/seat.ts'
import {
  type CaseDetail,
  type CaseFields,
  type CaseSummary,
  missingForSubmit,
  statusAfterSubmit,
} from '../../../shared/domain/case.ts'
import type { Attachment } from '../../../shared/domain/command.ts'
import type { Operator } from '../../../shared/domain/operator.ts'
import { may } from '../../../shared/domain/permission.ts'
import type { Audit } from '../audit/audit.ts'
import type { Clock, Random } from '../context.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import type { Outbox } from '../sync/outbox.ts'
import { type CaseChanges, createCaseChanges } from './case-changes.ts'
import { nextCaseNumber } from './case-number.ts'
import { type CaseRelationsPart, createCaseRelations } from './case-relations.ts'
import {
  addHistory,
  attachmentsOf,
  type CaseRow,
  detailOf,
  openCase,
  type Reader,
  readable,
  rowOf,
  searchableOf,
  summaryOf,
} from './case-rows.ts'
import { type Drafts, parseFields } from './drafts.ts'
import { type CodePaths, insertSearchRow, isHit, passesFilter, searchPlan } from './search.ts'

export type CallerCases = {
  cases: CaseSummary[]
  caseCount: number
  openCaseCount: number
  knownName: string
}

export type Cases = CaseChanges & {
  /** 关联、并单. */
  relations: CaseRelationsPart
  submit(db: Database, operator: Operator, input: { draftId: string; fields: CaseFields }): CaseDetail
  /** Others' confidential cases are in no list, count or search of somebody who may not read them. */
  list(
    db: Database,
    reader: Reader,
    input: { filter: CaseFilter; limit: number; cursor: string | null },
  ): { cases: CaseSummary[]; nextCursor: string | null }
  /** CASE_NOT_FOUND, for what one may not read too. */
  get(db: Database, reader: Reader, caseId: string): CaseDetail
  /** The files of a case, as its history has them. Refuses as `get` does. */
  attachments(db: Database, reader: Reader, caseId: string): Attachment[]
  /** For the screen pop: open cases first, then the latest. */
  ofNumber(db: Database, reader: Reader, key: string, limit: number): CallerCases
}

export type CaseParts = {
  clock: Clock
  random: Random
  audit: Audit
  outbox: Outbox
  drafts: Drafts
  catalogue: CodePaths & {
    version(): string
    knowsCategory(code: string): boolean
    knowsDivision(code: string): boolean
  }
  /** Refuses a case whose call was not disposed of by the rules. */
  dispositions: { check(db: Database, fields: CaseFields): void }
  /** The normal form of a number, or null. */
  numberKey(raw: string): string | null
  /** Ties a call to the case that was filed from it. */
  linkCall(db: Database, callId: string, caseId: string): void
}

/** The cases of a number that the reader may read (permission.ts, mayReadCase). */
const ofKey = `WITH
  keys AS (SELECT case_key FROM cases WHERE calling_key = @key UNION SELECT case_key FROM cases WHERE contact_key = @key),
  found AS (SELECT c.* FROM keys CROSS JOIN cases c USING (case_key)
            WHERE c.operator_id = @by OR json_extract(c.loop, '$.owner.operatorId') = @by
              OR ((@everywhere = 1 OR c.branch = @branch
                   OR EXISTS (SELECT 1 FROM json_each(c.granted) WHERE json_each.value = @branch))
                  AND (@all = 1 OR NOT coalesce(json_extract(c.fields, '$.confidential'), 0))))`

export function createCases(parts: CaseParts): Cases {
  const { clock, random, audit, outbox, drafts, catalogue } = parts

  const relations = createCaseRelations({ audit, outbox, catalogue, drafts, uuid: () => random.uuid() })

  const checkCodes = (fields: Pick<CaseFields, 'categoryCode' | 'divisionCode'>) => {
    if (fields.categoryCode !== '' && !catalogue.knowsCategory(fields.categoryCode)) {
      throw new Refusal('CATALOGUE_UNKNOWN_CODE', { code: fields.categoryCode })
    }
    if (fields.divisionCode !== '' && !catalogue.knowsDivision(fields.divisionCode)) {
      throw new Refusal('CATALOGUE_UNKNOWN_CODE', { code: fields.divisionCode })
    }
  }

  /** By time, so that rows, search rows and lists share one order; 1024 of one millisecond before the next is used. */
  const newKey = (db: Database): number => {
    let key = clock.now() * 1024
    const taken = db.prepare('SELECT 1 FROM cases WHERE case_key = ?')
    while (taken.get(key) !== undefined) key += 1
    return key
  }

  return {
    ...createCaseChanges({ ...parts, checkCodes }),
    relations,
    submit: (db, operator, { draftId, fields }) => {
      const before = rowOf(db, draftId)
      if (before !== undefined) {
        const { row, fields: filed } = openCase(db, operator, draftId)
        return detailOf(db, operator, row, filed)
      }
      const draft = drafts.own(db, operator.operatorId, draftId)
      const missing = missingForSubmit(fields)
      const { disposition } = fields
      if (missing.length > 0 || disposition === null) throw new Refusal('CASE_INCOMPLETE', { missing })
      checkCodes(fields)
      parts.dispositions.check(db, fields)

      const row: CaseRow = {
        case_key: newKey(db),
        case_id: draftId,
        case_number: nextCaseNumber(db, clock.now(), random),
        status: statusAfterSubmit(disposition, fields.handling, operator.role),
        disposition,
        operator_id: operator.operatorId,
        catalogue_version: catalogue.version(),
        version: 1,
        branch: operator.branch,
        granted: null,
        fields: JSON.stringify(fields),
        loop: null,
        relations: null,
        told_relations: null,
        created_at: isoNow(clock),
        synced_version: null,
        progress_code: null,
      }
      db.prepare(
        `INSERT INTO cases (case_key, case_id, case_number, calling_key, contact_key, status, disposition,
                            operator_id, catalogue_version, version, branch, fields, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        row.case_key,
        row.case_id,
        row.case_number,
        parts.numberKey(fields.callingNumber),
        parts.numberKey(fields.contactNumber),
        row.status,
        row.disposition,
        row.operator_id,
        row.catalogue_version,
        row.version,
        row.branch,
        row.fields,
        row.created_at,
      )
      insertSearchRow(db, searchableOf(row, fields), catalogue)
      const entry = {
        entryId: row.case_id,
        kind: 'created' as const,
        at: row.created_at,
        operatorId: operator.operatorId,
        detail: disposition,
      }
      addHistory(db, row.case_key, entry)
      drafts.remove(db, draftId)
      if (draft.callId !== null) parts.linkCall(db, draft.callId, row.case_id)
      audit.append(db, {
        operatorId: operator.operatorId,
        action: 'case.create',
        subjectKind: 'case',
        subjectId: row.case_id,
        result: 'done',
      })
      outbox.append(db, {
        name: 'case.create',
        operatorId: operator.operatorId,
        caseId: row.case_id,
        args: {
          caseNumber: row.case_number,
          callId: draft.callId,
          catalogueVersion: row.catalogue_version,
          createdAt: row.created_at,
          fields,
        },
        baseVersion: null,
      })
      if (relations.filed(db, operator, row.case_id))
        return detailOf(db, operator, rowOf(db, row.case_id) ?? row, fields)
      const history = [{ ...entry, operatorName: operator.name }]
      return detailOf(db, operator, row, fields, { history, related: [] })
    },

    list: (db, reader, { filter, limit, cursor }) => {
      const match = searchPlan(db, filter, reader?.operatorId ?? null)
      if (match.kind === 'none') return { cases: [], nextCursor: null }
      const before = cursor === null ? Number.MAX_SAFE_INTEGER : Number(cursor)
      if (!Number.isSafeInteger(before)) return { cases: [], nextCursor: null }
      const rows =
        match.kind === 'all'
          ? db.prepare('SELECT * FROM cases WHERE case_key < ? ORDER BY case_key DESC').iterate(before)
          : db
              .prepare(
                `SELECT c.* FROM case_search s CROSS JOIN cases c ON c.case_key = s.rowid
                 WHERE s.case_search MATCH ? AND s.rowid < ? ORDER BY s.rowid DESC`,
              )
              .iterate(match.expression, before)
      const found: CaseSummary[] = []
      let last = 0
      for (const row of rows as IterableIterator<CaseRow>) {
        const fields = parseFields(row.fields)
        if (!readable(reader, row, fields)) continue
        if (!isHit({ caseNumber: row.case_number, fields }, filter.text)) continue
        if (
          match.filterRows &&
          !passesFilter(searchableOf(row, fields), filter, reader?.operatorId ?? null, catalogue)
        )
          continue
        if (found.length === limit) return { cases: found, nextCursor: String(last) }
        found.push(summaryOf(row, fields))
        last = row.case_key
      }
      return { cases: found, nextCursor: null }
    },

    get: (db, reader, caseId) => {
      const { row, fields } = openCase(db, reader, caseId)
      return detailOf(db, reader, row, fields)
    },

    attachments: (db, reader, caseId) => attachmentsOf(db, openCase(db, reader, caseId).row.case_key),

    ofNumber: (db, reader, key, limit) => {
      const asks = {
        key,
        limit,
        by: reader?.operatorId ?? null,
        branch: reader?.branch ?? null,
        everywhere: reader?.allBranches === true ? 1 : 0,
        all: reader !== null && may(reader.role, 'case.readConfidential') ? 1 : 0,
      }
      const rows = (
        db
          .prepare(`${ofKey} SELECT * FROM found ORDER BY status = 'closed', case_key DESC LIMIT @limit`)
          .all(asks) as CaseRow[]
      ).map(row => ({ row, fields: parseFields(row.fields) }))
      const counts = db
        .prepare(
          `${ofKey} SELECT count(*) AS cases, coalesce(sum(status <> 'closed'), 0) AS openCases FROM found`,
        )
        .get(asks) as { cases: number; openCases: number }
      const named = rows
        .filter(({ fields }) => fields.callerName !== '')
        .sort((a, b) => b.row.case_key - a.row.case_key)
      return {
        cases: rows.map(({ row, fields }) => summaryOf(row, fields)),
        caseCount: counts.cases,
        openCaseCount: counts.openCases,
        knownName: named[0]?.fields.callerName ?? '',
      }
    },
  }
}
