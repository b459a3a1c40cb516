/** 涉企台账 at this seat: enterprises' cases with who follows each, and the file of them that leaves the seat. */
import { type CaseFields, titleOf } from '../../../shared/domain/case.ts'
import type { CommandArgs } from '../../../shared/domain/command.ts'
import {
  isFollowed,
  type LedgerFilter,
  type LedgerRow,
  ledgerCells,
  ownerIdOf,
  seesAllEnterprises,
} from '../../../shared/domain/enterprise.ts'
import type { Operator } from '../../../shared/domain/operator.ts'
import { may } from '../../../shared/domain/permission.ts'
import { workbookText } from '../../../shared/domain/spreadsheet-text.ts'
import type { Audit } from '../audit/audit.ts'
import { type CaseRow, loopOf, readable } from '../cases/case-rows.ts'
import { parseFields } from '../cases/drafts.ts'
import type { Clock, Random } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import type { Outbox } from '../sync/outbox.ts'

export type ExportFormat = 'csv' | 'xlsx'
export type LedgerPage = { rows: LedgerRow[]; nextCursor: string | null }

export type EnterpriseLedger = {
  /** Those that the reader follows, or all for whoever hands them on. Others' confidential ones are not among them. */
  list(
    db: Database,
    reader: Operator,
    input: { filter: LedgerFilter; limit: number; cursor: string | null },
  ): LedgerPage
  /**
   * Refuses with FORBIDDEN whoever may not export in bulk, and with what `permit` refuses with. The audit has every try.
   */
  export(
    reader: Operator,
    input: { filter: LedgerFilter; format: ExportFormat },
  ): Promise<{ fileName: string; content: Uint8Array; rows: number; more: boolean }>
}

/** A file of more is for the centre. */
const mostRows = 5_000
const keysOfMs = 1_024
const chinaOffset = '+08:00'

const chosen = `FROM cases
  WHERE json_extract(fields, '$.callerKind') = 'enterprise' AND case_key < @before AND case_key >= @from`
const everybody = `SELECT * ${chosen} ORDER BY case_key DESC`
const ofOwner = `SELECT * ${chosen}
  AND coalesce(json_extract(loop, '$.owner.operatorId'), operator_id) = @owner ORDER BY case_key DESC`

function beginOf(day: string | null, otherwise: number, dayMs = 0): number {
  const at = day === null ? Number.NaN : Date.parse(`${day}T00:00:00${chinaOffset}`)
  return Number.isNaN(at) ? otherwise : (at + dayMs) * keysOfMs
}

export function createEnterpriseLedger(parts: {
  clock: Clock
  random: Random
  audit: Audit
  outbox: Outbox
  /** Asks the centre, where the seat works with one: a file that leaves the seat needs its person's live session. */
  permit(asked: CommandArgs<'ledger.export'>): Promise<void>
  read(): Database
  write<T>(work: (db: Database) => T): T
}): EnterpriseLedger {
  const { clock, random, audit, outbox, permit, read, write } = parts

  const list: EnterpriseLedger['list'] = (db, reader, { filter, limit, cursor }) => {
    const asked = cursor === null ? Number.MAX_SAFE_INTEGER : Number(cursor)
    if (!Number.isSafeInteger(asked)) return { rows: [], nextCursor: null }
    const mine = filter.mineOnly || !seesAllEnterprises(reader.role)
    const range = {
      before: Math.min(asked, beginOf(filter.to, Number.MAX_SAFE_INTEGER, 86_400_000)),
      from: beginOf(filter.from, 0),
    }
    const found = mine
      ? db.prepare(ofOwner).iterate({ ...range, owner: reader.operatorId })
      : db.prepare(everybody).iterate(range)
    const nameOf = db.prepare('SELECT name FROM operator WHERE operator_id = ?').pluck()
    const rows: LedgerRow[] = []
    let last = 0
    for (const row of found as IterableIterator<CaseRow>) {
      const fields = parseFields(row.fields)
      if (!readable(reader, row, fields)) continue
      const one = ledgerRowOf(row, fields, operatorId => String(nameOf.get(operatorId) ?? ''))
      if (!passes(one, row, filter)) continue
      if (rows.length === limit) return { rows, nextCursor: String(last) }
      rows.push(one)
      last = row.case_key
    }
    return { rows, nextCursor: null }
  }

  return {
    list,
    export: async (reader, { filter, format }) => {
      const exportId = random.uuid()
      const audited = (db: Database, result: 'done' | 'refused') =>
        audit.append(db, {
          operatorId: reader.operatorId,
          action: 'ledger.export',
          subjectKind: 'export',
          subjectId: exportId,
          result,
        })
      if (!may(reader.role, 'case.exportInBulk')) {
        write(db => audited(db, 'refused'))
        throw new Refusal('FORBIDDEN', undefined, '您不能批量导出，请由班长导出')
      }
      const { rows, nextCursor } = list(read(), reader, { filter, limit: mostRows, cursor: null })
      const asked = { exportId, ledger: 'enterprise', format, rows: rows.length } as const
      await permit(asked).catch((error: unknown) => {
        write(db => audited(db, 'refused'))
        throw error
      })
      const content = await fileOf(ledgerCells(rows, clock.now()), format)
      write(db => {
        audited(db, 'done')
        outbox.append(db, {
          name: 'ledger.export',
          operatorId: reader.operatorId,
          caseId: null,
          args: asked,
          baseVersion: null,
        })
      })
      const day = new Date(clock.now() + 8 * 3_600_000).toISOString().slice(0, 10)
      return { fileName: `涉企台账-${day}.${format}`, content, rows: rows.length, more: nextCursor !== null }
    },
  }
}

function ledgerRowOf(row: CaseRow, fields: CaseFields, name: (operatorId: string) => string): LedgerRow {
  const loop = loopOf(row)
  const operatorId = ownerIdOf({ operatorId: row.operator_id, loop })
  return {
    caseId: row.case_id,
    caseNumber: row.case_number,
    company: fields.company === '' ? fields.callerName : fields.company,
    title: titleOf(fields),
    unit: loop?.order?.lead.name ?? '',
    status: row.status,
    followUp: loop?.followUp ?? 'none',
    dueAt: loop?.replyBy ?? null,
    repliedAt: loop?.repliedAt ?? null,
    owner: { operatorId, name: loop?.owner?.name ?? name(operatorId) },
    createdAt: row.created_at,
    confidential: fields.confidential,
  }
}

function passes(one: LedgerRow, row: CaseRow, { state, text }: LedgerFilter): boolean {
  if (state !== 'all' && isFollowed({ status: one.status, loop: loopOf(row) }) !== (state === 'open'))
    return false
  const asked = text.trim()
  return asked === '' || [one.company, one.title, one.caseNumber].some(each => each.includes(asked))
}

/** The writers are fetched when somebody exports, which is seldom. */
async function fileOf(cells: string[][], format: ExportFormat): Promise<Uint8Array> {
  if (format === 'xlsx') {
    const { writeXlsx } = await import('hucre/xlsx')
    return writeXlsx({ sheets: [{ name: '涉企台账', rows: cells.map(row => row.map(workbookText)) }] })
  }
  const { writeCsv } = await import('hucre/csv')
  // A spreadsheet takes a file without the mark for one of its own country's encoding.
  return new TextEncoder().encode(writeCsv(cells, { bom: true, lineSeparator: '\r\n' }))
}
