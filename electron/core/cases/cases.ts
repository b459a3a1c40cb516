/** Cases (诉求工单): submitting, listing, reading, remarks. Each change is one transaction with its audit and outbox rows. */
import type { CaseFilter } from '../../../shared/contract/seat.ts'
import {
  type CaseDetail,
  type CaseFields,
  type CaseStatus,
  type CaseSummary,
  type Disposition,
  type HistoryEntry,
  missingForSubmit,
  statusAfterSubmit,
} from '../../../shared/domain/case.ts'
import type { Operator } from '../../../shared/domain/operator.ts'
import type { Audit } from '../audit/audit.ts'
import type { Clock, Random } from '../context.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import type { Outbox } from '../sync/outbox.ts'
import { nextCaseNumber } from './case-number.ts'
import { type Drafts, parseFields } from './drafts.ts'
import { type CodePaths, insertSearchRow, isHit, matchExpression } from './search.ts'

type CaseRow = {
  case_key: number
  case_id: string
  case_number: string
  status: CaseStatus
  disposition: Disposition
  operator_id: string
  catalogue_version: string
  version: number
  fields: string
  created_at: string
}

const summaryOf = (row: CaseRow, fields: CaseFields = parseFields(row.fields)): CaseSummary => ({
  caseId: row.case_id,
  caseNumber: row.case_number,
  title: fields.title,
  callerName: fields.callerName,
  contactNumber: fields.contactNumber,
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

export type CallerCases = {
  cases: CaseSummary[]
  caseCount: number
  openCaseCount: number
  knownName: string
}

export type Cases = {
  submit(db: Database, operator: Operator, input: { draftId: string; fields: CaseFields }): CaseDetail
  list(
    db: Database,
    operatorId: string | null,
    input: { filter: CaseFilter; limit: number; cursor: string | null },
  ): { cases: CaseSummary[]; nextCursor: string | null }
  get(db: Database, caseId: string): CaseDetail
  addRemark(
    db: Database,
    operator: Operator,
    input: { caseId: string; requestId: string; text: string },
  ): CaseDetail
  /** For the screen pop: open cases first, then the latest. */
  ofNumber(db: Database, key: string, limit: number): CallerCases
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
  /** The normal form of a number, or null. */
  numberKey(raw: string): string | null
  /** Ties a call to the case that was filed from it. */
  linkCall(db: Database, callId: string, caseId: string): void
}

export function createCases(parts: CaseParts): Cases {
  const { clock, random, audit, outbox, drafts, catalogue } = parts

  const detail = (db: Database, row: CaseRow, fields = parseFields(row.fields)): CaseDetail => ({
    ...summaryOf(row, fields),
    fields,
    catalogueVersion: row.catalogue_version,
    callIds: db
      .prepare('SELECT call_id FROM call_record WHERE case_id = ? ORDER BY offered_at')
      .pluck()
      .all(row.case_id) as string[],
    history: db
      .prepare(
        `SELECT h.entry_id AS entryId, h.kind, h.at, h.operator_id AS operatorId, o.name AS operatorName, h.detail
         FROM case_history h JOIN operator o USING (operator_id) WHERE h.case_key = ? ORDER BY h.at, h.entry_id`,
      )
      .all(row.case_key) as HistoryEntry[],
  })

  const rowOf = (db: Database, caseId: string): CaseRow | undefined =>
    db.prepare('SELECT * FROM cases WHERE case_id = ?').get(caseId) as CaseRow | undefined

  const checkCodes = (fields: CaseFields) => {
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

  const addHistory = (
    db: Database,
    caseKey: number,
    entry: { id: string; kind: string; by: string; detail: string },
  ) => {
    db.prepare(
      'INSERT INTO case_history (entry_id, case_key, kind, at, operator_id, detail) VALUES (?, ?, ?, ?, ?, ?)',
    ).run(entry.id, caseKey, entry.kind, isoNow(clock), entry.by, entry.detail)
  }

  return {
    submit: (db, operator, { draftId, fields }) => {
      const before = rowOf(db, draftId)
      if (before !== undefined) return detail(db, before)
      const draft = drafts.boundTo(db, draftId)
      if (draft === undefined) throw new Refusal('DRAFT_NOT_FOUND')
      const missing = missingForSubmit(fields)
      const { disposition } = fields
      if (missing.length > 0 || disposition === null) throw new Refusal('CASE_INCOMPLETE', { missing })
      checkCodes(fields)

      const row: CaseRow = {
        case_key: newKey(db),
        case_id: draftId,
        case_number: nextCaseNumber(db, clock.now(), random),
        status: statusAfterSubmit(disposition, fields.handling),
        disposition,
        operator_id: operator.operatorId,
        catalogue_version: catalogue.version(),
        version: 1,
        fields: JSON.stringify(fields),
        created_at: isoNow(clock),
      }
      db.prepare(
        `INSERT INTO cases (case_key, case_id, case_number, calling_key, contact_key, status, disposition,
                            operator_id, catalogue_version, version, fields, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
        row.fields,
        row.created_at,
      )
      insertSearchRow(
        db,
        {
          caseKey: row.case_key,
          caseNumber: row.case_number,
          status: row.status,
          disposition,
          urgency: fields.urgency,
          operatorId: row.operator_id,
          fields,
        },
        catalogue,
      )
      addHistory(db, row.case_key, {
        id: row.case_id,
        kind: 'created',
        by: operator.operatorId,
        detail: disposition,
      })
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
      return detail(db, row, fields)
    },

    list: (db, operatorId, { filter, limit, cursor }) => {
      const match = matchExpression(filter, operatorId)
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
        if (!isHit({ caseNumber: row.case_number, fields }, filter.text)) continue
        if (found.length === limit) return { cases: found, nextCursor: String(last) }
        found.push(summaryOf(row, fields))
        last = row.case_key
      }
      return { cases: found, nextCursor: null }
    },

    get: (db, caseId) => {
      const row = rowOf(db, caseId)
      if (row === undefined) throw new Refusal('CASE_NOT_FOUND')
      return detail(db, row)
    },

    addRemark: (db, operator, { caseId, requestId, text }) => {
      const row = rowOf(db, caseId)
      if (row === undefined) throw new Refusal('CASE_NOT_FOUND')
      const known = db
        .prepare('SELECT 1 FROM case_history WHERE case_key = ? AND entry_id = ?')
        .get(row.case_key, requestId)
      if (known !== undefined) return detail(db, row)
      addHistory(db, row.case_key, { id: requestId, kind: 'remark', by: operator.operatorId, detail: text })
      db.prepare('UPDATE cases SET version = version + 1 WHERE case_key = ?').run(row.case_key)
      audit.append(db, {
        operatorId: operator.operatorId,
        action: 'case.addRemark',
        subjectKind: 'case',
        subjectId: caseId,
        result: 'done',
      })
      outbox.append(db, {
        name: 'case.addRemark',
        operatorId: operator.operatorId,
        caseId,
        args: { entryId: requestId, text },
        baseVersion: row.version,
      })
      return detail(db, { ...row, version: row.version + 1 })
    },

    ofNumber: (db, key, limit) => {
      const rows = (
        db
          .prepare(
            `SELECT * FROM (SELECT * FROM cases WHERE calling_key = @key UNION SELECT * FROM cases WHERE contact_key = @key)
             ORDER BY status = 'closed', case_key DESC LIMIT @limit`,
          )
          .all({ key, limit }) as CaseRow[]
      ).map(row => ({ row, fields: parseFields(row.fields) }))
      const counts = db
        .prepare(
          `SELECT count(*) AS cases, coalesce(sum(status <> 'closed'), 0) AS openCases FROM
             (SELECT case_key, status FROM cases WHERE calling_key = @key UNION SELECT case_key, status FROM cases WHERE contact_key = @key)`,
        )
        .get({ key }) as { cases: number; openCases: number }
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
