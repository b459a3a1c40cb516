/** What `/public` says. */
import type { IntakeProgress } from '../../shared/contract/central-intake.ts'

export const publicText = {
  site: ['12345 网上受理（示例）', '12345 online requests (sample)'],
  title: ['{{page}} · 12345 政务服务便民热线（示例）', '{{page}} · 12345 hotline (sample)'],
  form: ['我要反映', 'Tell the hotline'],
  name: ['姓名', 'Name'],
  phone: ['联系电话（必填）', 'Telephone (needed)'],
  subject: ['标题', 'Title'],
  content: ['诉求内容（必填，不超过 5000 字）', 'What it is about (needed, up to 5,000 characters)'],
  place: ['地点', 'Place'],
  files: [
    '照片、录像或文件（最多 {{most}} 个，每个不超过 {{size}} MB）',
    'Pictures, films or documents (up to {{most}}, {{size}} MB each)',
  ],
  filesHint: [
    '可用：照片、PDF、录音、录像、Word 与 Excel 文档。请不要附上与诉求无关的他人信息。',
    'Taken: pictures, PDF, sound, films, Word and Excel documents. Please leave out what is private to others and not needed.',
  ],
  kept: ['已收到的附件（不需要的请取消勾选）', 'Attachments received (untick what is not needed)'],
  confidential: ['要求保密', 'Keep my name confidential'],
  trap: ['请勿填写', 'Leave this empty'],
  submit: ['提交', 'Send'],
  received: ['已收到', 'Received'],
  receipt: ['受理号', 'Number'],
  withFiles: ['附件 {{count}} 个', 'Attachments: {{count}}'],
  receiptHint: [
    '请记下受理号和查询码：凭这两项可以查进度，查询码不再显示。',
    'Please note both: with them you can see how far it is. The code is not shown again.',
  ],
  progress: ['查进度', 'Progress'],
  number: ['工单编号或受理号', 'Number of the case or receipt'],
  code: ['查询码', 'Code'],
  codeHint: ['8 位数字，提交时或通话中告知', 'Eight digits, given with the number'],
  noCode: [
    '要求保密的诉求不能在网上查进度，请拨打 12345。',
    'How far a confidential request is, is not told here. Please call 12345.',
  ],
  look: ['查询', 'Look up'],
  state: ['{{number}}：{{state}}（{{time}} 登记）', '{{number}}: {{state}} (received {{time}})'],
  notFound: [
    '没有找到：请核对编号和查询码。要求保密的诉求请拨打 12345 查询',
    'Nothing found: please check the number and the code. For a confidential request please call 12345',
  ],
  notOwn: ['请在本页填写和提交', 'Please fill in and send this page itself'],
  incomplete: [
    '请填写联系电话和诉求内容；内容不超过 5000 字',
    'Please fill in your telephone number and what it is about, up to 5,000 characters',
  ],
  differs: ['这份表单已经提交过了，请重新打开本页', 'This form was sent before. Please open this page anew'],
  check: ['请检查联系电话和诉求内容', 'Please check your telephone number and what it is about'],
  notSent: ['还没有提交，请看说明后再点“提交”', 'Not sent yet: please read this, then press Send again'],
  filesGone: [
    '附件已失效，请重新选择附件再提交',
    'The attachments are not there any more. Please choose them again',
  ],
  'file.FILE_REFUSED': [
    '“{{name}}”不是可用的文件类型，或内容与扩展名不符，没有收下',
    '“{{name}}” is of a kind that is not taken, or not what its ending says',
  ],
  'file.BODY_TOO_LARGE': ['“{{name}}”超过 {{size}} MB，没有收下', '“{{name}}” is larger than {{size}} MB'],
  'file.FILE_NAME_INVALID': [
    '有一个附件的名称不能使用，没有收下',
    'An attachment has a name that cannot be used',
  ],
  'file.FILES_TOO_MANY': [
    '附件最多 {{most}} 个，多出的没有收下',
    'Up to {{most}} attachments; the others were not taken',
  ],
  failed: ['没有成功', 'Not done'],
  limited: ['请求过于频繁，请稍后再试，或拨打 12345', 'Too many requests. Please try later, or call 12345'],
  tooLong: ['内容过长，没有提交', 'Too long: nothing was sent'],
  unavailable: [
    '暂时不能受理，请稍后再试，或拨打 12345',
    'Not possible now. Please try later, or call 12345',
  ],
  invalid: ['提交的内容不符合规定', 'What was sent is not as it must be'],
} as const satisfies Record<string, readonly [string, string]>

export const progressText = {
  waiting: ['已收到，等待受理', 'received, waiting to be taken up'],
  dropped: ['未予受理', 'not taken up'],
  accepted: ['已受理', 'taken up'],
  'awaiting-approval': ['已受理', 'taken up'],
  dispatched: ['已交承办单位', 'with the handling unit'],
  handling: ['办理中', 'being handled'],
  returning: ['办理中', 'being handled'],
  replied: ['已答复，待办结', 'replied to, to be closed'],
  closed: ['已办结', 'closed'],
} as const satisfies Record<IntakeProgress['status'], readonly [string, string]>
