/**
 * The dispatch catalogue and the working calendar in force at this seat: what the centre published last and holds already, else
 * the sample. Read and checked whole; one that is not sound never comes into force, and the one before it stays.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  calendarFaults,
  calendarName,
  type WorkCalendar,
  type WorkDays,
  workCalendar,
  workDays,
} from '../../../shared/domain/calendar.ts'
import {
  type DispatchCatalogue,
  dispatchCatalogue,
  dispatchCatalogueName,
} from '../../../shared/domain/catalogue.ts'
import { catalogueFaults } from '../../../shared/domain/catalogue-faults.ts'
import { type Dispatching, dispatching } from '../../../shared/domain/make-dispatch.ts'
import type { Database } from '../storage/database.ts'

const noCatalogue: DispatchCatalogue = {
  version: 'none',
  effectiveAt: '1970-01-01T00:00:00.000Z',
  city: '',
  sample: false,
  categories: [],
  divisions: [],
  units: [],
  limits: [],
}

export type Catalogue = {
  get(): DispatchCatalogue
  calendar(): WorkCalendar | null
  /** Null: the sample. */
  published(): { version: string; effectiveAt: string } | null
  dispatching(): Dispatching
  version(): string
  knowsCategory(code: string): boolean
  knowsDivision(code: string): boolean
  /** The code and all its ancestors, itself first; empty for an unknown code. */
  category(code: string): string[]
  division(code: string): string[]
  /** Looks what is in force now. `nextAt`: when something that is here already comes into force. */
  refresh(db: Database): { changed: boolean; nextAt: number | null }
  /** A version that was in force before, as far as it is still here. */
  earlier(db: Database, version: string): DispatchCatalogue | null
}

type Published = { version: string; effectiveAt: string; sha256: string; content: string }

/** What holds or will hold, the one in force first, then what was in force before it. */
const publishedOf = (db: Database, name: string, now: number): Published[] =>
  db
    .prepare(
      `SELECT version, effective_at AS effectiveAt, sha256, content FROM publication
       WHERE name = ? AND content IS NOT NULL AND julianday(effective_at) <= julianday(?)
       ORDER BY julianday(effective_at) DESC, told DESC LIMIT 5`,
    )
    .all(name, new Date(now).toISOString()) as Published[]

const nextOf = (db: Database, now: number): number | null => {
  const at: unknown = db
    .prepare(
      `SELECT min(effective_at) FROM publication
       WHERE name IN (?, ?) AND content IS NOT NULL AND julianday(effective_at) > julianday(?)`,
    )
    .pluck()
    .get(dispatchCatalogueName, calendarName, new Date(now).toISOString())
  return typeof at === 'string' ? Date.parse(at) : null
}

/** Never throws: without a sound catalogue the seat works with an empty one, and `onFault` is told why. */
export function createCatalogue(parts: {
  resourcesDir: string
  now(): number
  onFault(what: string, faults: string[]): void
}): Catalogue {
  const soundCatalogue = (content: unknown, what: string): DispatchCatalogue | null => {
    const read = dispatchCatalogue.safeParse(content)
    const faults = read.success
      ? catalogueFaults(read.data).map(({ table, index, sentence }) => `${table} ${index}: ${sentence}`)
      : [read.error.message.slice(0, 400)]
    if (read.success && faults.length === 0) return read.data
    parts.onFault(what, faults)
    return null
  }
  const soundCalendar = (content: unknown, what: string): WorkCalendar | null => {
    const read = workCalendar.safeParse(content)
    const faults = read.success
      ? calendarFaults(read.data).map(({ table, index, sentence }) => `${table} ${index}: ${sentence}`)
      : [read.error.message.slice(0, 400)]
    if (read.success && faults.length === 0) return read.data
    parts.onFault(what, faults)
    return null
  }
  const fromFile = (name: string): unknown => {
    try {
      return JSON.parse(readFileSync(join(parts.resourcesDir, 'catalogue', name), 'utf8'))
    } catch (error) {
      parts.onFault(name, [error instanceof Error ? error.message : String(error)])
      return null
    }
  }
  const sample = {
    catalogue: soundCatalogue(fromFile('sample.json'), 'sample.json') ?? noCatalogue,
    calendar: soundCalendar(fromFile('calendar.json'), 'calendar.json'),
  }

  let catalogue = sample.catalogue
  let calendar = sample.calendar
  let days: WorkDays | null = calendar === null ? null : workDays(calendar)
  let ready = dispatching(catalogue, days)
  let categories = parentsOf(catalogue.categories)
  let divisions = parentsOf(catalogue.divisions)
  let source: Published | null = null
  /** What was judged before, by its digest: a faulty version is told of once. */
  const judged = new Map<string, DispatchCatalogue | WorkCalendar | null>()

  const inForce = <T extends DispatchCatalogue | WorkCalendar>(
    db: Database,
    name: string,
    sound: (content: unknown, what: string) => T | null,
  ): { value: T; row: Published } | null => {
    for (const row of publishedOf(db, name, parts.now())) {
      const known = judged.get(row.sha256)
      const value =
        known === undefined ? sound(JSON.parse(row.content), `${name} ${row.version}`) : (known as T | null)
      judged.set(row.sha256, value)
      if (value !== null) return { value, row }
    }
    return null
  }

  return {
    get: () => catalogue,
    calendar: () => calendar,
    published: () => source,
    dispatching: () => ready,
    version: () => catalogue.version,
    knowsCategory: code => categories.has(code),
    knowsDivision: code => divisions.has(code),
    category: code => path(categories, code),
    division: code => path(divisions, code),
    refresh: db => {
      const before = catalogue
      const [own, time] = [calendar, inForce(db, calendarName, soundCalendar)]
      const found = inForce(db, dispatchCatalogueName, soundCatalogue)
      source = found?.row ?? null
      // The publication's version is the one that counts, whatever its content calls itself.
      const next =
        found === null
          ? sample.catalogue
          : found.value.version === found.row.version
            ? found.value
            : { ...found.value, version: found.row.version }
      const sameCatalogue = next === before || (found !== null && next.version === before.version)
      calendar = time?.value ?? sample.calendar
      const calendarChanged = calendar !== own
      if (calendarChanged) days = calendar === null ? null : workDays(calendar)
      if (!sameCatalogue) {
        catalogue = next
        categories = parentsOf(catalogue.categories)
        divisions = parentsOf(catalogue.divisions)
      }
      const changed = !sameCatalogue || calendarChanged
      if (changed) ready = dispatching(catalogue, days)
      return { changed, nextAt: nextOf(db, parts.now()) }
    },
    earlier: (db, version) => {
      if (version === sample.catalogue.version) return sample.catalogue
      const content: unknown = db
        .prepare('SELECT content FROM publication WHERE name = ? AND version = ?')
        .pluck()
        .get(dispatchCatalogueName, version)
      const read = dispatchCatalogue.safeParse(typeof content === 'string' ? JSON.parse(content) : null)
      return read.success ? { ...read.data, version } : null
    },
  }
}

const parentsOf = (nodes: readonly { code: string; parentCode: string | null }[]) =>
  new Map(nodes.map(({ code, parentCode }) => [code, parentCode]))

function path(tree: Map<string, string | null>, code: string): string[] {
  const found: string[] = []
  let at: string | null = tree.has(code) ? code : null
  while (at !== null && found.length < 8) {
    found.push(at)
    at = tree.get(at) ?? null
  }
  return found
}
