import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../electron/core/storage/database.ts'
import {
  forgetCredential,
  keepCredential,
  readCredential,
  renewalNeeded,
  rotateToken,
  type TokenFile,
  tokenFileIn,
} from '../../electron/core/sync/seat-identity.ts'
import { systemRandom } from '../../electron/core/system.ts'

const key = new Uint8Array(randomBytes(32))
const random = systemRandom()
let folder: string
let discarded = 0
const opened: Database[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-identity-'))
  discarded = 0
})
afterEach(() => {
  for (const db of opened.splice(0)) if (db.open) db.close()
  rmSync(folder, { recursive: true, force: true })
})
const open = (name: string) => {
  mkdirSync(join(folder, name), { recursive: true })
  const db = openDatabase({ file: join(folder, name, 'seat.db'), key, now: 0 })
  opened.push(db)
  return db
}
const start = (db: Database, name: string, file: TokenFile = tokenFileIn(join(folder, name))) =>
  rotateToken(
    work => db.transaction(work).immediate(db),
    file,
    random,
    () => {
      discarded += 1
    },
  )
const enrolled = (name: string) => {
  const db = open(name)
  keepCredential(db, { clientId: 'c1', deviceSecret: 'geheim-geheim-geheim', branch: '云澜中心' })
  return db
}
const copy = (from: string, to: string, names: string[]) => {
  mkdirSync(join(folder, to), { recursive: true })
  for (const name of names) copyFileSync(join(folder, from, name), join(folder, to, name))
}

it('a seat that starts again and again stays itself, even when a start is cut off between database and file', () => {
  const db = enrolled('a')
  expect(start(db, 'a')).toBe(false)
  expect(start(db, 'a')).toBe(false)
  const real = tokenFileIn(join(folder, 'a'))
  const cutOff = {
    read: real.read,
    write: () => {
      throw new Error('power cut')
    },
  }
  expect(() => start(db, 'a', cutOff)).toThrow('power cut')
  expect(() => start(db, 'a', cutOff)).toThrow('power cut')
  expect(start(db, 'a')).toBe(false)
  expect(renewalNeeded(db)).toBe(null)
  expect(discarded).toBe(0)
})

it('a database that is copied without the file beside it asks for another identity and gives up its numbers', () => {
  const db = enrolled('a')
  start(db, 'a')
  db.pragma('wal_checkpoint(TRUNCATE)')
  copy('a', 'b', ['seat.db', 'seat.db.keymark'])
  const twin = open('b')
  expect([start(db, 'a'), start(twin, 'b')]).toEqual([false, true])
  expect([renewalNeeded(db), renewalNeeded(twin)]).toEqual([null, 'copied'])
  expect(discarded).toBe(1)
})

it('a whole folder that is copied looks like itself here: the centre finds it, since both use one number', () => {
  const db = enrolled('a')
  start(db, 'a')
  db.pragma('wal_checkpoint(TRUNCATE)')
  copy('a', 'b', ['seat.db', 'seat.db.keymark', 'seat.token'])
  expect([start(db, 'a'), start(open('b'), 'b')]).toEqual([false, false])
})

it('an older database that is put back beside the newer file asks for another identity', () => {
  const db = enrolled('a')
  start(db, 'a')
  db.pragma('wal_checkpoint(TRUNCATE)')
  copy('a', 'backup', ['seat.db', 'seat.db.keymark'])
  start(db, 'a')
  start(db, 'a')
  db.close()
  for (const rest of ['seat.db-wal', 'seat.db-shm']) rmSync(join(folder, 'a', rest), { force: true })
  copy('backup', 'a', ['seat.db', 'seat.db.keymark'])
  const restored = open('a')
  expect(start(restored, 'a')).toBe(true)
  expect(renewalNeeded(restored)).toBe('copied')
  keepCredential(restored, { clientId: 'c2', deviceSecret: 'geheim-geheim-geheim', branch: '云澜中心' })
  expect(renewalNeeded(restored)).toBe(null)
  expect(readCredential(restored)?.clientId).toBe('c2')
  expect(start(restored, 'a')).toBe(false)
  forgetCredential(restored)
  expect(readCredential(restored)).toBe(null)
})
