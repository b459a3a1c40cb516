/** Drafts (草稿): what the operator has typed, kept within a moment of the key press. Local: no outbox per keystroke. */
import { caseFields, type Draft, draft as draftSchema, emptyCaseFields } from '../../../shared/domain/case.ts'
import type { Audit } from '../audit/audit.ts'
import type { Clock, Random } from '../context.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import type { Outbox } from '../sync/outbox.ts'

type DraftRow = {
  draft_id: string
  operator_id: string | null
  call_id: string | null
  revision: number
  fields: string
  created_at: string
  updated_at: string
}

/** Stored fields from any earlier version: what is new gets its empty value, so that no old draft is ever unreadable. */
export const parseFields = (stored: string) =>
  caseFields.parse({ ...emptyCaseFields, ...(JSON.parse(stored) as Record<string, unknown>) })

const fromRow = (row: DraftRow): Draft =>
  draftSchema.parse({
    draftId: row.draft_id,
    callId: row.call_id,
    revision: row.revision,
    fields: parseFields(row.fields),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  })

export type Drafts = {
  /** Of this operator. A form is its opener's: to anybody else it looks as if there were none. */
  list(db: Database, by: string): Draft[]
  /** How many others have open here. */
  others(db: Database, by: string): number
  /** The call that an own draft is bound to; undefined when there is no such draft. */
  boundTo(db: Database, by: string, draftId: string): { callId: string | null } | undefined
  /** Refuses with DRAFT_NOT_FOUND. */
  own(db: Database, by: string, draftId: string): { callId: string | null }
  /** The call's draft; made when there is none. Without a call, always a new one. DRAFT_NOT_FOUND: it is another's. */
  open(
    db: Database,
    by: string,
    input: { callId: string | null; callingNumber: string; contactNumber: string; divisionCode: string },
  ): Draft
  /**
   * Keeps the fields if the revision is newer; tells the revision that is stored then. `elsewhere`: what another page has saved since
   * `base`, and nothing was kept. DRAFT_NOT_FOUND.
   */
  save(
    db: Database,
    by: string,
    input: { draftId: string; revision: number; base?: number | undefined; fields: Draft['fields'] },
  ): { revision: number; elsewhere: Draft | null }
  discard(db: Database, by: string, draftId: string): void
  remove(db: Database, draftId: string): void
}

export function createDrafts(parts: { clock: Clock; random: Random; audit: Audit; outbox: Outbox }): Drafts {
  const { clock, random, audit, outbox } = parts
  const boundTo: Drafts['boundTo'] = (db, by, draftId) =>
    db
      .prepare('SELECT call_id AS callId FROM draft WHERE draft_id = ? AND operator_id = ?')
      .get(draftId, by) as { callId: string | null } | undefined
  const own: Drafts['own'] = (db, by, draftId) => {
    const found = boundTo(db, by, draftId)
    if (found === undefined) throw new Refusal('DRAFT_NOT_FOUND')
    return found
  }
  const remove = (db: Database, draftId: string) => {
    db.prepare('DELETE FROM draft WHERE draft_id = ?').run(draftId)
  }

  return {
    boundTo,
    own,
    remove,
    list: (db, by) =>
      (
        db
          .prepare('SELECT * FROM draft WHERE operator_id = ? ORDER BY created_at, draft_id')
          .all(by) as DraftRow[]
      ).map(fromRow),
    others: (db, by) =>
      Number(db.prepare('SELECT count(*) FROM draft WHERE operator_id IS NOT ?').pluck().get(by)),
    open: (db, by, input) => {
      const existing = db.prepare('SELECT * FROM draft WHERE call_id = ?').get(input.callId) as
        | DraftRow
        | undefined
      if (existing !== undefined) {
        if (existing.operator_id !== by) throw new Refusal('DRAFT_NOT_FOUND')
        return fromRow(existing)
      }
      const now = isoNow(clock)
      const made: Draft = {
        draftId: random.uuid(),
        callId: input.callId,
        revision: 0,
        fields: {
          ...emptyCaseFields,
          callingNumber: input.callingNumber,
          contactNumber: input.contactNumber,
          divisionCode: input.divisionCode,
        },
        createdAt: now,
        updatedAt: now,
      }
      db.prepare(
        `INSERT INTO draft (draft_id, call_id, operator_id, revision, fields, created_at, updated_at)
         VALUES (?, ?, ?, 0, ?, ?, ?)`,
      ).run(made.draftId, made.callId, by, JSON.stringify(made.fields), now, now)
      audit.append(db, {
        operatorId: by,
        action: 'draft.open',
        subjectKind: 'draft',
        subjectId: made.draftId,
        result: 'done',
      })
      return made
    },
    save: (db, by, input) => {
      const row = db
        .prepare('SELECT * FROM draft WHERE draft_id = ? AND operator_id = ?')
        .get(input.draftId, by) as DraftRow | undefined
      if (row === undefined) throw new Refusal('DRAFT_NOT_FOUND')
      const { revision } = row
      if (input.base !== undefined && input.base < revision && row.fields !== JSON.stringify(input.fields))
        return { revision, elsewhere: fromRow(row) }
      if (input.revision <= revision) return { revision, elsewhere: null }
      db.prepare('UPDATE draft SET revision = ?, fields = ?, updated_at = ? WHERE draft_id = ?').run(
        input.revision,
        JSON.stringify(input.fields),
        isoNow(clock),
        input.draftId,
      )
      return { revision: input.revision, elsewhere: null }
    },
    discard: (db, by, draftId) => {
      const draft = own(db, by, draftId)
      remove(db, draftId)
      audit.append(db, {
        operatorId: by,
        action: 'draft.discard',
        subjectKind: 'draft',
        subjectId: draftId,
        result: 'done',
      })
      outbox.append(db, {
        name: 'draft.discard',
        operatorId: by,
        caseId: null,
        args: { draftId, callId: draft.callId },
        baseVersion: null,
      })
    },
  }
}
