/** The codes with which the core refuses. The sentence is for the operator; the code is for programs and tests. */
import { z } from 'zod'
import { dispositionNeeds } from '../domain/disposition-rules.ts'
import { passwordFault } from '../domain/password.ts'
import { centralErrors, commandRefusals } from './central-errors.ts'

const refusal = (message: string) => ({ message })

/** The centre's own sentences, where a seat hands its refusal on to the operator. */
const ofCentre = <C extends keyof typeof centralErrors>(...codes: C[]) =>
  Object.fromEntries(codes.map(code => [code, refusal(centralErrors[code].message)])) as Record<
    C,
    { message: string }
  >

export const seatErrors = {
  STORAGE_LOCKED: refusal('本机数据尚未解锁，请先输入口令'),
  STORAGE_FAILED: refusal('本机数据库无法打开'),
  DISK_FULL: refusal('磁盘空间不足，内容仍保留在页面上；请清理磁盘后重试'),
  STORAGE_READ_ONLY: refusal('数据文件是只读的，内容仍保留在页面上；请联系管理员'),
  PASSPHRASE_WRONG: refusal('口令不正确'),
  PASSPHRASE_WEAK: {
    message: '口令不符合规则：至少 10 个字符且有三种，或至少 16 个字符；不能太常见',
    data: z.object({ fault: passwordFault }),
  },
  NOT_SIGNED_IN: refusal('请先选择坐席人员'),
  OPERATOR_NOT_FOUND: refusal('没有这名坐席人员'),
  OPERATOR_EXISTS: refusal('工号已存在'),
  CALL_NOT_FOUND: refusal('没有这条通话记录'),
  DRAFT_NOT_FOUND: refusal('草稿不存在，可能已提交或已放弃'),
  CASE_NOT_FOUND: refusal('没有这张工单'),
  ARTICLE_NOT_FOUND: refusal('没有这篇知识，可能已撤下'),
  CORRECTION_NOT_FOUND: refusal('没有这条纠错'),
  CASE_INCOMPLETE: {
    message: '还缺少必填内容',
    data: z.object({ missing: z.array(z.enum(['contactNumber', 'content', 'disposition'])) }),
  },
  DISPOSITION_INCOMPLETE: {
    message: '所选受理方式还缺少必填内容',
    data: z.object({ missing: z.array(z.enum(dispositionNeeds)) }),
  },
  DISPOSITION_REASON_UNKNOWN: {
    message: '处置原因不在当前规则中，请重新选择',
    data: z.object({ code: z.string() }),
  },
  TRANSFER_REFUSED: {
    message: '转接目录不允许现在转到这个号码',
    data: z.object({ why: z.enum(['NOT_YET', 'NO_LONGER', 'CLOSED_NOW']), sentence: z.string() }),
  },
  SETTING_FIXED_BY_POLICY: {
    message: '该设置由管理员的策略文件规定，不能在此修改',
    data: z.object({ fields: z.array(z.string()) }),
  },
  PASSWORD_NEEDED: refusal('请输入口令'),
  SIGN_IN_FAILED: refusal('工号或口令不正确'),
  SIGN_IN_LOCKED: refusal('失败次数过多，请稍后再试'),
  OFFLINE_SIGN_IN_EXPIRED: refusal('离线登录已超过有效期，请在中心可达时登录一次'),
  CENTRE_UNREACHABLE: refusal('现在连不上中心，请稍后再试'),
  ENROLMENT_REFUSED: refusal('登记码无效、已用过或已过期'),
  AUTHOR_NEEDED: refusal('请由这项操作的操作人本人在中心可达时登录后重试'),
  COMMAND_NOT_FOUND: refusal('这一项已不在未同步列表中'),
  FILE_UNREADABLE: refusal('文件无法读取，或不是未同步数据的导出文件'),
  ATTACHMENT_NOT_FOUND: refusal('没有这个附件，或添加已中断，请重新添加'),
  ATTACHMENT_EMPTY: refusal('文件是空的，没有添加'),
  ATTACHMENT_TOO_LARGE: refusal('文件超过 200 MB，没有添加'),
  ATTACHMENT_NAME_INVALID: refusal('文件名不能使用，请改名后再添加'),
  ATTACHMENT_EXISTS: refusal('这个附件已用于另一个文件'),
  ATTACHMENT_OUT_OF_ORDER: {
    message: '附件的内容没有按顺序到达，请重试',
    data: z.object({ received: z.number().int() }),
  },
  ATTACHMENT_INCOMPLETE: refusal('附件的内容不完整，没有添加'),
  ATTACHMENT_TOO_MANY: refusal('正在添加的附件过多，请稍后再试'),
  ATTACHMENT_DAMAGED: refusal('附件的内容已损坏，没有打开'),
  ATTACHMENT_NOT_ARRIVED: refusal('附件还没有传到中心，请稍后再试'),
  FORBIDDEN: refusal('没有权限'),
  CASE_READ_ONLY: refusal('这张工单不能由您修改'),
  FIELD_INVALID: { message: '填写的内容不符合规定', data: z.object({ field: z.string() }) },
  MOVE_NOT_POSSIBLE: refusal('工单现在的状态不能这样流转'),
  MOVE_INCOMPLETE: refusal('还缺少流转所需的内容'),
  RELATION_NOT_POSSIBLE: refusal(commandRefusals.RELATION_NOT_POSSIBLE),
  MERGE_NOT_POSSIBLE: refusal(commandRefusals.MERGE_NOT_POSSIBLE),
  MERGE_MAIN_CLOSED: refusal(commandRefusals.MERGE_MAIN_CLOSED),
  MERGED_ELSEWHERE: refusal(commandRefusals.MERGED_ELSEWHERE),
  NUMBERS_USED_UP: refusal('正式工单编号已用完，待中心恢复后自动补充'),
  CENTRE_SESSION_NEEDED: refusal('您没有登录中心，请退出后用口令重新登录'),
  CALLBACK_IN_HAND: refusal('手上还有一个回拨任务，请先完成或放弃'),
  CALLBACK_NOT_IN_HAND: refusal('这个回拨任务不在手上'),
  OFFLINE_CALLBACK_NOT_ALLOWED: refusal('现在不能离线回拨这个号码'),
  CALLBACK_NOT_KNOWN: refusal('没有这个回拨任务'),
  ...ofCentre(
    'CALLBACK_NOT_DIALABLE',
    'CALLBACK_HELD',
    'CALLBACK_DIALLING',
    'CALLBACK_UNCERTAIN',
    'CALLBACK_CLOSED',
    'CALLBACK_NOT_YET',
    'CALLBACK_QUIET',
    'CALLBACK_OTHERS_FIRST',
    'CALLBACK_OTHER_BRANCH',
    'CALLBACK_NOT_DIALLING',
    'CALLBACK_NOT_CLOSED',
    'CALLBACK_UNDO_TOO_LATE',
    'CALLBACK_NUMBER_OPEN',
    'FENCE_STALE',
    'LEASE_ENDED',
    'LEASE_NOT_YOURS',
    'LEASE_NOT_RENEWABLE',
    'PREFERRED_TIME_INVALID',
    'INTAKE_HELD',
    'INTAKE_CLOSED',
    'CORRECTION_DECIDED',
  ),
  MODEL_OFF: refusal('本市大模型没有启用'),
  MODEL_TEXT_EMPTY: refusal('没有可以发送的文字'),
  MODEL_TEXT_TOO_LONG: refusal('文字过长，没有发送；请删短后再试'),
  MODEL_REQUEST_GONE: refusal('这次请求已经结束，请重新开始'),
  MODEL_FAILED: { message: '本市大模型没有给出可用的答复', data: z.object({ fault: z.string() }) },
  TRAINING_UNAVAILABLE: refusal('培训话务台没有运行'),
  DISPATCH_NOT_POSSIBLE: refusal('按所选分类还不能派单，请先补全这张工单'),
  CATALOGUE_ENTRY_GONE: refusal('原来的分类已取消，请先改分类'),
  CATALOGUE_UNKNOWN_CODE: { message: '分类或区划代码不在当前目录中', data: z.object({ code: z.string() }) },
} as const
