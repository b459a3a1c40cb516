/**
 * The central contract (中心接口), version 1: what a city's own platform implements so that seats can work with it. Published
 * as OpenAPI 3.1 at /openapi.json. docs/sync.md says what it guarantees.
 */
import { z } from 'zod'
import { callbackTask } from '../domain/callback.ts'
import { callerProfile } from '../domain/caller-profile.ts'
import { caseFields, caseStatus, caseSummary, disposition, historyEntry } from '../domain/case.ts'
import { caseLoop } from '../domain/case-loop.ts'
import { caseRelations } from '../domain/case-relations.ts'
import { attachment } from '../domain/command.ts'
import { accountRoutes, administrationRoutes, secondFactorCode } from './central-accounts.ts'
import { auditRoutes } from './central-audit.ts'
import { callbackRoutes } from './central-callbacks.ts'
import { catalogueRoutes } from './central-catalogues.ts'
import {
  accessGrant,
  centralOperator,
  centreProof,
  deviceCredential,
  operatorSession,
} from './central-identity.ts'
import { intakeRoutes } from './central-intake.ts'
import { knowledgeRoutes } from './central-knowledge.ts'
import { presenceRoutes } from './central-presence.ts'
import { route } from './central-route.ts'

export {
  accessGrant,
  type CentralOperator,
  type DeviceCredential,
  deviceCredential,
  type OperatorSession,
  operatorSession,
} from './central-identity.ts'

/** Commands in one request, at most. */
export const maxCommands = 500
/** Bytes of a request's body, at most, after it is unpacked. */
export const maxBodyBytes = 8 * 1024 * 1024
/** An attachment's content, at most. */
export const maxFileBytes = 200 * 1024 * 1024
/** A page of changes is cut at whichever comes first. */
export const maxChanges = 2_000

const id = z.string().min(1).max(64)
const token = z.string().min(16).max(4_096)

// ── cases ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A case as the centre has it: the whole of it, so that a seat replaces what it had. History only grows. */
export const caseDocument = z
  .object({
    caseId: id,
    caseNumber: z.string().max(40),
    version: z.number().int().positive(),
    branch: z.string(),
    grantedBranches: z.array(z.string()).optional().describe('另外可以阅读的分中心；没有时可以没有'),
    status: caseStatus,
    disposition,
    operatorId: id,
    catalogueVersion: z.string(),
    callId: z.string().nullable(),
    fields: caseFields,
    attachments: z.array(attachment),
    loop: caseLoop.nullish().describe('没有派单时可以没有'),
    relations: caseRelations.nullish().describe('没有关联、并单时可以没有'),
    history: z.array(historyEntry),
    progressCode: z
      .string()
      .max(20)
      .nullish()
      .describe('查询码：与工单编号一起告诉来电人，凭此查进度；保密工单没有'),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .describe('工单全文')
export type CaseDocument = z.infer<typeof caseDocument>

// ── commands ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const fieldClash = z.object({
  field: z.string(),
  from: z.unknown(),
  mine: z.unknown().describe('命令要改成的值'),
  theirs: z.unknown().describe('中心现在的值'),
})

/** Whose value stands at the centre, for the operator who decides. */
export const conflictDetail = z.object({
  clashes: z.array(fieldClash),
  by: z.object({ operatorId: z.string(), operatorName: z.string(), at: z.iso.datetime() }).nullable(),
})
export type ConflictDetail = z.infer<typeof conflictDetail>

export const commandResult = z.discriminatedUnion('outcome', [
  z.object({ id, outcome: z.literal('applied'), version: z.number().int().nullable() }),
  z
    .object({ id, outcome: z.literal('duplicate'), version: z.number().int().nullable() })
    .describe('此前已生效'),
  z.object({
    id,
    outcome: z.literal('conflict'),
    code: z.literal('EDIT_CONFLICT'),
    sentence: z.string(),
    version: z.number().int(),
    detail: conflictDetail,
  }),
  z.object({
    id,
    outcome: z.literal('rejected'),
    code: z.string(),
    sentence: z.string().describe('给操作人看的原因'),
    version: z.number().int().nullable(),
  }),
])
export type CommandResult = z.infer<typeof commandResult>

// ── changes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Anything the centre publishes by version (目录、知识、政策…). Its content is fetched by name and version. */
export const publication = z.object({
  name: z.string().regex(/^[a-z][a-z0-9-]{1,39}$/),
  version: z.string().min(1).max(64),
  effectiveAt: z.iso.datetime(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('内容的 JSON 文本的摘要'),
})
export type Publication = z.infer<typeof publication>

export const change = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('case'), case: caseDocument }),
  /** This seat may no longer see it: the local copy goes, unsent commands stay. */
  z.object({ kind: z.literal('case-removed'), caseId: id }),
  z.object({ kind: z.literal('operator'), operator: centralOperator }),
  z.object({ kind: z.literal('publication'), publication }),
  z.object({ kind: z.literal('callback'), callback: callbackTask }),
  /** Closed so long ago that nobody needs it. */
  z.object({ kind: z.literal('callback-removed'), taskId: id }),
])
export type Change = z.infer<typeof change>

export const changePage = z.object({
  changes: z.array(change),
  cursor: z.string().max(200).describe('下次从这里继续；内容不透明'),
  more: z.boolean().describe('还有下一页'),
  remaining: z.number().int().min(0).describe('之后大约还有多少条'),
  serverTime: z.iso.datetime(),
  feedLagSeconds: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('中心已收到但还没有编号的变更等了多少秒；没有积压时不给出'),
})
export type ChangePage = z.infer<typeof changePage>

// ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

export const numberBlock = z.object({
  blockId: id,
  prefix: z.string().max(20),
  first: z.number().int().min(0),
  last: z.number().int().min(0),
  digits: z.number().int().min(1).max(12),
})
export type NumberBlock = z.infer<typeof numberBlock>

export const callerHistory = z.object({
  cases: z.array(caseSummary).describe('未办结在前'),
  caseCount: z.number().int(),
  openCaseCount: z.number().int(),
  hiddenCount: z.number().int().describe('保留；示例中心总为 0：无权查看的工单不计入任何数目'),
  /** A centre that remembers nothing of callers leaves it out. */
  profile: callerProfile.nullable().default(null).describe('来电人档案: 方言与主体类型'),
})
export type CallerHistory = z.infer<typeof callerHistory>

// ── the contract ────────────────────────────────────────────────────────────────────────────────────────────────────

/** Security: `device` bearer for seats, `operator` bearer in X-Operator-Session beside it, `key` in X-API-Key for integrations. */
export const centralContract = {
  enrolments: {
    create: route('POST', '/v1/enrolments', '登记坐席设备', '管理员给出的一次性登记码换取设备密钥。')
      .input(
        z.object({
          code: z.string().min(6).max(200),
          seatName: z.string().min(1).max(100),
          former: z
            .object({ clientId: id, deviceSecret: token })
            .optional()
            .describe('这台坐席以前的标识；密钥正确且未吊销时，仍是原来的坐席'),
        }),
      )
      .output(deviceCredential),
    /**
     * By the former secret in the body, with or without a token. Once for each identity: whoever asks after it was superseded is
     * refused (DEVICE_SUPERSEDED) and needs a code. The same `requestId` again, after a lost answer, is answered the same.
     */
    renew: route(
      'POST',
      '/v1/enrolments/renew',
      '更换坐席设备标识',
      '数据库被恢复或复制的坐席换一个新标识，未用完的编号段作废。已被取代的标识不能再更换。',
    )
      .input(
        z.object({
          clientId: id,
          deviceSecret: token.describe('要更换的标识的密钥'),
          requestId: id.describe('重复请求得到同一标识'),
          reason: z.enum(['restored', 'copied', 'seq-taken']),
        }),
      )
      .output(deviceCredential),
  },
  centre: {
    prove: route(
      'GET',
      '/v1/identity',
      '中心的身份',
      '坐席在发送设备密钥和口令之前，请中心用登记时出示的密钥签名一个随机挑战值。',
    )
      .input(
        z.object({
          challenge: z
            .string()
            .regex(/^[A-Za-z0-9_-]+$/)
            .min(16)
            .max(100),
        }),
      )
      .output(centreProof),
  },
  devices: {
    token: route('POST', '/v1/device-tokens', '取得设备令牌', '设备密钥换取短期令牌。')
      .input(z.object({ clientId: id, deviceSecret: token }))
      .output(accessGrant.extend({ highestSeq: z.number().int().min(0).describe('中心见过的最大序号') })),
  },
  sessions: {
    /**
     * Device + password (+ second factor). SIGN_IN_FAILED whatever was wrong, with how long to wait. After a right password:
     * SECOND_FACTOR_NEEDED, SECOND_FACTOR_WRONG; PASSWORD_CHANGE_NEEDED and SECOND_FACTOR_ENROLMENT_NEEDED with a ticket for
     * `account`. BUSY.
     */
    create: route('POST', '/v1/sessions', '坐席人员登录', '工号与口令；失败越多，等待越久。')
      .input(
        z.object({
          workNumber: z.string().min(1).max(20),
          password: z.string().min(1).max(1_024),
          code: secondFactorCode.optional(),
        }),
      )
      .output(operatorSession),
    /** A refresh token works once. One that is used twice ends every session that came of it. */
    refresh: route('POST', '/v1/sessions/refresh', '续期登录', '续期令牌只能用一次；重复使用会使其全部失效。')
      .input(z.object({ refreshToken: token }))
      .output(operatorSession),
    end: route('POST', '/v1/sessions/end', '退出登录', '使续期令牌失效。')
      .input(z.object({ refreshToken: token }))
      .output(z.object({})),
  },
  commands: {
    push: route(
      'POST',
      '/v1/commands',
      '上传命令',
      '一批命令，逐条给出结果；部分成功是正常的。重复上传无害。每条命令以 proof 证明其操作人：proof.mac 是以登录时所给密钥对规范 JSON（RFC 8785）所作的 HMAC-SHA256，见 docs/sync.md。特权操作另须带上本人的 x-operator-session。',
    )
      .input(
        z.object({
          commands: z.array(z.unknown()).min(1).max(maxCommands).describe('命令'),
          sentAt: z.iso.datetime().optional().describe('坐席发送时的时钟，用来得知时差'),
        }),
      )
      .output(z.object({ results: z.array(commandResult), serverTime: z.iso.datetime() })),
  },
  changes: {
    list: route(
      'GET',
      '/v1/changes',
      '取得变更',
      '从游标起的变更，按中心的编号顺序，不会漏。没有游标则从头开始。',
    )
      .input(
        z.object({
          cursor: z.string().max(200).optional(),
          limit: z.coerce.number().int().min(1).max(maxChanges).default(maxChanges),
        }),
      )
      .output(changePage),
  },
  callers: {
    /** Device and operator. The number in its normal form (归一号码). */
    get: route(
      'GET',
      '/v1/callers/{number}',
      '来电人历史',
      '按归一号码查询本人可以查看的历史工单。按人计数并限量（LOOKUP_LIMIT）；本席来电的弹屏另计。',
    )
      .input(
        z.object({
          number: z.string().min(2).max(40),
          callId: z.string().min(1).max(256).optional().describe('正在本席的来电'),
        }),
      )
      .output(callerHistory),
  },
  cases: {
    get: route('GET', '/v1/cases/{caseId}', '读取工单', '按权限读取一张工单。')
      .input(z.object({ caseId: id }))
      .output(caseDocument),
  },
  numberBlocks: {
    lease: route('POST', '/v1/number-blocks', '租用编号段', '给这台坐席一段正式工单编号，离线时也能用。')
      .input(z.object({ requestId: id.describe('重复请求得到同一段') }))
      .output(numberBlock),
  },
  publications: {
    list: route('GET', '/v1/publications', '已发布的内容', '每种内容的当前与待生效版本。')
      .input(z.object({}))
      .output(z.array(publication)),
    get: route('GET', '/v1/publications/{name}/{version}', '取得发布内容', '目录、知识等的全文。')
      .input(z.object({ name: z.string().max(40), version: z.string().max(64) }))
      .output(publication.extend({ content: z.unknown() })),
    /** Operator with publication.publish. */
    publish: route(
      'PUT',
      '/v1/publications/{name}/{version}',
      '发布内容',
      '发布一个版本；同一版本不能改内容。',
    )
      .input(
        z.object({
          name: publication.shape.name,
          version: publication.shape.version,
          effectiveAt: z.iso.datetime(),
          content: z.unknown(),
        }),
      )
      .output(publication),
  },
  catalogues: catalogueRoutes,
  callbacks: callbackRoutes,
  presence: presenceRoutes,
  intake: intakeRoutes,
  knowledge: knowledgeRoutes,
  audit: auditRoutes,
  account: accountRoutes,
  administration: administrationRoutes,
}
