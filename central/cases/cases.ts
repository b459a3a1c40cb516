/** Reading cases as a person: one of them, or those of a caller. Who looked is in the audit, and how often is limited. */
import type { CallerHistory, CaseDocument } from '../../shared/contract/central.ts'
import type { CallerProfile } from '../../shared/domain/caller-profile.ts'
import { normalizeNumber } from '../../shared/domain/phone-number.ts'
import type { Lookups, Who } from '../audit/lookups.ts'
import { hiddenFrom } from '../commands/case-reducer.ts'
import { caseStateOf } from '../commands/push-load.ts'
import type { CentralContext } from '../context.ts'
import { Refusal } from '../refusal.ts'
import { type CaseRow, documentsOf, summaryOf } from './documents.ts'

/** More than a screen pop shows. */
const callerCases = 50
/** A call that was told of so long ago does not ring any more. */
const ringMinutes = 30

export type Cases = {
  /** NOT_FOUND, also for what this person may not read; LOOKUP_LIMIT. */
  get(who: Who, caseId: string): Promise<CaseDocument>
  /** What this person may read, and nothing else is counted. LOOKUP_LIMIT. `callId`: the call that rings at this seat. */
  ofCaller(who: Who, number: string, callId?: string): Promise<CallerHistory>
}

type Read = CaseRow & { granted: string[] }
/** With the branches that it was given to. */
const columns = `c.*, ARRAY (SELECT g.branch FROM case_grant g WHERE g.case_id = c.case_id) AS granted`

export function createCases(
  { sql }: CentralContext,
  lookups: Pick<Lookups, 'note'>,
  options: { areaCode: string },
): Cases {
  const hidden = ({ operator }: Who, row: Read) =>
    hiddenFrom(operator, caseStateOf(row), { grantedTo: () => row.granted })

  /** Told at this seat as coming from this number, or not told yet: a call rings before the centre hears of it. */
  const rings = async ({ device }: Who, key: string, callId: string | undefined): Promise<boolean> => {
    if (callId?.includes('\u0000') === true) throw new Refusal('BAD_REQUEST')
    const [told] = await sql.query<{ same: boolean | null; recent: boolean }>(
      `SELECT bool_or(number_key = $2) FILTER (WHERE call_id = $3) AS same,
              count(*) FILTER (WHERE number_key = $2 AND received_at > lease_now() - make_interval(mins => $4)) > 0 AS recent
       FROM call_record WHERE seat_id = $1 AND (call_id = $3 OR number_key = $2)`,
      [device.seatId, key, callId ?? '', ringMinutes],
    )
    return told?.recent === true || (callId !== undefined && told?.same !== false)
  }

  return {
    get: async (who, caseId) => {
      // PostgreSQL's text holds no U+0000: no case has such a name.
      if (caseId.includes('\u0000')) throw new Refusal('NOT_FOUND')
      const rows = await sql.query<Read>(`SELECT ${columns} FROM cases c WHERE case_id = $1`, [caseId])
      const [row] = rows
      const why = row === undefined ? null : hidden(who, row)
      const isOwn = row?.operator_id === who.operator.operatorId
      await lookups.note(who, {
        kind: 'case.read',
        subject: { kind: 'case', id: caseId },
        result: row === undefined || why !== null ? 'NOT_FOUND' : 'done',
        ...(why !== null ? { detail: { hidden: why } } : isOwn ? { detail: { own: true } } : {}),
      })
      const [document] = why === null ? await documentsOf(sql, rows) : []
      if (document === undefined) throw new Refusal('NOT_FOUND')
      return document
    },

    ofCaller: async (who, number, callId) => {
      const { key } = normalizeNumber(number, options)
      if (key === null) return { cases: [], caseCount: 0, openCaseCount: 0, hiddenCount: 0, profile: null }
      await lookups.note(who, {
        kind: (await rings(who, key, callId)) ? 'caller.ring' : 'caller.lookup',
        subject: { kind: 'caller', id: key },
        result: 'done',
      })
      const rows = await sql.query<Read>(
        `SELECT ${columns} FROM cases c WHERE calling_key = $1 UNION SELECT ${columns} FROM cases c WHERE contact_key = $1`,
        [key],
      )
      const [profile] = await sql.query<Omit<CallerProfile, 'at'> & { at: Date }>(
        `SELECT number_key AS "numberKey", dialect, caller_kind AS "callerKind", at FROM caller_profile WHERE number_key = $1`,
        [key],
      )
      const shown = rows.filter(row => hidden(who, row) === null)
      const isOpen = (row: CaseRow) => row.status !== 'closed'
      shown.sort((a, b) => Number(isOpen(b)) - Number(isOpen(a)) || (a.created_at < b.created_at ? 1 : -1))
      return {
        cases: shown.slice(0, callerCases).map(summaryOf),
        caseCount: shown.length,
        openCaseCount: shown.filter(isOpen).length,
        // What one may not read is in no number: a difference would tell that it is there.
        hiddenCount: 0,
        profile: profile === undefined ? null : { ...profile, at: profile.at.toISOString() },
      }
    },
  }
}
