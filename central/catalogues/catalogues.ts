/** Catalogues and calendars from administrators' files: checked, compared with what is in force, published whole or not at all. */
import type { CatalogueReport } from '../../shared/contract/central-catalogues.ts'
import { calendarName } from '../../shared/domain/calendar.ts'
import {
  type DispatchCatalogue,
  dispatchCatalogue,
  dispatchCatalogueName,
} from '../../shared/domain/catalogue.ts'
import { type CatalogueChange, catalogueChanges } from '../../shared/domain/catalogue-changes.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import type { Publications } from '../publications/publications.ts'
import { Refusal } from '../refusal.ts'
import { calendarTables, tableTitles } from './columns.ts'
import { calendarFrom, catalogueFrom, type Named } from './from-rows.ts'
import { type GivenFile, readTables } from './read-tables.ts'

export type Catalogues = {
  check(files: readonly GivenFile[]): Promise<CatalogueReport>
  publish(
    input: Named & { files: readonly GivenFile[]; city: string | undefined },
    by: string,
  ): Promise<CatalogueReport & { published: boolean }>
  /** NOT_FOUND: a version that was never published. */
  compare(from: string, to: string): Promise<CatalogueChange[]>
}

const catalogueTables = ['categories', 'units', 'limits', 'divisions'] as const

export function createCatalogues({ sql, clock }: CentralContext, publications: Publications): Catalogues {
  const inForce = async (): Promise<DispatchCatalogue | null> => {
    const [row] = await sql.query<{ content: string }>(
      `SELECT content FROM publication WHERE name = $1 AND effective_at <= $2
       ORDER BY effective_at DESC, published_at DESC LIMIT 1`,
      [dispatchCatalogueName, isoNow(clock)],
    )
    const read = dispatchCatalogue.safeParse(row === undefined ? null : JSON.parse(row.content))
    return read.success ? read.data : null
  }

  /** As somebody goes through the files: by row, and what was found first goes first. */
  const sorted = (report: CatalogueReport): CatalogueReport => {
    const places = [...new Set(report.faults.map(({ file, sheet }) => `${file} ${sheet}`))]
    const placeOf = ({ file, sheet }: CatalogueReport['faults'][number]) => places.indexOf(`${file} ${sheet}`)
    return { ...report, faults: report.faults.toSorted((a, b) => placeOf(a) - placeOf(b) || a.row - b.row) }
  }

  const read = async (files: readonly GivenFile[], named: Named & { city: string | undefined }) => {
    const { tables, faults } = await readTables(files)
    const report: CatalogueReport = {
      kind: null,
      tables: tables.map(({ table, file, sheet, rows }) => ({
        table: tableTitles[table],
        file,
        sheet,
        rows: rows.length,
      })),
      keptTables: [],
      against: null,
      faults: [...faults],
      changes: [],
    }
    const whole = (sentence: string) =>
      report.faults.push({ file: '', sheet: null, row: 0, column: '', code: 'TABLES_MIXED', sentence })
    const ofCalendar = tables.filter(({ table }) => calendarTables.includes(table))
    if (tables.length === 0) return { report, content: null }
    if (ofCalendar.length > 0 && ofCalendar.length < tables.length) {
      whole('派单目录和工作日历请分别发布')
      return { report, content: null }
    }
    if (ofCalendar.length > 0) {
      report.kind = 'calendar'
      const made = calendarFrom(tables, named)
      report.faults.push(...made.faults)
      return { report, content: report.faults.length === 0 ? made.calendar : null }
    }
    report.kind = 'dispatch-catalogue'
    const base = await inForce()
    report.against = base?.version ?? null
    report.keptTables =
      base === null
        ? []
        : catalogueTables
            .filter(name => !tables.some(({ table }) => table === name))
            .map(name => tableTitles[name])
    // Of rows that were not read whole nothing more can be said.
    if (report.faults.some(({ code }) => code === 'TOO_MANY_ROWS')) return { report, content: null }
    const made = catalogueFrom(tables, base, named)
    report.faults.push(...made.faults)
    if (made.catalogue !== null)
      report.changes = catalogueChanges(
        base ?? { categories: [], units: [], limits: [], divisions: [] },
        made.catalogue,
      )
    return { report, content: report.faults.length === 0 ? made.catalogue : null }
  }

  return {
    check: async files =>
      sorted((await read(files, { version: '检查', effectiveAt: isoNow(clock), city: undefined })).report),
    publish: async ({ files, ...named }, by) => {
      const { report, content } = await read(files, named)
      if (content === null || report.kind === null) return { ...sorted(report), published: false }
      const name = report.kind === 'calendar' ? calendarName : dispatchCatalogueName
      await publications.publish(
        { name, version: named.version, effectiveAt: named.effectiveAt, content },
        by,
      )
      return { ...report, published: true }
    },
    compare: async (from, to) => {
      const [before, after] = await Promise.all(
        [from, to].map(async version => {
          const { content } = await publications.get(dispatchCatalogueName, version)
          const found = dispatchCatalogue.safeParse(content)
          if (!found.success) throw new Refusal('NOT_FOUND')
          return found.data
        }),
      )
      return before === undefined || after === undefined ? [] : catalogueChanges(before, after)
    },
  }
}
