/** Cases, calls and profiles are found by the number's key. When the rule that makes keys changes, the stored ones are made again. */
import { numberRuleVersion } from '../../../shared/domain/phone-number.ts'
import type { Database } from './database.ts'
import { readState, writeState } from './local-state.ts'

const stateName = 'number-rule'
const rowsAtOnce = 2_000

type Keyed = {
  id: number
  first: string | null
  second: string | null
  firstKey: string | null
  secondKey: string | null
}

/** Once for each version of the rule, in one transaction; what has its key already is not touched. */
export function renewNumberKeys(db: Database, numberKey: (raw: string) => string | null): void {
  if (readState(db, stateName) === String(numberRuleVersion)) return
  const keyOf = (raw: string | null) => (raw === null ? null : numberKey(raw))
  db.transaction(() => {
    const setCase = db.prepare('UPDATE cases SET calling_key = ?, contact_key = ? WHERE case_key = ?')
    const cases = db.prepare(
      `SELECT case_key AS id, fields ->> '$.callingNumber' AS first, fields ->> '$.contactNumber' AS second,
              calling_key AS firstKey, contact_key AS secondKey
       FROM cases WHERE case_key > ? ORDER BY case_key LIMIT ${rowsAtOnce}`,
    )
    for (const { id, first, second, firstKey, secondKey } of inPages<Keyed>(after => cases.all(after))) {
      const [calling, contact] = [keyOf(first), keyOf(second)]
      if (calling !== firstKey || contact !== secondKey) setCase.run(calling, contact, id)
    }
    const setCall = db.prepare('UPDATE call_record SET number_key = ? WHERE rowid = ?')
    const calls = db.prepare(
      `SELECT rowid AS id, number_key AS firstKey, NULL AS second, NULL AS secondKey,
              iif(direction = 'inbound', progress ->> '$.facts.callerNumber', progress ->> '$.facts.calledNumber') AS first
       FROM call_record WHERE rowid > ? ORDER BY rowid LIMIT ${rowsAtOnce}`,
    )
    for (const { id, first, firstKey } of inPages<Keyed>(after => calls.all(after))) {
      const key = keyOf(first)
      if (key !== firstKey) setCall.run(key, id)
    }
    renewProfiles(db, numberKey)
    writeState(db, stateName, String(numberRuleVersion))
  }).immediate()
}

/** A statement cannot be stepped through while another one writes. */
function* inPages<Row extends { id: number }>(read: (after: number) => unknown[]): Generator<Row> {
  let after = -1
  for (;;) {
    const rows = read(after) as Row[]
    yield* rows
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.id
  }
}

/** A profile has only its key. Of two that become one the newer stays. */
function renewProfiles(db: Database, numberKey: (raw: string) => string | null): void {
  type Profile = { number_key: string; at: string }
  const profiles = db.prepare('SELECT number_key, at FROM caller_profile').all() as Profile[]
  const known = new Map(profiles.map(profile => [profile.number_key, profile.at]))
  for (const { number_key: old, at } of profiles) {
    const key = numberKey(old) ?? old
    if (key === old) continue
    const present = known.get(key)
    if (present !== undefined && present >= at) {
      db.prepare('DELETE FROM caller_profile WHERE number_key = ?').run(old)
      continue
    }
    db.prepare('DELETE FROM caller_profile WHERE number_key = ?').run(key)
    db.prepare('UPDATE caller_profile SET number_key = ? WHERE number_key = ?').run(key, old)
    known.set(key, at)
  }
}
