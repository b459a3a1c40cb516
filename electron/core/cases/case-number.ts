/**
 * The number that the caller is told (工单编号). Until a centre leases blocks of official numbers, the seat makes its own:
 * China's date, five digits of this seat drawn once at random, and a running number of the day, e.g. 20261123-48392-0007.
 */
import type { Random } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { readState, writeState } from '../storage/local-state.ts'

const chinaDate = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai', dateStyle: 'short' })

export function nextCaseNumber(db: Database, now: number, random: Random): string {
  const date = chinaDate.format(now).replaceAll('-', '')
  const [lastDate, lastCount] = (readState(db, 'last-case-number') ?? '').split('-')
  const count = lastDate === date ? Number(lastCount) + 1 : 1
  writeState(db, 'last-case-number', `${date}-${count}`)
  return `${date}-${seatNumber(db, random)}-${String(count).padStart(4, '0')}`
}

function seatNumber(db: Database, random: Random): string {
  const known = readState(db, 'seat-number')
  if (known !== null) return known
  const [high = 0, middle = 0, low = 0] = random.bytes(3)
  const drawn = String(10_000 + (((high << 16) | (middle << 8) | low) % 90_000))
  writeState(db, 'seat-number', drawn)
  return drawn
}
