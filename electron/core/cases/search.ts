/**
 * The search rows of cases: a contentless FTS5 row per case with the pairs of characters of its texts and its filters as
 * tokens of their own. What the index finds is verified on the row, so hits are exact.
 */

import { type CaseFilter, noCaseFilter } from '../../../shared/contract/seat.ts'
import { containsText, foldText, queryTokens } from '../../../shared/domain/bigram.ts'
import type { CaseFields, CaseStatus, Disposition, Urgency } from '../../../shared/domain/case.ts'
import type { CaseWaiting } from '../../../shared/domain/case-moves.ts'
import { searchedTexts, textTokens } from '../../../shared/domain/case-search-text.ts'
import type { Database } from '../storage/database.ts'

/** Codes from the catalogue, each with all of its ancestors, itself first. */
export type CodePaths = { category(code: string): string[]; division(code: string): string[] }

export type SearchableCase = {
  caseKey: number
  caseNumber: string
  status: CaseStatus
  waiting: readonly CaseWaiting[]
  disposition: Disposition
  urgency: Urgency
  operatorId: string
  fields: CaseFields
  /** Of these texts, where they were made already. */
  textTokens?: string | undefined
}

/** A filter's token: letters and digits only, with a prefix that no pair of characters can have. */
const token = (kind: 'st' | 'wt' | 'di' | 'ur' | 'op' | 'ca' | 'dv', value: string): string =>
  `zz${kind}${value.toLowerCase().replace(/[^a-z0-9]/g, '')}`

export function insertSearchRow(db: Database, row: SearchableCase, paths: CodePaths): void {
  const tokens = [
    row.textTokens ?? textTokens(row),
    token('st', row.status),
    ...row.waiting.map(waiting => token('wt', waiting)),
    token('di', row.disposition),
    token('ur', row.urgency),
    token('op', row.operatorId),
    ...paths.category(row.fields.categoryCode).map(code => token('ca', code)),
    ...paths.division(row.fields.divisionCode).map(code => token('dv', code)),
  ]
  db.prepare('INSERT INTO case_search (rowid, tokens) VALUES (?, ?)').run(row.caseKey, tokens.join(' '))
}

/** After a change of the case: what the index held of it goes. */
export function renewSearchRow(db: Database, row: SearchableCase, paths: CodePaths): void {
  db.prepare('DELETE FROM case_search WHERE rowid = ?').run(row.caseKey)
  insertSearchRow(db, row, paths)
}

export type Match = { kind: 'all' } | { kind: 'none' } | { kind: 'matching'; expression: string }

/** The FTS expression of a filter; `all` when nothing is filtered; `none` when nothing can match. */
export function matchExpression(filter: CaseFilter, operatorId: string | null): Match {
  const groups: string[][] = []
  if (foldText(filter.text) !== '') {
    const pairs = queryTokens(filter.text)
    if (pairs === null) return { kind: 'none' }
    for (const pair of pairs) groups.push([pair])
  } else if (filter.text.trim() !== '') return { kind: 'none' }
  if (filter.status.length > 0) groups.push(filter.status.map(value => token('st', value)))
  if (filter.waiting.length > 0) groups.push(filter.waiting.map(value => token('wt', value)))
  if (filter.disposition.length > 0) groups.push(filter.disposition.map(value => token('di', value)))
  if (filter.urgency.length > 0) groups.push(filter.urgency.map(value => token('ur', value)))
  if (filter.categoryCode !== '') groups.push([token('ca', filter.categoryCode)])
  if (filter.divisionCode !== '') groups.push([token('dv', filter.divisionCode)])
  if (filter.mineOnly) {
    if (operatorId === null) return { kind: 'none' }
    groups.push([token('op', operatorId)])
  }
  if (groups.length === 0) return { kind: 'all' }
  const expression = groups.map(group => `(${group.map(value => `"${value}"`).join(' OR ')})`).join(' AND ')
  return { kind: 'matching', expression }
}

/** So few rows are sooner read than the long lists of the filters' tokens are gone through. */
const fewRows = 100

/** The expression to search with, and whether what it finds must pass `passesFilter` too. */
export function searchPlan(
  db: Database,
  filter: CaseFilter,
  operatorId: string | null,
): Match & { filterRows: boolean } {
  const whole = matchExpression(filter, operatorId)
  if (whole.kind !== 'matching' || foldText(filter.text) === '') return { ...whole, filterRows: false }
  const text = matchExpression({ ...noCaseFilter, text: filter.text }, null)
  if (text.kind !== 'matching' || text.expression === whole.expression) return { ...whole, filterRows: false }
  const rows = db
    .prepare(`SELECT count(*) FROM (SELECT 1 FROM case_search WHERE case_search MATCH ? LIMIT ${fewRows})`)
    .pluck()
    .get(text.expression)
  return Number(rows) < fewRows ? { ...text, filterRows: true } : { ...whole, filterRows: false }
}

/** What the filter's tokens say, on the row. */
export function passesFilter(
  row: Pick<SearchableCase, 'status' | 'disposition' | 'operatorId' | 'fields'>,
  filter: CaseFilter,
  operatorId: string | null,
  paths: CodePaths,
): boolean {
  const { fields } = row
  const within = (asked: string, path: string[]) => asked === '' || path.includes(asked)
  return (
    (filter.status.length === 0 || filter.status.includes(row.status)) &&
    (filter.disposition.length === 0 || filter.disposition.includes(row.disposition)) &&
    (filter.urgency.length === 0 || filter.urgency.includes(fields.urgency)) &&
    within(filter.categoryCode, paths.category(fields.categoryCode)) &&
    within(filter.divisionCode, paths.division(fields.divisionCode)) &&
    (!filter.mineOnly || row.operatorId === operatorId)
  )
}

/** Whether the row really contains the text: pairs can stand in another order than they were asked for. */
export function isHit(row: Pick<SearchableCase, 'caseNumber' | 'fields'>, text: string): boolean {
  return foldText(text) === '' || searchedTexts(row).some(value => containsText(value, text))
}
