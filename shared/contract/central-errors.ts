/** The codes with which the centre refuses. The status is HTTP's; the sentence is for a person; the code is for programs. */

const refusal = (status: number, message: string) => ({ status, message })

export const centralErrors = {
  BAD_REQUEST: refusal(400, '请求的内容不符合接口规定'),
  UNAUTHENTICATED: refusal(401, '令牌无效或已过期'),
  SIGN_IN_FAILED: refusal(401, '工号或口令不正确'),
  SIGN_IN_LOCKED: refusal(423, '失败次数过多，请稍后再试'),
  FORBIDDEN: refusal(403, '没有权限'),
  ENROLMENT_CODE_INVALID: refusal(403, '登记码无效、已用过或已过期'),
  NOT_FOUND: refusal(404, '没有这项内容'),
  CURSOR_INVALID: refusal(400, '游标无法识别'),
  /** The centre was restored from a backup: the seat reads from the beginning and re-applies. */
  CURSOR_EXPIRED: refusal(410, '中心数据已恢复到另一个时点，请从头同步'),
  OPERATOR_EXISTS: refusal(409, '工号已被另一人使用'),
  PUBLICATION_EXISTS: refusal(409, '该版本已发布，内容不能更改'),
  BODY_TOO_LARGE: refusal(413, '内容过大'),
  RATE_LIMITED: refusal(429, '请求过于频繁'),
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
  OPERATOR_UNKNOWN: '中心没有这名坐席人员',
  OPERATOR_DISABLED: '这名坐席人员已停用',
  FORBIDDEN: '没有权限进行这项操作',
  CASE_NOT_FOUND: '中心没有这张工单',
  CASE_EXISTS: '中心已有同一标识的工单，内容不同',
  CASE_NUMBER_TAKEN: '这个工单编号已被使用',
  CASE_INCOMPLETE: '工单缺少必填内容',
  FIELD_INVALID: '要修改的内容不符合规定',
  MOVE_NOT_POSSIBLE: '工单现在的状态不能这样流转',
} as const
export type CommandRefusal = keyof typeof commandRefusals
