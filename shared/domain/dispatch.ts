/** The dispatch of a case (派单): which unit handles it, which help, and by when. Made by the catalogue, kept with its version. */
import { z } from 'zod'

/** A handling unit (承办单位) as the dispatch names it: the name is kept, since a later catalogue may have another. */
export const handlingUnit = z.object({
  code: z.string().min(1).max(32).describe('单位代码'),
  name: z.string().min(1).max(100).describe('单位名称'),
})
export type HandlingUnit = z.infer<typeof handlingUnit>

export const dispatchOrder = z.object({
  catalogueVersion: z.string().min(1).max(64).describe('派单目录版本'),
  categoryCode: z.string().min(1).max(32).describe('诉求分类代码'),
  lead: handlingUnit.describe('主办单位'),
  assist: z.array(handlingUnit).max(10).describe('协办单位'),
  signBy: z.iso.datetime().nullable().describe('签收时限'),
  replyBy: z.iso.datetime().nullable().describe('答复时限'),
  opinion: z.string().max(2_000).describe('派单意见'),
  attachments: z
    .array(z.string().min(1).max(64))
    .max(100)
    .optional()
    .describe('交承办单位查看的附件；没有列出的，单位看不到'),
})
export type DispatchOrder = z.infer<typeof dispatchOrder>
