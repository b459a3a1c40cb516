/** What `/units` says. What people of the hotline and of units wrote stays as they wrote it. */
import type { DispatchCopy } from '../../shared/domain/dispatch-copy.ts'
import type { UnitMove } from '../units/units.ts'

type Pair = readonly [zh: string, en: string]

export const unitsText = {
  title: ['{{page}} · 承办单位 · 12345', '{{page}} · Handling unit · 12345'],
  desk: ['承办单位工作台', 'Desk of the handling unit'],
  signIn: ['登录', 'Sign in'],
  workNumber: ['工号', 'Work number'],
  password: ['口令', 'Password'],
  signOut: ['退出', 'Sign out'],
  list: ['派给本单位的工单', 'Cases of this unit'],
  counted: ['派给本单位的工单（{{count}}）', 'Cases of this unit ({{count}})'],
  none: ['现在没有派给本单位的工单。', 'No case is with this unit now.'],
  number: ['编号', 'Number'],
  subject: ['标题', 'Title'],
  untitled: ['（无标题）', '(no title)'],
  urgency: ['紧急程度', 'Urgency'],
  state: ['状态', 'State'],
  assisting: ['（协办）', ' (assisting)'],
  signBy: ['签收时限', 'Sign by'],
  replyBy: ['答复时限', 'Reply by'],
  late: ['已超时', 'overdue'],
  supervised: ['督办', 'supervised'],
  urged: ['催办 {{count}} 次', 'urged {{count}}×'],
  copy: ['派单内容', 'The case'],
  content: ['诉求内容', 'What it is about'],
  kind: ['类型', 'Kind'],
  place: ['地点', 'Place'],
  party: ['被反映对象', 'About whom'],
  caller: ['诉求人', 'Caller'],
  confidential: ['要求保密', 'confidential'],
  replyWanted: ['需要回复', 'Wants a reply'],
  yes: ['是', 'yes'],
  no: ['否', 'no'],
  lead: ['主办单位', 'Lead unit'],
  assist: ['协办单位', 'Assisting units'],
  opinion: ['派单意见', 'Remarks of the hotline'],
  files: ['附件', 'Attachments'],
  ownFile: ['（本单位添加）', ' (added by this unit)'],
  viaHotline: [
    '联系诉求人请经 12345 热线转接。',
    'To reach the caller, ask the 12345 hotline to connect you.',
  ],
  extensionAsked: [
    '已申请延期至 {{time}}，等待审批。',
    'An extension to {{time}} was asked for and waits for approval.',
  ],
  returnAsked: ['已申请退单，等待审批。', 'The return was asked for and waits for approval.'],
  process: ['办理过程', 'Process'],
  until: ['延至（现在是 {{time}}）', 'Until (now {{time}})'],
  addFiles: [
    '附件（可不选；最多 {{most}} 个，每个不超过 {{size}} MB）',
    'Attachments (if any; up to {{most}}, {{size}} MB each)',
  ],
  addFilesHint: [
    '可用：照片、PDF、录音、录像、Word 与 Excel 文档。与答复一起送到 12345 热线。',
    'Taken: pictures, PDF, sound, films, Word and Excel documents. They go to the hotline with the reply.',
  ],
  filesAgain: ['没有提交；附件请重新选择。', 'Nothing was sent; please choose the attachments again.'],
  'file.FILE_REFUSED': [
    '“{{name}}”不是可用的文件类型，或内容与扩展名不符',
    '“{{name}}” is of a kind that is not taken, or not what its ending says',
  ],
  'file.BODY_TOO_LARGE': ['“{{name}}”超过 {{size}} MB', '“{{name}}” is larger than {{size}} MB'],
  'file.FILE_NAME_INVALID': ['有一个附件的名称不能使用', 'An attachment has a name that cannot be used'],
  'file.FILES_TOO_MANY': ['附件最多 {{most}} 个', 'Up to {{most}} attachments'],
  signInHere: ['请从本页登录', 'Please sign in on this page'],
  signInFailed: ['工号或口令不正确', 'The work number or the password is wrong'],
  signInWait: [
    '工号或口令不正确，请 {{seconds}} 秒后再试',
    'The work number or the password is wrong. Please try again in {{seconds}} s',
  ],
  newPassword: ['新口令', 'New password'],
  changeNeeded: [
    '须先更换口令：请再次输入原口令，并设置新口令',
    'The password must be changed first. Please enter the old one again, and a new one',
  ],
  passwordWeak: [
    '新口令不符合规则：至少 10 个字符且有三种，或至少 16 个字符；不能太常见，不能含工号，不能与原口令相同',
    'The new password breaks the rules: at least 10 characters of three kinds, or 16 of any; not a common one, not with the work number, not the old one',
  ],
  signInAgain: [
    '登录已到时，请重新登录；刚才填写的内容没有提交',
    'You were signed out. Please sign in again; what you filled in was not sent',
  ],
  failed: ['没有成功', 'Not done'],
  back: ['返回', 'Back'],
  notOwn: ['这个表单不是从本页提交的', 'This form was not sent from this page'],
  notFound: ['没有这张工单，或它已不在本单位', 'There is no such case, or it is not with this unit any more'],
  limited: ['请求过于频繁，请稍后再试', 'Too many requests. Please try later'],
  tooLarge: ['内容过大，没有提交', 'Too large: nothing was sent'],
  invalid: ['提交的内容不符合规定', 'What was sent is not as it must be'],
  unavailable: ['中心暂时不可用，请稍后再试', 'The centre cannot be reached now. Please try later'],
  FORBIDDEN: ['只有主办单位可以这样做', 'Only the lead unit may do this'],
  MOVE_NOT_POSSIBLE: [
    '工单的状态刚刚有了变化，现在不能这样做；请看最新的办理过程',
    'The case has just changed, and this is not possible now. Please look at its process',
  ],
  MOVE_INCOMPLETE: [
    '还缺少必填内容，或新的时限不晚于现在的时限',
    'Something is missing, or the new time is not later than the present one',
  ],
} as const satisfies Record<string, Pair>

export const statusText = {
  accepted: ['已受理', 'taken up'],
  'awaiting-approval': ['待审批', 'awaits approval'],
  dispatched: ['待签收', 'to be signed for'],
  handling: ['办理中', 'being handled'],
  returning: ['退单待审', 'return awaits approval'],
  replied: ['已答复', 'replied to'],
  closed: ['已办结', 'closed'],
} as const satisfies Record<DispatchCopy['status'], Pair>

export const kindText = {
  consult: ['咨询', 'question'],
  help: ['求助', 'request for help'],
  complaint: ['投诉', 'complaint'],
  report: ['举报', 'report'],
  suggestion: ['意见建议', 'suggestion'],
  praise: ['表扬', 'praise'],
} as const satisfies Record<NonNullable<DispatchCopy['kind']>, Pair>

export const urgencyText = {
  normal: ['一般', 'normal'],
  urgent: ['紧急', 'urgent'],
  critical: ['特急', 'critical'],
} as const satisfies Record<DispatchCopy['urgency'], Pair>

export const moveText = {
  dispatch: ['派单', 'Dispatched'],
  redispatch: ['改派', 'Dispatched anew'],
  sign: ['签收', 'Signed for'],
  reply: ['答复', 'Replied'],
  return: ['申请退单', 'Return asked for'],
  approveReturn: ['同意退单', 'Return approved'],
  denyReturn: ['不同意退单', 'Return not approved'],
  extend: ['申请延期', 'Extension asked for'],
  approveExtension: ['同意延期', 'Extension approved'],
  denyExtension: ['不同意延期', 'Extension not approved'],
  rehandle: ['重办', 'To be handled again'],
  urge: ['催办', 'Urged'],
  supervise: ['督办', 'Supervised'],
  handTo: ['转交跟办', 'Handed to another operator'],
  followUp: ['回访', 'Followed up'],
  close: ['办结', 'Closed'],
  reopen: ['重开', 'Opened again'],
  approve: ['批准', 'Approved'],
  reject: ['驳回', 'Rejected'],
} as const satisfies Record<string, Pair>

/** What a unit may do: the button, and what its text is. */
export const unitMoves: Record<UnitMove, { name: Pair; label: Pair; rows: number }> = {
  sign: { name: ['签收', 'Sign for it'], label: ['说明（可不填）', 'Note (if any)'], rows: 2 },
  reply: { name: ['答复', 'Reply'], label: ['答复内容', 'The reply'], rows: 6 },
  extend: {
    name: ['申请延期', 'Ask for an extension'],
    label: ['延期的原因', 'Why more time is needed'],
    rows: 3,
  },
  return: { name: ['退单', 'Return'], label: ['退单的原因', 'Why it is returned'], rows: 3 },
}
export const isUnitMove = (name: string): name is UnitMove => Object.hasOwn(unitMoves, name)
