/** The codes with which the centre refuses. The status is HTTP's; the sentence is for a person; the code is for programs. */
import { z } from 'zod'
import { passwordFault } from '../domain/password.ts'

const refusal = (status: number, message: string) => ({ status, message })

/** Whoever tries again sooner is refused, whatever the password. */
const wait = z.object({ retryAfterSeconds: z.number().int().min(0) })
const ticket = z.string().min(16).max(4_096)

export const centralErrors = {
  BAD_REQUEST: refusal(400, '请求的内容不符合接口规定'),
  UNAUTHENTICATED: refusal(401, '令牌无效或已过期'),
  /** It never says what was wrong: nobody learns who exists, who is disabled, or who was guessed at too often. */
  SIGN_IN_FAILED: { ...refusal(401, '工号或口令不正确'), data: wait },
  /** No longer answered by this centre; one that locks people may still. */
  SIGN_IN_LOCKED: refusal(423, '失败次数过多，请稍后再试'),
  SEAT_OTHER_BRANCH: refusal(403, '您不属于这台坐席所在的分中心，请到本分中心的坐席登录'),
  /** The password was right. */
  SECOND_FACTOR_NEEDED: refusal(401, '请输入两步验证码'),
  SECOND_FACTOR_WRONG: { ...refusal(401, '两步验证码不正确，或已经用过'), data: wait },
  /** `ticket` null: an administrator must open a window first. */
  SECOND_FACTOR_ENROLMENT_NEEDED: {
    ...refusal(403, '须先登记两步验证，请管理员开放登记'),
    data: z.object({ ticket: ticket.nullable(), until: z.iso.datetime().nullable() }),
  },
  SECOND_FACTOR_WINDOW_CLOSED: refusal(403, '管理员没有开放两步验证登记，或已过期，或密钥已给出'),
  PASSWORD_CHANGE_NEEDED: {
    ...refusal(403, '须先更换口令'),
    data: z.object({
      ticket,
      reason: z.enum(['given', 'expired']).describe('管理员给出的口令 / 口令已到期'),
      until: z.iso.datetime(),
    }),
  },
  PASSWORD_WEAK: { ...refusal(400, '口令不符合规则'), data: z.object({ fault: passwordFault }) },
  TICKET_INVALID: refusal(401, '登录凭据无效或已过期，请重新登录'),
  /** The person's session is over: signed out, disabled, another password, role or branch. Only signing in again helps. */
  SESSION_ENDED: refusal(401, '您的登录已结束，请重新登录'),
  DEVICE_REVOKED: refusal(401, '这台坐席已被管理员吊销，请联系管理员'),
  /** Another copy of this seat's data took its place. */
  DEVICE_SUPERSEDED: refusal(401, '这台坐席的身份已由另一份数据取代，请管理员给出登记码重新登记'),
  /** Too many passwords are being checked. */
  BUSY: { ...refusal(429, '登录的人太多，请稍候'), data: wait },
  FORBIDDEN: refusal(403, '没有权限'),
  ENROLMENT_CODE_INVALID: refusal(403, '登记码无效、已用过或已过期'),
  NOT_FOUND: refusal(404, '没有这项内容'),
  CURSOR_INVALID: refusal(400, '游标无法识别'),
  /** The centre was restored from a backup: the seat reads from the beginning and re-applies. */
  CURSOR_EXPIRED: refusal(410, '中心数据已恢复到另一个时点，请从头同步'),
  OPERATOR_EXISTS: refusal(409, '工号已被另一人使用'),
  PUBLICATION_EXISTS: refusal(409, '该版本已发布，内容不能更改'),
  PUBLICATION_INVALID: refusal(400, '发布的内容不符合规定'),
  TOO_MANY_CALLS: refusal(413, '一次上报的来电过多，请分批上报'),
  CALLBACK_NOT_DIALABLE: refusal(409, '这个任务没有可以拨打的号码'),
  CALLBACK_HELD: refusal(409, '这个任务已由他人领取'),
  CALLBACK_DIALLING: refusal(409, '正在拨打这个号码'),
  CALLBACK_UNCERTAIN: refusal(409, '上一次拨打的结果不明，等待班长确认'),
  CALLBACK_CLOSED: refusal(409, '这个任务已经关闭'),
  CALLBACK_NOT_YET: refusal(409, '还没有到再次拨打的时间'),
  CALLBACK_QUIET: refusal(409, '现在是免打扰时段'),
  CALLBACK_OTHERS_FIRST: refusal(409, '这个任务现在先给其他坐席'),
  CALLBACK_OTHER_BRANCH: refusal(409, '这是其他分中心的任务'),
  CALLBACK_NOT_DIALLING: refusal(409, '这个任务还没有报告拨打'),
  CALLBACK_NOT_CLOSED: refusal(409, '这个任务没有关闭'),
  CALLBACK_UNDO_TOO_LATE: refusal(409, '关闭太久，不能撤销'),
  CALLBACK_NUMBER_OPEN: refusal(409, '这个号码已有另一个待回拨的任务'),
  FENCE_STALE: refusal(409, '这个任务后来又被领取过，您的领取已失效'),
  LEASE_ENDED: refusal(409, '领取的时间已到'),
  LEASE_NOT_YOURS: refusal(403, '这个任务不是您领取的'),
  LEASE_NOT_RENEWABLE: refusal(409, '不能再延长'),
  PREFERRED_TIME_INVALID: refusal(400, '改约的时间必须在以后，且不能太远'),
  INTAKE_DIFFERS: refusal(409, '同一标识的诉求已收到，内容不同'),
  INTAKE_HELD: refusal(409, '这件诉求已由他人领取'),
  INTAKE_CLOSED: refusal(409, '这件诉求已经处理'),
  INTAKE_FILE_MISSING: refusal(409, '附件没有传完，或已属于另一件诉求'),
  FILE_NAME_INVALID: refusal(400, '附件的名称不符合规定'),
  FILE_REFUSED: refusal(415, '不收这种附件：类型不在允许之列，或内容与扩展名不符'),
  FILES_TOO_MANY: refusal(413, '附件的数量超过规定'),
  CORRECTION_DECIDED: refusal(409, '这条纠错已经处理'),
  LOOKUP_LIMIT: refusal(429, '查询次数已达上限，请稍后再试；确有需要请联系班长'),
  BODY_TOO_LARGE: refusal(413, '内容过大'),
  RATE_LIMITED: refusal(429, '请求过于频繁'),
  TOO_MANY_AT_ONCE: refusal(429, '同时进行的请求过多'),
  UPLOADS_TOO_MANY: refusal(429, '没有传完的附件过多，请先传完'),
  TOO_SLOW: refusal(408, '内容传送过慢，已中断'),
  STORAGE_FULL: refusal(507, '中心的附件存储空间不足'),
  UNAVAILABLE: refusal(503, '中心暂时不可用'),
} as const

/** Codes of single commands: they never fail the request. */
export const commandRefusals = {
  COMMAND_INVALID: '命令的内容不符合规定',
  COMMAND_UNKNOWN: '中心不认识这种命令，可能需要升级',
  SCHEMA_TOO_OLD: '命令的版本太旧',
  SCHEMA_TOO_NEW: '命令由更新的程序写入，中心尚未升级',
  CLIENT_MISMATCH: '命令不是这台坐席的',
  SEQ_TAKEN: '这个序号已被另一条命令占用：本机数据可能被复制过',
  ACTOR_UNPROVED: '无法确认这项操作由其操作人本人作出；请操作人本人登录后重试',
  LIVE_SESSION_NEEDED: '这项操作须由本人登录中心后确认；请本人在线登录，登录后自动重新提交',
  PEOPLE_AT_CENTRE_ONLY: '坐席人员只能由管理员在中心登记',
  SEAT_OTHER_BRANCH: '操作人不属于这台坐席所在的分中心；请到本分中心的坐席办理，或交班长',
  OPERATOR_UNKNOWN: '中心没有这名坐席人员',
  OPERATOR_DISABLED: '这名坐席人员已停用',
  FORBIDDEN: '没有权限进行这项操作',
  CASE_NOT_FOUND: '中心没有这张工单',
  CASE_EXISTS: '中心已有同一标识的工单，内容不同',
  CASE_NUMBER_TAKEN: '这个工单编号已被使用',
  CASE_INCOMPLETE: '工单缺少必填内容',
  DISPOSITION_REASON_UNKNOWN: '处置原因不在中心发布的处置规则中',
  FIELD_INVALID: '要修改的内容不符合规定',
  MOVE_NOT_POSSIBLE: '工单现在的状态不能这样流转',
  MOVE_INCOMPLETE: '流转缺少必填内容',
  ATTACHMENT_OF_OTHER_CASE: '这个附件属于另一张工单',
  RELATED_CASE_NOT_FOUND: '中心没有要关联或并入的工单',
  RELATION_NOT_POSSIBLE: '这两张工单不能关联',
  MERGE_NOT_POSSIBLE: '工单已派单或已办结，不能并单或撤销并单；可以改为关联',
  MERGE_MAIN_CLOSED: '主单已办结，不能再并入；请另行派单，或改为关联',
  MERGED_ELSEWHERE: '工单已并入另一张工单；请先撤销原来的并单',
  CALLBACK_NOT_FOUND: '中心没有这个回拨任务',
  CALLBACK_NOT_DIALLING: '这个回拨任务还没有报告拨打',
  LEASE_NOT_YOURS: '这个回拨任务不是这台坐席领取的',
} as const
export type CommandRefusal = keyof typeof commandRefusals

/** Codes of single missed calls: they never fail the request. */
export const missedCallRefusals = {
  MISSED_CALL_INVALID: '来电的内容不符合规定',
  NUMBER_MISSING: '没有主叫号码，也没有说明来电人隐藏了号码',
  MISSED_IN_FUTURE: '漏接时间在以后',
  CALL_DIFFERS: '同一标识的来电已收到，内容不同',
} as const
export type MissedCallRefusal = keyof typeof missedCallRefusals
