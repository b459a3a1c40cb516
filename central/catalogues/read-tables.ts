/** Files to rows: xlsx by sheet, CSV as one table, each recognised by its header. What cannot be read is told, never guessed. */
import { Worker } from 'node:worker_threads'
import { detectDelimiter, parseCsv } from 'hucre/csv'
import { maxTableFileBytes, type TableFault } from '../../shared/contract/central-catalogues.ts'
import { mostCategories } from '../../shared/domain/catalogue.ts'
import { type CellKind, cellKind, cleanCell, holdsCodes, isSheetError, spoiltCode } from './cells.ts'
import { recognise, type TableName, tableTitles } from './columns.ts'
import { hidesRows, quoteFault } from './csv-quotes.ts'
import type { XlsxAnswer, XlsxLimits, XlsxSheet } from './xlsx-worker.ts'

export type GivenFile = { name: string; content: Buffer }
/** `row` as the spreadsheet counts, the header being 1 in most. `cells` by property. */
export type TableRow = { row: number; cells: Map<string, string> }
export type ReadTable = { table: TableName; file: string; sheet: string | null; rows: TableRow[] }

const limits: XlsxLimits = {
  unpackedBytes: 64 * 1024 * 1024,
  entries: 1_000,
  rows: mostCategories + 20,
  columns: 60,
  sheets: 20,
}
/** Megabytes and milliseconds that reading one file may take. */
const workerMegabytes = 512
const workerMs = 30_000
/** Titles and notes above the header. */
const headerWithin = 10
/** The longest text that any column takes is shorter. */
const longestCell = 4_000

type Place = { file: string; sheet: string | null }
type Read = { tables: ReadTable[]; faults: TableFault[] }

const sentences = {
  FILE_UNREADABLE: '文件无法读取：不是有效的 xlsx，或已加密、已损坏',
  FILE_TOO_LARGE: '文件过大，或解压后过大',
  FILE_TYPE: '只接受 .xlsx 和 .csv 文件（旧式 .xls 请另存为 .xlsx）',
  ENCODING: '文字编码无法识别：请另存为 UTF-8 或 GBK 编码的 CSV',
  TABLE_UNKNOWN: '没有认得的表头，这张表没有读取',
  COLUMN_MISSING: '缺少这一列',
  TOO_MANY_ROWS: `行数超过上限 ${mostCategories} 行`,
  FORMULA: '这里是公式：请改为值（复制后“选择性粘贴”为数值）',
  CODE_AS_NUMBER: '代码是数字格式，开头的 0 会丢失：请把这一列改为文本格式后重新填写',
  CODE_AS_DATE: '代码变成了日期：请把这一列改为文本格式后重新填写',
  CELL_ERROR: '单元格显示的是错误值，不是内容',
  CELL_TOO_LONG: '内容过长',
  COLUMN_TWICE: '这一列出现了多次，内容不一致',
  QUOTE_OPEN: '引号没有结束，后面的行会被并进这一格：请补上或删去引号',
  QUOTE_STRAY: '引号结束后还有文字：请把格内的引号写成两个',
  QUOTE_ROWS: '引号里夹着后面的行：请检查这一格的引号',
  ROW_TOO_LONG: '这一行的格数比表头多：含逗号的文字要放在引号里',
} as const
type Code = keyof typeof sentences

const faultAt = ({ file, sheet }: Place, row: number, column: string, code: Code): TableFault => ({
  file,
  sheet,
  row,
  column,
  code,
  sentence: sentences[code],
})

function readXlsxFile(content: Buffer): Promise<XlsxAnswer> {
  return new Promise(resolve => {
    const worker = new Worker(new URL('./xlsx-worker.ts', import.meta.url), {
      workerData: { content, limits },
      resourceLimits: { maxOldGenerationSizeMb: workerMegabytes },
    })
    const tooLong = setTimeout(() => settle({ ok: false, code: 'FILE_TOO_LARGE' }), workerMs)
    const settle = (answer: XlsxAnswer) => {
      clearTimeout(tooLong)
      resolve(answer)
      void worker.terminate()
    }
    worker.on('message', settle)
    // Out of its memory.
    worker.on('error', () => settle({ ok: false, code: 'FILE_TOO_LARGE' }))
    worker.on('exit', () => settle({ ok: false, code: 'FILE_UNREADABLE' }))
  })
}

/** UTF-8 with or without its mark, else GBK; null: neither. */
export function decodeText(content: Buffer): string | null {
  for (const encoding of ['utf-8', 'gbk']) {
    try {
      const text = new TextDecoder(encoding, { fatal: true }).decode(content)
      // A file of UTF-16, or no text at all. Private characters are what GBK's decoder makes of bytes that are not its own.
      if (!text.includes('\u0000') && !/[\uFFFD\uE000-\uF8FF]/.test(text)) return text
    } catch {
      // Not in this encoding.
    }
  }
  return null
}

/** A date as it was typed in China, whatever zone the reader is in. */
const textOf = (cell: XlsxSheet['rows'][number][number], kind: CellKind = 'text'): string => {
  if (cell === null) return ''
  if (cell instanceof Date) {
    // A time of day is a fraction of a day, and 17:30 may come out as a little less.
    const iso = new Date(Math.round(cell.getTime() / 60_000) * 60_000).toISOString()
    return iso.startsWith('1899-12-3') ? iso.slice(11, 16) : iso.slice(0, 10)
  }
  if (typeof cell === 'boolean') return cell ? '是' : '否'
  const text = String(cell).trim()
  // Refused for its length, whatever is in it.
  return text.length > longestCell ? text.slice(0, longestCell + 1) : cleanCell(text, kind)
}

type Given = Pick<XlsxSheet, 'rows' | 'formulas' | 'merges'> & {
  /** Of a CSV; null: a sheet of a workbook. */
  delimiter: string | null
}

/** Each cell of a merged area has the area's value: an empty one would mean something else. */
function unmerged(rows: XlsxSheet['rows'], merges: Given['merges']): XlsxSheet['rows'] {
  const filled = rows.map(row => [...row])
  // Areas never overlap in a file that a spreadsheet made.
  let left = rows.length * limits.columns
  for (const { startRow, startCol, endRow, endCol } of merges) {
    const value = rows[startRow]?.[startCol] ?? null
    const lastColumn = Math.min(endCol, limits.columns - 1)
    for (const cells of filled.slice(startRow, endRow + 1)) {
      if ((left -= lastColumn - startCol + 1) < 0) return filled
      while (cells.length <= lastColumn) cells.push(null)
      cells.fill(value, startCol, lastColumn + 1)
    }
  }
  return filled
}

function readRows(place: Place, { rows: asRead, formulas, merges, delimiter }: Given): Read {
  const rows = unmerged(asRead, merges)
  let headerAt = 0
  let found: ReturnType<typeof recognise> = null
  for (; headerAt < Math.min(headerWithin, rows.length); headerAt += 1) {
    found = recognise((rows[headerAt] ?? []).map(cell => textOf(cell)))
    if (found !== null) break
  }
  const isEmpty = rows.every(row => row.every(cell => textOf(cell) === ''))
  if (found === null) return { tables: [], faults: isEmpty ? [] : [faultAt(place, 0, '', 'TABLE_UNKNOWN')] }
  const { table, places, missing } = found
  const faults = missing.map(column => faultAt(place, headerAt + 1, column, 'COLUMN_MISSING'))
  const columnsRead = new Set([...places.values()].flat())
  // A header of two rows ends where its merged cells end.
  let headerEnd = headerAt
  for (const { startRow, startCol, endRow } of merges)
    if (startRow <= headerAt && columnsRead.has(startCol)) headerEnd = Math.max(headerEnd, endRow)
  const body = rows.slice(headerEnd + 1)
  if (body.length > mostCategories) {
    faults.push(faultAt(place, headerEnd + 2 + mostCategories, '', 'TOO_MANY_ROWS'))
    return { tables: [{ table, ...place, rows: [] }], faults }
  }
  const headers = (rows[headerAt] ?? []).map(cell => textOf(cell))
  for (const { row, column } of formulas)
    if (row > headerEnd && columnsRead.has(column))
      faults.push(faultAt(place, row + 1, headers[column] ?? '', 'FORMULA'))
  const read: TableRow[] = []
  for (const [index, row] of body.entries()) {
    const number = headerEnd + 2 + index
    const cells = new Map<string, string>()
    const faultIn = (at: number, code: Code) => faults.push(faultAt(place, number, headers[at] ?? '', code))
    if (delimiter !== null) {
      const columns = headers.length
      for (const [at, cell] of row.entries())
        if (typeof cell === 'string' && hidesRows(cell, delimiter, row.length - at - 1, columns))
          faultIn(at, 'QUOTE_ROWS')
      if (row.slice(columns).some(cell => textOf(cell) !== '')) faultIn(columns - 1, 'ROW_TOO_LONG')
    }
    for (const [field, columns] of places) {
      const kind = cellKind(field)
      const texts = columns.map(at => {
        const cell = row[at] ?? null
        const text = textOf(cell, kind)
        const spoilt = holdsCodes(field) ? (spoiltBy(cell) ?? spoiltCode(text, kind)) : null
        if (text.length > longestCell) faultIn(at, 'CELL_TOO_LONG')
        else if (isSheetError(text)) faultIn(at, 'CELL_ERROR')
        else if (spoilt !== null) faultIn(at, spoilt)
        // What a spreadsheet would compute when it opens this CSV.
        else if (delimiter !== null && /^[=@+\-\t]/.test(text)) faultIn(at, 'FORMULA')
        return text
      })
      const values = [...new Set(texts.filter(text => text !== ''))]
      if (values.length > 1 && kind !== 'list') faultIn(columns[1] ?? 0, 'COLUMN_TWICE')
      cells.set(field, kind === 'list' ? values.join('、') : (values[0] ?? ''))
    }
    if ([...cells.values()].some(text => text !== '')) read.push({ row: number, cells })
  }
  return { tables: [{ table, ...place, rows: read }], faults }
}

const spoiltBy = (cell: XlsxSheet['rows'][number][number]): Code | null =>
  typeof cell === 'number' ? 'CODE_AS_NUMBER' : cell instanceof Date ? 'CODE_AS_DATE' : null

async function readFile({ name, content }: GivenFile): Promise<Read> {
  const place: Place = { file: name, sheet: null }
  const refused = (code: Code): Read => ({ tables: [], faults: [faultAt(place, 0, '', code)] })
  if (content.length > maxTableFileBytes) return refused('FILE_TOO_LARGE')
  if (/\.csv$/i.test(name)) {
    const text = decodeText(content)
    if (text === null) return refused('ENCODING')
    const delimiter = detectDelimiter(text)
    const quote = quoteFault(text, delimiter)
    if (quote !== null) return { tables: [], faults: [faultAt(place, quote.row, '', quote.code)] }
    const rows = parseCsv(text, { delimiter, maxRows: limits.rows + 1 })
    return readRows(place, { rows, formulas: [], merges: [], delimiter })
  }
  if (!/\.xlsx$/i.test(name)) return refused('FILE_TYPE')
  const answer = await readXlsxFile(content)
  if (!answer.ok) return refused(answer.code)
  const reads = answer.sheets.map(({ name: sheet, ...given }) =>
    readRows({ file: name, sheet }, { ...given, delimiter: null }),
  )
  const tables = reads.flatMap(read => read.tables)
  // Sheets with notes are left alone as long as there is one with a table.
  const faults = reads.flatMap(read => read.faults)
  return {
    tables,
    faults: tables.length === 0 ? faults : faults.filter(({ code }) => code !== 'TABLE_UNKNOWN'),
  }
}

/** Every table of every file, each once. */
export async function readTables(files: readonly GivenFile[]): Promise<Read> {
  const tables: ReadTable[] = []
  const faults: TableFault[] = []
  for (const file of files) {
    const read = await readFile(file)
    faults.push(...read.faults)
    for (const table of read.tables) {
      const twice = tables.find(other => other.table === table.table)
      if (twice === undefined) tables.push(table)
      else
        faults.push({
          file: table.file,
          sheet: table.sheet,
          row: 0,
          column: '',
          code: 'TABLE_TWICE',
          sentence: `“${tableTitles[table.table]}”表已在${twice.sheet ?? twice.file}中提供`,
        })
    }
  }
  return { tables, faults }
}
