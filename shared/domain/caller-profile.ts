/** What is remembered of a number (来电人档案): the dialect its caller speaks, and whether they call for an enterprise. */
import { z } from 'zod'
import { callerKind } from './case.ts'

export const callerProfile = z.object({
  numberKey: z.string().min(2).max(64).describe('归一号码'),
  dialect: z.string().trim().max(40).describe('方言；空为普通话或不知'),
  callerKind: callerKind.nullable().describe('主体类型；空为不知'),
  at: z.iso.datetime().describe('记下的时间'),
})
export type CallerProfile = z.infer<typeof callerProfile>

/** What was written down last holds, wherever it was written. */
export const laterProfile = <T extends { at: string }>(a: T | null, b: T | null): T | null =>
  a === null ? b : b === null ? a : Date.parse(b.at) > Date.parse(a.at) ? b : a
