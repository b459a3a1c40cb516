/** Examples of the catalogues' operations in the published interface. */
const files = [{ name: '派单目录.xlsx', content: 'UEsDBBQAAAAIAA==' }]
const change = {
  table: 'categories',
  change: 'changed',
  code: '110101',
  name: '停水咨询',
  fields: [{ field: 'limitCode', from: 'T4', to: 'T2' }],
}
const report = {
  kind: 'dispatch-catalogue',
  tables: [{ table: '分类', file: '派单目录.xlsx', sheet: '分类', rows: 294 }],
  keptTables: ['单位', '时限', '区划'],
  against: '2026-11',
  faults: [
    {
      file: '派单目录.xlsx',
      sheet: '分类',
      row: 37,
      column: '主办单位',
      code: 'UNKNOWN_UNIT',
      sentence: '单位代码 D99 不存在',
    },
  ],
  changes: [],
}

export const catalogueExamples: Record<string, { request?: unknown; response: unknown }> = {
  'catalogues.check': { request: { files }, response: report },
  'catalogues.publish': {
    request: { files, version: '2026-12', effectiveAt: '2026-11-30T16:00:00.000Z' },
    response: { ...report, faults: [], changes: [change], published: true },
  },
  'catalogues.compare': { response: { changes: [change] } },
}
