/** Examples in the published interface. Invented people and numbers; a test reads each by the contract. */
import { emptyCaseFields } from '../../shared/domain/case.ts'
import { accountExamples } from './account-examples.ts'
import { callbackExample, callbackExamples } from './callback-examples.ts'
import { catalogueExamples } from './catalogue-examples.ts'
import { intakeExamples } from './intake-examples.ts'
import { knowledgeExamples } from './knowledge-examples.ts'

const at = '2026-11-24T02:30:00.000Z'
const caseId = '0199f3a2-7c1e-7a44-9d0e-5f1c2b3a4d5e'
const clientId = '0199f3a0-1111-7000-8000-000000000001'
const token = 'eyJhbGciOiJIUzI1NiJ9.示例.示例'.replaceAll('示例', 'c2hpbGk')

const fields = {
  ...emptyCaseFields,
  callerName: '王女士',
  callingNumber: '19900000001',
  contactNumber: '19900000001',
  title: '路灯不亮',
  content: '河东路 12 号门前路灯三天不亮。',
  kind: 'help',
  disposition: 'accept',
}
const operator = {
  operatorId: 'demo-1001',
  workNumber: '1001',
  name: '林晓岚',
  branch: '云澜中心',
  role: 'agent',
  skills: ['方言'],
  disabled: false,
  employer: '',
}
const publication = {
  name: 'catalogue',
  version: '2026-11',
  effectiveAt: at,
  sha256: '0'.repeat(64),
}
const caseDocument = {
  caseId,
  caseNumber: '2026-00000201',
  version: 1,
  branch: '云澜中心',
  status: 'accepted',
  disposition: 'accept',
  operatorId: 'demo-1001',
  catalogueVersion: '2026-11',
  callId: 'a84b4c76e66710@pbx.example.cn',
  fields,
  attachments: [],
  history: [
    {
      entryId: caseId,
      kind: 'created',
      at,
      operatorId: 'demo-1001',
      operatorName: '林晓岚',
      detail: 'accept',
    },
  ],
  createdAt: at,
  updatedAt: at,
}
const session = {
  accessToken: token,
  expiresInSeconds: 900,
  refreshToken: 'c2hpbGktc2hpbGktc2hpbGktc2hpbGk',
  operator,
  offlineDays: 7,
  totp: null,
  proof: {
    sessionId: '0199f3a2-7c20-7000-8000-000000000009',
    secret: 'c2hpbGktc2hpbGktc2hpbGktc2hpbGktc2hpbGktc2g',
    until: '2026-12-01T02:00:00.000Z',
  },
}
const credential = { clientId, deviceSecret: 'c2hpbGktc2hpbGktc2hpbGktc2hpbGk', branch: '云澜中心' }

/** By operation. */
export const examples: Record<string, { request?: unknown; response?: unknown }> = {
  ...callbackExamples,
  'presence.tell': {
    request: { kind: 'ready', since: at, extension: '8001' },
    response: {
      seats: [
        {
          operatorId: 'demo-1004',
          operatorName: '周敏',
          branch: '云澜中心',
          skills: ['方言', '涉企'],
          extension: '8004',
          kind: 'ready',
          since: at,
        },
      ],
    },
  },
  ...catalogueExamples,
  ...intakeExamples,
  ...knowledgeExamples,
  ...accountExamples(session),
  'enrolments.create': {
    request: { code: 'ABCD-EFGH-2345-6789', seatName: '3 号坐席' },
    response: credential,
  },
  'enrolments.renew': {
    request: {
      clientId,
      deviceSecret: credential.deviceSecret,
      requestId: '0199f3a2-7c23-7000-8000-000000000005',
      reason: 'copied',
    },
    response: credential,
  },
  'centre.prove': {
    request: { challenge: 'c2hpbGktdGlhb3poYW4tMDE' },
    response: { key: 'c2hpbGk'.repeat(6), signature: 'c2hpbGk'.repeat(12) },
  },
  'devices.token': {
    request: { clientId, deviceSecret: credential.deviceSecret },
    response: { accessToken: token, expiresInSeconds: 900, highestSeq: 128 },
  },
  'sessions.create': { request: { workNumber: '1001', password: '请勿照抄' }, response: session },
  'sessions.refresh': { request: { refreshToken: session.refreshToken }, response: session },
  'sessions.end': { request: { refreshToken: session.refreshToken }, response: {} },
  'commands.push': {
    request: {
      commands: [
        {
          clientId,
          seq: 129,
          id: '0199f3a2-7c20-7000-8000-000000000002',
          operatorId: 'demo-1001',
          caseId,
          schemaVersion: 4,
          name: 'case.create',
          args: {
            caseNumber: '2026-00000201',
            callId: 'a84b4c76e66710@pbx.example.cn',
            catalogueVersion: '2026-11',
            createdAt: at,
            fields,
          },
          baseVersion: null,
          issuedAt: at,
          proof: {
            session: '0199f3a2-7c20-7000-8000-000000000009',
            client: clientId,
            seq: 129,
            mac: 'c2hpbGktc2hpbGktc2hpbGktc2hpbGktc2hpbGktc2g',
          },
        },
      ],
      sentAt: at,
    },
    response: {
      results: [{ id: '0199f3a2-7c20-7000-8000-000000000002', outcome: 'applied', version: 1 }],
      serverTime: at,
    },
  },
  'changes.list': {
    response: {
      changes: [
        { kind: 'case', case: caseDocument },
        { kind: 'operator', operator },
        { kind: 'publication', publication },
        { kind: 'callback', callback: callbackExample },
      ],
      cursor: 'k3J9xQ2mPa1B.204',
      more: false,
      remaining: 0,
      serverTime: at,
    },
  },
  'callers.get': { response: { cases: [], caseCount: 0, openCaseCount: 0, hiddenCount: 0 } },
  'audit.alarms': {
    response: {
      alarms: [
        {
          at,
          operatorId: operator.operatorId,
          workNumber: operator.workNumber,
          name: operator.name,
          branch: operator.branch,
          employer: operator.employer,
          kind: 'caller.lookup',
          count: 30,
          minutes: 10,
          refused: false,
        },
      ],
    },
  },
  'audit.beginExport': {
    request: {
      exportId: '0199f3a2-7c21-7000-8000-000000000009',
      ledger: 'enterprise',
      format: 'xlsx',
      rows: 120,
    },
    response: {},
  },
  'cases.get': { response: caseDocument },
  'numberBlocks.lease': {
    request: { requestId: '0199f3a2-7c21-7000-8000-000000000003' },
    response: {
      blockId: '0199f3a2-7c22-7000-8000-000000000004',
      prefix: '2026-',
      first: 201,
      last: 400,
      digits: 8,
    },
  },
  'publications.list': { response: [publication] },
  'publications.get': { response: { ...publication, content: { entries: [] } } },
  'publications.publish': {
    request: { effectiveAt: at, content: { entries: [] } },
    response: publication,
  },
}
