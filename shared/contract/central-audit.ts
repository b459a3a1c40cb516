/** The central contract's part for what leads and administrators are told of the audit. */
import { z } from 'zod'
import { ledgerExport } from '../domain/command.ts'
import { route } from './central-route.ts'

/** The latest that are told at once. */
export const maxAlarms = 200

export const lookupAlarm = z
  .object({
    at: z.iso.datetime(),
    operatorId: z.string(),
    workNumber: z.string(),
    name: z.string(),
    branch: z.string(),
    employer: z.string(),
    kind: z.enum(['caller.lookup', 'caller.ring', 'case.read']).describe('查询来电人 / 来电弹屏 / 打开工单'),
    count: z.number().int().describe('这段时间内查询了多少个'),
    minutes: z.number().int(),
    refused: z.boolean().describe('已达上限，查询被拒绝'),
  })
  .describe('查询异常')
export type LookupAlarm = z.infer<typeof lookupAlarm>

/** Device and operator with audit.read: of one's own branch. */
export const auditRoutes = {
  alarms: route('GET', '/v1/alarms', '查询异常', '短时间内大量查询来电人或工单的人员，最近的在前。')
    .input(z.object({ since: z.iso.datetime().optional() }))
    .output(z.object({ alarms: z.array(lookupAlarm) })),
  /**
   * Device and operator with case.exportInBulk. A seat that works with a centre writes no file before this is answered; that the file
   * was written is the command `ledger.export`.
   */
  beginExport: route('POST', '/v1/exports', '开始导出', '导出前由本人在线确认，写入审计后才可生成文件。')
    .input(ledgerExport)
    .output(z.object({})),
}
