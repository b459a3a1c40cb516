/** What waits, in plain words. No names, numbers or text of a case: whoever sits here sees the list. */
import type { z } from 'zod'
import { caseFields } from '../../../shared/domain/case.ts'
import type { CaseMove } from '../../../shared/domain/case-moves.ts'
import type { Relation } from '../../../shared/domain/case-relations.ts'
import {
  type CommandArgs,
  type CommandName,
  commandArgs,
  isCommandName,
} from '../../../shared/domain/command.ts'

const moves: Record<CaseMove, string> = {
  close: '办结工单',
  approve: '批准移交线索',
  reject: '驳回移交线索',
  reopen: '重开工单',
  dispatch: '派单',
  redispatch: '改派',
  sign: '代单位签收',
  reply: '代单位答复',
  return: '代单位申请退单',
  approveReturn: '同意退单',
  denyReturn: '不同意退单',
  extend: '代单位申请延期',
  approveExtension: '同意延期',
  denyExtension: '不同意延期',
  rehandle: '重办',
  urge: '催办',
  supervise: '督办',
  followUp: '登记回访',
  handTo: '转交跟办',
}
const states = {
  offline: '下线',
  ready: '示闲',
  busy: '示忙',
  break: '小休',
  talking: '通话',
  'wrap-up': '话后整理',
}

/** A field's name is its description in the form's schema, up to what it may be. */
export function fieldName(field: string): string {
  const shape: Record<string, z.ZodType> = caseFields.shape
  const schema = shape[field]
  const inner = schema !== undefined && 'unwrap' in schema ? (schema.unwrap as () => z.ZodType)() : undefined
  return (schema?.description ?? inner?.description)?.split(':')[0] ?? field
}

const codes: Record<string, Record<string, string>> = {
  urgency: { normal: '一般', urgent: '紧急', critical: '特急' },
  kind: {
    consult: '咨询',
    help: '求助',
    complaint: '投诉',
    report: '举报',
    suggestion: '建议',
    praise: '表扬',
  },
  gender: { unknown: '未知', female: '女', male: '男' },
  callerKind: { person: '个人', enterprise: '企业' },
}

/** A field's value for a remark that people read. */
export function valueWords(field: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return '（空）'
  if (typeof value === 'boolean') return value ? '是' : '否'
  if (Array.isArray(value)) return value.length === 0 ? '（空）' : value.map(String).join('、')
  if (typeof value !== 'string') return JSON.stringify(value)
  return codes[field]?.[value] ?? value
}

const relations: Record<Relation, string> = {
  link: '关联工单',
  unlink: '解除关联',
  merge: '并单',
  unmerge: '撤销并单',
}

const sentences: { [N in CommandName]: (args: CommandArgs<N>) => string } = {
  'case.create': () => '提交新工单',
  'case.addRemark': () => '补充备注',
  'case.edit': ({ changes }) => `修改工单：${changes.map(({ field }) => fieldName(field)).join('、')}`,
  'case.move': ({ move }) => moves[move],
  'case.relate': ({ relation }) => relations[relation],
  'case.attach': () => '添加附件',
  'case.reveal': ({ what }) => `查看完整号码：${fieldName(what)}`,
  'draft.discard': () => '放弃草稿',
  'call.record': ({ direction }) => (direction === 'inbound' ? '来电的通话记录' : '去电的通话记录'),
  'callback.outcome': () => '回拨的结果',
  'callback.offline': () => '离线回拨的记录',
  'caller.remember': () => '记下来电人的方言与主体类型',
  'ledger.export': () => '导出台账的记录',
  'model.ask': () => '使用本市大模型的记录',
  'model.answer': () => '本市大模型答复的记录',
  'knowledge.correct': () => '知识纠错',
  'seat.state': ({ kind }) => `坐席状态：${states[kind]}`,
}

export function commandWords(name: string, args: unknown): string {
  if (!isCommandName(name)) return '由其他版本的程序写入的一项'
  const parsed = commandArgs[name].safeParse(args)
  if (!parsed.success) return '内容无法识别的一项'
  // Both are chosen by the same name.
  return (sentences[name] as (known: unknown) => string)(parsed.data)
}
