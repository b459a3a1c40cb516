/** Which cases belong together, as this seat keeps it: what the centre told, and on top what is not sent and not refused. */
import type { CaseStatus } from '../../../shared/domain/case.ts'
import {
  type CaseRelations,
  caseRelations,
  relateCases,
  type Standing,
} from '../../../shared/domain/case-relations.ts'
import { commandArgs } from '../../../shared/domain/command.ts'
import type { Database } from '../storage/database.ts'

export const readRelations = (stored: string | null): CaseRelations | null =>
  stored === null ? null : caseRelations.parse(JSON.parse(stored))
export const writtenRelations = (relations: CaseRelations | null): string | null =>
  relations === null ? null : JSON.stringify(relations)

/** What is known here of a case for relating it. */
export function standingOf(db: Database, caseId: string): Standing | undefined {
  const row = db
    .prepare('SELECT case_number AS caseNumber, status, relations FROM cases WHERE case_id = ?')
    .get(caseId) as { caseNumber: string; status: CaseStatus; relations: string | null } | undefined
  return row === undefined ? undefined : { caseId, ...row, relations: readRelations(row.relations) }
}

type Unsent = { args: string; at: string; operatorId: string | null; operatorName: string | null }

/** `told` with this seat's own unsent relations of the case. One that is not possible any more shows nothing. */
export function relationsOver(
  db: Database,
  one: Omit<Standing, 'relations'>,
  told: CaseRelations | null,
): CaseRelations | null {
  const unsent = db
    .prepare(
      `SELECT o.args, o.issued_at AS at, o.operator_id AS operatorId, w.name AS operatorName
       FROM outbox o LEFT JOIN operator w USING (operator_id)
       WHERE o.name = 'case.relate' AND o.case_id = ? AND o.id NOT IN (SELECT command_id FROM parked) ORDER BY o.seq`,
    )
    .all(one.caseId) as Unsent[]
  return unsent.reduce<CaseRelations | null>((relations, { args, at, operatorId, operatorName }) => {
    const { relation, otherId } = commandArgs['case.relate'].parse(JSON.parse(args))
    const other = standingOf(db, otherId)
    if (other === undefined) return relations
    const by = { operatorId: operatorId ?? '', operatorName: operatorName ?? '', at }
    const result = relateCases(relation, { ...one, relations }, other, by, caseId => standingOf(db, caseId))
    return result.allowed ? result.one : relations
  }, told)
}

/** Writes what stands now, and its other direction. `told`: what the centre said, where it has said something. */
export function keepRelations(
  db: Database,
  caseId: string,
  relations: CaseRelations | null,
  told?: CaseRelations | null,
): void {
  const written = writtenRelations(relations)
  if (told === undefined) db.prepare('UPDATE cases SET relations = ? WHERE case_id = ?').run(written, caseId)
  else
    db.prepare('UPDATE cases SET relations = ?, told_relations = ? WHERE case_id = ?').run(
      written,
      writtenRelations(told),
      caseId,
    )
  forgetRelations(db, caseId)
  const add = (otherId: string, kind: 'link' | 'merge') =>
    db
      .prepare('INSERT OR IGNORE INTO case_relation (other_id, case_id, kind) VALUES (?, ?, ?)')
      .run(otherId, caseId, kind)
  for (const each of relations?.links ?? []) add(each.caseId, 'link')
  if (relations?.mergedInto != null) add(relations.mergedInto.caseId, 'merge')
}

export const forgetRelations = (db: Database, caseId: string): void =>
  void db.prepare('DELETE FROM case_relation WHERE case_id = ?').run(caseId)

/** The centre refused a relation of this case: it shows no more. */
export function relationRefused(db: Database, caseId: string): void {
  const row = db
    .prepare('SELECT case_number AS caseNumber, status, told_relations AS told FROM cases WHERE case_id = ?')
    .get(caseId) as { caseNumber: string; status: CaseStatus; told: string | null } | undefined
  if (row === undefined) return
  keepRelations(db, caseId, relationsOver(db, { caseId, ...row }, readRelations(row.told)))
}
