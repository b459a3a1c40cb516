/** Reading cases as a person: one of them, or those of a caller. Who looked is in the audit. */
import type { CallerHistory, CaseDocument, CentralOperator } from '../../shared/contract/central.ts'
import type { CallerProfile } from '../../shared/domain/caller-profile.ts'
import { mayRead } from '../../shared/domain/permission.ts'
import { normalizeNumber } from '../../shared/domain/phone-number.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import type { Device } from '../identity/devices.ts'
import { Refusal } from '../refusal.ts'
import { type CaseRow, documentsOf, summaryOf } from './documents.ts'

/** More than a screen pop shows. */
const callerCases = 50

export type Cases = {
  get(device: Device, operator: CentralOperator, caseId: string): Promise<CaseDocument>
  ofCaller(operator: CentralOperator, number: string): Promise<CallerHistory>
}

export function createCases({ sql, clock }: CentralContext, options: { areaCode: string }): Cases {
  return {
    get: async (device, operator, caseId) => {
      // PostgreSQL's text holds no U+0000: no case has such a name.
      if (caseId.includes('\u0000')) throw new Refusal('NOT_FOUND')
      const rows = await sql.query<CaseRow & { confidential: boolean }>(
        'SELECT * FROM cases WHERE case_id = $1',
        [caseId],
      )
      const [row] = rows
      if (row === undefined) throw new Refusal('NOT_FOUND')
      const allowed = mayRead(operator, { confidential: row.confidential, operatorId: row.operator_id })
      await sql.query(
        `INSERT INTO audit (at, client_id, operator_id, employer, action, subject_kind, subject_id, result)
         VALUES ($1, $2, $3, $4, 'case.read', 'case', $5, $6)`,
        [
          isoNow(clock),
          device.clientId,
          operator.operatorId,
          operator.employer,
          caseId,
          allowed ? 'done' : 'FORBIDDEN',
        ],
      )
      if (!allowed) throw new Refusal('FORBIDDEN')
      const [document] = await documentsOf(sql, rows)
      if (document === undefined) throw new Refusal('NOT_FOUND')
      return document
    },

    ofCaller: async (operator, number) => {
      const { key } = normalizeNumber(number, options)
      if (key === null) return { cases: [], caseCount: 0, openCaseCount: 0, hiddenCount: 0, profile: null }
      const rows = await sql.query<CaseRow & { confidential: boolean }>(
        `SELECT * FROM cases WHERE calling_key = $1 UNION SELECT * FROM cases WHERE contact_key = $1`,
        [key],
      )
      const [profile] = await sql.query<Omit<CallerProfile, 'at'> & { at: Date }>(
        `SELECT number_key AS "numberKey", dialect, caller_kind AS "callerKind", at FROM caller_profile WHERE number_key = $1`,
        [key],
      )
      const shown = rows.filter(row =>
        mayRead(operator, { confidential: row.confidential, operatorId: row.operator_id }),
      )
      const isOpen = (row: CaseRow) => row.status !== 'closed'
      shown.sort((a, b) => Number(isOpen(b)) - Number(isOpen(a)) || (a.created_at < b.created_at ? 1 : -1))
      return {
        cases: shown.slice(0, callerCases).map(summaryOf),
        caseCount: rows.length,
        openCaseCount: rows.filter(isOpen).length,
        hiddenCount: rows.length - shown.length,
        profile: profile === undefined ? null : { ...profile, at: profile.at.toISOString() },
      }
    },
  }
}
