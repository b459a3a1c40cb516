/** 关联、并单: what the page asks of the core about cases of one matter. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { caseDetail } from '../domain/case.ts'
import { relateInput } from '../domain/case-relations.ts'
import { seatErrors } from './errors.ts'

const procedure = oc.errors(seatErrors)
const id = z.string().min(1).max(64)

const chosenRelations = z.array(z.object({ otherId: z.string(), relation: z.enum(['link', 'merge']) }))

export const seatRelations = {
  /**
   * Relates two filed cases, or takes it back; the centre decides. MERGE_NOT_POSSIBLE, MERGE_MAIN_CLOSED, MERGED_ELSEWHERE,
   * RELATION_NOT_POSSIBLE by what is known here. Taking back what the centre refused ends it.
   */
  relate: procedure
    .input(relateInput.extend({ caseId: id, requestId: z.string().min(1).max(64) }))
    .output(caseDetail),
  /** What an open form shall be related to when it is filed; null takes it back. There is one merge. DRAFT_NOT_FOUND. */
  choose: procedure
    .input(z.object({ draftId: id, otherId: id, relation: z.enum(['link', 'merge']).nullable() }))
    .output(chosenRelations),
  chosen: procedure.input(z.object({ draftId: id })).output(chosenRelations),
}
