/** The tables that administrators keep, by their headers. docs/catalogue.md shows them. */
export type TableName = 'categories' | 'units' | 'limits' | 'divisions' | 'periods' | 'days'

export const tableTitles: Record<TableName, string> = {
  categories: '分类',
  units: '单位',
  limits: '时限',
  divisions: '区划',
  periods: '作息',
  days: '节假日',
}
export const calendarTables: readonly TableName[] = ['periods', 'days']

/** Each column's property and header. The first one tells which table it is; those with `needed` must be there. */
export const columns: Record<TableName, readonly { field: string; header: string; needed?: true }[]> = {
  categories: [
    { field: 'code', header: '分类代码', needed: true },
    { field: 'name', header: '分类名称', needed: true },
    { field: 'parentCode', header: '上级分类', needed: true },
    { field: 'leadUnits', header: '主办单位' },
    { field: 'assistUnits', header: '协办单位' },
    { field: 'kinds', header: '适用类型' },
    { field: 'urgencyRules', header: '紧急词' },
    { field: 'limitCode', header: '办理时限' },
    { field: 'requiredFields', header: '必填内容' },
    { field: 'notGrassroots', header: '不下派基层' },
  ],
  units: [
    { field: 'code', header: '单位代码', needed: true },
    { field: 'name', header: '单位名称', needed: true },
    { field: 'level', header: '单位类别', needed: true },
    { field: 'divisionCode', header: '管辖区划' },
  ],
  limits: [
    { field: 'code', header: '时限代码', needed: true },
    { field: 'name', header: '时限名称', needed: true },
    { field: 'sign.normal', header: '签收（一般）' },
    { field: 'sign.urgent', header: '签收（紧急）' },
    { field: 'sign.critical', header: '签收（特急）' },
    { field: 'reply.normal', header: '答复（一般）' },
    { field: 'reply.urgent', header: '答复（紧急）' },
    { field: 'reply.critical', header: '答复（特急）' },
  ],
  divisions: [
    { field: 'code', header: '区划代码', needed: true },
    { field: 'name', header: '区划名称', needed: true },
    { field: 'parentCode', header: '上级区划', needed: true },
  ],
  periods: [
    { field: 'from', header: '起始日期', needed: true },
    { field: 'to', header: '截止日期', needed: true },
    { field: 'opens', header: '上班', needed: true },
    { field: 'closes', header: '下班', needed: true },
  ],
  days: [
    { field: 'date', header: '日期', needed: true },
    { field: 'type', header: '类型', needed: true },
    { field: 'name', header: '说明' },
  ],
}

/** Brackets and spaces are typed in many ways. */
const folded = (header: string) =>
  header.normalize('NFKC').replace(/[\s()（）【】[\]*＊]|\p{Default_Ignorable_Code_Point}/gu, '')

/** Which table begins with this row, and in which columns each property stands; null: none that is known. */
export function recognise(
  header: readonly string[],
): { table: TableName; places: Map<string, number[]>; missing: string[] } | null {
  const given = header.map(folded)
  for (const [table, wanted] of Object.entries(columns) as [TableName, (typeof columns)[TableName]][]) {
    const [first] = wanted
    if (first === undefined || !given.includes(folded(first.header))) continue
    const places = new Map<string, number[]>()
    const missing: string[] = []
    for (const { field, header: name, needed } of wanted) {
      const found = given.flatMap((header, at) => (header === folded(name) ? [at] : []))
      if (found.length > 0) places.set(field, found)
      else if (needed === true) missing.push(name)
    }
    return { table, places, missing }
  }
  return null
}
