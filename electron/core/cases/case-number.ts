/**
 * The number that the caller is told (工单编号). Until a centre leases blocks of official numbers, the seat makes its own:
 * China's date, five digits of this seat drawn once at random, and a running number of the day, e.g. 20261123-48392-00007.
 * What is stored is what was counted, so nothing else needs writing.
 */
import type { Random } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { readState, writeState } from '../storage/local-state.ts'

const chinaDate = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai', dateStyle: 'short' })

export function nextCaseNumber(db: Database, now: number, random: Random): string {
  const prefix = `${chinaDate.format(now).replaceAll('-', '')}-${seatNumber(db, random)}-`
  const last = db
    .prepare('SELECT max(case_number) FROM cases WHERE case_number BETWEEN ? AND ?')
    .pluck()
    .get(`${prefix}00000`, `${prefix}99999`)
  const count = typeof last === 'string' ? Number(last.slice(prefix.length)) + 1 : 1
  return `${prefix}${String(count).padStart(5, '0')}`
}

function seatNumber(db: Database, random: Random): string {
  const known = readState(db, 'seat-number')
  if (known !== null) return known
  const [high = 0, middle = 0, low = 0] = random.bytes(3)
  const drawn = String(10_000 + (((high << 16) | (middle << 8) | low) % 90_000))
  writeState(db, 'seat-number', drawn)
  return drawn
}
