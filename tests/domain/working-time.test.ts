import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { calendarFaults, dayAt, dayOf, textOf, workCalendar, workDays } from '../../shared/domain/calendar.ts'
import { type Limit, limit } from '../../shared/domain/catalogue.ts'
import { dueAt, type Pause } from '../../shared/domain/working-time.ts'

const root = join(import.meta.dirname, '..', '..')
const calendar = workCalendar.parse(
  JSON.parse(readFileSync(join(root, 'resources', 'catalogue', 'calendar.json'), 'utf8')),
)
const days = workDays(calendar)
const china = (text: string) => Date.parse(`${text}+08:00`)
const inChina = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 19)
const limitIn = (text: string): Limit => {
  const [amount, unit] = text.split(' ')
  return limit.parse({ amount: Number(amount), unit })
}

const zone = process.env['TZ']
afterAll(() => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
})

describe('the table of worked examples', () => {
  const [, ...lines] = readFileSync(join(root, 'tests', 'domain', 'worked-limits.csv'), 'utf8')
    .trim()
    .split('\n')
  it.each(['Asia/Shanghai', 'America/New_York', 'Pacific/Apia'])('holds on a machine in %s', machine => {
    process.env['TZ'] = machine
    expect(lines.length).toBeGreaterThan(40)
    for (const line of lines) {
      const [what, start = '', length = '', stood = '', longer = '', expected = ''] = line.split(',')
      const pauses = stood
        .split(' ')
        .filter(Boolean)
        .map(text => {
          const [from = '', to = ''] = text.split('/')
          return { from: china(from), to: to === '' ? null : china(to) }
        })
      const extensions = (longer.match(/\d+ \S+/g) ?? []).map(limitIn)
      const due = dueAt(china(start), limitIn(length), days, { pauses, extensions })
      const found =
        due.state === 'due'
          ? inChina(due.at)
          : due.state === 'paused'
            ? `PAUSED ${inChina(due.from)}`
            : `${due.code} ${due.day}`
      expect(`${what}: ${found}`).toBe(`${what}: ${expected}`)
    }
  })
})

describe('a time limit', () => {
  const begin = china('2026-01-01T00:00:00')
  const start = fc.integer({ min: begin, max: begin + 300 * 86_400_000 })
  const length = fc.record({
    amount: fc.integer({ min: 1, max: 40 }),
    unit: fc.constantFrom('minute' as const, 'hour' as const, 'day' as const, 'working-day' as const),
  })
  const pause = fc
    .tuple(start, fc.integer({ min: 1, max: 10 * 86_400_000 }))
    .map(([from, ms]): Pause => ({ from, to: from + ms }))
  const pauses = fc.array(pause, { maxLength: 4 })
  const at = (...asked: Parameters<typeof dueAt>): number => {
    const due = dueAt(...asked)
    if (due.state !== 'due') throw new Error(JSON.stringify(due))
    return due.at
  }

  it('never ends before it begins, and never earlier for a later start', () => {
    fc.assert(
      fc.property(start, start, length, pauses, (one, other, of, stood) => {
        const [early, late] = one < other ? [one, other] : [other, one]
        expect(at(early, of, days, { pauses: stood })).toBeGreaterThan(early)
        expect(at(early, of, days, { pauses: stood })).toBeLessThanOrEqual(
          at(late, of, days, { pauses: stood }),
        )
      }),
      { numRuns: 2_000 },
    )
  })

  it('never ends earlier for being longer, paused or extended', () => {
    fc.assert(
      fc.property(start, length, length, pauses, pause, (from, of, extension, stood, another) => {
        const due = at(from, of, days, { pauses: stood })
        expect(at(from, { ...of, amount: of.amount + 1 }, days, { pauses: stood })).toBeGreaterThan(due)
        expect(at(from, of, days, { pauses: [...stood, another] })).toBeGreaterThanOrEqual(due)
        expect(at(from, of, days, { pauses: stood, extensions: [extension] })).toBeGreaterThan(due)
      }),
      { numRuns: 2_000 },
    )
  })

  it('in working days is what counting day by day gives, and ends on a day that is worked', () => {
    fc.assert(
      fc.property(start, fc.integer({ min: 1, max: 60 }), pauses, (from, amount, stood) => {
        const touched = new Set<number>()
        for (const { from: a, to } of stood)
          for (let day = dayAt(a); day <= dayAt((to ?? 0) - 1); day += 1) touched.add(day)
        let left = amount
        let day = dayAt(from)
        while (left > 0) {
          day += 1
          if (days.closes(day) !== null && !touched.has(day)) left -= 1
        }
        const due = at(from, { amount, unit: 'working-day' }, days, { pauses: stood })
        expect(textOf(dayAt(due))).toBe(textOf(day))
        expect(inChina(due).slice(11)).toBe('17:30:00')
      }),
      { numRuns: 2_000 },
    )
  })

  it('in working days needs a calendar; in days, hours and minutes it does not', () => {
    expect(dueAt(begin, { amount: 1, unit: 'working-day' }, null)).toMatchObject({ code: 'CALENDAR_MISSING' })
    for (const unit of ['minute', 'hour', 'day'] as const)
      expect(dueAt(begin, { amount: 1, unit }, null).state).toBe('due')
  })
})

describe('a calendar', () => {
  it('is sound, and weekends, holidays and 调休 are as they were published', () => {
    expect(calendarFaults(calendar)).toEqual([])
    const worked = (date: string) => days.closes(dayOf(date))
    expect([worked('2026-02-14'), worked('2026-02-16'), worked('2026-03-07'), worked('2026-03-09')]).toEqual([
      1050,
      null,
      null,
      1050,
    ])
    expect(worked('2028-01-03')).toBeUndefined()
  })

  it('with gaps, overlaps or days that no period covers is told so, by its row', () => {
    const hours = [{ from: 510, to: 1_050 }]
    const faults = (change: Partial<typeof calendar>) =>
      calendarFaults({ ...calendar, ...change }).map(({ table, index, code }) => `${table} ${index} ${code}`)
    const [first, second] = [
      { from: '2026-01-01', to: '2026-06-30', hours },
      { from: '2026-07-02', to: '2026-12-31', hours },
    ]
    const none = { holidays: [], workdays: [] }
    expect(faults({ ...none, periods: [first, second] })).toEqual(['periods 1 CALENDAR_GAP'])
    expect(faults({ ...none, periods: [second, { ...first, to: '2026-07-02' }] })).toEqual([
      'periods 0 PERIODS_OVERLAP',
    ])
    expect(faults({ ...none, periods: [{ ...first, to: '2025-12-31' }] })).toContain(
      'periods 0 PERIOD_REVERSED',
    )
    expect(faults({ ...none, periods: [{ ...first, hours: [{ from: 700, to: 600 }] }] })).toEqual([
      'periods 0 HOURS_WRONG',
    ])
    const day = { date: '2026-02-17', name: '春节' }
    expect(faults({ ...none, holidays: [day], workdays: [day] })).toEqual(['workdays 0 DAY_TWICE'])
    expect(faults({ ...none, holidays: [{ ...day, date: '2029-01-01' }] })).toEqual([
      'holidays 0 DAY_OUTSIDE',
    ])
  })
})
