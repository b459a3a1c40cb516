/** Who sits at the seat (坐席人员). */
import { z } from 'zod'

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
})
export type Operator = z.infer<typeof operator>
