/**
 * Reads one xlsx in a thread of its own, so that a large or hostile file holds up nobody and ends with the thread. Everything in
 * the archive is unpacked once into nothing, counted, before the reader sees it: what an archive says of itself proves nothing.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { readXlsx } from 'hucre/xlsx'
import { fromBuffer } from 'yauzl'

export type XlsxLimits = {
  unpackedBytes: number
  entries: number
  rows: number
  columns: number
  sheets: number
}
export type XlsxSheet = {
  name: string
  rows: (string | number | boolean | Date | null)[][]
  formulas: { row: number; column: number }[]
  /** From 0, the ends included. */
  merges: { startRow: number; startCol: number; endRow: number; endCol: number }[]
}
export type XlsxAnswer =
  | { ok: true; sheets: XlsxSheet[] }
  | { ok: false; code: 'FILE_UNREADABLE' | 'FILE_TOO_LARGE' }

class TooLarge extends Error {}

/** Rejects with TooLarge as soon as more than the limit has come out of it. */
function weigh(content: Buffer, { unpackedBytes, entries }: XlsxLimits): Promise<void> {
  return new Promise((resolve, reject) => {
    fromBuffer(content, { lazyEntries: true, validateEntrySizes: true }, (error, archive) => {
      if (error !== null || archive === undefined) return reject(error ?? new Error('no archive'))
      let total = 0
      if (archive.entryCount > entries) return reject(new TooLarge())
      archive.on('error', reject)
      archive.on('end', resolve)
      archive.on('entry', entry => {
        if (total + entry.uncompressedSize > unpackedBytes) return reject(new TooLarge())
        archive.openReadStream(entry, (failure, stream) => {
          if (failure !== null || stream === undefined) return reject(failure ?? new Error('no entry'))
          stream.on('error', reject)
          stream.on('data', (piece: Buffer) => {
            total += piece.length
            if (total > unpackedBytes) {
              stream.destroy()
              reject(new TooLarge())
            }
          })
          stream.on('end', () => archive.readEntry())
        })
      })
      archive.readEntry()
    })
  })
}

async function read(content: Buffer, limits: XlsxLimits): Promise<XlsxAnswer> {
  try {
    await weigh(content, limits)
    // One more than allowed, so that too many are seen to be too many.
    const workbook = await readXlsx(content, {
      maxRows: limits.rows + 1,
      sheets: (info, index) => index < limits.sheets && info.hidden !== true && info.veryHidden !== true,
    })
    const sheets = workbook.sheets.map(({ name, rows, cells, merges }) => ({
      name,
      rows: rows.map(row => row.slice(0, limits.columns) as XlsxSheet['rows'][number]),
      formulas: [...(cells ?? [])].flatMap(([at, { formula }]) => {
        const [row = 0, column = 0] = at.split(',').map(Number)
        return formula === undefined ? [] : [{ row, column }]
      }),
      merges: (merges ?? []).map(({ startRow, startCol, endRow, endCol }) => ({
        startRow,
        startCol,
        endRow,
        endCol,
      })),
    }))
    return { ok: true, sheets }
  } catch (error) {
    return { ok: false, code: error instanceof TooLarge ? 'FILE_TOO_LARGE' : 'FILE_UNREADABLE' }
  }
}

const { content, limits } = workerData as { content: Uint8Array; limits: XlsxLimits }
parentPort?.postMessage(await read(Buffer.from(content), limits))
