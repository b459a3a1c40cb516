/**
 * The seat's database as the rest of the core sees it: opening, waiting for a passphrase, open, or failed.
 *
 *   opening ─▶ new-passphrase ─▶ open
 *      ├─────▶ locked ──────────▶ open
 *      ├─────▶ open ──(damage found while reading)─▶ failed
 *      └─────▶ failed ──retry──▶ opening
 */
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { KeyProtection, StorageStatus } from '../../../shared/contract/seat.ts'
import type { CoreContext } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Vault, VaultAnswer } from '../vault/vault.ts'
import {
  type Database,
  type Guard,
  guardFolder,
  logIsLong,
  maintain,
  openDatabase,
  setDurable,
  walBytesInPassing,
} from './database.ts'
import { classify, errorCode, explain, StorageFailure } from './failure.ts'
import { takeFolder, tightenBelow } from './own-files.ts'

const idleMs = 400

export type Store = {
  status(): StorageStatus
  onStatus(listener: () => void): void
  open(): Promise<void>
  create(passphrase: string): Promise<void>
  unlock(passphrase: string): void
  /** The open database. Refuses with STORAGE_LOCKED or STORAGE_FAILED otherwise. */
  db(): Database
  /** One transaction: all of it is on the disk when this returns, or none. Turns disk errors into refusals. */
  write<T>(work: (db: Database) => T): T
  /**
   * As `write`, but on the disk only with the next `write`: for what can be fetched again. Order is kept whatever happens.
   * `inUse`: somebody saves meanwhile, and should not wait for a long log to be moved.
   */
  writeSoon<T>(work: (db: Database) => T, inUse?: boolean): T
  copyFiles(): string
  close(): void
}

export function createStore(options: {
  folder: string
  vault: Vault
  context: CoreContext
  /** Called once with each database that is opened, before anybody else sees it. */
  prepare(db: Database): void
  /** Then with the file and its key, for threads that read beside. */
  opened?(file: string, key: Uint8Array): void
}): Store {
  const { folder, vault, context, prepare } = options
  const file = join(folder, 'seat.db')
  let status: StorageStatus = { state: 'opening' }
  let database: Database | null = null
  let guard: Guard | null = null
  let cancelUpkeep = () => {}
  const listeners: (() => void)[] = []

  const become = (next: StorageStatus) => {
    status = next
    for (const listener of listeners) listener()
  }

  const fail = (error: unknown) => {
    const failure = classify(error, file, true)
    context.log.error({ code: failure.code, sqlite: errorCode(failure.cause) }, 'the database cannot be used')
    cancelUpkeep()
    database?.close()
    database = null
    become({ state: 'failed', code: failure.code, ...explain(failure.code), file: failure.file })
  }

  const openWith = (key: Uint8Array, protection: KeyProtection) => {
    try {
      const db = openDatabase({ file, key, now: context.clock.now() })
      prepare(db)
      database = db
      options.opened?.(file, key)
      become({ state: 'open', protection })
      scheduleUpkeep()
    } catch (error) {
      fail(error)
    }
  }

  const follow = (answer: VaultAnswer) => {
    if (answer.state === 'key') openWith(answer.key, answer.protection)
    else become(answer)
  }

  const scheduleUpkeep = () => {
    cancelUpkeep()
    cancelUpkeep = context.clock.after(idleMs, () => {
      if (database === null) return
      try {
        if (maintain(database)) scheduleUpkeep()
      } catch (error) {
        context.log.warn(
          { sqlite: errorCode(error) },
          'upkeep of the database failed and will be tried again',
        )
      }
    })
  }

  /** What an error of a statement means. Damage ends the use of the file; a full disk does not. */
  const refused = (error: unknown): unknown => {
    const code = errorCode(error) ?? ''
    if (code === 'SQLITE_FULL' || code === 'ENOSPC') return new Refusal('DISK_FULL')
    if (code.startsWith('SQLITE_READONLY')) return new Refusal('STORAGE_READ_ONLY')
    if (code.startsWith('SQLITE_IOERR_WRITE') || code.startsWith('SQLITE_IOERR_FSYNC'))
      return new Refusal('DISK_FULL')
    if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
      fail(new StorageFailure('CORRUPT', file, error))
      return new Refusal('STORAGE_FAILED')
    }
    return error
  }

  const opened = (): Database => {
    if (database !== null) return database
    throw new Refusal(status.state === 'failed' ? 'STORAGE_FAILED' : 'STORAGE_LOCKED')
  }

  const writeWith = <T>(work: (db: Database) => T, walBytes?: number): T => {
    const db = opened()
    try {
      const result = db.transaction(work).immediate(db)
      if (logIsLong(file, walBytes)) db.pragma('wal_checkpoint(PASSIVE)')
      scheduleUpkeep()
      return result
    } catch (error) {
      throw refused(error)
    }
  }

  return {
    status: () => status,
    onStatus: listener => void listeners.push(listener),
    open: async () => {
      if (database !== null) return
      become({ state: 'opening' })
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        if (!takeFolder(folder))
          context.log.warn('the disk of the data folder has no modes: others may read it')
        void tightenBelow(folder)
        guard ??= guardFolder(folder)
        follow(await vault.open())
      } catch (error) {
        fail(error)
      }
    },
    create: async passphrase => {
      if (status.state === 'new-passphrase') follow(await vault.create(passphrase))
    },
    unlock: passphrase => {
      if (status.state === 'locked') follow(vault.unlock(passphrase))
    },
    db: opened,
    write: work => writeWith(work),
    writeSoon: (work, inUse = false) => {
      const db = opened()
      db.pragma('synchronous = NORMAL')
      try {
        return writeWith(work, inUse ? walBytesInPassing : undefined)
      } finally {
        if (database !== null) setDurable(database)
      }
    },
    copyFiles: () => {
      const stamp = new Date(context.clock.now()).toISOString().replace(/[:.]/g, '-')
      const target = join(folder, `copy-${stamp}`)
      mkdirSync(target, { recursive: true, mode: 0o700 })
      for (const name of existsSync(folder) ? readdirSync(folder) : []) {
        if (name.startsWith('seat.')) cpSync(join(folder, name), join(target, name))
      }
      return target
    },
    close: () => {
      cancelUpkeep()
      database?.close()
      database = null
      guard?.release()
      guard = null
    },
  }
}
