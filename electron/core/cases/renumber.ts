/**
 * Another number for a case that the centre has not taken yet, when the centre gave its number to another case. The filing that
 * waits is rewritten in the same transaction, and a remark tells the old number, which the caller may have been told.
 */
import { commandArgs } from '../../../shared/domain/command.ts'
import type { Clock, Random } from '../context.ts'
import type { Database } from '../storage/database.ts'
import type { Outbox } from '../sync/outbox.ts'
import { forgetSeatNumber, nextCaseNumber } from './case-number.ts'
import { addHistory, rowOf, searchableOf } from './case-rows.ts'
import { parseFields } from './drafts.ts'
import { type CodePaths, renewSearchRow } from './search.ts'

const ownForm = /^\d{8}-\d{5}-\d{5}$/

export type Renumber = (db: Database, caseId: string) => string | null

export function createRenumber(parts: {
  clock: Clock
  random: Random
  outbox: Outbox
  catalogue: CodePaths
}): Renumber {
  const { clock, random, outbox, catalogue } = parts
  return (db, caseId) => {
    const row = rowOf(db, caseId)
    const filing = db
      .prepare("SELECT id, args, operator_id AS by FROM outbox WHERE case_id = ? AND name = 'case.create'")
      .get(caseId) as { id: string; args: string; by: string | null } | undefined
    if (row === undefined || filing === undefined) return null
    const args = commandArgs['case.create'].parse(JSON.parse(filing.args))
    if (ownForm.test(args.caseNumber)) forgetSeatNumber(db)
    const caseNumber = nextCaseNumber(db, clock.now(), random)
    db.prepare('UPDATE cases SET case_number = ? WHERE case_key = ?').run(caseNumber, row.case_key)
    outbox.signAnew(db, filing.id, { args: { ...args, caseNumber } })
    db.prepare("DELETE FROM parked WHERE command_id = ? AND code = 'CASE_NUMBER_TAKEN'").run(filing.id)
    renewSearchRow(db, searchableOf({ ...row, case_number: caseNumber }, parseFields(row.fields)), catalogue)

    const text = `工单编号由 ${args.caseNumber} 改为 ${caseNumber}：原编号已属于另一张工单`
    const entryId = random.uuid()
    const by = filing.by ?? row.operator_id
    const { issuedAt: at } = outbox.append(db, {
      name: 'case.addRemark',
      operatorId: by,
      caseId,
      args: { entryId, text },
      baseVersion: row.synced_version ?? row.version,
    })
    addHistory(db, row.case_key, { entryId, kind: 'remark', at, operatorId: by, detail: text })
    db.prepare('UPDATE cases SET version = version + 1, updated_at = ? WHERE case_key = ?').run(
      at,
      row.case_key,
    )
    return caseNumber
  }
}
