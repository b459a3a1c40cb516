/** The central contract's part for callbacks (回拨). docs/callbacks.md says what it guarantees. */
import { z } from 'zod'
import { callbackEntryKind, callbackOutcome, callbackTask } from '../domain/callback.ts'
import { callbackHeader } from '../domain/callback-dial.ts'
import { route } from './central-route.ts'

/** Missed calls in one request, at most; more is TOO_MANY_CALLS and nothing is taken. */
export const maxMissedCalls = 2_000
/** Tasks that one claim may name, at most. */
export const maxClaimChoices = 50

const id = z.string().min(1).max(64)
const fence = z.number().int().min(1).describe('领取时得到的序号')
const taskId = id.describe('任务标识')
const note = z.string().max(2_000).default('')
const reason = z.string().trim().min(1).max(500)

// ── missed calls ────────────────────────────────────────────────────────────────────────────────────────────────────

/** One call that nobody answered. Judged one by one, so that a bad one never refuses the others. */
export const missedCall = z
  .object({
    originalCallId: z.string().min(1).max(256).describe('原始呼叫标识；同一标识只计一次'),
    number: z.string().max(256).nullish().describe('主叫号码，任何写法'),
    withheld: z.boolean().default(false).describe('来电人隐藏了号码'),
    missedAt: z.iso.datetime({ offset: true }).describe('漏接时间'),
    calledNumber: z.string().max(64).nullish(),
    queue: z.string().max(64).nullish(),
    branch: z.string().min(1).max(60).nullish().describe('归属分中心；空为全市'),
    skill: z.string().min(1).max(40).nullish(),
    dialect: z.string().min(1).max(40).nullish(),
    enterprise: z.boolean().default(false).describe('企业来电'),
    note: z.string().max(500).default('').describe('留言或按键选择的文字'),
  })
  .describe('漏接来电')

export const missedCallResult = z.discriminatedUnion('outcome', [
  z.object({
    originalCallId: z.string(),
    outcome: z
      .enum(['opened', 'repeated', 'listed', 'answered', 'duplicate'])
      .describe('新任务 / 计入已有任务 / 只列出，不能回拨 / 已另行接通，不需回拨 / 此前已收到'),
    taskId: z.string().nullable(),
  }),
  z.object({
    originalCallId: z.string().describe('没有标识的以 #序号 代替'),
    outcome: z.literal('rejected'),
    code: z.string(),
    sentence: z.string(),
  }),
])
export type MissedCallResult = z.infer<typeof missedCallResult>

// ── tasks ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a seat may do now, and until when. `leaseSeconds` counts from when it asked: clocks may differ. */
export const callbackLease = z
  .object({
    task: callbackTask,
    fence,
    leaseSeconds: z.number().min(0).describe('从发出请求时算起还剩的秒数'),
    token: z.string().describe(`拨打时放在 INVITE 的 ${callbackHeader} 头中`),
  })
  .describe('领取')
export type CallbackLease = z.infer<typeof callbackLease>

/** Why a task that was named was not given. */
export const passedCallback = z.object({
  taskId: z.string(),
  code: z.string(),
  sentence: z.string(),
  heldBy: z.object({ operatorId: z.string(), operatorName: z.string() }).nullable(),
})
export type PassedCallback = z.infer<typeof passedCallback>

export const claimResult = z.discriminatedUnion('outcome', [
  /** Why others before it were not given is not looked up: `passed` is empty. */
  z.object({ outcome: z.literal('granted'), lease: callbackLease, passed: z.array(passedCallback) }),
  z.object({ outcome: z.literal('none'), passed: z.array(passedCallback).describe('每个没有给出的原因') }),
])
export type ClaimResult = z.infer<typeof claimResult>

export const callbackEntry = z.object({
  entry: z.number().int(),
  at: z.iso.datetime(),
  kind: callbackEntryKind,
  from: z.string().nullable(),
  to: z.string(),
  fence: z.number().int(),
  seatId: z.string().nullable(),
  operatorId: z.string().nullable(),
  detail: z.unknown(),
})
export type CallbackEntry = z.infer<typeof callbackEntry>

/** Counted from the history each time, so that nothing drifts. */
export const callbackFigures = z.object({
  open: z.number().int().describe('待办（含已领取、拨打中）'),
  overdue: z.number().int(),
  uncertain: z.number().int().describe('待确认'),
  notDialable: z.number().int().describe('匿名或不是号码'),
  opened: z.number().int().describe('期间新增'),
  closed: z.number().int(),
  reached: z.number().int().describe('期间回拨接通'),
  answered: z.number().int().describe('期间另行接通'),
  reachedOnFirstTry: z.number().int(),
  medianWaitSeconds: z.number().nullable().describe('首次漏接到接通'),
})
export type CallbackFigures = z.infer<typeof callbackFigures>

/** Device and operator for all but missedCalls (API key with scope missed-call.post). */
export const callbackRoutes = {
  post: route('POST', '/v1/missed-calls', '上报漏接来电', '交换机侧批量上报；可重复、可乱序，逐条给出结果。')
    .input(z.object({ calls: z.array(z.unknown()).min(1).describe('漏接来电') }))
    .output(z.object({ results: z.array(missedCallResult), serverTime: z.iso.datetime() })),
  claim: route(
    'POST',
    '/v1/callback-claims',
    '领取回拨任务',
    '按给出的顺序领取第一个可领取的任务，最多一个。',
  )
    .input(
      z.object({
        requestId: id.describe('重复请求得到同一次领取'),
        taskIds: z.array(taskId).min(1).max(maxClaimChoices).describe('希望领取的任务，按本席的排序'),
      }),
    )
    .output(claimResult),
  get: route('GET', '/v1/callbacks/{taskId}', '读取回拨任务', '任务与全部经过。')
    .input(z.object({ taskId }))
    .output(z.object({ task: callbackTask, history: z.array(callbackEntry) })),
  renew: route('POST', '/v1/callbacks/{taskId}/renew', '延长领取', '次数由政策限定。')
    .input(z.object({ taskId, fence }))
    .output(callbackLease),
  dialling: route(
    'POST',
    '/v1/callbacks/{taskId}/dialling',
    '报告即将拨打',
    '必须在 INVITE 之前；答复之后才可拨出。',
  )
    .input(z.object({ taskId, fence }))
    .output(callbackLease),
  outcome: route('POST', '/v1/callbacks/{taskId}/outcome', '报告拨打结果', '迟到的结果只留在经过中。')
    .input(z.object({ taskId, fence, outcome: callbackOutcome, caseId: id.nullable().default(null), note }))
    .output(callbackTask),
  decline: route('POST', '/v1/callbacks/{taskId}/decline', '放弃领取', '不算一次拨打。')
    .input(z.object({ taskId, fence, reason: z.string().max(500).default('') }))
    .output(callbackTask),
  reschedule: route('POST', '/v1/callbacks/{taskId}/reschedule', '改约', '来电人希望的时间。')
    .input(z.object({ taskId, fence, at: z.iso.datetime(), note }))
    .output(callbackTask),
  undo: route('POST', '/v1/callbacks/{taskId}/undo', '撤销关闭', '重新开放；班长移除和过期的须由班长撤销。')
    .input(z.object({ taskId, reason }))
    .output(callbackTask),
  /** Operator with callback.supervise, these four and the figures. */
  takeOver: route('POST', '/v1/callbacks/{taskId}/take-over', '接管', '由班长本人领取；拨打中的不能接管。')
    .input(z.object({ taskId }))
    .output(callbackLease),
  assign: route('POST', '/v1/callbacks/{taskId}/assign', '指派', '先给这名坐席人员，过时给所有人。')
    .input(z.object({ taskId, operatorId: id }))
    .output(callbackTask),
  release: route('POST', '/v1/callbacks/{taskId}/release', '放行', '已领取或待确认的重新开放。')
    .input(z.object({ taskId, reason }))
    .output(callbackTask),
  remove: route('POST', '/v1/callbacks/{taskId}/remove', '移除', '不再回拨。')
    .input(z.object({ taskId, reason }))
    .output(callbackTask),
  figures: route('GET', '/v1/callback-figures', '回拨统计', '由经过计算，不用计数器。')
    .input(z.object({ from: z.iso.datetime(), to: z.iso.datetime() }))
    .output(callbackFigures),
}
