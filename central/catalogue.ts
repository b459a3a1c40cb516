/**
 * 派单目录与工作日历 from the command line: `node central/catalogue.ts check|publish|compare|template …`. Speaks to a centre over
 * HTTP with an API key, so that it works beside one that is running. docs/catalogue.md.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { type CatalogueReport, catalogueReport } from '../shared/contract/central-catalogues.ts'
import { workCalendar } from '../shared/domain/calendar.ts'
import { dispatchCatalogue } from '../shared/domain/catalogue.ts'
import { type CatalogueChange, catalogueChange } from '../shared/domain/catalogue-changes.ts'
import { calendarTemplate, catalogueTemplate } from './catalogues/template.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    centre: { type: 'string' },
    'key-file': { type: 'string' },
    version: { type: 'string' },
    effective: { type: 'string' },
    city: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const [command = '', ...given] = positionals

const usage = `用法：
  npm run catalogue -- check 文件…                       检查，并与现行版本比较
  npm run catalogue -- publish 文件… --version 版本 [--effective 2026-12-01T08:00] [--city 城市]
  npm run catalogue -- compare 版本 版本                  比较两个已发布的版本
  npm run catalogue -- template 派单目录.xlsx             以示例目录写出模板；文件名含“日历”则写出工作日历
选项：--centre 中心地址（必需，template 除外）；密钥取自 --key-file 或环境变量 ZUOXI_API_KEY；--json 原样输出`

const fail = (text: string): never => {
  console.error(text)
  process.exit(2)
}

const key = () => {
  const file = values['key-file']
  const found = file === undefined ? process.env['ZUOXI_API_KEY'] : readFileSync(file, 'utf8').trim()
  return found === undefined || found === '' ? fail('没有密钥：请用 --key-file 或 ZUOXI_API_KEY 给出') : found
}

async function ask<T>(method: string, path: string, output: z.ZodType<T>, body?: unknown): Promise<T> {
  const centre =
    values.centre ?? fail('没有中心地址：请用 --centre 给出，例如 --centre https://12345.example.cn')
  const headers = { 'content-type': 'application/json', 'x-api-key': key() }
  const response = await fetch(new URL(path, centre), {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => fail(`连不上中心：${centre}`))
  const answer: unknown = await response.json().catch(() => null)
  if (response.ok) return output.parse(answer)
  const refused = z.object({ code: z.string(), message: z.string() }).safeParse(answer)
  return fail(
    refused.success ? `${refused.data.message}（${refused.data.code}）` : `中心答复 ${response.status}`,
  )
}

/** Without a zone it is China's time. */
const instant = (text: string): string => {
  const local = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?$/.test(text)
  const at = Date.parse(local ? `${text.length === 10 ? `${text}T00:00` : text}+08:00` : text)
  return Number.isNaN(at) ? fail(`看不懂的时间：${text}`) : new Date(at).toISOString()
}

const filesOf = (names: readonly string[]) =>
  names.map(name => ({ name: basename(name), content: readFileSync(name).toString('base64') }))

const tableWords = { categories: '分类', units: '单位', limits: '时限', divisions: '区划' }
const changeWords = { added: '新增', removed: '删除', changed: '修改' }

function printChanges(changes: readonly CatalogueChange[]): void {
  for (const { table, change, code, name, fields } of changes) {
    console.log(`  ${changeWords[change]} ${tableWords[table]} ${code} ${name}`)
    for (const { field, from, to } of fields)
      console.log(`      ${field}: ${JSON.stringify(from ?? null)} → ${JSON.stringify(to ?? null)}`)
  }
}

function print(report: CatalogueReport): void {
  if (values.json) return console.log(JSON.stringify(report, null, 2))
  for (const { table, file, sheet, rows } of report.tables)
    console.log(`读到 ${table}：${rows} 行（${file}${sheet === null ? '' : ` / ${sheet}`}）`)
  if (report.keptTables.length > 0)
    console.log(`沿用现行版本 ${report.against} 的：${report.keptTables.join('、')}`)
  for (const { file, sheet, row, column, sentence, code } of report.faults) {
    const place = [file, sheet, row === 0 ? '' : `第 ${row} 行`, column].filter(Boolean).join(' / ')
    console.log(`✗ ${place}：${sentence}（${code}）`)
  }
  if (report.faults.length > 0) console.log(`共 ${report.faults.length} 处问题，没有发布，现行版本继续使用。`)
  else if (report.kind === 'dispatch-catalogue') {
    console.log(report.against === null ? '尚无现行版本。' : `与现行版本 ${report.against} 相比：`)
    if (report.against !== null) printChanges(report.changes)
    console.log(`共 ${report.changes.length} 处变化。`)
  }
}

const needed = (value: string | undefined): string => (value === undefined ? fail(usage) : value)

switch (command) {
  case 'check': {
    needed(given[0])
    const report = await ask('POST', '/v1/catalogues/check', catalogueReport, { files: filesOf(given) })
    print(report)
    process.exitCode = report.faults.length > 0 ? 1 : 0
    break
  }
  case 'publish': {
    const { effective, city } = values
    const version = needed(values.version)
    needed(given[0])
    const effectiveAt = effective === undefined ? new Date().toISOString() : instant(effective)
    const body = { files: filesOf(given), version, effectiveAt, ...(city === undefined ? {} : { city }) }
    const output = catalogueReport.extend({ published: z.boolean() })
    const report = await ask('POST', '/v1/catalogues', output, body)
    print(report)
    if (report.published && !values.json) console.log(`已发布 ${version}，生效时间 ${effectiveAt}。`)
    process.exitCode = report.published ? 0 : 1
    break
  }
  case 'compare': {
    const query = new URLSearchParams({ from: needed(given[0]), to: needed(given[1]) })
    const output = z.object({ changes: z.array(catalogueChange) })
    const { changes } = await ask('GET', `/v1/catalogues/changes?${query}`, output)
    if (values.json) console.log(JSON.stringify(changes, null, 2))
    else printChanges(changes)
    break
  }
  case 'template': {
    const folder = join(import.meta.dirname, '..', 'resources', 'catalogue')
    const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))
    const file = needed(given[0])
    const content = file.includes('日历')
      ? calendarTemplate(workCalendar.parse(read('calendar.json')))
      : catalogueTemplate(dispatchCatalogue.parse(read('sample.json')))
    writeFileSync(file, await content)
    console.log(`已写出 ${file}`)
    break
  }
  default:
    fail(usage)
}
