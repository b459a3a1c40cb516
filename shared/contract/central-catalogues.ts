/** What administrators send to publish a dispatch catalogue or a calendar from spreadsheets, and what they are told of it. */
import { z } from 'zod'
import { catalogueChange } from '../domain/catalogue-changes.ts'
import { route } from './central-route.ts'

/** Of one file, before it is encoded. All of them together must fit into one request. */
export const maxTableFileBytes = 4 * 1024 * 1024
export const maxTableFiles = 8

export const tableFile = z.object({
  name: z.string().min(1).max(200).describe('文件名；按扩展名 .xlsx 或 .csv 读取'),
  content: z.base64().max(Math.ceil(maxTableFileBytes / 3) * 4),
})

/** One thing that is wrong, where it stands in the file. `row` as the spreadsheet counts; 0: the file as a whole. */
export const tableFault = z.object({
  file: z.string(),
  sheet: z.string().nullable(),
  row: z.number().int().min(0),
  column: z.string().describe('列名；空为整行'),
  code: z.string(),
  sentence: z.string(),
})
export type TableFault = z.infer<typeof tableFault>

export const tableKind = z.enum(['dispatch-catalogue', 'calendar'])
export const catalogueReport = z.object({
  kind: tableKind.nullable().describe('空：看不出是派单目录还是工作日历'),
  tables: z
    .array(
      z.object({ table: z.string(), file: z.string(), sheet: z.string().nullable(), rows: z.number().int() }),
    )
    .describe('读到的表'),
  keptTables: z.array(z.string()).describe('没有提供、沿用现行版本的表'),
  against: z.string().nullable().describe('与之比较的现行版本'),
  faults: z.array(tableFault),
  changes: z.array(catalogueChange).describe('与现行版本相比'),
})
export type CatalogueReport = z.infer<typeof catalogueReport>

const files = z.array(tableFile).min(1).max(maxTableFiles)
const version = z.string().min(1).max(64)

export const catalogueRoutes = {
  check: route(
    'POST',
    '/v1/catalogues/check',
    '检查目录文件',
    '读取 xlsx 或 CSV，逐行报告问题，并与现行版本比较；不发布。',
  )
    .input(z.object({ files }))
    .output(catalogueReport),
  publish: route(
    'POST',
    '/v1/catalogues',
    '由文件发布目录',
    '没有任何问题才发布；有一处问题就整份拒绝，现行版本继续使用。',
  )
    .input(z.object({ files, version, effectiveAt: z.iso.datetime(), city: z.string().max(60).optional() }))
    .output(catalogueReport.extend({ published: z.boolean() })),
  compare: route('GET', '/v1/catalogues/changes', '比较两个目录版本', '新增、删除、逐字段的修改。')
    .input(z.object({ from: version, to: version }))
    .output(z.object({ changes: z.array(catalogueChange) })),
}
