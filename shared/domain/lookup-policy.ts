/**
 * How many people one may look up (查询限额): a table that the centre publishes under the name `lookup-policy`. Seat and centre count
 * lookups of numbers and readings of others' cases by person, refuse beyond the limit, and tell the leads of a run of them. No
 * national text gives numbers, so the default below is an example and nothing more.
 */
import { z } from 'zod'
import type { OperatorRole } from './operator.ts'

export const lookupPolicyName = 'lookup-policy'

const count = z.number().int().min(1).max(100_000)
const limit = z.object({
  perHour: count.describe('一小时内最多'),
  perDay: count.describe('二十四小时内最多'),
})
const byRole = z.object({ agent: limit, contractor: limit, lead: limit, admin: limit })

export const lookupPolicy = z.object({
  sample: z.boolean().describe('示例数据'),
  /** By number: what is known of a caller. */
  callers: byRole.describe('按号码查询来电人'),
  /** Opened one by one, filed by somebody else. */
  cases: byRole.describe('打开他人的工单'),
  /** The number of a call that rings at the seat: the screen pop of a busy seat is not refused. */
  ringing: limit.describe('本席来电的弹屏'),
  /** The same number or case within these minutes counts once. */
  againMinutes: z.number().int().min(0).max(1_440).describe('多少分钟内再次查询同一对象不重复计数'),
  run: z
    .object({
      minutes: z.number().int().min(1).max(1_440),
      lookups: count,
    })
    .describe('多少分钟内查询达到多少次，提醒班长'),
})
export type LookupPolicy = z.infer<typeof lookupPolicy>

/** An example for demonstrations and for a centre that has published none. A busy seat takes some twenty calls an hour. */
export const sampleLookupPolicy: LookupPolicy = {
  sample: true,
  callers: {
    agent: { perHour: 80, perDay: 400 },
    contractor: { perHour: 50, perDay: 250 },
    lead: { perHour: 160, perDay: 800 },
    admin: { perHour: 160, perDay: 800 },
  },
  cases: {
    agent: { perHour: 120, perDay: 600 },
    contractor: { perHour: 80, perDay: 400 },
    lead: { perHour: 300, perDay: 2_000 },
    admin: { perHour: 300, perDay: 2_000 },
  },
  ringing: { perHour: 200, perDay: 1_500 },
  againMinutes: 10,
  run: { minutes: 10, lookups: 30 },
}

export type LookupKind = 'caller.lookup' | 'case.read'
/** How many of this kind one person has made so far, each counted once. */
export type LookupCounts = { lastHour: number; lastDay: number; inRun: number }

export const lookupHourMs = 3_600_000
export const lookupDayMs = 24 * lookupHourMs
export const runMs = ({ run }: Pick<LookupPolicy, 'run'>): number => run.minutes * 60_000
export const againMs = ({ againMinutes }: Pick<LookupPolicy, 'againMinutes'>): number => againMinutes * 60_000

/**
 * Whether one more may be made, and whether the leads are told of it. `needed`: the screen pop of a live call is never refused, but it
 * counts. The alarm is raised once, by the lookup that completes the run.
 */
export function judgeLookup(
  policy: LookupPolicy,
  kind: LookupKind,
  role: OperatorRole,
  counts: LookupCounts,
  needed = false,
): { allowed: boolean; alarm: boolean } {
  // A unit looks nobody up: it reads the copies that were dispatched to it.
  if (role === 'unit') return { allowed: false, alarm: false }
  const { perHour, perDay } = policy[kind === 'caller.lookup' ? 'callers' : 'cases'][role]
  const allowed = needed || (counts.lastHour < perHour && counts.lastDay < perDay)
  return { allowed, alarm: allowed && counts.inRun + 1 === policy.run.lookups }
}
