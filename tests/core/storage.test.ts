import { createHash, randomBytes } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  connect,
  guardFolder,
  maintain,
  openDatabase,
  userVersion,
} from '../../electron/core/storage/database.ts'
import { StorageFailure } from '../../electron/core/storage/failure.ts'
import { migrations } from '../../electron/core/storage/migrations/index.ts'

let folder: string
let file: string
const key = new Uint8Array(randomBytes(32))
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-storage-'))
  file = join(folder, 'seat.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = (more: Partial<Parameters<typeof openDatabase>[0]> = {}) =>
  openDatabase({ file, key, now: 0, ...more })
const hash = () => createHash('sha256').update(readFileSync(file)).digest('hex')
const failureOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof StorageFailure) return error.code
    throw error
  }
  return 'none'
}

describe('the database', () => {
  it('sets every pragma on every open, also on the second', () => {
    open().close()
    const db = open()
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(db.pragma('synchronous', { simple: true })).toBe(2)
    expect(db.pragma('temp_store', { simple: true })).toBe(2)
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1)
    expect(db.pragma('wal_autocheckpoint', { simple: true })).toBe(0)
    db.close()
  })

  it('refuses to change or remove history, call events and audit', () => {
    const db = open()
    db.prepare(
      "INSERT INTO audit (at, action, subject_kind, subject_id, result) VALUES ('t', 'a', 'seat', 's', 'done')",
    ).run()
    expect(() => db.prepare("UPDATE audit SET action = 'b'").run()).toThrow(/append-only/)
    expect(() => db.prepare('DELETE FROM audit').run()).toThrow(/append-only/)
    const triggers = db.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'").pluck().get()
    expect(triggers).toBe(12)
    db.close()
  })

  it('numbers migrations upwards, each once', () => {
    const ids = migrations.map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b))
  })

  it('backs up before a migration, applies it whole or not at all, and keeps three backups', () => {
    open().close()
    const broken = [...migrations, { id: 990, sql: 'CREATE TABLE one (a TEXT) STRICT; SELECT nonsense;' }]
    expect(failureOf(() => open({ migrations: broken }))).toBe('UNKNOWN')
    const db = open()
    expect(userVersion(db)).toBe(migrations.at(-1)?.id)
    expect(db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'one'").get()).toBeUndefined()
    db.close()
    for (let round = 1; round <= 5; round += 1) {
      expect(failureOf(() => open({ migrations: broken, now: round * 1000 }))).toBe('UNKNOWN')
    }
    const backups = readdirSync(join(folder, 'backups'))
    expect(backups).toHaveLength(3)
    const backup = connect(join(folder, 'backups', backups[0] ?? ''), key, { readonly: true })
    expect(userVersion(backup)).toBe(migrations.at(-1)?.id)
    backup.close()
    open({
      migrations: [...migrations, { id: 990, sql: 'CREATE TABLE one (a TEXT) STRICT' }],
      now: 9_000,
    }).close()
  })

  it('moves the log and merges the index when idle, and loses nothing by it', () => {
    const db = open()
    const insert = db.prepare('INSERT INTO case_search (rowid, tokens) VALUES (?, ?)')
    for (let row = 1; row <= 500; row += 1) insert.run(row, `社保 保卡 t${row}`)
    for (let slice = 0; slice < 50 && maintain(db); slice += 1);
    expect(
      db.prepare('SELECT count(*) FROM case_search WHERE case_search MATCH \'"社保"\'').pluck().get(),
    ).toBe(500)
    db.close()
  })
})

describe('a file that cannot be used is told apart and left as it was', () => {
  beforeEach(() => {
    const db = open()
    for (let row = 0; row < 400; row += 1) {
      db.prepare('INSERT INTO local_state (name, value) VALUES (?, ?)').run(
        `n${row}`,
        randomBytes(60).toString('hex'),
      )
    }
    db.close()
  })

  it('a wrong key', () => {
    const before = hash()
    expect(failureOf(() => open({ key: new Uint8Array(randomBytes(32)) }))).toBe('WRONG_KEY')
    expect(hash()).toBe(before)
  })

  it('a truncated file', () => {
    truncateSync(file, 4096 * 3)
    const before = hash()
    expect(failureOf(() => open())).toBe('CORRUPT')
    expect(hash()).toBe(before)
  })

  it('a damaged file', () => {
    const bytes = readFileSync(file)
    bytes.fill(0x5a, 0, 4096)
    writeFileSync(file, bytes)
    const before = hash()
    expect(failureOf(() => open())).toBe('CORRUPT')
    expect(hash()).toBe(before)
  })

  it('a database of a newer program', () => {
    const db = connect(file, key)
    db.pragma('user_version = 9990')
    db.close()
    const before = hash()
    expect(failureOf(() => open())).toBe('NEWER')
    expect(hash()).toBe(before)
  })

  it('text that is no database at all', () => {
    copyFileSync(join(import.meta.dirname, 'storage.test.ts'), file)
    expect(failureOf(() => open())).toBe('CORRUPT')
  })
})

describe('one core on one folder', () => {
  it('a second is refused, and let in once the first is gone', () => {
    const guard = guardFolder(folder)
    expect(failureOf(() => guardFolder(folder))).toBe('IN_USE')
    guard.release()
    guardFolder(folder).release()
    expect(existsSync(join(folder, 'core.lock'))).toBe(true)
  })
})
