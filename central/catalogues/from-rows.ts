/** Rows to a dispatch catalogue or a calendar. Each cell is read by itself, so that every bad row is told at once. */
import type { TableFault } from '../../shared/contract/central-catalogues.ts'
import { calendarFaults, dayText, type WorkCalendar } from '../../shared/domain/calendar.ts'
import { type DispatchCatalogue, dispatchCatalogue, type Limit } from '../../shared/domain/catalogue.ts'
import { catalogueFaults } from '../../shared/domain/catalogue-faults.ts'
import { columns, type TableName } from './columns.ts'
import type { ReadTable, TableRow } from './read-tables.ts'
import { kinds, levels, requirable, urgencies } from './words.ts'

const limitUnits: Record<string, Limit['unit']> = {
  分钟: 'minute',
  小时: 'hour',
  日: 'day',
  天: 'day',
  自然日: 'day',
  工作日: 'working-day',
}
const yes = new Set(['是', '√', '1', 'Y', 'y'])
const no = new Set(['', '否', '0', 'N', 'n'])

const listOf = (text: string) => text.split(/[、,，;；\s]+/).filter(Boolean)
const padded = (text: string) =>
  text.replace(
    /^(\d{4})[/.](\d{1,2})[/.](\d{1,2})$/,
    (_all, y, m, d) => `${y}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`,
  )

/** Reads the cells of one row; what is wrong is noted under the column's name. */
function reader({ table, file, sheet }: ReadTable, { row, cells }: TableRow, faults: TableFault[]) {
  const header = (field: string) => columns[table].find(column => column.field === field)?.header ?? ''
  const wrong = (field: string, code: string, sentence: string) =>
    void faults.push({ file, sheet, row, column: header(field), code, sentence })
  const text = (field: string) => cells.get(field) ?? ''
  const atMost = (field: string, most: number): string => {
    const value = text(field)
    if (value.length > most) wrong(field, 'CELL_TOO_LONG', `超过 ${most} 个字`)
    return value.slice(0, most)
  }
  const needed = (field: string, most: number): string => {
    const value = text(field)
    if (value === '') wrong(field, 'CELL_EMPTY', '不能为空')
    return atMost(field, most)
  }
  const optional = (field: string) => atMost(field, 32) || null
  const oneOf = <T>(field: string, known: Record<string, T>, value = text(field)): T | undefined => {
    if (Object.hasOwn(known, value)) return known[value]
    wrong(field, 'VALUE_UNKNOWN', `“${value.slice(0, 40)}”不是 ${Object.keys(known).join('、')} 之一`)
    return undefined
  }
  return {
    wrong,
    text,
    needed,
    atMost,
    optional,
    oneOf,
    many: <T>(field: string, known: Record<string, T>): T[] => [
      ...new Set(listOf(text(field)).flatMap(value => oneOf(field, known, value) ?? [])),
    ],
    limit: (field: string): Limit | null => {
      const value = text(field)
      if (value === '' || value === '不限') return null
      const [, amount, unit = ''] = /^(\d{1,4})\s*个?\s*(\D+)$/.exec(value.normalize('NFKC')) ?? []
      const of = limitUnits[unit.trim()]
      if (amount !== undefined && of !== undefined && Number(amount) > 0)
        return { amount: Number(amount), unit: of }
      wrong(
        field,
        'LIMIT_UNREADABLE',
        `“${value.slice(0, 40)}”不是时限，例如 30分钟、2小时、7自然日、5工作日`,
      )
      return null
    },
    date: (field: string): string => {
      const value = padded(text(field))
      if (dayText.safeParse(value).success) return value
      wrong(field, 'DATE_UNREADABLE', `“${value.slice(0, 40)}”不是日期，例如 2026-02-17`)
      return '1970-01-01'
    },
    clock: (field: string): number => {
      const value = text(field).normalize('NFKC')
      const [, hours, minutes] = /^(\d{1,2}):(\d{2})(?::00)?$/.exec(value) ?? []
      if (hours !== undefined && Number(hours) <= 24 && Number(minutes) < 60)
        return Number(hours) * 60 + Number(minutes)
      wrong(field, 'TIME_UNREADABLE', `“${value.slice(0, 40)}”不是时刻，例如 08:30`)
      return 0
    },
  }
}

type Base = Pick<DispatchCatalogue, 'categories' | 'units' | 'limits' | 'divisions' | 'city'>
export type Named = { version: string; effectiveAt: string }

/** Tables that are not given are those of `base`. Null when there are faults. */
export function catalogueFrom(
  tables: readonly ReadTable[],
  base: Base | null,
  { version, effectiveAt, city }: Named & { city: string | undefined },
): { catalogue: DispatchCatalogue | null; faults: TableFault[] } {
  const faults: TableFault[] = []
  const given = (name: TableName) => tables.find(({ table }) => table === name)
  const each = <T>(name: TableName, of: (read: ReturnType<typeof reader>) => T): T[] | undefined => {
    const table = given(name)
    return table?.rows.map(row => of(reader(table, row, faults)))
  }
  const units =
    each('units', read => ({
      code: read.needed('code', 32),
      name: read.needed('name', 100),
      level: read.oneOf('level', levels) ?? 'department',
      divisionCode: read.optional('divisionCode'),
    })) ??
    base?.units ??
    []
  // A unit may be named instead of coded, as long as the name says which.
  const byName = new Map<string, string | null>()
  for (const { code, name } of units) byName.set(name, byName.has(name) ? null : code)
  const unitCodes = new Set(units.map(({ code }) => code))
  const unitsOf = (read: ReturnType<typeof reader>, field: 'leadUnits' | 'assistUnits', most: number) => {
    const codes = listOf(read.text(field)).map(value => {
      const code = value.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '')
      return unitCodes.has(code) ? code : (byName.get(value) ?? value.slice(0, 32))
    })
    if (codes.length > most) read.wrong(field, 'TOO_MANY', `最多 ${most} 个单位`)
    return codes.slice(0, most)
  }
  const categories =
    each('categories', read => ({
      code: read.needed('code', 32),
      name: read.needed('name', 60),
      parentCode: read.optional('parentCode'),
      leadUnits: unitsOf(read, 'leadUnits', 50),
      assistUnits: unitsOf(read, 'assistUnits', 10),
      kinds: read.many('kinds', kinds),
      urgencyRules: listOf(read.text('urgencyRules')).flatMap(rule => {
        const [, word = '', level = ''] = /^(.{1,20})[=＝:：](.+)$/.exec(rule) ?? []
        const urgency = urgencies[level]
        if (word !== '' && urgency !== undefined) return [{ word, urgency }]
        read.wrong('urgencyRules', 'VALUE_UNKNOWN', `“${rule.slice(0, 40)}”应写作 词=紧急 或 词=特急`)
        return []
      }),
      limitCode: read.optional('limitCode'),
      requiredFields: read.many('requiredFields', requirable),
      notGrassroots: (() => {
        const value = read.text('notGrassroots')
        if (!yes.has(value) && !no.has(value)) read.wrong('notGrassroots', 'VALUE_UNKNOWN', '请填“是”或留空')
        return yes.has(value)
      })(),
    })) ??
    base?.categories ??
    []
  const levelsOf = (read: ReturnType<typeof reader>, what: 'sign' | 'reply') => ({
    normal: read.limit(`${what}.normal`),
    urgent: read.limit(`${what}.urgent`),
    critical: read.limit(`${what}.critical`),
  })
  const limits =
    each('limits', read => ({
      code: read.needed('code', 32),
      name: read.needed('name', 60),
      sign: levelsOf(read, 'sign'),
      reply: levelsOf(read, 'reply'),
    })) ??
    base?.limits ??
    []
  const divisions =
    each('divisions', read => ({
      code: read.needed('code', 32),
      name: read.needed('name', 60),
      parentCode: read.optional('parentCode'),
    })) ??
    base?.divisions ??
    []

  const catalogue: DispatchCatalogue = {
    version,
    effectiveAt,
    city: city ?? base?.city ?? '',
    sample: false,
    categories,
    divisions,
    units,
    limits,
  }
  for (const { table, index, field, code, sentence } of catalogueFaults(catalogue)) {
    const source = given(table)
    const column = columns[table].find(known => known.field === field)?.header ?? ''
    faults.push({
      file: source?.file ?? '',
      sheet: source?.sheet ?? null,
      row: source?.rows[index]?.row ?? 0,
      column,
      code,
      // A table that was taken over can be at odds with one that is new.
      sentence: source === undefined ? `沿用的${sentence}` : sentence,
    })
  }
  const read = faults.length === 0 ? dispatchCatalogue.safeParse(catalogue) : null
  if (read?.success === false)
    faults.push({
      file: '',
      sheet: null,
      row: 0,
      column: '',
      code: 'INVALID',
      sentence: read.error.issues[0]?.message ?? '',
    })
  return { catalogue: read?.success === true ? read.data : null, faults }
}

/** A calendar is always given whole: days of two versions do not add up. */
export function calendarFrom(
  tables: readonly ReadTable[],
  { version, effectiveAt }: Named,
): { calendar: WorkCalendar | null; faults: TableFault[] } {
  const faults: TableFault[] = []
  const periodTable = tables.find(({ table }) => table === 'periods')
  const dayTable = tables.find(({ table }) => table === 'days')
  const periods: (WorkCalendar['periods'][number] & { row: number })[] = []
  for (const row of periodTable?.rows ?? []) {
    if (periodTable === undefined) break
    const read = reader(periodTable, row, faults)
    const [from, to] = [read.date('from'), read.date('to')]
    const hours = { from: read.clock('opens'), to: read.clock('closes') }
    // Morning and afternoon are two rows of the same days.
    const same = periods.find(period => period.from === from && period.to === to)
    if (same === undefined) periods.push({ row: row.row, from, to, hours: [hours] })
    else same.hours.push(hours)
  }
  const days = (dayTable?.rows ?? []).flatMap(row => {
    if (dayTable === undefined) return []
    const read = reader(dayTable, row, faults)
    const type = read.oneOf('type', { 放假: 'holidays', 上班: 'workdays' } as const)
    const day = { date: read.date('date'), name: read.atMost('name', 40), row: row.row }
    return type === undefined ? [] : [{ type, ...day }]
  })
  const of = (wanted: 'holidays' | 'workdays') => days.filter(({ type }) => type === wanted)
  const calendar: WorkCalendar = {
    version,
    effectiveAt,
    sample: false,
    periods: periods.map(({ row: _row, ...period }) => period),
    holidays: of('holidays').map(({ date, name }) => ({ date, name })),
    workdays: of('workdays').map(({ date, name }) => ({ date, name })),
  }
  const missing = (table: string) =>
    faults.push({
      file: '',
      sheet: null,
      row: 0,
      column: '',
      code: 'TABLE_MISSING',
      sentence: `缺少“${table}”表`,
    })
  if (periods.length === 0) missing('作息')
  if (dayTable === undefined) missing('节假日')
  // Of what could not be read nothing else is said.
  if (faults.length === 0)
    for (const { table, index, code, sentence } of calendarFaults(calendar)) {
      const source = table === 'periods' ? periodTable : dayTable
      const row = table === 'periods' ? periods[index]?.row : of(table)[index]?.row
      faults.push({
        file: source?.file ?? '',
        sheet: source?.sheet ?? null,
        row: row ?? 0,
        column: table === 'periods' ? '' : '日期',
        code,
        sentence,
      })
    }
  return { calendar: faults.length === 0 ? calendar : null, faults }
}
