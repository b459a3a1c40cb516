/**
 * What a city decides about calling back (回拨政策): a table that the centre publishes under the name `callback-policy`. No
 * national text gives minutes, attempts or hours, so the default below is an example and nothing more.
 */
import { z } from 'zod'
import type { CallbackTask } from './callback.ts'

export const callbackPolicyName = 'callback-policy'

const minutes = z.number().min(0).max(100_000)
const minuteOfDay = z.number().int().min(0).max(1_439).describe('北京时间，从零点起的分钟数')
const points = z.number().min(0).max(10_000)

export const callbackPolicy = z.object({
  sample: z.boolean().describe('示例数据'),
  dueMinutes: minutes.min(1).describe('首次漏接后应在多少分钟内回拨'),
  urgentDueMinutes: minutes.min(1).describe('紧急的应在多少分钟内回拨'),
  attempts: z.number().int().min(1).max(20).describe('最多拨打几次'),
  /** null: that outcome closes the task at once. */
  spacingMinutes: z
    .object({
      'no-answer': minutes.nullable(),
      busy: minutes.nullable(),
      invalid: minutes.nullable(),
      refused: minutes.nullable(),
      failed: minutes.describe('线路原因未拨通，不计次数'),
    })
    .describe('各种结果之后多久再拨；空为不再拨'),
  expireHours: z.number().min(1).max(10_000).describe('多少小时后不再回拨'),
  /** Two that are equal: no quiet hours. The end may lie on the next day. */
  quiet: z.object({ from: minuteOfDay, to: minuteOfDay }).describe('免打扰时段'),
  urgentInQuiet: z.boolean().describe('紧急的可在免打扰时段回拨'),
  weights: z.object({
    /** Above 0: age must outgrow everything else in the end, so that no task waits for ever. */
    ageMinute: z.number().min(0.01).max(1_000).describe('每等待一分钟'),
    repeat: points.describe('每多来电一次'),
    mostRepeats: z.number().int().min(0).max(1_000).describe('最多计几次'),
    enterprise: points,
    dialect: points,
    overdue: points,
    preferred: points.describe('约定的时间已到'),
  }),
  urgentWords: z.array(z.object({ word: z.string().min(1).max(20), points: points.min(1) })).max(200),
  skillFirstSeconds: z.number().min(0).max(86_400).describe('先给有相应技能的坐席多久，之后给所有坐席'),
  assignedMinutes: minutes.describe('指派给某人后，多久没有领取就给所有人'),
  leaseSeconds: z.number().int().min(10).max(3_600).describe('领取后多久不拨就收回'),
  renewals: z.number().int().min(0).max(1_000).describe('一次领取最多续几次'),
  inviteSecondsLeft: z.number().int().min(1).max(600).describe('剩余不足这些秒时不得拨出'),
  /** null: only a supervisor releases it. */
  uncertainHoldMinutes: minutes.nullable().describe('拨打中失去联系的任务保留多久后重新开放；空为由班长放行'),
  settleSeconds: z.number().min(0).max(600).describe('坐席振铃未接，等交换机转完其他坐席的时间'),
  undoHours: z.number().min(0).max(10_000).describe('关闭后多久内可以撤销'),
  furthestDays: z.number().min(1).max(365).describe('改约最远到几天后'),
  /** Outside of the guarantee: nobody claims anything, so two seats may dial one citizen. Policies from before it was known have none. */
  offlineBranches: z
    .array(z.string().min(1).max(60))
    .max(1_000)
    .default([])
    .describe('连不上中心时，这些分中心的坐席可以回拨本席漏接的来电'),
})
export type CallbackPolicy = z.infer<typeof callbackPolicy>

/** An example for demonstrations and for a centre that has published none. */
export const sampleCallbackPolicy: CallbackPolicy = {
  sample: true,
  dueMinutes: 60,
  urgentDueMinutes: 15,
  attempts: 3,
  spacingMinutes: { 'no-answer': 30, busy: 5, invalid: null, refused: 120, failed: 2 },
  expireHours: 72,
  quiet: { from: 21 * 60 + 30, to: 8 * 60 },
  urgentInQuiet: true,
  weights: {
    ageMinute: 1,
    repeat: 15,
    mostRepeats: 5,
    enterprise: 10,
    dialect: 10,
    overdue: 60,
    preferred: 120,
  },
  urgentWords: [
    { word: '煤气', points: 240 },
    { word: '触电', points: 240 },
    { word: '被困', points: 240 },
    { word: '停水', points: 60 },
    { word: '停电', points: 60 },
  ],
  skillFirstSeconds: 600,
  assignedMinutes: 15,
  leaseSeconds: 120,
  renewals: 5,
  inviteSecondsLeft: 10,
  uncertainHoldMinutes: null,
  settleSeconds: 20,
  undoHours: 72,
  furthestDays: 14,
  offlineBranches: [],
}

const minuteMs = 60_000
const dayMinutes = 24 * 60
/** China has one zone and no summer time; the machine's own zone plays no part. */
const chinaMinutes = 8 * 60

const minuteInChina = (now: number): number =>
  (((Math.floor(now / minuteMs) + chinaMinutes) % dayMinutes) + dayMinutes) % dayMinutes

/** Minutes until the quiet hours end, 0 outside them. */
function quietLeft({ quiet: { from, to } }: CallbackPolicy, now: number): number {
  if (from === to) return 0
  const sinceStart = (minuteInChina(now) - from + dayMinutes) % dayMinutes
  const length = (to - from + dayMinutes) % dayMinutes
  return sinceStart < length ? length - sinceStart : 0
}

export const isQuiet = (policy: CallbackPolicy, now: number): boolean => quietLeft(policy, now) > 0

/** `at` itself, or the end of the quiet hours that it falls into. */
export function afterQuiet(policy: CallbackPolicy, at: number): number {
  const left = quietLeft(policy, at)
  return left === 0 ? at : Math.floor(at / minuteMs) * minuteMs + left * minuteMs
}

export const urgentWordsIn = (task: Pick<CallbackTask, 'note'>, policy: CallbackPolicy) =>
  task.note === '' ? [] : policy.urgentWords.filter(({ word }) => task.note.includes(word))

/** Urgent ones, and citizens who asked for this time, may be called in the quiet hours. */
export const mayRingInQuiet = (
  task: Pick<CallbackTask, 'note' | 'preferred'>,
  policy: CallbackPolicy,
  now: number,
): boolean =>
  (task.preferred !== null && Date.parse(task.preferred.at) <= now) ||
  (policy.urgentInQuiet && urgentWordsIn(task, policy).length > 0)

/** When the citizen should have been called back, at the latest. */
export function dueAt(
  task: Pick<CallbackTask, 'note' | 'preferred' | 'firstMissedAt'>,
  policy: CallbackPolicy,
): number {
  if (task.preferred !== null) return Date.parse(task.preferred.at)
  const urgent = urgentWordsIn(task, policy).length > 0
  const due =
    Date.parse(task.firstMissedAt) + (urgent ? policy.urgentDueMinutes : policy.dueMinutes) * minuteMs
  return urgent && policy.urgentInQuiet ? due : afterQuiet(policy, due)
}
