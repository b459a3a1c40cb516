/**
 * 导出未同步: everything unsent of a seat that must be replaced, in one encrypted file, and taking it in at another seat.
 *
 * The file is JSON: a header (format, version, parameters), AES-256-GCM ciphertext of gzipped JSON under a key derived by scrypt
 * from the passphrase, and the ciphertext's digest. The digest tells a damaged file from a wrong passphrase; only GCM's tag,
 * which covers the header too, makes the content trusted. Commands keep their ids: whatever else sends them, they take effect
 * once, and their proofs: a file that was made by hand proves nothing. What was parked is judged anew. Version 1 had no proofs.
 */
import { createCipheriv, createDecipheriv, createHash, type ScryptOptions, scrypt } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { z } from 'zod'
import { type CommandName, commandArgs, isCommandName } from '../../../shared/domain/command.ts'
import { commandProof } from '../../../shared/domain/command-proof.ts'
import { operatorRole } from '../../../shared/domain/operator.ts'
import type { Audit } from '../audit/audit.ts'
import type { Clock, Random } from '../context.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import { errorCode } from '../storage/failure.ts'
import { refuseWeakPassphrase } from '../vault/weak-passphrase.ts'
import { ensureOperator } from './apply-changes.ts'

const scryptCost = 2 ** 17
const maxFileBytes = 256 * 1024 * 1024
/** Taken in one transaction: a save that arrives meanwhile waits for so many at most. */
const takenAtOnce = 100

const base64 = z.base64()
const header = z.object({
  format: z.literal('zuoxi-unsent'),
  version: z.union([z.literal(1), z.literal(2)]),
  cost: z
    .number()
    .int()
    .min(2 ** 14)
    .max(scryptCost),
  salt: base64,
  iv: base64,
})
const fileSchema = header.extend({ sha256: z.string(), tag: base64, content: base64 })

const contentSchema = z.object({
  exportedAt: z.iso.datetime(),
  operators: z.array(
    z.object({
      operatorId: z.string().min(1).max(64),
      name: z.string(),
      branch: z.string(),
      role: operatorRole,
    }),
  ),
  commands: z.array(
    z.object({
      id: z.string().min(1).max(64),
      operatorId: z.string().min(1).max(64).nullable(),
      caseId: z.string().min(1).max(64).nullable(),
      schemaVersion: z.number().int(),
      name: z.string().min(1).max(40),
      args: z.unknown(),
      baseVersion: z.number().int().nullable(),
      issuedAt: z.iso.datetime(),
      proof: commandProof.optional(),
    }),
  ),
})
type Content = z.infer<typeof contentSchema>
type Exported = Content['commands'][number]

export type UnsentFile = {
  /** PASSPHRASE_WEAK. The whole file or none, readable by its owner only. */
  save(by: string | null, passphrase: string): Promise<{ file: string }>
  /** FILE_UNREADABLE, PASSPHRASE_WRONG. After an interruption it can be taken again: nothing is taken twice. */
  take(
    by: string | null,
    input: { file: string; passphrase: string },
  ): Promise<{ taken: number; known: number }>
}

export function createUnsentFile(parts: {
  folder: string
  clock: Clock
  random: Random
  audit: Audit
  read(): Database
  write<T>(work: (db: Database) => T): T
  clientId(db: Database): string
  /** Shows here what the command did, as far as its case is here. */
  taken(
    db: Database,
    command: {
      name: CommandName
      caseId: string | null
      operatorId: string | null
      args: unknown
      issuedAt: string
    },
  ): void
}): UnsentFile {
  const { clock, random, audit } = parts
  const audited = (db: Database, by: string | null, action: string) =>
    audit.append(db, {
      operatorId: by,
      action,
      subjectKind: 'seat',
      subjectId: parts.clientId(db),
      result: 'done',
    })

  const takeOne = (db: Database, command: Exported): boolean => {
    const { args, name, operatorId, caseId, issuedAt } = command
    const { changes } = db
      .prepare(
        `INSERT OR IGNORE INTO outbox
           (id, client_id, operator_id, case_id, schema_version, name, args, base_version, issued_at, proof)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        command.id,
        parts.clientId(db),
        operatorId,
        caseId,
        command.schemaVersion,
        name,
        JSON.stringify(args),
        command.baseVersion,
        issuedAt,
        command.proof === undefined ? null : JSON.stringify(command.proof),
      )
    if (changes === 0) return false
    // One of another program's version goes to the centre as it is, which judges it; nothing of it can be shown here.
    if (isCommandName(name) && commandArgs[name].safeParse(args).success)
      parts.taken(db, { name, caseId, operatorId, args, issuedAt })
    return true
  }

  return {
    save: async (by, passphrase) => {
      await refuseWeakPassphrase(passphrase)
      const content: Content = { exportedAt: isoNow(clock), ...unsentOf(parts.read()) }
      const sealed = await seal(content, passphrase, random)
      const folder = join(parts.folder, 'exports')
      const file = join(folder, `unsent-${isoNow(clock).replace(/[:.]/g, '-')}.json`)
      writeWhole(folder, file, sealed)
      parts.write(db => audited(db, by, 'sync.exportUnsent'))
      return { file }
    },

    take: async (by, { file, passphrase }) => {
      const { operators, commands } = await unseal(readFile(file), passphrase)
      let taken = 0
      for (let start = 0; start < commands.length; start += takenAtOnce) {
        parts.write(db => {
          for (const { operatorId, name, branch, role } of operators) {
            ensureOperator(db, operatorId, name, branch)
            db.prepare("UPDATE operator SET role = ? WHERE operator_id = ? AND work_number LIKE '~%'").run(
              role,
              operatorId,
            )
          }
          for (const command of commands.slice(start, start + takenAtOnce)) {
            if (command.operatorId !== null) ensureOperator(db, command.operatorId, command.operatorId, '')
            if (takeOne(db, command)) taken += 1
          }
        })
        await new Promise(resolve => setImmediate(resolve))
      }
      parts.write(db => audited(db, by, 'sync.importUnsent'))
      return { taken, known: commands.length - taken }
    },
  }
}

function unsentOf(db: Database): Pick<Content, 'operators' | 'commands'> {
  const rows = db
    .prepare(
      `SELECT id, operator_id AS operatorId, case_id AS caseId, schema_version AS schemaVersion, name, args,
              base_version AS baseVersion, issued_at AS issuedAt, proof FROM outbox ORDER BY seq`,
    )
    .all() as (Omit<Exported, 'args' | 'proof'> & { args: string; proof: string | null })[]
  const operators = db
    .prepare(
      `SELECT operator_id AS operatorId, name, branch, role FROM operator
       WHERE operator_id IN (SELECT operator_id FROM outbox)`,
    )
    .all() as Content['operators']
  const commands = rows.map(({ args, proof, ...row }) => ({
    ...row,
    args: JSON.parse(args) as unknown,
    ...(proof === null ? {} : { proof: commandProof.parse(JSON.parse(proof)) }),
  }))
  return { operators, commands }
}

const derive = (passphrase: string, salt: Uint8Array, cost: number): Promise<Buffer> => {
  const options: ScryptOptions = { N: cost, r: 8, p: 1, maxmem: 256 * 1024 * 1024 }
  return new Promise((resolve, reject) =>
    // On a thread of its own: a save does not wait for it.
    scrypt(passphrase.normalize('NFKC'), salt, 32, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    ),
  )
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
const bytes = (stored: string): Buffer => Buffer.from(stored, 'base64')

async function seal(content: Content, passphrase: string, random: Random): Promise<string> {
  const salt = random.bytes(16)
  const iv = random.bytes(12)
  const head: z.infer<typeof header> = {
    format: 'zuoxi-unsent',
    version: 2,
    cost: scryptCost,
    salt: text(salt),
    iv: text(iv),
  }
  const cipher = createCipheriv('aes-256-gcm', await derive(passphrase, salt, scryptCost), iv)
  cipher.setAAD(Buffer.from(JSON.stringify(head)))
  const sealed = Buffer.concat([cipher.update(gzipSync(JSON.stringify(content))), cipher.final()])
  return JSON.stringify({
    ...head,
    sha256: digest(sealed),
    tag: text(cipher.getAuthTag()),
    content: text(sealed),
  })
}

async function unseal(stored: string, passphrase: string): Promise<Content> {
  const parsed = fileSchema.safeParse(json(stored))
  if (!parsed.success) throw new Refusal('FILE_UNREADABLE')
  const { sha256, tag, content, ...head } = parsed.data
  const sealed = bytes(content)
  if (digest(sealed) !== sha256) throw new Refusal('FILE_UNREADABLE')
  const key = await derive(passphrase, bytes(head.salt), head.cost)
  let plain: Buffer
  try {
    const cipher = createDecipheriv('aes-256-gcm', key, bytes(head.iv), { authTagLength: 16 })
    cipher.setAAD(Buffer.from(JSON.stringify(head)))
    cipher.setAuthTag(bytes(tag))
    plain = Buffer.concat([cipher.update(sealed), cipher.final()])
  } catch {
    throw new Refusal('PASSPHRASE_WRONG')
  }
  try {
    return contentSchema.parse(
      JSON.parse(gunzipSync(plain, { maxOutputLength: maxFileBytes * 4 }).toString('utf8')),
    )
  } catch {
    throw new Refusal('FILE_UNREADABLE')
  }
}

function json(stored: string): unknown {
  try {
    return JSON.parse(stored)
  } catch {
    return undefined
  }
}

function readFile(file: string): string {
  try {
    const stat = statSync(file)
    if (!stat.isFile() || stat.size > maxFileBytes) throw new Refusal('FILE_UNREADABLE')
    return readFileSync(file, 'utf8')
  } catch {
    throw new Refusal('FILE_UNREADABLE')
  }
}

/** Beside its place first, and on the disk before it is there: a file that can be found is whole. */
function writeWhole(folder: string, file: string, content: string): void {
  const part = `${file}.part`
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const handle = openSync(part, 'w', 0o600)
    try {
      const all = Buffer.from(content)
      for (let written = 0; written < all.length; ) written += writeSync(handle, all, written)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(part, file)
  } catch (error) {
    rmSync(part, { force: true })
    const code = errorCode(error) ?? ''
    if (['ENOSPC', 'EDQUOT', 'EIO'].includes(code)) throw new Refusal('DISK_FULL')
    if (['EACCES', 'EPERM', 'EROFS'].includes(code)) throw new Refusal('STORAGE_READ_ONLY')
    throw error
  }
}
