/** What changed from one version of the dispatch catalogue to the next: added, removed, changed by field. */
import { z } from 'zod'
import type { DispatchCatalogue } from './catalogue.ts'

export const changeTable = z.enum(['categories', 'units', 'limits', 'divisions'])
export const catalogueChange = z.object({
  table: changeTable,
  change: z.enum(['added', 'removed', 'changed']),
  code: z.string(),
  name: z.string(),
  fields: z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() })),
})
export type CatalogueChange = z.infer<typeof catalogueChange>

type Entry = { code: string; name: string }
type Compared = Pick<DispatchCatalogue, 'categories' | 'units' | 'limits' | 'divisions'>

/** Lists are equal when they hold the same in the same order: of units the first one counts. */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

function compared(table: CatalogueChange['table'], before: readonly Entry[], after: readonly Entry[]) {
  const old = new Map(before.map(entry => [entry.code, entry]))
  const fresh = new Set(after.map(({ code }) => code))
  const changes: CatalogueChange[] = []
  for (const entry of after) {
    const { code, name } = entry
    const was = old.get(code)
    if (was === undefined) {
      changes.push({ table, change: 'added', code, name, fields: [] })
      continue
    }
    const earlier = new Map<string, unknown>(Object.entries(was))
    const fields = Object.entries(entry).flatMap(([field, to]) => {
      const from = earlier.get(field)
      return same(from, to) ? [] : [{ field, from, to }]
    })
    if (fields.length > 0) changes.push({ table, change: 'changed', code, name, fields })
  }
  for (const { code, name } of before)
    if (!fresh.has(code)) changes.push({ table, change: 'removed', code, name, fields: [] })
  return changes
}

export const catalogueChanges = (before: Compared, after: Compared): CatalogueChange[] => [
  ...compared('categories', before.categories, after.categories),
  ...compared('units', before.units, after.units),
  ...compared('limits', before.limits, after.limits),
  ...compared('divisions', before.divisions, after.divisions),
]

/** The categories that go otherwise than before: changed themselves, by an ancestor, or by their unit's or limit's name. */
export function categoriesTouched(
  changes: readonly CatalogueChange[],
  { categories }: Pick<DispatchCatalogue, 'categories'>,
): Set<string> {
  const codesOf = (table: CatalogueChange['table']) =>
    new Set(changes.filter(change => change.table === table).map(({ code }) => code))
  const [own, units, limits] = [codesOf('categories'), codesOf('units'), codesOf('limits')]
  const touched = new Set(own)
  // Parents may stand anywhere in the list: three levels are settled after three rounds.
  for (let round = 0; round < 3; round += 1)
    for (const { code, parentCode, leadUnits, assistUnits, limitCode } of categories)
      if (
        (parentCode !== null && touched.has(parentCode)) ||
        leadUnits.some(unit => units.has(unit)) ||
        assistUnits.some(unit => units.has(unit)) ||
        (limitCode !== null && limits.has(limitCode))
      )
        touched.add(code)
  return touched
}
