/** Page ↔ core: 涉企台账. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { ledgerFilter, ledgerRow } from '../domain/enterprise.ts'
import { seatErrors } from './errors.ts'

const procedure = oc.errors(seatErrors)

export const seatEnterprise = {
  /** Latest first. Whoever may not hand cases on sees those that they follow themselves. NOT_SIGNED_IN. */
  list: procedure
    .input(
      z.object({
        filter: ledgerFilter,
        limit: z.number().int().min(1).max(200),
        cursor: z.string().max(32).nullable(),
      }),
    )
    .output(z.object({ rows: z.array(ledgerRow), nextCursor: z.string().nullable() })),
  /** FORBIDDEN for whoever may not export in bulk. In the audit of this seat and of the centre. */
  export: procedure.input(z.object({ filter: ledgerFilter, format: z.enum(['csv', 'xlsx']) })).output(
    z.object({
      fileName: z.string(),
      content: z.base64(),
      rows: z.number().int(),
      more: z.boolean().describe('超出一个文件的部分没有导出'),
    }),
  ),
}
