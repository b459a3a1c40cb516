/**
 * Accounts, devices and keys at the centre (账号): how a person changes a password and sets up a second factor, and how
 * administrators see and end what was given out.
 */
import { z } from 'zod'
import { centralOperator, operatorSession } from './central-identity.ts'
import { route } from './central-route.ts'

const id = z.string().min(1).max(64)
const token = z.string().min(16).max(4_096)
const password = z.string().min(1).max(1_024)
const at = z.iso.datetime()

/** A TOTP code of six figures, or a recovery code as it was shown. */
export const secondFactorCode = z.string().trim().min(6).max(40).describe('两步验证码，或一个恢复码')
const ticket = token.describe('登录被拒绝时附带的一次性凭据，十分钟有效，只在同一台坐席有效')

/** Given once. The seat draws a QR code of `uri`. */
export const newSecondFactor = z.object({
  uri: z.string().startsWith('otpauth://').max(500),
  secret: z.string().max(200).describe('base32；不能扫码时手工输入'),
  until: at.describe('须在此之前确认'),
})
export type NewSecondFactor = z.infer<typeof newSecondFactor>

/**
 * Device, and either the live session of the person (X-Operator-Session) or the ticket of a sign-in that was refused with
 * PASSWORD_CHANGE_NEEDED or SECOND_FACTOR_ENROLMENT_NEEDED. Each route that answers with a session takes the next step of that
 * sign-in: it is refused with the same codes and another ticket when something else is still to be done.
 */
export const accountRoutes = {
  /** Person. SIGN_IN_FAILED (counts as a failure), PASSWORD_WEAK. Revokes every other session of the person. */
  changePassword: route('POST', '/v1/account/password', '更改本人口令', '其他各处的登录随即失效。')
    .input(z.object({ oldPassword: password, newPassword: password }))
    .output(operatorSession),
  /** Device and ticket. TICKET_INVALID, PASSWORD_WEAK (the ticket stays good). */
  replacePassword: route(
    'POST',
    '/v1/account/password/replace',
    '登录时更换口令',
    '管理员给出的口令，或已到期的口令，登录时必须更换。',
  )
    .input(z.object({ ticket, newPassword: password }))
    .output(operatorSession),
  /** SECOND_FACTOR_WINDOW_CLOSED unless an administrator opened a window; its secret is given once. */
  beginSecondFactor: route(
    'POST',
    '/v1/account/second-factor',
    '登记两步验证',
    '管理员开放登记后十分钟内有效，密钥只给出一次。',
  )
    .input(z.object({ ticket: ticket.optional() }))
    .output(newSecondFactor),
  /** SECOND_FACTOR_WRONG. The recovery codes are shown once. The present session, if any, is replaced. */
  confirmSecondFactor: route(
    'POST',
    '/v1/account/second-factor/confirm',
    '确认两步验证',
    '输入一个验证码后生效，并给出一次性的恢复码。',
  )
    .input(z.object({ ticket: ticket.optional(), code: secondFactorCode }))
    .output(z.object({ recoveryCodes: z.array(z.string()), session: operatorSession })),
}

export const enrolledDevice = z
  .object({
    clientId: id,
    seatId: id,
    seatName: z.string(),
    branch: z.string(),
    enrolledAt: at,
    formerClientId: id.nullable().describe('由哪个标识更换而来'),
    supersededAt: at.nullable().describe('另一个标识取代它的时间'),
    revokedAt: at.nullable(),
    lastTokenAt: at.nullable().describe('上次取得令牌的时间'),
  })
  .describe('登记过的坐席设备')
export type EnrolledDevice = z.infer<typeof enrolledDevice>

export const issuedKey = z
  .object({
    keyId: id,
    name: z.string(),
    scopes: z.array(z.string()),
    createdAt: at,
    expiresAt: at.nullable(),
    usedAt: at.nullable().describe('上次使用的时间，精确到分钟'),
    revokedAt: at.nullable(),
  })
  .describe('接口密钥（不含密钥本身）')
export type IssuedKey = z.infer<typeof issuedKey>

export const administrationRoutes = {
  /** Operator with operator.manage. The password is temporary: the person replaces it when first signing in. PASSWORD_WEAK. */
  saveOperator: route('PUT', '/v1/operators/{operatorId}', '新增或修改坐席人员', '口令留空表示不修改。')
    .input(centralOperator.extend({ password: password.optional() }))
    .output(centralOperator),
  /** Operator with seat.enrol. */
  enrolmentCode: route('POST', '/v1/enrolment-codes', '生成登记码', '一次性，限时。')
    .input(z.object({ branch: z.string().min(1).max(60) }))
    .output(z.object({ code: z.string(), expiresAt: at })),
  /** Operator with seat.enrol: the devices of their own branch, or of all. Newest first. */
  devices: route('GET', '/v1/devices', '坐席设备', '登记过的坐席设备，包括已被取代和已吊销的。')
    .input(z.object({}))
    .output(z.object({ devices: z.array(enrolledDevice) })),
  /** Ends its sessions, event streams and uploads at once. NOT_FOUND. */
  revokeDevice: route('POST', '/v1/devices/{clientId}/revoke', '吊销坐席设备', '立即生效，不能撤销。')
    .input(z.object({ clientId: id }))
    .output(enrolledDevice),
  /** Operator with operator.manage, of all branches. */
  apiKeys: route('GET', '/v1/api-keys', '接口密钥', '发给其他系统的密钥，不含密钥本身。')
    .input(z.object({}))
    .output(z.object({ keys: z.array(issuedKey) })),
  revokeApiKey: route('POST', '/v1/api-keys/{keyId}/revoke', '吊销接口密钥', '立即生效，不能撤销。')
    .input(z.object({ keyId: id }))
    .output(issuedKey),
  /** Operator with operator.manage. For ten minutes the person may set up a second factor at a seat; one they had is replaced then. */
  openSecondFactor: route(
    'POST',
    '/v1/operators/{operatorId}/second-factor/window',
    '开放两步验证登记',
    '十分钟内本人可在坐席登记一次。',
  )
    .input(z.object({ operatorId: id }))
    .output(z.object({ until: at })),
  /** Operator with operator.manage. Its secret and recovery codes go, and the person's sessions end. */
  resetSecondFactor: route(
    'POST',
    '/v1/operators/{operatorId}/second-factor/reset',
    '取消两步验证',
    '手机丢失或更换时使用；本人的登录随即结束。',
  )
    .input(z.object({ operatorId: id }))
    .output(z.object({})),
}
