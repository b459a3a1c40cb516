/**
 * The working calendar (工作日历): which days are worked and until when. Published by the centre as `calendar`. Days are days of
 * China, written `2026-02-17`; a day that no period covers is unknown, and nothing is computed across it.
 */
import { z } from 'zod'

export const calendarName = 'calendar'

export const dayText = z.iso.date()
const minute = z.number().int().min(0).max(1_440)

export const calendarPeriod = z.object({
  from: dayText.describe('起始日期'),
  to: dayText.describe('截止日期，含当日'),
  hours: z
    .array(z.object({ from: minute, to: minute }))
    .min(1)
    .max(4)
    .describe('上班时间，从零点起的分钟数'),
})

const namedDay = z.object({ date: dayText, name: z.string().max(40) })

export const workCalendar = z.object({
  version: z.string().min(1).max(64),
  effectiveAt: z.iso.datetime(),
  sample: z.boolean().describe('示例数据'),
  periods: z.array(calendarPeriod).min(1).max(100).describe('已排定的时段及其作息'),
  holidays: z.array(namedDay).max(3_000).describe('放假的日子'),
  workdays: z.array(namedDay).max(1_000).describe('调休上班的日子'),
})
export type WorkCalendar = z.infer<typeof workCalendar>

export const dayMs = 86_400_000
const chinaMs = 8 * 3_600_000

/** Days since 1970-01-01 in China. One zone and no summer time: the machine's own zone plays no part. */
export const dayAt = (at: number): number => Math.floor((at + chinaMs) / dayMs)
/** The instant at which that day begins in China. */
export const dayStart = (day: number): number => day * dayMs - chinaMs
export const dayOf = (text: string): number => Date.parse(`${text}T00:00:00.000Z`) / dayMs
export const textOf = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10)
/** 1970-01-01 was a Thursday. */
const isWeekend = (day: number): boolean => [0, 6].includes((((day + 4) % 7) + 7) % 7)

export type CalendarFault = {
  code: 'PERIOD_REVERSED' | 'PERIODS_OVERLAP' | 'CALENDAR_GAP' | 'HOURS_WRONG' | 'DAY_TWICE' | 'DAY_OUTSIDE'
  table: 'periods' | 'holidays' | 'workdays'
  index: number
  sentence: string
}

export function calendarFaults({ periods, holidays, workdays }: WorkCalendar): CalendarFault[] {
  const faults: CalendarFault[] = []
  const spans = periods
    .map(({ from, to }, index) => ({ index, from: dayOf(from), to: dayOf(to) }))
    .sort((a, b) => a.from - b.from)
  for (const [at, { index, from, to }] of spans.entries()) {
    const fault = (code: CalendarFault['code'], sentence: string) =>
      faults.push({ table: 'periods', index, code, sentence })
    if (from > to) fault('PERIOD_REVERSED', '截止日期早于起始日期')
    const before = spans[at - 1]
    if (before !== undefined && from <= before.to)
      fault('PERIODS_OVERLAP', `与 ${textOf(before.from)} 开始的时段重叠`)
    if (before !== undefined && from > before.to + 1)
      fault('CALENDAR_GAP', `${textOf(before.to + 1)} 至 ${textOf(from - 1)} 没有排定`)
    const hours = periods[index]?.hours ?? []
    if (hours.some((one, place) => one.from >= one.to || one.from < (hours[place - 1]?.to ?? 0)))
      fault('HOURS_WRONG', '上班时间须从早到晚排列且不重叠')
  }
  const covered = (day: number) => spans.some(({ from, to }) => from <= day && day <= to)
  const seen = new Set<string>()
  for (const table of ['holidays', 'workdays'] as const)
    for (const [index, { date }] of (table === 'holidays' ? holidays : workdays).entries()) {
      if (seen.has(date)) faults.push({ table, index, code: 'DAY_TWICE', sentence: `${date} 出现了两次` })
      seen.add(date)
      if (!covered(dayOf(date)))
        faults.push({ table, index, code: 'DAY_OUTSIDE', sentence: `${date} 不在任何已排定的时段内` })
    }
  return faults
}

/** The calendar as days in a row. Days outside of it are unknown. */
export type WorkDays = {
  version: string
  /** Unknown, or the minute at which that day's work ends; null: nobody works. */
  closes(day: number): number | null | undefined
  /**
   * The `count`-th working day after `day`; or the first unknown day on the way there. `skipped`: days on which the clock stood,
   * in order.
   */
  nth(day: number, count: number, skipped: readonly number[]): { day: number } | { unknown: number }
}

/** For a calendar without faults. Built once; each question is then a few steps, however far away the day is. */
export function workDays(calendar: WorkCalendar): WorkDays {
  const spans = calendar.periods.map(({ from, to, hours }) => ({
    from: dayOf(from),
    to: dayOf(to),
    closes: hours.at(-1)?.to ?? 0,
  }))
  const first = Math.min(...spans.map(({ from }) => from))
  const last = Math.max(...spans.map(({ to }) => to))
  const holidays = new Set(calendar.holidays.map(({ date }) => dayOf(date)))
  const extra = new Set(calendar.workdays.map(({ date }) => dayOf(date)))
  const closing: (number | null)[] = []
  /** The working days in order, and how many of them lie up to and including each day. */
  const days: number[] = []
  const upTo: number[] = []
  for (const { from, to, closes } of spans.sort((a, b) => a.from - b.from))
    for (let day = from; day <= to; day += 1) {
      const worked = extra.has(day) || (!isWeekend(day) && !holidays.has(day))
      closing[day - first] = worked ? closes : null
      if (worked) days.push(day)
      upTo[day - first] = days.length
    }
  const closes = (day: number) => closing[day - first]

  return {
    version: calendar.version,
    closes,
    nth: (day, count, skipped) => {
      if (closes(day) === undefined) return { unknown: day }
      let place = (upTo[day - first] ?? 0) + count - 1
      for (const stood of skipped) {
        const reached = days[place]
        if (reached === undefined || stood > reached) break
        if (stood > day && closes(stood) !== null) place += 1
      }
      const found = days[place]
      return found === undefined ? { unknown: last + 1 } : { day: found }
    },
  }
}
