/** Whether a dispatch catalogue can be used. One fault and it is refused whole: the version before stays in force. */
import { categoryTree, type DispatchCatalogue, treeFaults } from './catalogue.ts'

export type CatalogueTable = 'categories' | 'units' | 'limits' | 'divisions'
export type CatalogueFaultCode =
  | 'DUPLICATE_CODE'
  | 'UNKNOWN_PARENT'
  | 'CIRCLE'
  | 'TOO_DEEP'
  | 'UNKNOWN_UNIT'
  | 'UNKNOWN_LIMIT'
  | 'UNKNOWN_DIVISION'
  | 'LEAD_MISSING'
  | 'LEAD_AMBIGUOUS'
  | 'NOT_TO_GRASSROOTS'
  | 'NO_CATEGORIES'

/** `index`: the entry's place in its table. `field`: the property at fault. */
export type CatalogueFault = {
  table: CatalogueTable
  index: number
  field: string
  code: CatalogueFaultCode
  sentence: string
}

const treeSentences = {
  DUPLICATE_CODE: (of: string) => `代码 ${of} 重复`,
  UNKNOWN_PARENT: (of: string) => `上级代码 ${of} 不存在`,
  CIRCLE: (of: string) => `代码 ${of} 的上级关系成环`,
  TOO_DEEP: (of: string) => `代码 ${of} 超过三级`,
}

function duplicates(table: CatalogueTable, entries: readonly { code: string }[]): CatalogueFault[] {
  const seen = new Set<string>()
  return entries.flatMap(({ code }, index) => {
    const again = seen.has(code)
    seen.add(code)
    const fault = { table, index, field: 'code', code: 'DUPLICATE_CODE' as const }
    return again ? [{ ...fault, sentence: treeSentences.DUPLICATE_CODE(code) }] : []
  })
}

const trees = (table: 'categories' | 'divisions', catalogue: DispatchCatalogue): CatalogueFault[] =>
  treeFaults(catalogue[table]).map(({ index, code, of }) => ({
    table,
    index,
    field: code === 'DUPLICATE_CODE' ? 'code' : 'parentCode',
    code,
    sentence: treeSentences[code](of),
  }))

export function catalogueFaults(catalogue: DispatchCatalogue): CatalogueFault[] {
  const { categories, units, limits, divisions } = catalogue
  const shape = [
    ...trees('categories', catalogue),
    ...trees('divisions', catalogue),
    ...duplicates('units', units),
    ...duplicates('limits', limits),
  ]
  const divisionCodes = new Set(divisions.map(({ code }) => code))
  const limitCodes = new Set(limits.map(({ code }) => code))
  const unitsByCode = new Map(units.map(unit => [unit.code, unit]))
  const faults: CatalogueFault[] = [...shape]
  const add = (
    table: CatalogueTable,
    index: number,
    field: string,
    code: CatalogueFaultCode,
    sentence: string,
  ) => faults.push({ table, index, field, code, sentence })

  if (categories.length === 0) add('categories', 0, 'code', 'NO_CATEGORIES', '目录中没有任何分类')
  for (const [index, { divisionCode }] of units.entries())
    if (divisionCode !== null && !divisionCodes.has(divisionCode))
      add('units', index, 'divisionCode', 'UNKNOWN_DIVISION', `区划代码 ${divisionCode} 不存在`)
  for (const [index, own] of categories.entries()) {
    for (const field of ['leadUnits', 'assistUnits'] as const)
      for (const code of own[field])
        if (!unitsByCode.has(code)) add('categories', index, field, 'UNKNOWN_UNIT', `单位代码 ${code} 不存在`)
    if (own.limitCode !== null && !limitCodes.has(own.limitCode))
      add('categories', index, 'limitCode', 'UNKNOWN_LIMIT', `时限代码 ${own.limitCode} 不存在`)
  }
  // What an entry inherits is known only of a tree that is one.
  if (shape.length > 0) return faults

  const tree = categoryTree(categories)
  for (const [index, { code }] of categories.entries()) {
    const own = tree.isLeaf(code) ? tree.inForce(code) : undefined
    if (own === undefined) continue
    const leads = own.leadUnits.flatMap(unit => unitsByCode.get(unit) ?? [])
    // Without units there is nothing to dispatch to: such a catalogue only classifies.
    if (units.length > 0 && own.leadUnits.length === 0)
      add('categories', index, 'leadUnits', 'LEAD_MISSING', '没有主办单位，上级也没有')
    if (leads.length > 1 && new Set(leads.map(lead => lead.divisionCode)).size < leads.length)
      add('categories', index, 'leadUnits', 'LEAD_AMBIGUOUS', '有多个主办单位管辖同一区划，无法确定由谁主办')
    const grassroots = own.notGrassroots ? leads.find(({ level }) => level === 'grassroots') : undefined
    if (grassroots !== undefined)
      add(
        'categories',
        index,
        'leadUnits',
        'NOT_TO_GRASSROOTS',
        `标记为不下派基层，主办单位却是${grassroots.name}`,
      )
  }
  return faults
}
