/** A catalogue or a calendar as the spreadsheet that the import reads: to begin with, and to change what is in force. */
import { writeXlsx } from 'hucre/xlsx'
import type { WorkCalendar } from '../../shared/domain/calendar.ts'
import type { DispatchCatalogue, Limit } from '../../shared/domain/catalogue.ts'
import { workbookText } from '../../shared/domain/spreadsheet-text.ts'
import { columns, type TableName, tableTitles } from './columns.ts'
import { kinds, levels, requirable, urgencies } from './words.ts'

const wordOf = <T>(words: Record<string, T>, value: T): string =>
  Object.entries(words).find(([, known]) => known === value)?.[0] ?? ''
const units = { minute: '分钟', hour: '小时', day: '自然日', 'working-day': '工作日' }
const limitText = (limit: Limit | null) => (limit === null ? '' : `${limit.amount}${units[limit.unit]}`)
const clockText = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

type Row = Record<string, string>
const sheet = (table: TableName, rows: readonly Row[]) => ({
  name: tableTitles[table],
  rows: [
    columns[table].map(({ header }) => header),
    ...rows.map(row => columns[table].map(({ field }) => workbookText(row[field] ?? ''))),
  ],
})

export function catalogueTemplate(catalogue: DispatchCatalogue): Promise<Uint8Array> {
  const { categories, divisions, limits, units: handling } = catalogue
  return writeXlsx({
    sheets: [
      sheet(
        'categories',
        categories.map(one => ({
          code: one.code,
          name: one.name,
          parentCode: one.parentCode ?? '',
          leadUnits: one.leadUnits.join('、'),
          assistUnits: one.assistUnits.join('、'),
          kinds: one.kinds.map(kind => wordOf(kinds, kind)).join('、'),
          urgencyRules: one.urgencyRules
            .map(({ word, urgency }) => `${word}=${wordOf(urgencies, urgency)}`)
            .join('、'),
          limitCode: one.limitCode ?? '',
          requiredFields: one.requiredFields.map(field => wordOf(requirable, field)).join('、'),
          notGrassroots: one.notGrassroots ? '是' : '',
        })),
      ),
      sheet(
        'units',
        handling.map(({ code, name, level, divisionCode }) => ({
          code,
          name,
          level: wordOf(levels, level),
          divisionCode: divisionCode ?? '',
        })),
      ),
      sheet(
        'limits',
        limits.map(({ code, name, sign, reply }) => ({
          code,
          name,
          'sign.normal': limitText(sign.normal),
          'sign.urgent': limitText(sign.urgent),
          'sign.critical': limitText(sign.critical),
          'reply.normal': limitText(reply.normal),
          'reply.urgent': limitText(reply.urgent),
          'reply.critical': limitText(reply.critical),
        })),
      ),
      sheet(
        'divisions',
        divisions.map(({ code, name, parentCode }) => ({ code, name, parentCode: parentCode ?? '' })),
      ),
    ],
  })
}

export function calendarTemplate({ periods, holidays, workdays }: WorkCalendar): Promise<Uint8Array> {
  return writeXlsx({
    sheets: [
      sheet(
        'periods',
        periods.flatMap(({ from, to, hours }) =>
          hours.map(own => ({ from, to, opens: clockText(own.from), closes: clockText(own.to) })),
        ),
      ),
      sheet(
        'days',
        [
          ...holidays.map(day => ({ ...day, type: '放假' })),
          ...workdays.map(day => ({ ...day, type: '上班' })),
        ].sort((a, b) => (a.date < b.date ? -1 : 1)),
      ),
    ],
  })
}
