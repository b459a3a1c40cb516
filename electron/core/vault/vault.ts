/**
 * The key of the local database: 32 random bytes, wrapped by the system's keyring or by a passphrase, or (only for a
 * demonstration) in a file that protects nothing. Never a silent fallback from one to another. ADR 0003.
 * All cryptography of the seat's own is here, behind `KeyWrap`, so that another suite can take its place.
 */
import { createCipheriv, createDecipheriv, scryptSync } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { KeyProtection } from '../../../shared/contract/seat.ts'
import { Refusal } from '../refusal.ts'
import { StorageFailure } from '../storage/failure.ts'
import { refuseWeakPassphrase } from './weak-passphrase.ts'

const base64 = z.base64()
const keyFile = z.discriminatedUnion('protection', [
  z.object({ protection: z.literal('keyring'), wrapped: base64 }),
  z.object({
    protection: z.literal('passphrase'),
    cost: z
      .number()
      .int()
      .min(2 ** 14)
      .max(2 ** 20),
    salt: base64,
    iv: base64,
    tag: base64,
    wrapped: base64,
  }),
  z.object({ protection: z.literal('demo-file'), key: base64 }),
])
type KeyFile = z.infer<typeof keyFile>

const scryptCost = 2 ** 17

export type Keyring = {
  /** Null: the keyring could not do it. */
  wrap(key: Uint8Array): Promise<Uint8Array | null>
  unwrap(wrapped: Uint8Array): Promise<Uint8Array | null>
}

export type VaultAnswer =
  | { state: 'key'; key: Uint8Array; protection: KeyProtection }
  | { state: 'new-passphrase' }
  | { state: 'locked' }

export type Vault = {
  /** The key without asking anybody, or what must be asked. Throws StorageFailure KEY_UNAVAILABLE. */
  open(): Promise<VaultAnswer>
  /** PASSPHRASE_WEAK. */
  create(passphrase: string): Promise<VaultAnswer>
  unlock(passphrase: string): VaultAnswer
}

export function createVault(options: {
  folder: string
  database: string
  mode: 'keyring' | 'passphrase' | 'demo'
  keyring: Keyring
  randomBytes(count: number): Uint8Array
}): Vault {
  const { folder, database, mode, keyring, randomBytes } = options
  const file = join(folder, 'seat.key.json')

  /** A database whose key is lost must never be covered by a new key. */
  const refuseIfDatabase = () => {
    if (existsSync(database)) throw new StorageFailure('KEY_UNAVAILABLE', file)
  }

  const read = (): KeyFile | null => {
    if (!existsSync(file)) return null
    try {
      return keyFile.parse(JSON.parse(readFileSync(file, 'utf8')))
    } catch (error) {
      throw new StorageFailure('KEY_UNAVAILABLE', file, error)
    }
  }

  const fromPassphrase = (
    passphrase: string,
    stored: Extract<KeyFile, { protection: 'passphrase' }>,
  ): Uint8Array => {
    const wrapKey = derive(passphrase, Buffer.from(stored.salt, 'base64'), stored.cost)
    const open = createDecipheriv('aes-256-gcm', wrapKey, Buffer.from(stored.iv, 'base64'))
    open.setAuthTag(Buffer.from(stored.tag, 'base64'))
    try {
      return new Uint8Array(Buffer.concat([open.update(Buffer.from(stored.wrapped, 'base64')), open.final()]))
    } catch {
      throw new Refusal('PASSPHRASE_WRONG')
    }
  }

  const first = async (): Promise<VaultAnswer> => {
    refuseIfDatabase()
    if (mode === 'passphrase') return { state: 'new-passphrase' }
    const key = randomBytes(32)
    if (mode === 'demo') {
      writeKeyFile(file, { protection: 'demo-file', key: Buffer.from(key).toString('base64') })
      return { state: 'key', key, protection: 'demo-file' }
    }
    const wrapped = await keyring.wrap(key)
    if (wrapped === null) return { state: 'new-passphrase' }
    writeKeyFile(file, { protection: 'keyring', wrapped: Buffer.from(wrapped).toString('base64') })
    return { state: 'key', key, protection: 'keyring' }
  }

  const demoOnlyInDemo = (stored: KeyFile) => {
    if ((stored.protection === 'demo-file') !== (mode === 'demo'))
      throw new StorageFailure('KEY_UNAVAILABLE', file)
  }

  return {
    open: async () => {
      const stored = read()
      if (stored === null) return first()
      demoOnlyInDemo(stored)
      switch (stored.protection) {
        case 'demo-file':
          return {
            state: 'key',
            key: new Uint8Array(Buffer.from(stored.key, 'base64')),
            protection: 'demo-file',
          }
        case 'passphrase':
          return { state: 'locked' }
        case 'keyring': {
          const key = await keyring.unwrap(Buffer.from(stored.wrapped, 'base64'))
          if (key === null || key.byteLength !== 32) throw new StorageFailure('KEY_UNAVAILABLE', file)
          return { state: 'key', key, protection: 'keyring' }
        }
      }
    },
    create: async passphrase => {
      await refuseWeakPassphrase(passphrase)
      if (read() !== null) throw new Refusal('STORAGE_LOCKED')
      refuseIfDatabase()
      const key = randomBytes(32)
      const salt = randomBytes(16)
      const iv = randomBytes(12)
      const seal = createCipheriv('aes-256-gcm', derive(passphrase, salt, scryptCost), iv)
      const wrapped = Buffer.concat([seal.update(key), seal.final()])
      const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
      writeKeyFile(file, {
        protection: 'passphrase',
        cost: scryptCost,
        salt: text(salt),
        iv: text(iv),
        tag: text(seal.getAuthTag()),
        wrapped: text(wrapped),
      })
      return { state: 'key', key, protection: 'passphrase' }
    },
    unlock: passphrase => {
      const stored = read()
      if (stored?.protection !== 'passphrase') throw new Refusal('STORAGE_LOCKED')
      return { state: 'key', key: fromPassphrase(passphrase, stored), protection: 'passphrase' }
    },
  }
}

function derive(passphrase: string, salt: Uint8Array, cost: number): Buffer {
  return scryptSync(passphrase.normalize('NFKC'), salt, 32, {
    N: cost,
    r: 8,
    p: 1,
    maxmem: 256 * 1024 * 1024,
  })
}

/** Whole or not at all, and on the disk before the first row is: a database without its key is lost. */
function writeKeyFile(file: string, content: KeyFile): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const part = `${file}.part`
  const handle = openSync(part, 'w', 0o600)
  try {
    writeSync(handle, `${JSON.stringify(content)}\n`)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(part, file)
}
