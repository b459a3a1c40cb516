/** The only importer of the SQLite binding: opens, migrates and looks after the seat's encrypted database. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3-multiple-ciphers'
import { classify, StorageFailure } from './failure.ts'
import { type Migration, migrations as ownMigrations } from './migrations/index.ts'

export type Database = Sqlite.Database

const backupsKept = 3
const walBytesAllowed = 8 * 1024 * 1024
/** While the centre is read and somebody saves: to move more at once would keep a save waiting longer than a slice does. */
export const walBytesInPassing = 2 * 1024 * 1024

/** A commit is on the disk when it returns. */
export const setDurable = (db: Database): void => void db.pragma('synchronous = FULL')

/** What each connection must be told anew: a WAL database that is reopened has `synchronous=NORMAL` again. */
function setPragmas(db: Database): void {
  db.pragma('journal_mode = WAL')
  setDurable(db)
  db.pragma('temp_store = MEMORY')
  db.pragma('foreign_keys = ON')
  db.pragma('secure_delete = FAST')
  db.pragma('busy_timeout = 2000')
  // A checkpoint inside a save is what makes the slowest saves slow: it runs when the seat is idle (see `maintain`).
  db.pragma('wal_autocheckpoint = 0')
  // A log that was moved is cut when it begins anew: its length tells how much waits (see `logIsLong`).
  db.pragma(`journal_size_limit = ${walBytesAllowed / 2}`)
  // A catch-up touches every index: with the default of 2 MB their pages are read and deciphered again and again.
  db.pragma('cache_size = -16000')
}

/** `key` is 32 raw bytes. Never a passphrase: deriving one would cost 130 ms at every open. */
export function connect(file: string, key: Uint8Array, options: { readonly?: boolean } = {}): Database {
  const db = new Sqlite(file, { readonly: options.readonly ?? false, timeout: 2_000 })
  try {
    db.pragma("cipher = 'aegis'")
    db.pragma(`key = "raw:${Buffer.from(key).toString('hex')}"`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** A second connection to an open database, for a thread that only reads; what is written meanwhile it sees at its next read. */
export function openReadOnly(file: string, key: Uint8Array): Database {
  const db = connect(file, key, { readonly: true })
  keepStatements(db)
  db.pragma('temp_store = MEMORY')
  db.pragma('cache_size = -16000')
  return db
}

/**
 * Compiled statements are kept by their text: compiling a dozen of them anew took longer than the whole of a save. The core
 * is one thread and each text is always read the same way, so sharing them is safe.
 */
function keepStatements(db: Database): void {
  const compiled = new Map<string, Sqlite.Statement>()
  const compile = db.prepare.bind(db) as (sql: string) => Sqlite.Statement
  db.prepare = ((sql: string) => {
    const known = compiled.get(sql)
    if (known !== undefined) return known
    const made = compile(sql)
    compiled.set(sql, made)
    return made
  }) as Database['prepare']
}

export type OpenOptions = {
  file: string
  key: Uint8Array
  migrations?: readonly Migration[]
  /** For backups' names, milliseconds since the epoch. */
  now: number
}

/**
 * Opens the database, brings it up to date and returns it ready for use. Throws StorageFailure; a file that cannot be
 * used is left exactly as it was.
 */
export function openDatabase({ file, key, migrations = ownMigrations, now }: OpenOptions): Database {
  const known = readKeyMark(file)
  const keyIsRight = known === keyMark(key)
  const isNew = !existsSync(file) || statSync(file).size === 0
  let db: Database | null = null
  try {
    if (!isNew) inspect(file, key, migrations)
    db = connect(file, key)
    keepStatements(db)
    setPragmas(db)
    if (isNew) writeFileSync(markFile(file), keyMark(key), { mode: 0o600 })
    migrate(db, file, migrations, now)
    return db
  } catch (error) {
    db?.close()
    throw classify(error, file, keyIsRight)
  }
}

/**
 * Reads without changing the file: is this our database, whole, and not newer than the program? A damaged page in the
 * middle shows itself when it is read, since every page carries its authentication tag; what is checked here is cheap.
 */
function inspect(file: string, key: Uint8Array, migrations: readonly Migration[]): void {
  const db = connect(file, key, { readonly: true })
  try {
    if (userVersion(db) > (migrations.at(-1)?.id ?? 0)) throw new StorageFailure('NEWER', file)
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
    const pageSize = Number(db.pragma('page_size', { simple: true }))
    const log = existsSync(`${file}-wal`) ? statSync(`${file}-wal`).size : 0
    const pages = Number(db.pragma('page_count', { simple: true }))
    if (log === 0 && statSync(file).size < pages * pageSize) throw new StorageFailure('CORRUPT', file)
  } finally {
    db.close()
  }
}

export const userVersion = (db: Database): number => Number(db.pragma('user_version', { simple: true }))

function migrate(db: Database, file: string, migrations: readonly Migration[], now: number): void {
  const from = userVersion(db)
  const waiting = migrations.filter(migration => migration.id > from)
  if (waiting.length === 0) return
  if (from > 0) backUp(db, file, from, now)
  for (const { id, sql } of waiting) {
    db.transaction(() => {
      db.exec(sql)
      db.pragma(`user_version = ${id}`)
    }).immediate()
  }
}

/** `VACUUM INTO` keeps the encryption; the online backup API fails on a keyed database. */
function backUp(db: Database, file: string, version: number, now: number): void {
  const folder = join(dirname(file), 'backups')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const stamp = new Date(now).toISOString().replace(/[:.]/g, '-')
  db.prepare('VACUUM INTO ?').run(join(folder, `${basename(file)}.v${version}.${stamp}`))
  const old = readdirSync(folder).sort().toReversed().slice(backupsKept)
  for (const name of old) rmSync(join(folder, name))
}

const markFile = (file: string): string => `${file}.keymark`
const keyMark = (key: Uint8Array): string =>
  createHash('sha256').update('zuoxi key mark').update(key).digest('hex').slice(0, 32)

/** Tells a wrong key from a damaged file: which key the database was made with, as a hash that gives nothing away. */
function readKeyMark(file: string): string | null {
  try {
    return readFileSync(markFile(file), 'utf8').trim()
  } catch {
    return null
  }
}

/**
 * One idle slice of upkeep: moves the log into the file and merges a little of the search index. Returns whether
 * another slice is worth running soon. Steps are small, since a save that arrives meanwhile waits for one.
 */
export function maintain(db: Database): boolean {
  const before = totalChanges(db)
  db.prepare("INSERT INTO case_search (case_search, rank) VALUES ('merge', 16)").run()
  const merged = totalChanges(db) - before >= 2
  db.pragma('wal_checkpoint(PASSIVE)')
  return merged
}

const totalChanges = (db: Database): number => Number(db.prepare('SELECT total_changes() AS n').pluck().get())

/** Whether the log has grown so long that it must be moved even though the seat is busy. */
export function logIsLong(file: string, bytesAllowed = walBytesAllowed): boolean {
  try {
    return statSync(`${file}-wal`).size > bytesAllowed
  } catch {
    return false
  }
}

export type Guard = { release(): void }

/** Only one core on one data folder. The lock is the operating system's, so it goes with a process that is killed. */
export function guardFolder(folder: string): Guard {
  const file = join(folder, 'core.lock')
  let db: Database | null = null
  try {
    db = new Sqlite(file, { timeout: 500 })
    db.pragma('locking_mode = EXCLUSIVE')
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db?.close()
    throw classify(error, file, true)
  }
  const held = db
  return { release: () => held.close() }
}
