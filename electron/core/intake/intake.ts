/**
 * 互联网受理 at the seat: one item of the centre's list becomes a form here. What became of the form is told to the centre until it has
 * heard it: filed, or given back when the form was given up.
 */
import { z } from 'zod'
import { type IntakeItem, intakeClaim, intakeItem } from '../../../shared/contract/central-intake.ts'
import type { Draft } from '../../../shared/domain/case.ts'
import type { Attachment } from '../../../shared/domain/command.ts'
import type { Operator } from '../../../shared/domain/operator.ts'
import type { Audit } from '../audit/audit.ts'
import type { CaseChanges } from '../cases/case-changes.ts'
import type { Drafts } from '../cases/drafts.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import type { Store } from '../storage/store.ts'
import type { Centre } from '../sync/centre.ts'
import { createCentreAsk } from '../sync/centre-ask.ts'

const nothing = z.object({})

export type Intake = {
  list(operator: Operator): Promise<IntakeItem[]>
  claim(operator: Operator, intakeId: string): Promise<Draft>
  drop(intakeId: string, reason: string): Promise<void>
  /** The files that came with a form that is open here. */
  files(db: Database, operator: Operator, draftId: string): Attachment[]
  /** One of them in pieces from the centre, audited. ATTACHMENT_NOT_FOUND, and as the centre refuses. */
  readFile(
    operator: Operator,
    input: { draftId: string; attachmentId: string },
  ): AsyncGenerator<{ offset: number; content: Uint8Array }>
  /** In the transaction that files the form: its files are the case's from now on. Says how many. */
  filed(db: Database, operator: Operator, caseId: string): number
  /** A form was filed or given up: the centre is told, now or with the next look at the list. */
  settle(operator: Operator): Promise<void>
}

type Kept = { draftId: string; intakeId: string; fence: number; filed: number; open: number }

export function createIntake(parts: {
  store: Pick<Store, 'db' | 'write'>
  drafts: Drafts
  centre: Pick<Centre, 'asOperator'>
  cases: Pick<CaseChanges, 'attach'>
  audit: Audit
  /** The content that the centre has there; refuses when it is not that file. */
  contentAt(path: string, attachment: Attachment): AsyncGenerator<{ offset: number; content: Uint8Array }>
  divisionCode(): string
  /** The centre has heard what became of a form: its list is another one. */
  changed(): void
}): Intake {
  const { store, drafts, centre, cases, audit } = parts

  const ask = createCentreAsk(centre, 'INTAKE_CLOSED')
  const about = (intakeId: string, what: string) => `/v1/intake/${encodeURIComponent(intakeId)}/${what}`

  const ended = (db: Database, operatorId: string): Kept[] =>
    (
      db
        .prepare(
          `SELECT draft_id AS draftId, intake_id AS intakeId, fence,
             EXISTS (SELECT 1 FROM cases c WHERE c.case_id = i.draft_id) AS filed,
             EXISTS (SELECT 1 FROM draft d WHERE d.draft_id = i.draft_id) AS open
           FROM intake_draft i WHERE operator_id = ?`,
        )
        .all(operatorId) as Kept[]
    ).filter(({ open }) => open === 0)

  /** Whether the centre has decided: its refusal is the end of it, too. */
  const isTold = async (kept: Kept): Promise<boolean> => {
    const { draftId: caseId, intakeId, fence } = kept
    try {
      if (kept.filed === 1) await ask('POST', about(intakeId, 'filed'), nothing, { fence, caseId })
      else await ask('POST', about(intakeId, 'release'), nothing, { fence })
      return true
    } catch (error) {
      return error instanceof Refusal && (error.code === 'LEASE_NOT_YOURS' || error.code === 'INTAKE_CLOSED')
    }
  }

  const claimOf = (db: Database, { operatorId }: Operator, draftId: string) => {
    const row = db
      .prepare(
        'SELECT intake_id AS intakeId, fence, attachments FROM intake_draft WHERE draft_id = ? AND operator_id = ?',
      )
      .get(draftId, operatorId) as { intakeId: string; fence: number; attachments: string } | undefined
    return row === undefined ? null : { ...row, attachments: JSON.parse(row.attachments) as Attachment[] }
  }

  const settle: Intake['settle'] = async ({ operatorId }) => {
    for (const kept of ended(store.db(), operatorId)) {
      if (!(await isTold(kept))) return
      store.write(db => {
        db.prepare('DELETE FROM intake_draft WHERE draft_id = ?').run(kept.draftId)
      })
      parts.changed()
    }
  }

  return {
    settle,
    list: async operator => {
      await settle(operator)
      return (await ask('GET', '/v1/intake', z.object({ items: z.array(intakeItem) }))).items
    },

    claim: async (operator, intakeId) => {
      const { content, fence, channel, attachments } = await ask(
        'POST',
        about(intakeId, 'claim'),
        intakeClaim,
        {},
      )
      const { operatorId } = operator
      return store.write(db => {
        const open = db
          .prepare(
            `SELECT i.draft_id FROM intake_draft i JOIN draft USING (draft_id)
             WHERE i.intake_id = ? AND i.operator_id = ? AND i.fence = ?`,
          )
          .pluck()
          .get(intakeId, operatorId, fence)
        const known = drafts.list(db, operatorId).find(({ draftId }) => draftId === open)
        if (known !== undefined) return known
        const { phone, name, title, place, kind, confidential, replyWanted } = content
        const made = drafts.open(db, operatorId, {
          callId: null,
          callingNumber: '',
          contactNumber: phone,
          divisionCode: parts.divisionCode(),
        })
        const fields = {
          ...made.fields,
          callerName: name,
          title,
          content: content.content,
          place,
          kind,
          confidential,
          replyWanted,
          remarks: `互联网受理：${channel} ${intakeId}`,
        }
        const { revision } = drafts.save(db, operatorId, { draftId: made.draftId, revision: 1, fields })
        db.prepare(
          'INSERT INTO intake_draft (draft_id, intake_id, fence, operator_id, attachments) VALUES (?, ?, ?, ?, ?)',
        ).run(made.draftId, intakeId, fence, operatorId, JSON.stringify(attachments))
        return { ...made, revision, fields }
      })
    },

    files: (db, operator, draftId) => claimOf(db, operator, draftId)?.attachments ?? [],

    readFile: async function* (operator, { draftId, attachmentId }) {
      const claim = claimOf(store.db(), operator, draftId)
      const file = claim?.attachments.find(each => each.attachmentId === attachmentId)
      if (claim === null || file === undefined) throw new Refusal('ATTACHMENT_NOT_FOUND')
      store.write(db =>
        audit.append(db, {
          operatorId: operator.operatorId,
          action: 'attachment.read',
          subjectKind: 'draft',
          subjectId: draftId,
          result: 'done',
        }),
      )
      const path = about(
        claim.intakeId,
        `attachments/${encodeURIComponent(attachmentId)}?fence=${claim.fence}`,
      )
      yield* parts.contentAt(path, file)
    },

    filed: (db, operator, caseId) => {
      const attachments = claimOf(db, operator, caseId)?.attachments ?? []
      for (const attachment of attachments) cases.attach(db, operator, { caseId, attachment })
      return attachments.length
    },

    drop: async (intakeId, reason) => {
      const { fence } = await ask('POST', about(intakeId, 'claim'), intakeClaim, {})
      await ask('POST', about(intakeId, 'drop'), nothing, { fence, reason })
    },
  }
}
