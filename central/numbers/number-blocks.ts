/** Blocks of official case numbers (编号段), so that a seat without a line still tells the caller the real one. */
import type { NumberBlock } from '../../shared/contract/central.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import type { Device } from '../identity/devices.ts'

const blockSize = 200
const digits = 8

const chinaYear = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai', year: 'numeric' })

type BlockRow = { block_id: string; prefix: string; first: number; last: number; digits: number }
const blockOf = (row: BlockRow): NumberBlock => ({
  blockId: row.block_id,
  prefix: row.prefix,
  first: row.first,
  last: row.last,
  digits: row.digits,
})

export type NumberBlocks = { lease(device: Device, requestId: string): Promise<NumberBlock> }

export const createNumberBlocks = ({ sql, clock, random }: CentralContext): NumberBlocks => ({
  lease: (device, requestId) =>
    sql.transaction(async tx => {
      const prefix = `${chinaYear.format(clock.now())}-`
      // The series' row is locked first: the same request that comes twice at once waits here and then finds its block.
      await tx.query('INSERT INTO number_series (prefix, next) VALUES ($1, 1) ON CONFLICT DO NOTHING', [
        prefix,
      ])
      const [series] = await tx.query<{ next: number }>(
        'SELECT next FROM number_series WHERE prefix = $1 FOR UPDATE',
        [prefix],
      )
      const [before] = await tx.query<BlockRow>(
        'SELECT block_id, prefix, first, last, digits FROM number_block WHERE client_id = $1 AND request_id = $2',
        [device.clientId, requestId],
      )
      if (before !== undefined) return blockOf(before)
      const first = series?.next ?? 1
      const row = { block_id: random.uuid(), prefix, first, last: first + blockSize - 1, digits }
      await tx.query('UPDATE number_series SET next = $2 WHERE prefix = $1', [prefix, row.last + 1])
      await tx.query(
        `INSERT INTO number_block (block_id, request_id, client_id, prefix, first, last, digits, leased_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [row.block_id, requestId, device.clientId, prefix, first, row.last, digits, isoNow(clock)],
      )
      return blockOf(row)
    }),
})
