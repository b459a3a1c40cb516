/** Examples of accounts, devices and keys. Invented, like the others. */
const at = '2026-11-24T02:30:00.000Z'
const until = '2026-11-24T02:40:00.000Z'
const ticket = 'c2hpbGktdGlja2V0LXNoaWxpLXRpY2tldA'
const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const clientId = '0199f3a0-1111-7000-8000-000000000001'

const device = {
  clientId,
  seatId: clientId,
  seatName: '3 号坐席',
  branch: '云澜中心',
  enrolledAt: at,
  formerClientId: null,
  supersededAt: null,
  revokedAt: null,
  lastTokenAt: at,
}
const key = {
  keyId: '5f1c2b3a4d5e',
  name: '目录系统',
  scopes: ['publication.publish'],
  createdAt: at,
  expiresAt: null,
  usedAt: at,
  revokedAt: null,
}
const person = {
  workNumber: '1001',
  name: '林晓岚',
  branch: '云澜中心',
  role: 'agent',
  skills: ['方言'],
  disabled: false,
  employer: '',
}

/** `session`: what a sign-in answers. */
export const accountExamples = (
  session: unknown,
): Record<string, { request?: unknown; response?: unknown }> => ({
  'account.changePassword': {
    request: { oldPassword: '请勿照抄', newPassword: '也请勿照抄' },
    response: session,
  },
  'account.replacePassword': { request: { ticket, newPassword: '也请勿照抄' }, response: session },
  'account.beginSecondFactor': {
    request: { ticket },
    response: { uri: `otpauth://totp/Zuoxi:1001?issuer=Zuoxi&secret=${secret}`, secret, until },
  },
  'account.confirmSecondFactor': {
    request: { ticket, code: '123456' },
    response: { recoveryCodes: ['ABCD-EFGH-2345-6789'], session },
  },
  'administration.saveOperator': { request: person, response: { operatorId: 'demo-1001', ...person } },
  'administration.enrolmentCode': {
    request: { branch: '云澜中心' },
    response: { code: 'ABCD-EFGH-2345-6789', expiresAt: at },
  },
  'administration.devices': { response: { devices: [device] } },
  'administration.revokeDevice': { request: {}, response: { ...device, revokedAt: at } },
  'administration.apiKeys': { response: { keys: [key] } },
  'administration.revokeApiKey': { request: {}, response: { ...key, revokedAt: at } },
  'administration.openSecondFactor': { request: {}, response: { until } },
  'administration.resetSecondFactor': { request: {}, response: {} },
})
