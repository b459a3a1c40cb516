/** Examples of the intake's operations in the published interface. Invented people and numbers. */
const intakeId = 'W20261124-9F3A0C71D2'
const receivedAt = '2026-11-24T02:30:00.000Z'
const content = {
  name: '王女士',
  phone: '19900000001',
  kind: 'help',
  title: '路灯不亮',
  content: '河东路 12 号门前路灯三天不亮。',
  place: '河东路 12 号',
  confidential: false,
  replyWanted: true,
}
const file = {
  attachmentId: '0199f3a2-9d10-7c55-8a3b-2f6e1d0c9b8a',
  name: '路灯.jpg',
  sha256: 'a'.repeat(64),
}

export const intakeExamples: Record<string, { request?: unknown; response?: unknown }> = {
  'intake.post': {
    request: { channelId: 'mini-program-20261124-000017', ...content, attachments: [file] },
    response: { intakeId, duplicate: false, progressCode: '40718265' },
  },
  'intake.progress': {
    request: { number: intakeId, code: '40718265' },
    response: { number: intakeId, status: 'handling', receivedAt },
  },
  'intake.list': {
    response: {
      items: [
        {
          intakeId,
          channel: '市民小程序',
          receivedAt,
          title: '路灯不亮',
          place: '河东路 12 号',
          phone: '199****0001',
          attachments: 1,
          heldBy: null,
        },
      ],
      serverTime: receivedAt,
    },
  },
  'intake.claim': {
    response: {
      intakeId,
      channel: '市民小程序',
      receivedAt,
      content,
      attachments: [{ ...file, mediaType: 'image/jpeg', bytes: 482_113, addedBy: { name: '市民小程序' } }],
      fence: 1,
      leaseSeconds: 600,
    },
  },
  'intake.release': { request: { fence: 1 }, response: {} },
  'intake.filed': {
    request: { fence: 1, caseId: '0199f3a2-7c1e-7a44-9d0e-5f1c2b3a4d5e' },
    response: {},
  },
  'intake.drop': { request: { fence: 1, reason: '广告' }, response: {} },
}
