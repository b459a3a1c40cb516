/** Words of signing in, locking and passwords, and what the refusals of the core mean in the page's language. */
import { defineText, sentenceOf } from '../../ui/text.ts'

export const useIdentityText = defineText('identity', {
  title: ['请选择坐席人员', 'Who sits here?'],
  search: ['按工号或姓名查找', 'Search by number or name'],
  notListed: [
    '本坐席没有这名人员，按 Enter 用工号登录',
    'Not known at this seat; Enter signs in by work number',
  ],
  seatState: ['坐席状态', 'Seat state'],
  off: ['下线', 'Off'],
  workNumber: ['工号', 'Work number'],
  name: ['坐席姓名', "Operator's name"],
  branch: ['分中心', 'Branch'],
  role: ['角色', 'Role'],
  back: ['返回', 'Back'],
  cancel: ['取消', 'Cancel'],
  check: ['请填写工号（字母或数字）、姓名和分中心', 'Give a number (letters or digits), a name and a branch'],
  password: ['口令', 'Password'],
  passwordTitle: ['{{name}}，请输入口令', '{{name}}: password'],
  enter: ['进入', 'Enter'],
  byNumber: ['用工号登录', 'Sign in by work number'],
  demoPassword: ['演示口令 yanshi-12345', 'The password of the demonstration: yanshi-12345'],
  code: ['动态验证码', 'Verification code'],
  codeTitle: ['{{name}}，请输入动态验证码', '{{name}}: verification code'],
  codeHelp: [
    '手机验证器显示的 6 位数字；手机不在身边时用一个恢复码',
    'The 6 figures that your authenticator shows, or one of your recovery codes',
  ],

  firstTitle: ['设置本坐席的管理员', 'Set up the administrator of this seat'],
  firstWhy: [
    '本坐席没有接入中心。先设置一名管理员，其他人员由管理员添加。',
    'This seat has no centre. It begins with one administrator, who adds everybody else.',
  ],
  firstSet: ['设置并进入', 'Set up and enter'],

  enrolTitle: ['登记本坐席', 'Enrol this seat'],
  enrolWhy: [
    '中心还不认识这台坐席。请输入管理员给出的登记码。',
    'The centre does not know this seat yet. Enter the code that an administrator gave you.',
  ],
  enrolCode: ['登记码', 'Enrolment code'],
  enrol: ['登记', 'Enrol'],
  enrolled: [
    '本坐席已登记到中心，请用中心的工号登录',
    'This seat is enrolled. Sign in with your number at the centre.',
  ],

  replaceTitle: ['请设置自己的口令', 'Set a password of your own'],
  replaceWhy: [
    '现在的口令由管理员给出，或已到期；更换后进入。',
    'An administrator gave you this password, or it has expired. You enter once it is replaced.',
  ],
  newPassword: ['新口令', 'New password'],
  newAgain: ['再输入一次', 'Once more'],
  oldPassword: ['原口令', 'Present password'],
  differ: ['两次输入不一致', 'The two differ'],
  ruleLength: ['至少 10 个字符', 'At least 10 characters'],
  ruleKinds: [
    '大写、小写、数字、汉字、符号中有三种，或至少 16 个字符',
    'Three of upper case, lower case, digits, Chinese, signs; or 16 characters',
  ],
  ruleNumber: ['不含工号', 'Not the work number'],
  ruleAgain: ['两次输入一致', 'The same twice'],
  met: ['已满足', 'met'],
  unmet: ['未满足', 'not met'],
  set: ['更换并进入', 'Replace and enter'],

  factor: ['登记两步验证', 'Set up the second factor'],
  factorTitle: ['登记两步验证', 'Set up the second factor'],
  factorWhy: [
    '用手机验证器扫描，再输入它显示的 6 位数字。二维码只显示这一次。',
    'Scan it with your authenticator and enter the 6 figures it shows. The QR code is shown this once.',
  ],
  qr: ['两步验证二维码', 'QR code of the second factor'],
  byHand: ['不能扫码时手工输入：', 'Or type it in: '],
  confirm: ['确认', 'Confirm'],
  recoveryTitle: ['恢复码', 'Recovery codes'],
  recoveryWhy: [
    '手机不在身边时，每个恢复码可代替动态验证码使用一次，须能连上中心。只显示这一次，请打印或抄下后妥善保管。',
    'When the phone is not there each of them stands once for a code, while the centre can be reached. They are shown this once: print them or write them down.',
  ],
  print: ['打印', 'Print'],
  copy: ['复制', 'Copy'],
  copied: ['已复制', 'Copied'],
  kept: ['已保存好，继续', 'I have kept them'],

  menu: ['账号', 'Account'],
  lock: ['锁定', 'Lock'],
  leave: ['换人', 'Change'],
  leaveInCall: ['通话中不能换人，请先结束通话', 'Nobody changes during a call; end it first'],
  leaveUnsaved: ['还有内容没有保存到本机，稍后再换人', 'Some text is not stored yet; change in a moment'],
  change: ['修改口令', 'Change password'],
  changed: ['口令已修改', 'The password was changed'],
  save: ['保存', 'Save'],
  addPerson: ['添加坐席人员', 'Add an operator'],
  add: ['添加', 'Add'],
  added: [
    '已添加 {{name}}，首次登录时更换口令',
    '{{name}} was added and replaces the password when first signing in',
  ],
  firstPassword: ['首次口令', 'First password'],
  'role.agent': ['坐席', 'Agent'],
  'role.contractor': ['外包坐席', "Contractor's agent"],
  'role.lead': ['班长', 'Team lead'],
  'role.admin': ['管理员', 'Administrator'],

  lockedTitle: ['坐席已锁定', 'The seat is locked'],
  lockedWhy: ['输入的内容都在，解锁后继续。', 'What you typed is all there once you unlock.'],
  unlock: ['解锁', 'Unlock'],
  ringing: ['来电 {{number}}，解锁后接听', 'Call from {{number}}: unlock to answer'],
  withheld: ['匿名', 'a withheld number'],
  talking: ['通话进行中 {{number}}', 'In a call with {{number}}'],
  hangUp: ['挂断', 'Hang up'],
  idle: ['无人操作，{{seconds}} 秒后锁定', 'Nobody is here: locks in {{seconds}} s'],

  STORAGE_LOCKED: ['本机数据尚未解锁', 'The local data is not unlocked yet'],
  OPERATOR_NOT_FOUND: ['没有这名坐席人员', 'There is no such person'],
  OPERATOR_EXISTS: ['工号已存在', 'This work number is taken'],
  SIGN_IN_FAILED: ['工号或口令不正确', 'The work number or the password is wrong'],
  SIGN_IN_LOCKED: ['失败次数过多，请稍后再试', 'Too many failures; try again later'],
  SIGN_IN_AGAIN: ['登录已中断，请重新输入口令', 'The sign-in was interrupted; enter the password again'],
  OFFLINE_SIGN_IN_EXPIRED: [
    '离线登录已超过有效期，请在中心可达时登录一次',
    'Signing in offline has expired; sign in once while the centre can be reached',
  ],
  CENTRE_UNREACHABLE: ['现在连不上中心，请稍后再试', 'The centre cannot be reached now; try again later'],
  ENROLMENT_REFUSED: ['登记码无效、已用过或已过期', 'The code is invalid, used or expired'],
  SECOND_FACTOR_WINDOW_CLOSED: [
    '须先登记两步验证，请管理员开放登记',
    'A second factor must be set up first: ask an administrator to open its enrolment',
  ],
  UNLOCK_AT_GATE: [
    '口令须更换，或须登记两步验证；请按“换人”后重新登录',
    'The password must be replaced, or a second factor set up: press Change and sign in again',
  ],
  SEAT_OTHER_BRANCH: [
    '您不属于这台坐席所在的分中心，请到本分中心的坐席登录',
    'This seat belongs to another branch: sign in at one of yours',
  ],
  CENTRE_SESSION_NEEDED: [
    '您没有登录中心，请退出后用口令重新登录',
    'You are not signed in at the centre: sign out and in again',
  ],
  SECOND_FACTOR_WRONG: ['动态验证码不正确或已用过', 'The code is wrong or was used already'],
  FORBIDDEN: ['没有权限', 'You may not do this'],
  NO_PASSWORD_HERE: ['本坐席不使用口令', 'This seat uses no passwords'],
  CORE_UNAVAILABLE: ['本机服务正在恢复，请稍候', 'The local service is recovering; one moment'],

  'fault.blank': ['口令不能全是空白', 'A password is more than blanks'],
  'fault.too-short': ['新口令太短', 'The new password is too short'],
  'fault.too-few-kinds': ['新口令的字符种类太少', 'The new password has too few kinds of characters'],
  'fault.work-number': ['新口令不能含工号', 'The new password holds the work number'],
  'fault.common': ['新口令太常见，容易被猜到', 'The new password is too common'],
  'fault.same': ['新口令与原口令相同', 'The new password is the old one'],
})

export type SayIdentity = ReturnType<typeof useIdentityText>

const codes: ReadonlySet<string> = new Set([
  'STORAGE_LOCKED',
  'OPERATOR_NOT_FOUND',
  'OPERATOR_EXISTS',
  'SIGN_IN_FAILED',
  'SIGN_IN_LOCKED',
  'SIGN_IN_AGAIN',
  'OFFLINE_SIGN_IN_EXPIRED',
  'CENTRE_UNREACHABLE',
  'ENROLMENT_REFUSED',
  'SECOND_FACTOR_WINDOW_CLOSED',
  'UNLOCK_AT_GATE',
  'SEAT_OTHER_BRANCH',
  'CENTRE_SESSION_NEEDED',
  'SECOND_FACTOR_WRONG',
  'FORBIDDEN',
  'NO_PASSWORD_HERE',
  'CORE_UNAVAILABLE',
])

export const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null

const faults = ['blank', 'too-short', 'too-few-kinds', 'work-number', 'common', 'same'] as const

export function problemOf(error: unknown, say: SayIdentity): string {
  const code = codeOf(error)
  if (code === 'PASSWORD_WEAK' && error instanceof Error && 'data' in error) {
    const told = (error.data as { fault?: unknown } | undefined)?.fault
    const fault = faults.find(each => each === told)
    if (fault !== undefined) return say(`fault.${fault}`)
  }
  return code !== null && codes.has(code) ? say(code as Parameters<SayIdentity>[0]) : sentenceOf(error)
}
