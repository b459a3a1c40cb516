/** A database in which an earlier rule made the keys: callers keep their history under the keys of today. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../electron/core/storage/database.ts'
import { renewNumberKeys } from '../../electron/core/storage/number-keys.ts'
import { emptyCaseFields } from '../../shared/domain/case.ts'
import { normalizeNumber } from '../../shared/domain/phone-number.ts'

const at = '2026-11-24T01:00:00.000Z'
const keyOf = (raw: string) => normalizeNumber(raw, { areaCode: '0999' }).key
let folder: string
let db: Database
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-number-keys-'))
  db = openDatabase({ file: join(folder, 'seat.db'), key: new Uint8Array(randomBytes(32)), now: 0 })
  db.prepare(
    "INSERT INTO operator (operator_id, work_number, name, branch, created_at) VALUES ('o', '1', '周', '云澜中心', ?)",
  ).run(at)
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

const addCase = (id: number, contactNumber: string, contactKey: string | null) =>
  db
    .prepare(
      `INSERT INTO cases (case_key, case_id, case_number, calling_key, contact_key, status, disposition, operator_id,
         catalogue_version, version, fields, created_at)
       VALUES (?, ?, ?, NULL, ?, 'accepted', 'handled', 'o', '1', 1, ?, ?)`,
    )
    .run(id, `c${id}`, `n${id}`, contactKey, JSON.stringify({ ...emptyCaseFields, contactNumber }), at)
const addCall = (id: string, direction: 'inbound' | 'outbound', number: string | null, key: string | null) =>
  db
    .prepare(
      `INSERT INTO call_record (call_id, number_key, state, direction, progress, offered_at) VALUES (?, ?, 'ended', ?, ?, ?)`,
    )
    .run(
      id,
      key,
      direction,
      JSON.stringify({
        facts: {
          callerNumber: direction === 'inbound' ? number : '8001',
          calledNumber: direction === 'inbound' ? '12345' : number,
        },
      }),
      at,
    )
const addProfile = (key: string, dialect: string, when: string) =>
  db
    .prepare('INSERT INTO caller_profile (number_key, dialect, caller_kind, at) VALUES (?, ?, NULL, ?)')
    .run(key, dialect, when)
const keys = (sql: string) => db.prepare(sql).pluck().all()

it('makes the keys of cases, calls and profiles again, once', () => {
  addCase(1, '19900000001 王女士', null)
  addCase(2, '0999-5550123/4', '099955501234')
  addCase(3, '19900000003', '19900000003')
  db.transaction(() => {
    for (let id = 10; id < 2_100; id += 1) addCase(id, '+44 (0)20 7946 0958', '+4402079460958')
  })()
  addCall('in', 'inbound', '95013987654321', null)
  addCall('out', 'outbound', '+86 512 12345', '099951212345')
  addCall('withheld', 'inbound', null, null)
  addProfile('+4402079460958', '旧', '2026-01-01T00:00:00.000Z')
  addProfile('+442079460958', '新', '2026-02-01T00:00:00.000Z')
  addProfile('0999', '', at)

  renewNumberKeys(db, keyOf)
  expect(keys('SELECT contact_key FROM cases WHERE case_key < 10 ORDER BY case_key')).toEqual([
    '19900000001',
    '09995550123',
    '19900000003',
  ])
  expect(keys('SELECT DISTINCT contact_key FROM cases WHERE case_key >= 10')).toEqual(['+442079460958'])
  expect(keys('SELECT number_key FROM call_record ORDER BY call_id')).toEqual([
    '95013987654321',
    '051212345',
    null,
  ])
  expect(keys('SELECT dialect FROM caller_profile ORDER BY number_key')).toEqual(['新', ''])

  addCase(5_000, '19900000005', 'left alone')
  renewNumberKeys(db, () => 'never asked')
  expect(keys('SELECT contact_key FROM cases WHERE case_key = 5000')).toEqual(['left alone'])
})
