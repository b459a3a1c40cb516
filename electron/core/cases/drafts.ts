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
  list(db: Database): Draft[]
  /** The call that a draft is bound to; undefined when there is no such draft. */
  boundTo(db: Database, draftId: string): { callId: string | null } | undefined
  /** The call's draft; made when there is none. Without a call, always a new one. */
  open(
    db: Database,
    by: string | null,
    input: { callId: string | null; callingNumber: string; contactNumber: string; divisionCode: string },
  ): Draft
  /** Keeps the fields if the revision is newer; returns the revision that is stored then. */
  save(db: Database, input: { draftId: string; revision: number; fields: Draft['fields'] }): number
  discard(db: Database, by: string | null, draftId: string): void
  remove(db: Database, draftId: string): void
}

export function createDrafts(parts: { clock: Clock; random: Random; audit: Audit; outbox: Outbox }): Drafts {
  const { clock, random, audit, outbox } = parts
  const boundTo: Drafts['boundTo'] = (db, draftId) =>
    db.prepare('SELECT call_id AS callId FROM draft WHERE draft_id = ?').get(draftId) as
      | { callId: string | null }
      | undefined
  const remove = (db: Database, draftId: string) => {
    db.prepare('DELETE FROM draft WHERE draft_id = ?').run(draftId)
  }

  return {
    boundTo,
    remove,
    list: db =>
      (db.prepare('SELECT * FROM draft ORDER BY created_at, draft_id').all() as DraftRow[]).map(fromRow),
    open: (db, by, input) => {
      const existing = db.prepare('SELECT * FROM draft WHERE call_id = ?').get(input.callId) as
        | DraftRow
        | undefined
      if (existing !== undefined) return fromRow(existing)
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
        'INSERT INTO draft (draft_id, call_id, revision, fields, created_at, updated_at) VALUES (?, ?, 0, ?, ?, ?)',
      ).run(made.draftId, made.callId, JSON.stringify(made.fields), now, now)
      audit.append(db, {
        operatorId: by,
        action: 'draft.open',
        subjectKind: 'draft',
        subjectId: made.draftId,
        result: 'done',
      })
      return made
    },
    save: (db, input) => {
      const stored: unknown = db
        .prepare('SELECT revision FROM draft WHERE draft_id = ?')
        .pluck()
        .get(input.draftId)
      if (typeof stored !== 'number') throw new Refusal('DRAFT_NOT_FOUND')
      if (input.revision <= stored) return stored
      db.prepare('UPDATE draft SET revision = ?, fields = ?, updated_at = ? WHERE draft_id = ?').run(
        input.revision,
        JSON.stringify(input.fields),
        isoNow(clock),
        input.draftId,
      )
      return input.revision
    },
    discard: (db, by, draftId) => {
      const draft = boundTo(db, draftId)
      if (draft === undefined) throw new Refusal('DRAFT_NOT_FOUND')
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
