/** The dispatch of an open form, and of what waits to be sent under an entry that is gone. */

import type { CaseFields } from '../../../shared/domain/case.ts'
import { commandSchemaVersion } from '../../../shared/domain/command.ts'
import {
  asProposed,
  type DispatchChoice,
  type DispatchProposal,
  dispatchChoice,
} from '../../../shared/domain/make-dispatch.ts'
import type { Audit } from '../audit/audit.ts'
import { type CaseRow, searchableOf } from '../cases/case-rows.ts'
import { parseFields } from '../cases/drafts.ts'
import { renewSearchRow } from '../cases/search.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import type { Outbox } from '../sync/outbox.ts'
import type { Catalogue } from './catalogue.ts'
import { entryGoneCode, orderIn } from './notices.ts'

export function createDispatches(parts: {
  catalogue: Catalogue
  audit: Audit
  outbox: Pick<Outbox, 'signAnew'>
}) {
  const { catalogue, audit, outbox } = parts

  const choiceOf = (db: Database, caseId: string): DispatchChoice => {
    const stored: unknown = db
      .prepare('SELECT choice FROM dispatch_choice WHERE case_id = ?')
      .pluck()
      .get(caseId)
    return typeof stored === 'string' ? dispatchChoice.parse(JSON.parse(stored)) : asProposed
  }

  return {
    choiceOf,
    /** Of an own form; DRAFT_NOT_FOUND. */
    choose: (db: Database, by: string, draftId: string, choice: DispatchChoice) => {
      const there = db.prepare('SELECT 1 FROM draft WHERE draft_id = ? AND operator_id = ?').get(draftId, by)
      if (there === undefined) throw new Refusal('DRAFT_NOT_FOUND')
      db.prepare(
        `INSERT INTO dispatch_choice (case_id, choice) VALUES (?, ?)
         ON CONFLICT DO UPDATE SET choice = excluded.choice`,
      ).run(draftId, JSON.stringify(choice))
    },

    /** The form was given up, or its case was dispatched. */
    forget: (db: Database, caseId: string) => {
      db.prepare('DELETE FROM dispatch_choice WHERE case_id = ?').run(caseId)
    },

    /**
     * What the dispatch of a form, or of a case that was filed from it, is at `at`: units, due times, and what speaks against it.
     * `order` is null as long as something does.
     */
    propose: (db: Database, caseId: string, fields: CaseFields, at: number): DispatchProposal =>
      catalogue.dispatching().propose(fields, at, choiceOf(db, caseId)),

    /**
     * 改分类: what came back goes again under another entry, together with whatever of its case waits behind it.
     * COMMAND_NOT_FOUND; CATALOGUE_UNKNOWN_CODE; DISPATCH_NOT_POSSIBLE: the units and limits of that entry do not fit the case.
     */
    recategorise: (db: Database, by: string, commandId: string, categoryCode: string) => {
      const parked = db
        .prepare(
          `SELECT o.case_id AS caseId, o.seq FROM outbox o JOIN parked p ON p.command_id = o.id
           WHERE o.id = ? AND p.code = ?`,
        )
        .get(commandId, entryGoneCode) as { caseId: string | null; seq: number } | undefined
      if (parked === undefined || parked.caseId === null) throw new Refusal('COMMAND_NOT_FOUND')
      if (!catalogue.dispatching().tree.isLeaf(categoryCode))
        throw new Refusal('CATALOGUE_UNKNOWN_CODE', { code: categoryCode })
      const { caseId, seq } = parked
      const row = db.prepare('SELECT * FROM cases WHERE case_id = ?').get(caseId) as CaseRow | undefined
      const fields = row === undefined ? null : { ...parseFields(row.fields), categoryCode }
      const version = catalogue.version()

      const waiting = db
        .prepare(
          'SELECT id, name, args, issued_at AS issuedAt FROM outbox WHERE case_id = ? AND seq >= ? ORDER BY seq',
        )
        .all(caseId, seq) as { id: string; name: string; args: string; issuedAt: string }[]
      const rewrite = db.prepare('UPDATE outbox SET schema_version = ? WHERE id = ?')
      for (const { id, name, args: text, issuedAt } of waiting) {
        const args = JSON.parse(text) as Record<string, unknown>
        const found = orderIn(args)
        if (name === 'case.create') {
          const filed = args['fields'] as Record<string, unknown>
          args['fields'] = { ...filed, categoryCode }
          args['catalogueVersion'] = version
        }
        if (found !== null) {
          if (fields === null) throw new Refusal('COMMAND_NOT_FOUND')
          const { opinion } = args[found.name] as { opinion: string }
          const { order } = catalogue
            .dispatching()
            .propose(fields, Date.parse(issuedAt), { ...asProposed, opinion })
          if (order === null) throw new Refusal('DISPATCH_NOT_POSSIBLE')
          args[found.name] = order
        }
        if (name === 'case.create' || found !== null) {
          rewrite.run(commandSchemaVersion, id)
          // The proof is about what it says now.
          outbox.signAnew(db, id, { args })
        }
        db.prepare('DELETE FROM parked WHERE command_id = ? AND code = ?').run(id, entryGoneCode)
      }
      if (row !== undefined && fields !== null) {
        const changed: CaseRow = { ...row, fields: JSON.stringify(fields), catalogue_version: version }
        db.prepare('UPDATE cases SET fields = ?, catalogue_version = ? WHERE case_id = ?').run(
          changed.fields,
          version,
          caseId,
        )
        renewSearchRow(db, searchableOf(changed, fields), catalogue)
      }
      audit.append(db, {
        operatorId: by,
        action: 'case.recategorise',
        subjectKind: 'case',
        subjectId: caseId,
        result: 'done',
      })
    },
  }
}
