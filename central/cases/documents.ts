/** Cases as seats and people are told of them. */
import type { CaseDocument } from '../../shared/contract/central.ts'
import { type CaseSummary, type HistoryEntry, titleOf } from '../../shared/domain/case.ts'
import { type CaseRow, caseStateOf } from '../commands/push-load.ts'
import type { Queries } from '../storage/sql.ts'

export type { CaseRow }

export async function documentsOf(sql: Queries, rows: readonly CaseRow[]): Promise<CaseDocument[]> {
  if (rows.length === 0) return []
  const entries = await sql.query<{ case_id: string; version: number; entry: string }>(
    'SELECT case_id, version, entry FROM case_history WHERE case_id = ANY($1::text[]) ORDER BY case_id, version',
    [rows.map(row => row.case_id)],
  )
  const histories = new Map<string, HistoryEntry[]>()
  const versions = new Map(rows.map(row => [row.case_id, row.version]))
  for (const { case_id, version, entry } of entries) {
    // Written after the row was read: the next page has it, together with the rest of that version.
    if (version > (versions.get(case_id) ?? 0)) continue
    const history = histories.get(case_id)
    const parsed = JSON.parse(entry) as HistoryEntry
    if (history === undefined) histories.set(case_id, [parsed])
    else history.push(parsed)
  }
  return rows.map(row => {
    const { seatId: _seat, authors: _authors, digest: _digest, ...state } = caseStateOf(row)
    const progressCode = state.fields.confidential ? null : row.progress_code
    return { ...state, progressCode, history: histories.get(row.case_id) ?? [] }
  })
}

export function summaryOf(row: CaseRow): CaseSummary {
  const state = caseStateOf(row)
  const { fields } = state
  return {
    caseId: state.caseId,
    caseNumber: state.caseNumber,
    title: titleOf(fields),
    callerName: fields.callerName,
    contactNumber: fields.contactNumber,
    kind: fields.kind,
    urgency: fields.urgency,
    categoryCode: fields.categoryCode,
    divisionCode: fields.divisionCode,
    disposition: state.disposition,
    status: state.status,
    confidential: fields.confidential,
    operatorId: state.operatorId,
    createdAt: state.createdAt,
    version: state.version,
  }
}
