/** The case (诉求工单): its form, its first state after submission, and its history. */
import { z } from 'zod'
import { caseLoop } from './case-loop.ts'
import type { OperatorRole } from './operator.ts'
import { may } from './permission.ts'

export const requestKind = z
  .enum(['consult', 'help', 'complaint', 'report', 'suggestion', 'praise'])
  .describe('诉求类型')

export const urgency = z.enum(['normal', 'urgent', 'critical']).describe('紧急程度: 一般 / 紧急 / 特急')
export type Urgency = z.infer<typeof urgency>

/** Every call ends in exactly one of these (国办函〔2025〕66号). */
export const disposition = z
  .enum(['accept', 'transfer', 'statutory', 'explain', 'refer'])
  .describe('处置方式')
export type Disposition = z.infer<typeof disposition>

export const handling = z.enum(['direct', 'dispatch']).describe('办理方式: 直办 / 转办')
export type Handling = z.infer<typeof handling>

export const callerKind = z.enum(['person', 'enterprise']).describe('主体类型: 个人 / 企业')
export const gender = z.enum(['unknown', 'female', 'male']).describe('性别')

/** How a call was handed over (即时转至). `relayed`: the caller was gone, and the seat told the line itself. */
export const handOverWay = z
  .enum(['blind', 'consulted', 'three-way', 'relayed'])
  .describe('移交方式: 直接转接 / 咨询后转接 / 三方通话 / 转告')
export type HandOverWay = z.infer<typeof handOverWay>
export const consent = z.enum(['given', 'refused']).describe('来电人是否同意转接')

const text = (max: number, what: string) => z.string().max(max).describe(what)

/** What the operator fills in. Everything may be empty while it is a draft; lengths are refused, never cut. */
export const caseFields = z.object({
  callerName: text(100, '姓名'),
  gender,
  callingNumber: text(64, '来电号码'),
  contactNumber: text(64, '联系电话'),
  email: text(200, '电子邮箱'),
  company: text(200, '单位名称'),
  callerKind,
  title: text(200, '标题'),
  content: text(20_000, '诉求内容'),
  kind: requestKind.nullable(),
  urgency,
  categoryCode: text(32, '诉求分类代码'),
  divisionCode: text(32, '行政区划代码'),
  place: text(500, '详细地点'),
  partyName: text(200, '被反映对象'),
  partyPhone: text(64, '被反映对象电话'),
  confidential: z.boolean().describe('要求保密'),
  replyWanted: z.boolean().describe('需要回复'),
  disposition: disposition.nullable(),
  dispositionNote: text(2_000, '处置说明'),
  handling,
  remarks: text(2_000, '备注'),
  tags: z.array(text(20, '标签')).max(20),
  // Later than the fields above: cases, drafts and commands of earlier programs are without them.
  reasonCode: text(32, '处置原因代码').default(''),
  handOverNumber: text(64, '移交号码').default(''),
  handOverName: text(100, '移交单位').default(''),
  handOverWay: handOverWay.nullable().default(null),
  handOverAt: z
    .union([z.literal(''), z.iso.datetime()])
    .default('')
    .describe('移交时间'),
  handOverConsent: consent.nullable().default(null),
  handOverDirectory: text(64, '移交时的转接目录版本').default(''),
  handOverTakenBy: text(100, '接手人').default(''),
  handOverAck: text(500, '对方回执').default(''),
  callerWords: text(20_000, '来电人原话').default(''),
})
export type CaseFields = z.infer<typeof caseFields>

export const emptyCaseFields: CaseFields = {
  callerName: '',
  gender: 'unknown',
  callingNumber: '',
  contactNumber: '',
  email: '',
  company: '',
  callerKind: 'person',
  title: '',
  content: '',
  kind: null,
  urgency: 'normal',
  categoryCode: '',
  divisionCode: '',
  place: '',
  partyName: '',
  partyPhone: '',
  confidential: false,
  replyWanted: true,
  disposition: null,
  dispositionNote: '',
  handling: 'dispatch',
  remarks: '',
  tags: [],
  reasonCode: '',
  handOverNumber: '',
  handOverName: '',
  handOverWay: null,
  handOverAt: '',
  handOverConsent: null,
  handOverDirectory: '',
  handOverTakenBy: '',
  handOverAck: '',
  callerWords: '',
}

export type MissingField = 'contactNumber' | 'content' | 'disposition'

/** Characters of the content that stand for a title that nobody gave. */
const titleLength = 20

/** What a case is called in lists: its title, or how its content begins, without numbers in it. Empty: it has neither. */
export function titleOf({ title, content }: Pick<CaseFields, 'title' | 'content'>): string {
  if (title.trim() !== '') return title
  const words = content
    .normalize('NFKC')
    .replace(/\d[\d\s-]{5,}\d/g, '***')
    .trim()
    .split(/\s+/u)
    .join(' ')
  const first = Array.from(words).slice(0, titleLength).join('')
  return first.length < words.length ? `${first}…` : first
}

/** What still blocks a submission: contact, content and disposition, nothing else. In the order of the form. */
export function missingForSubmit(fields: CaseFields): MissingField[] {
  const missing: MissingField[] = []
  if (fields.contactNumber.trim() === '') missing.push('contactNumber')
  if (fields.content.trim() === '') missing.push('content')
  if (fields.disposition === null) missing.push('disposition')
  return missing
}

export const caseStatus = z
  .enum(['accepted', 'awaiting-approval', 'dispatched', 'handling', 'returning', 'replied', 'closed'])
  .describe('工单状态: 已受理 / 待审批 / 已派单 / 办理中 / 退单待审 / 已答复 / 已办结')
export type CaseStatus = z.infer<typeof caseStatus>

/**
 * The state a submitted case begins in. 转办 stays open for a unit; 移交线索 waits for a supervisor's approval, and so does whatever
 * would be closed by somebody who may not close cases (外包坐席).
 */
export function statusAfterSubmit(submitted: Disposition, by: Handling, role: OperatorRole): CaseStatus {
  switch (submitted) {
    case 'accept':
      return by === 'direct' ? closedBy(role) : 'accepted'
    case 'refer':
      return 'awaiting-approval'
    case 'transfer':
    case 'statutory':
    case 'explain':
      return closedBy(role)
  }
}
const closedBy = (role: OperatorRole): CaseStatus =>
  may(role, 'case.close') ? 'closed' : 'awaiting-approval'

export const isOpen = (status: CaseStatus): boolean => status !== 'closed'

/** A case in a list or a screen pop. */
export const caseSummary = z.object({
  caseId: z.string(),
  caseNumber: z.string().describe('工单编号'),
  title: z.string(),
  callerName: z.string(),
  contactNumber: z.string(),
  kind: requestKind.nullable(),
  urgency,
  categoryCode: z.string(),
  divisionCode: z.string(),
  disposition,
  status: caseStatus,
  confidential: z.boolean(),
  operatorId: z.string(),
  createdAt: z.iso.datetime(),
  version: z.number().int(),
})
export type CaseSummary = z.infer<typeof caseSummary>

export const historyEntry = z.object({
  entryId: z.string(),
  kind: z
    .enum(['created', 'remark', 'edited', 'moved', 'attached'])
    .describe('历史类型: 受理 / 备注 / 修改 / 流转 / 附件'),
  at: z.iso.datetime(),
  reportedAt: z.iso.datetime().optional().describe('坐席报告的时间，与计入的时间不同时才有'),
  operatorId: z.string(),
  operatorName: z.string(),
  detail: z
    .string()
    .describe('说明: 处置方式 / 备注原文 / 改动的字段名（空格分隔） / 流转代码、空格、原因 / 附件名'),
})
export type HistoryEntry = z.infer<typeof historyEntry>

/** One line of a case's list of related cases, as a seat shows it. */
export const shownRelation = z.object({
  kind: z.enum(['linked', 'merged-into', 'merged-here']).describe('关联 / 已并入 / 并入本单'),
  caseId: z.string(),
  caseNumber: z.string(),
  /** On which of both it is written: whoever takes it back says so there. */
  holderId: z.string(),
  operatorName: z.string(),
  at: z.iso.datetime(),
  title: z.string().nullable().describe('不在本席或无权查看时为空'),
  status: caseStatus.nullable(),
  replyDue: z.boolean().describe('这位来电人还没有得到回复'),
  refused: z.string().nullable().describe('中心没有接受的原因'),
})
export type ShownRelation = z.infer<typeof shownRelation>

export const caseDetail = caseSummary.extend({
  fields: caseFields,
  catalogueVersion: z.string().describe('派单目录版本'),
  callIds: z.array(z.string()),
  history: z.array(historyEntry),
  loop: caseLoop.nullable().describe('办理过程的现状；没有派单时为空'),
  related: z.array(shownRelation).describe('关联与并单'),
  merged: z.boolean().describe('已并入另一张工单'),
  progressCode: z.string().nullable().describe('查询码；中心受理后才有，保密工单没有'),
})
export type CaseDetail = z.infer<typeof caseDetail>

/** A form that is being filled in (草稿): local, one per call or one begun by hand. */
export const draft = z.object({
  draftId: z.string(),
  callId: z.string().nullable().describe('绑定的通话'),
  revision: z.number().int().nonnegative().describe('每次修改加一；旧的不覆盖新的'),
  fields: caseFields,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})
export type Draft = z.infer<typeof draft>
