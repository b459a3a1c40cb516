/**
 * 涉企台账: enterprises' cases, each followed by one seat to its end (一跟到底). Whoever filed it follows it, until a supervisor hands
 * it to somebody else (case-moves.ts, handTo). Pure.
 */
import { z } from 'zod'
import { type CaseDetail, caseStatus, isOpen } from './case.ts'
import { type CaseLoop, caseLoop } from './case-loop.ts'
import type { OperatorRole } from './operator.ts'
import { may } from './permission.ts'
import { cellText } from './spreadsheet-text.ts'

export const isEnterprise = ({ fields }: Pick<CaseDetail, 'fields'>): boolean =>
  fields.callerKind === 'enterprise'

/** Whose case it is to follow. */
export const ownerIdOf = (one: { operatorId: string; loop: CaseLoop | null }): string =>
  one.loop?.owner?.operatorId ?? one.operatorId

/** Not over: also one that still waits for its follow-up (回访). */
export const isFollowed = ({ status, loop }: Pick<CaseDetail, 'status' | 'loop'>): boolean =>
  isOpen(status) || loop?.followUp === 'due'

/** Others' cases are seen by those who hand them on. */
export const seesAllEnterprises = (role: OperatorRole): boolean => may(role, 'case.handTo')

const day = z.iso.date()
export const ledgerFilter = z.object({
  state: z.enum(['open', 'closed', 'all']).describe('未了结（含待回访）/ 已了结 / 全部'),
  mineOnly: z.boolean().describe('只看本人跟办；无权看全部的人总是如此'),
  from: day.nullable().describe('受理日期从，按中国时间'),
  to: day.nullable().describe('受理日期到，含当日'),
  text: z.string().max(100).describe('企业名称、标题或编号中的文字'),
})
export type LedgerFilter = z.infer<typeof ledgerFilter>
export const noLedgerFilter: LedgerFilter = { state: 'open', mineOnly: true, from: null, to: null, text: '' }

export const ledgerRow = z.object({
  caseId: z.string(),
  caseNumber: z.string().describe('工单编号'),
  company: z.string().describe('企业名称'),
  title: z.string(),
  unit: z.string().describe('主办单位；没有派单时为空'),
  status: caseStatus,
  followUp: caseLoop.shape.followUp,
  dueAt: z.iso.datetime().nullable().describe('答复时限'),
  repliedAt: z.iso.datetime().nullable(),
  owner: z.object({ operatorId: z.string(), name: z.string() }).describe('跟办坐席'),
  createdAt: z.iso.datetime(),
  confidential: z.boolean(),
})
export type LedgerRow = z.infer<typeof ledgerRow>

/** Late is what was answered after its due time, or is not answered after it. */
export const isLate = (
  { dueAt, repliedAt, status }: Pick<LedgerRow, 'dueAt' | 'repliedAt' | 'status'>,
  now: number,
): boolean =>
  dueAt !== null && (repliedAt === null ? isOpen(status) && Date.parse(dueAt) < now : repliedAt > dueAt)

/** What a spreadsheet would take for a formula begins with an apostrophe instead; also after spaces and in full width. */
export const neutralised = (cell: string): string =>
  /^\s*[=+\-@＝＋－＠\t\r|%]/.test(cell) ? `'${cell}` : cell

const statusWords: Record<LedgerRow['status'], string> = {
  accepted: '已受理',
  'awaiting-approval': '待审批',
  dispatched: '已派单',
  handling: '办理中',
  returning: '退单待审',
  replied: '已答复',
  closed: '已办结',
}
const chinaTime = (iso: string | null): string =>
  iso === null ? '' : new Date(Date.parse(iso) + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ')

export const ledgerHeader = [
  '工单编号',
  '企业名称',
  '标题',
  '主办单位',
  '状态',
  '答复时限',
  '是否超时',
  '跟办坐席',
  '受理时间',
] as const

/** As it leaves the seat: who asked for confidentiality is not named, and no number of anybody is in it. */
export const ledgerCells = (rows: readonly LedgerRow[], now: number): string[][] => [
  [...ledgerHeader],
  ...rows.map(row =>
    [
      row.caseNumber,
      row.confidential ? '保密' : row.company,
      row.confidential ? '保密' : row.title,
      row.unit,
      row.followUp === 'due' ? '待回访' : statusWords[row.status],
      chinaTime(row.dueAt),
      isLate(row, now) ? '超时' : '',
      row.owner.name,
      chinaTime(row.createdAt),
    ].map(cell => neutralised(cellText(cell))),
  ),
]
