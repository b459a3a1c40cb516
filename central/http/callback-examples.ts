/** Examples of the callbacks' operations in the published interface. Invented people and numbers. */
const at = '2026-11-24T02:30:00.000Z'
const taskId = '0199f3b0-1c1e-7a44-9d0e-5f1c2b3a4d01'
const seatId = '0199f3a0-1111-7000-8000-000000000001'

export const callbackExample = {
  taskId,
  version: 3,
  branch: '云澜中心',
  kind: 'number',
  numberKey: '19900000001',
  number: '199 0000 0001',
  extension: null,
  dialable: true,
  queue: '综合',
  wants: ['苏州话', '方言'],
  enterprise: false,
  dialect: '苏州话',
  note: '小区停水',
  calls: 2,
  firstMissedAt: '2026-11-24T02:05:00.000Z',
  lastMissedAt: '2026-11-24T02:11:00.000Z',
  openedAt: '2026-11-24T02:05:03.000Z',
  reopenedAt: null,
  state: 'claimed',
  attempts: 0,
  notBefore: null,
  preferred: null,
  lastAttempt: null,
  fence: 1,
  lease: { seatId, operatorId: 'demo-1001', until: '2026-11-24T02:32:00.000Z', renewals: 0 },
  assigned: null,
  uncertainSince: null,
  closed: null,
}
const lease = {
  task: callbackExample,
  fence: 1,
  leaseSeconds: 120,
  token: `${taskId};fence=1;until=1795487520`,
}
const open = { ...callbackExample, version: 4, state: 'open', lease: null }
const closed = {
  ...open,
  state: 'closed',
  closed: {
    at,
    reason: 'reached',
    outcome: 'case-filed',
    operatorId: 'demo-1001',
    caseId: '0199f3a2-7c1e-7a44-9d0e-5f1c2b3a4d5e',
    detail: '',
  },
}

export const callbackExamples: Record<string, { request?: unknown; response?: unknown }> = {
  'callbacks.post': {
    request: {
      calls: [
        {
          originalCallId: 'b7c2f0@pbx.example.cn',
          number: '+8619900000001',
          missedAt: '2026-11-24T10:05:00+08:00',
          queue: '综合',
          branch: '云澜中心',
          dialect: '苏州话',
          note: '小区停水',
        },
        { originalCallId: 'b7c2f1@pbx.example.cn', withheld: true, missedAt: '2026-11-24T10:06:00+08:00' },
        { originalCallId: 'b7c2f2@pbx.example.cn', missedAt: '2026-11-24T10:07:00+08:00' },
      ],
    },
    response: {
      results: [
        { originalCallId: 'b7c2f0@pbx.example.cn', outcome: 'opened', taskId },
        {
          originalCallId: 'b7c2f1@pbx.example.cn',
          outcome: 'listed',
          taskId: '0199f3b0-1c1e-7a44-9d0e-5f1c2b3a4d02',
        },
        {
          originalCallId: 'b7c2f2@pbx.example.cn',
          outcome: 'rejected',
          code: 'NUMBER_MISSING',
          sentence: '没有主叫号码，也没有说明来电人隐藏了号码',
        },
      ],
      serverTime: at,
    },
  },
  'callbacks.claim': {
    request: {
      requestId: '0199f3b0-2222-7000-8000-000000000001',
      taskIds: ['0199f3b0-1c1e-7a44-9d0e-5f1c2b3a4d00', taskId],
    },
    response: {
      outcome: 'granted',
      lease,
      passed: [],
    },
  },
  'callbacks.get': {
    response: {
      task: callbackExample,
      history: [
        {
          entry: 41,
          at: '2026-11-24T02:05:03.000Z',
          kind: 'opened',
          from: null,
          to: 'open',
          fence: 0,
          seatId: null,
          operatorId: 'key:交换机',
          detail: null,
        },
      ],
    },
  },
  'callbacks.renew': { request: { fence: 1 }, response: lease },
  'callbacks.dialling': { request: { fence: 1 }, response: lease },
  'callbacks.outcome': {
    request: { fence: 1, outcome: 'case-filed', caseId: '0199f3a2-7c1e-7a44-9d0e-5f1c2b3a4d5e', note: '' },
    response: closed,
  },
  'callbacks.decline': { request: { fence: 1, reason: '听不懂方言' }, response: open },
  'callbacks.reschedule': {
    request: { fence: 1, at: '2026-11-24T09:30:00.000Z', note: '下班后' },
    response: {
      ...open,
      preferred: { at: '2026-11-24T09:30:00.000Z', askedAt: at, note: '下班后' },
      notBefore: '2026-11-24T09:30:00.000Z',
      reopenedAt: at,
    },
  },
  'callbacks.undo': { request: { reason: '接电话的不是本人' }, response: { ...open, reopenedAt: at } },
  'callbacks.takeOver': { response: lease },
  'callbacks.assign': {
    request: { operatorId: 'demo-1001' },
    response: { ...open, fence: 2, assigned: { operatorId: 'demo-1001', by: 'demo-1002', at } },
  },
  'callbacks.release': { request: { reason: '已电话核实，没有接通' }, response: { ...open, fence: 2 } },
  'callbacks.remove': {
    request: { reason: '骚扰电话' },
    response: {
      ...closed,
      closed: {
        at,
        reason: 'removed',
        outcome: null,
        operatorId: 'demo-1002',
        caseId: null,
        detail: '骚扰电话',
      },
    },
  },
  'callbacks.figures': {
    response: {
      open: 12,
      overdue: 2,
      uncertain: 1,
      notDialable: 3,
      opened: 40,
      closed: 31,
      reached: 18,
      answered: 9,
      reachedOnFirstTry: 14,
      medianWaitSeconds: 1_260,
    },
  },
}
