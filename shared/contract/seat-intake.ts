/** 互联网受理: what the page asks of the core about what came in by internet channels. */
import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { draft } from '../domain/case.ts'
import { attachment } from '../domain/command.ts'
import { intakeItem } from './central-intake.ts'
import { seatErrors } from './errors.ts'

const procedure = oc.errors(seatErrors)
const intakeId = z.string().min(1).max(64)

export const seatIntake = {
  /** The centre's list now. CENTRE_UNREACHABLE, CENTRE_SESSION_NEEDED. */
  list: procedure.input(z.object({})).output(z.object({ items: z.array(intakeItem) })),
  /** The centre decides whose it is; a form is opened from it. INTAKE_HELD, INTAKE_CLOSED. */
  claim: procedure.input(z.object({ intakeId })).output(draft),
  drop: procedure
    .input(z.object({ intakeId, reason: z.string().trim().min(1).max(500) }))
    .output(z.object({})),
  /** The files that came with an open form; they become its case's when it is filed. */
  files: procedure.input(z.object({ draftId: z.string().max(64) })).output(z.array(attachment)),
  /** One of them from the centre, as `attachments.read`. LEASE_NOT_YOURS: somebody else has the item meanwhile. */
  readFile: procedure
    .input(z.object({ draftId: z.string().max(64), attachmentId: z.string().max(64) }))
    .output(eventIterator(z.object({ offset: z.number().int(), content: z.base64() }))),
}
