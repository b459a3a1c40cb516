/**
 * The rows that a filed case becomes, at the centre and at a seat that takes it, made before anything is measured: the second bare
 * limit of the sync bench writes them as they are, without reading, judging or checking anything.
 */
import type { Database } from '../../electron/core/storage/database.ts'
import { textTokens } from '../../shared/domain/case-search-text.ts'
import { caseFieldsOf } from './bench-case.ts'

const at = '2026-11-26T01:00:00.000Z'
const operatorId = '0199c0de-0000-7000-8000-0000000000ff'

/** One row for each of the centre's tables, as text of JSON. */
export function centreRows(seed: number): string {
  const fields = caseFieldsOf(seed)
  const caseId = `0199c0de-0000-7000-8000-${String(seed).padStart(12, '0')}`
  const commandId = `0199c0de-0000-7000-9000-${String(seed).padStart(12, '0')}`
  const author = { operatorId, operatorName: '基准', at }
  const entry = JSON.stringify({ entryId: caseId, kind: 'created', detail: fields.disposition, ...author })
  return JSON.stringify({
    cases: {
      case_id: caseId,
      case_number: `2026${String(seed).padStart(8, '0')}`,
      version: 1,
      branch: '基准',
      seat_id: 'seat',
      status: 'accepted',
      disposition: fields.disposition,
      confidential: fields.confidential,
      operator_id: operatorId,
      catalogue_version: 'bench',
      calling_key: fields.callingNumber === '' ? null : fields.callingNumber,
      contact_key: fields.contactNumber,
      fields: JSON.stringify(fields),
      attachments: '[]',
      authors: JSON.stringify({ '': author }),
      digest: '0123456789abcdefghijklmnopqrstuvwxyzABCDEFG',
      created_at: at,
      updated_at: at,
    },
    case_history: { case_id: caseId, entry_id: caseId, version: 1, entry },
    applied_command: { id: commandId, client_id: 'client', seq: seed + 1, version: 1, applied_at: at },
    audit: {
      at,
      client_id: 'client',
      operator_id: operatorId,
      employer: '',
      action: 'case.create',
      subject_kind: 'case',
      subject_id: caseId,
      result: 'done',
      command_id: commandId,
      issued_at: at,
    },
    change: { kind: 'case', subject: caseId, branch: '基准' },
  })
}

/** `[row of each table]` as one parameter: one statement, one trip. */
export const putAll = `
WITH given AS (SELECT value AS of FROM json_array_elements($1::json)),
cases_in AS (INSERT INTO cases (case_id, case_number, version, branch, seat_id, status, disposition, confidential, operator_id,
    catalogue_version, calling_key, contact_key, fields, attachments, authors, digest, created_at, updated_at)
  SELECT r.* FROM given, json_to_record(of->'cases') AS r(case_id text, case_number text, version integer, branch text,
    seat_id text, status text, disposition text, confidential boolean, operator_id text, catalogue_version text, calling_key text,
    contact_key text, fields text, attachments text, authors text, digest text, created_at text, updated_at text)),
history_in AS (INSERT INTO case_history (case_id, entry_id, version, entry)
  SELECT r.* FROM given, json_to_record(of->'case_history') AS r(case_id text, entry_id text, version integer, entry text)),
command_in AS (INSERT INTO applied_command (id, client_id, seq, version, applied_at)
  SELECT r.* FROM given, json_to_record(of->'applied_command') AS r(id text, client_id text, seq bigint, version integer,
    applied_at timestamptz)),
audit_in AS (INSERT INTO audit (at, client_id, operator_id, employer, action, subject_kind, subject_id, result, command_id, issued_at)
  SELECT r.* FROM given, json_to_record(of->'audit') AS r(at timestamptz, client_id text, operator_id text, employer text,
    action text, subject_kind text, subject_id text, result text, command_id text, issued_at text)),
change_in AS (INSERT INTO change (number, kind, subject, branch)
  SELECT nextval('all_rows'), r.* FROM given, json_to_record(of->'change') AS r(kind text, subject text, branch text))
SELECT 1`

export const pageOfAll = `
SELECT ch.number AS seq, c.case_id AS id,
       json_build_array(c.case_number, c.status, c.disposition, c.operator_id, c.catalogue_version, c.calling_key, c.contact_key,
                        c.fields, c.created_at, c.updated_at, c.branch, h.entry_id, h.entry)::text AS body
FROM change ch JOIN cases c ON c.case_id = ch.subject JOIN case_history h ON h.case_id = c.case_id
WHERE ch.number > $1 ORDER BY ch.number LIMIT $2`

/** Keeps what such a page tells of a case: its row, its history and its search row. */
export function keepAll(db: Database): (id: string, body: string, place: number) => void {
  db.prepare(
    `INSERT OR IGNORE INTO operator (operator_id, work_number, name, branch, disabled, created_at) VALUES (?, '1', '基准', '基准', 0, '')`,
  ).run(operatorId)
  const kase = db.prepare(
    `INSERT INTO cases (case_key, case_id, case_number, calling_key, contact_key, status, disposition, operator_id, catalogue_version,
                        version, fields, created_at, synced_version, branch, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, 1, ?, ?)`,
  )
  const history = db.prepare(
    "INSERT INTO case_history (entry_id, case_key, kind, at, operator_id, detail) VALUES (?, ?, 'created', ?, ?, ?)",
  )
  const search = db.prepare('INSERT INTO case_search (rowid, tokens) VALUES (?, ?)')
  return (id, body, place) => {
    const [
      number,
      status,
      disposition,
      operator,
      catalogue,
      calling,
      contact,
      fields,
      created,
      updated,
      branch,
      entryId,
    ] = JSON.parse(body) as string[]
    kase.run(
      place,
      id,
      number,
      calling,
      contact,
      status,
      disposition,
      operator,
      catalogue,
      fields,
      created,
      branch,
      updated,
    )
    history.run(entryId, place, created, operator, disposition)
    const tokens = textTokens({
      caseNumber: number ?? '',
      fields: JSON.parse(fields ?? '') as ReturnType<typeof caseFieldsOf>,
    })
    search.run(place, tokens)
  }
}
