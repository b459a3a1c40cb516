/** A callback (回拨任务): one citizen's number that is to be called back, and what can happen to it. callback-moves.ts decides. */
import { z } from 'zod'

export const callbackState = z
  .enum(['open', 'claimed', 'dialling', 'uncertain', 'closed'])
  .describe('状态: 待回拨 / 已领取 / 拨打中 / 待确认 / 已关闭')

export const callbackOutcome = z
  .enum(['reached', 'nothing-wanted', 'case-filed', 'no-answer', 'busy', 'invalid', 'refused', 'failed'])
  .describe('结果: 已接通 / 无诉求 / 转工单 / 无人接听 / 占线 / 空号 / 拒接 / 线路原因未拨通')
export type CallbackOutcome = z.infer<typeof callbackOutcome>

export const closingReason = z
  .enum(['reached', 'answered', 'attempts-used', 'invalid-number', 'refused', 'expired', 'removed'])
  .describe('关闭原因: 回拨接通 / 已另行接通 / 次数用完 / 空号 / 拒接 / 过期 / 班长移除')
export type ClosingReason = z.infer<typeof closingReason>

const at = z.iso.datetime()
const who = z.string().min(1).max(64)

export const callbackTask = z
  .object({
    taskId: z.string().min(1).max(64),
    version: z.number().int().positive(),
    branch: z.string().nullable().describe('归属分中心；空为全市'),
    kind: z.enum(['number', 'withheld', 'invalid']).describe('有号码 / 匿名 / 不是号码'),
    numberKey: z.string().nullable().describe('归一号码'),
    number: z.string().describe('显示的号码'),
    extension: z.string().nullable().describe('分机'),
    dialable: z.boolean(),
    queue: z.string().nullable(),
    wants: z.array(z.string()).describe('先给有其中任一技能的坐席'),
    enterprise: z.boolean().describe('企业来电'),
    dialect: z.string().nullable(),
    note: z.string().describe('留言或按键选择的文字'),
    calls: z.number().int().positive().describe('漏接次数'),
    firstMissedAt: at,
    lastMissedAt: at,
    openedAt: at.describe('列入或重新开放的时间'),
    reopenedAt: at.nullable().describe('撤销关闭或改约的时间；此前的接通不再关闭它'),
    state: callbackState,
    attempts: z.number().int().min(0).describe('已拨打次数'),
    notBefore: at.nullable().describe('在此之前不拨'),
    preferred: z.object({ at, askedAt: at, note: z.string() }).nullable().describe('改约'),
    lastAttempt: z
      .object({
        fence: z.number().int(),
        at,
        seatId: z.string(),
        operatorId: z.string(),
        outcome: callbackOutcome.nullable().describe('空为未知'),
      })
      .nullable(),
    fence: z.number().int().min(0).describe('每次领取递增'),
    lease: z
      .object({
        seatId: z.string(),
        operatorId: z.string(),
        until: at,
        renewals: z.number().int().min(0),
      })
      .nullable(),
    assigned: z.object({ operatorId: z.string(), by: z.string(), at }).nullable().describe('指派'),
    uncertainSince: at.nullable(),
    closed: z
      .object({
        at,
        reason: closingReason,
        outcome: callbackOutcome.nullable(),
        operatorId: z.string().nullable().describe('空为自动'),
        caseId: z.string().nullable(),
        detail: z.string(),
      })
      .nullable(),
  })
  .describe('回拨任务')
export type CallbackTask = z.infer<typeof callbackTask>

/** Who acts. `seatId` is the centre's name of the seat, which outlives its device's identity. */
export const callbackActor = z.object({ seatId: who, operatorId: who })
export type CallbackActor = z.infer<typeof callbackActor>

export type MissedFacts = Pick<
  CallbackTask,
  'calls' | 'firstMissedAt' | 'lastMissedAt' | 'note' | 'wants' | 'enterprise' | 'dialect'
>

export type CallbackEvent =
  /** What all its missed calls together say now. */
  | { type: 'missed'; facts: MissedFacts }
  | ({ type: 'claim'; branch: string; skills: readonly string[] } & CallbackActor)
  | ({ type: 'renew'; fence: number } & CallbackActor)
  | ({ type: 'dial'; fence: number } & CallbackActor)
  | ({
      type: 'outcome'
      fence: number
      outcome: CallbackOutcome
      caseId: string | null
      note: string
    } & CallbackActor)
  | ({ type: 'decline'; fence: number; reason: string } & CallbackActor)
  | ({ type: 'reschedule'; fence: number; at: string; note: string } & CallbackActor)
  /** Somebody spoke with this number. `left`: its missed calls that came after that. */
  | { type: 'answered'; left: MissedFacts | null; operatorId: string | null; detail: string }
  /** A seat without a centre rang the number, under no lease. */
  | { type: 'offline'; outcome: CallbackOutcome; at: number }
  | { type: 'clock' }
  | { type: 'undo'; operatorId: string; reason: string }
  | ({ type: 'take-over' } & CallbackActor)
  | { type: 'assign'; to: string; operatorId: string }
  | { type: 'release'; operatorId: string; reason: string }
  | { type: 'remove'; operatorId: string; reason: string }

export type CallbackRefusal =
  | 'CALLBACK_NOT_DIALABLE'
  | 'CALLBACK_HELD'
  | 'CALLBACK_DIALLING'
  | 'CALLBACK_UNCERTAIN'
  | 'CALLBACK_CLOSED'
  | 'CALLBACK_NOT_YET'
  | 'CALLBACK_OTHERS_FIRST'
  | 'CALLBACK_OTHER_BRANCH'
  | 'CALLBACK_NOT_DIALLING'
  | 'CALLBACK_NOT_CLOSED'
  | 'CALLBACK_UNDO_TOO_LATE'
  | 'FENCE_STALE'
  | 'LEASE_ENDED'
  | 'LEASE_NOT_YOURS'
  | 'LEASE_NOT_RENEWABLE'
  | 'PREFERRED_TIME_INVALID'

/** What the history calls it. */
export const callbackEntryKind = z.enum([
  'opened',
  'missed',
  'claimed',
  'renewed',
  'dialling',
  'outcome',
  'concluded',
  'declined',
  'rescheduled',
  'answered',
  'partly-answered',
  'lease-ended',
  'uncertain',
  'hold-ended',
  'expired',
  'undone',
  'taken-over',
  'assigned',
  'released',
  'removed',
  'late-result',
  'offline-attempt',
])
export type CallbackEntryKind = z.infer<typeof callbackEntryKind>
