/** 派单: what the page asks of the core about the catalogue in force and a form's dispatch. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { workCalendar } from '../domain/calendar.ts'
import { catalogueChange } from '../domain/catalogue-changes.ts'
import { categoryReading } from '../domain/category-search.ts'
import { dispatchChoice } from '../domain/make-dispatch.ts'
import { seatErrors } from './errors.ts'

const nothing = z.object({})
const procedure = oc.errors(seatErrors)

/** Another version came into force, and categories changed by which this operator files. */
export const catalogueNotice = z.object({
  key: z.number().int(),
  version: z.string(),
  previous: z.string(),
  appliedAt: z.iso.datetime(),
  changes: z.array(catalogueChange),
  changeCount: z.number().int(),
  mine: z.array(z.string()).describe('本人用过或正在填写的分类'),
})
export type CatalogueNotice = z.infer<typeof catalogueNotice>

export const seatDispatch = {
  /** Every entry with its pinyin, for the search; made once for a version. */
  readings: procedure
    .input(nothing)
    .output(z.object({ version: z.string(), readings: z.array(categoryReading) })),
  /** The categories that the operator used last, the latest first. */
  recent: procedure.input(nothing).output(z.array(z.string())),
  /** The calendar in force. `catalogueSince`: when the catalogue came into force; null: it is the sample. */
  calendar: procedure
    .input(nothing)
    .output(z.object({ calendar: workCalendar.nullable(), catalogueSince: z.iso.datetime().nullable() })),
  choice: procedure.input(z.object({ draftId: z.string().max(64) })).output(dispatchChoice),
  /** Kept beside the draft. DRAFT_NOT_FOUND. */
  choose: procedure.input(z.object({ draftId: z.string().max(64), choice: dispatchChoice })).output(nothing),
  notice: procedure.input(nothing).output(catalogueNotice.nullable()),
  seen: procedure.input(z.object({ key: z.number().int() })).output(nothing),
  /** 改分类 of an unsent dispatch whose entry is gone. */
  recategorise: procedure
    .input(z.object({ commandId: z.string().max(64), categoryCode: z.string().max(32) }))
    .output(nothing),
}
