/**
 * The number that the caller is told (工单编号).
 *
 * With a centre it comes from a block that the centre leased to this seat, so that it is the official one at once, without a
 * line too: the block's prefix and its digits, e.g. 2026-00000417. It is drawn in the transaction that files the case: after a
 * crash both are there or neither.
 *
 * Without a block (no centre, or all of them used up) the seat makes its own, since no case may be lost for want of a number:
 * China's date, five digits of this seat drawn once at random, and a running number of the day, e.g. 20261123-48392-00007.
 * What is stored is what was counted, so nothing else needs writing. Two seats could draw the same five digits: then the centre
 * says CASE_NUMBER_TAKEN or gives the number to another case, and the case is renumbered (see renumber.ts).
 */
import type { NumberBlock } from '../../../shared/contract/central.ts'
import type { Clock, Random } from '../context.ts'
import { isoNow } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { readState, writeState } from '../storage/local-state.ts'

const chinaDate = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai', dateStyle: 'short' })
const seatNumberState = 'seat-number'

export function nextCaseNumber(db: Database, now: number, random: Random): string {
  const taken = db.prepare('SELECT 1 FROM cases WHERE case_number = ?')
  for (;;) {
    const official = drawFromBlock(db)
    if (official === null) return ownNumber(db, now, random)
    // One that is here already can only be of a database that was put back: its block ends soon, nobody gets it twice.
    if (taken.get(official) === undefined) return official
  }
}

/** How many official numbers are left; null: no block was ever leased. */
export function numbersLeft(db: Database): number | null {
  const left: unknown = db.prepare('SELECT sum(max(0, last - next + 1)) FROM number_block').pluck().get()
  return typeof left === 'number' ? left : null
}

/** The same block that comes again (an answer that was lost) begins nothing anew. */
export function addBlock(db: Database, block: NumberBlock, clock: Pick<Clock, 'now'>): void {
  db.prepare(
    `INSERT OR IGNORE INTO number_block (block_id, prefix, next, last, digits, leased_at) VALUES (?, ?, ?, ?, ?, ?)`,
  ).run(block.blockId, block.prefix, block.first, block.last, block.digits, isoNow(clock))
}

/** Of a database that was copied or put back: another may have given these numbers already. */
export function discardBlocks(db: Database): void {
  db.prepare('UPDATE number_block SET next = last + 1').run()
}

/** Another seat has drawn the same digits: this one draws others for the numbers that it makes by itself. */
export function forgetSeatNumber(db: Database): void {
  writeState(db, seatNumberState, null)
}

function drawFromBlock(db: Database): string | null {
  const drawn = db
    .prepare(
      `UPDATE number_block SET next = next + 1
       WHERE block_id = (SELECT block_id FROM number_block WHERE next <= last ORDER BY leased_at, block_id LIMIT 1)
       RETURNING prefix, next - 1 AS number, digits`,
    )
    .get() as { prefix: string; number: number; digits: number } | undefined
  return drawn === undefined ? null : `${drawn.prefix}${String(drawn.number).padStart(drawn.digits, '0')}`
}

function ownNumber(db: Database, now: number, random: Random): string {
  const prefix = `${chinaDate.format(now).replaceAll('-', '')}-${seatNumber(db, random)}-`
  const last = db
    .prepare(
      `SELECT case_number FROM cases WHERE case_number BETWEEN ? AND ? AND length(case_number) = ?
       ORDER BY case_number DESC LIMIT 1`,
    )
    .pluck()
    .get(`${prefix}00000`, `${prefix}99999`, prefix.length + 5)
  const count = typeof last === 'string' ? Number(last.slice(prefix.length)) + 1 : 1
  return `${prefix}${String(count).padStart(5, '0')}`
}

function seatNumber(db: Database, random: Random): string {
  const known = readState(db, seatNumberState)
  if (known !== null) return known
  const [high = 0, middle = 0, low = 0] = random.bytes(3)
  const drawn = String(10_000 + (((high << 16) | (middle << 8) | low) % 90_000))
  writeState(db, seatNumberState, drawn)
  return drawn
}
