/** Who sits at the seat (坐席人员). */
import { z } from 'zod'

export const operatorRole = z
  .enum(['agent', 'contractor', 'lead', 'admin', 'unit'])
  .describe('角色: 坐席 / 外包坐席 / 班长 / 管理员 / 承办单位')
export type OperatorRole = z.infer<typeof operatorRole>

export const operator = z.object({
  operatorId: z.string(),
  workNumber: z
    .string()
    .min(1)
    .max(20)
    .regex(/^[0-9A-Za-z-]+$/)
    .describe('工号'),
  name: z.string().trim().min(1).max(40).describe('姓名'),
  branch: z.string().trim().min(1).max(60).describe('分中心'),
  role: operatorRole.default('agent'),
  allBranches: z.boolean().optional().describe('全市：不限于本分中心'),
  unitCode: z.string().max(32).optional().describe('承办单位代码；只有承办单位的人员有'),
  skills: z.array(z.string().min(1).max(40)).max(40).default([]).describe('技能: 方言、涉企等'),
})
export type Operator = z.infer<typeof operator>
