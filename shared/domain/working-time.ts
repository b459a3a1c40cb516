/**
 * When a time limit ends (办理时限). Pure: a start, a limit, a calendar, and what happened meanwhile.
 *
 *   minute, hour   run at once, day and night
 *   day            自然日: the day of the start is not counted; ends when the last day ends (24:00)
 *   working-day    工作日: the day of the start is not counted; ends when work ends on the last one
 *
 * A pause stops the clock: minutes are added as they were, and a day that a pause touches is not counted. An extension begins
 * where the limit before it ends. How long a limit is stands in the city's table, never here.
 */
import { dayAt, dayStart, textOf, type WorkDays } from './calendar.ts'
import type { Limit } from './catalogue.ts'

export type Pause = { from: number; to: number | null }

export type Due =
  | { state: 'due'; at: number }
  /** The clock stands, since `from`. */
  | { state: 'paused'; from: number }
  /** CALENDAR_MISSING: there is none. CALENDAR_GAP: it does not say whether `day` is worked. */
  | { state: 'refused'; code: 'CALENDAR_MISSING' | 'CALENDAR_GAP'; day: string }

const minuteMs = 60_000
/** A pause beyond this many days is no pause but a mistake. */
const longestPauseDays = 4_000

/** Overlapping pauses are one. */
function ordered(pauses: readonly Pause[]): { from: number; to: number }[] {
  if (pauses.length === 0) return []
  const merged: { from: number; to: number }[] = []
  for (const { from, to } of pauses
    .map(pause => ({ from: pause.from, to: pause.to ?? Number.POSITIVE_INFINITY }))
    .filter(pause => pause.to > pause.from)
    .sort((a, b) => a.from - b.from)) {
    const before = merged.at(-1)
    if (before !== undefined && from <= before.to) before.to = Math.max(before.to, to)
    else merged.push({ from, to })
  }
  return merged
}

/** The days that pauses touch, in order, up to the first pause that has not ended. */
function daysStood(pauses: readonly { from: number; to: number }[]): number[] {
  const days: number[] = []
  for (const { from, to } of pauses) {
    const end = Number.isFinite(to) ? Math.min(dayAt(to - 1), dayAt(from) + longestPauseDays) : dayAt(from)
    for (let day = dayAt(from); day <= end; day += 1) if (days.at(-1) !== day) days.push(day)
  }
  return days
}

function endOf(
  start: number,
  { amount, unit }: Limit,
  pauses: { from: number; to: number }[],
  days: WorkDays | null,
): Due {
  if (unit === 'minute' || unit === 'hour') {
    let at = start + amount * (unit === 'minute' ? 1 : 60) * minuteMs
    for (const { from, to } of pauses) {
      if (from >= at || to <= start) continue
      if (!Number.isFinite(to)) return { state: 'paused', from }
      at += to - Math.max(from, start)
    }
    return { state: 'due', at }
  }
  const begun = dayAt(start)
  const stood = daysStood(pauses)
  let at: number
  if (unit === 'day') {
    let day = begun + amount
    for (const skipped of stood) if (skipped > begun && skipped <= day) day += 1
    at = dayStart(day + 1)
  } else {
    if (days === null) return { state: 'refused', code: 'CALENDAR_MISSING', day: textOf(begun) }
    const found = days.nth(begun, amount, stood)
    if ('unknown' in found) return { state: 'refused', code: 'CALENDAR_GAP', day: textOf(found.unknown) }
    at = dayStart(found.day) + (days.closes(found.day) ?? 0) * minuteMs
  }
  const open = pauses.find(({ from, to }) => !Number.isFinite(to) && from < at)
  return open === undefined ? { state: 'due', at } : { state: 'paused', from: open.from }
}

/** Times are milliseconds since 1970. `extensions` in the order in which they were granted. */
export function dueAt(
  start: number,
  limit: Limit,
  days: WorkDays | null,
  meanwhile: { pauses?: readonly Pause[]; extensions?: readonly Limit[] } = {},
): Due {
  const pauses = ordered(meanwhile.pauses ?? [])
  let due = endOf(start, limit, pauses, days)
  for (const extension of meanwhile.extensions ?? []) {
    if (due.state !== 'due') return due
    // A limit that ends at 24:00 ends on that day, not on the next. What stood before it ended was counted then.
    const from = extension.unit === 'day' || extension.unit === 'working-day' ? due.at - 1 : due.at
    due = endOf(
      from,
      extension,
      pauses.filter(({ to }) => to > from),
      days,
    )
  }
  return due
}
