/**
 * Attachments (附件) at the seat. One is taken in pieces into a sealed file and is there only when it is whole: then one
 * transaction names it in its case and tells the centre, and the content follows by itself (upload.ts).
 *
 *   begin ─▶ append … ─▶ finish ─▶ waiting ─▶ uploaded
 *     └──────── cancel ──▶ nothing      └─▶ failed ─retry─▶ waiting
 */
import { createHash, type Hash } from 'node:crypto'
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { maxFileBytes } from '../../../shared/contract/central.ts'
import {
  attachmentName,
  type CaseFile,
  firstBytes,
  isPicture,
  mediaTypeOf,
  nameByContent,
} from '../../../shared/domain/attachment.ts'
import type { Attachment } from '../../../shared/domain/command.ts'
import type { Operator } from '../../../shared/domain/operator.ts'
import type { CaseReader } from '../../../shared/domain/permission.ts'
import type { Audit } from '../audit/audit.ts'
import { type CoreContext, isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import { errorCode } from '../storage/failure.ts'
import { checked } from './from-centre.ts'
import { type LocalFile, localFiles } from './local-files.ts'
import {
  createSealedFile,
  openSealedFile,
  SealedFileDamaged,
  type SealedReader,
  type SealedWriter,
  type WriteAt,
} from './sealed-file.ts'

/** One begun and left alone for so long is given up. */
const abandonedMs = 3_600_000
const mostAtOnce = 20
/** What the centre has stays readable here without it for so long. */
const keptMs = 7 * 24 * 3_600_000
const readBytes = 256 * 1024

type Begun = {
  caseId: string
  operatorId: string
  name: string
  said: string
  bytes: number
  key: Uint8Array
  received: number
  hash: Hash
  first: Buffer
  touchedAt: number
  writer: SealedWriter
  /** One piece after the other. */
  turn: Promise<unknown>
}

/** What a case knows of its files; each refuses what whoever asks may not do. */
export type CaseFiles = {
  attach(db: Database, operator: Operator, input: { caseId: string; attachment: Attachment }): void
  mayAttach(db: Database, operator: Operator, caseId: string): void
  attachments(db: Database, reader: CaseReader | null, caseId: string): Attachment[]
}

export type Attachments = {
  begin(
    operator: Operator,
    input: { caseId: string; attachmentId: string; name: string; mediaType: string; bytes: number },
  ): Promise<{ received: number }>
  append(
    operator: Operator,
    input: { attachmentId: string; offset: number; content: Uint8Array },
  ): Promise<{ received: number }>
  finish(operator: Operator, attachmentId: string): Promise<CaseFile>
  /** Of one's own. */
  cancel(operator: Operator, attachmentId: string): Promise<void>
  list(reader: CaseReader | null, caseId: string): CaseFile[]
  read(
    operator: Operator,
    input: { caseId: string; attachmentId: string },
  ): AsyncGenerator<{ offset: number; content: Uint8Array }>
  retry(operator: Operator, input: { caseId: string; attachmentId: string }): void
  /** For whoever sends it. Throws SealedFileDamaged. */
  open(file: Pick<LocalFile, 'attachmentId' | 'key' | 'bytes'>): Promise<SealedReader>
  /** After the database was opened: what was never finished, and what need not be here any more, goes. */
  tidy(): Promise<void>
}

export function createAttachments(parts: {
  /** Beside the database. */
  folder: string
  context: Pick<CoreContext, 'clock' | 'random' | 'log'>
  audit: Audit
  read(): Database
  write<T>(work: (db: Database) => T): T
  cases: CaseFiles
  current(): { attachmentId: string; sentBytes: number } | null
  /** Takes the content from the centre; ends only when all of it has come. Refuses with a code. */
  fromCentre(attachment: Attachment, caseId: string): AsyncGenerator<Uint8Array>
  writeAt?: WriteAt
}): Attachments {
  const { folder, audit, read, write, cases } = parts
  const { clock, random, log } = parts.context
  const begun = new Map<string, Begun>()
  const beginning = new Map<string, Promise<Begun>>()

  const pathOf = (attachmentId: string) => join(folder, attachmentId)
  const named = (attachmentId: string, key: Uint8Array) => ({
    path: pathOf(attachmentId),
    fileId: attachmentId,
    key,
  })

  const giveUp = async (attachmentId: string) => {
    const one = begun.get(attachmentId)
    begun.delete(attachmentId)
    await one?.writer.drop()
  }
  /** A disk that is full or refuses: nothing of the file stays, and the operator is told. */
  const refused = async (attachmentId: string, error: unknown): Promise<unknown> => {
    await giveUp(attachmentId).catch(() => {})
    const code = errorCode(error) ?? ''
    if (['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO'].includes(code)) return new Refusal('DISK_FULL')
    if (['EACCES', 'EPERM', 'EROFS'].includes(code)) return new Refusal('STORAGE_READ_ONLY')
    return error
  }

  const own = (operator: Operator, attachmentId: string): Begun => {
    const one = begun.get(attachmentId)
    if (one === undefined || one.operatorId !== operator.operatorId) throw new Refusal('ATTACHMENT_NOT_FOUND')
    one.touchedAt = clock.now()
    return one
  }
  const inTurn = <T>(one: Begun, work: () => Promise<T>): Promise<T> => {
    const done = one.turn.then(work)
    one.turn = done.catch(() => {})
    return done
  }

  const make = async (
    operator: Operator,
    { caseId, attachmentId, name, mediaType, bytes }: Parameters<Attachments['begin']>[1],
  ): Promise<Begun> => {
    for (const [id, one] of begun) if (clock.now() - one.touchedAt > abandonedMs) await giveUp(id)
    if (begun.size + beginning.size >= mostAtOnce) throw new Refusal('ATTACHMENT_TOO_MANY')
    const key = random.bytes(32)
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const writer = await createSealedFile(named(attachmentId, key), parts.writeAt)
      return {
        caseId,
        operatorId: operator.operatorId,
        name,
        said: mediaType,
        bytes,
        key,
        received: 0,
        hash: createHash('sha256'),
        first: Buffer.alloc(0),
        touchedAt: clock.now(),
        writer,
        turn: Promise.resolve(),
      }
    } catch (error) {
      throw await refused(attachmentId, error)
    }
  }

  const fileOf = (attachment: Attachment, local: LocalFile | undefined): CaseFile => {
    const way = parts.current()
    const under = way?.attachmentId === attachment.attachmentId ? way : null
    const problem =
      local?.state === 'failed' ? { code: local.code ?? '', sentence: local.sentence ?? '' } : null
    const state =
      local === undefined
        ? 'central'
        : local.state === 'waiting' && under !== null
          ? 'uploading'
          : local.state
    return { ...attachment, state, sentBytes: under?.sentBytes ?? 0, problem }
  }

  const finished = (operator: Operator, attachmentId: string): CaseFile | null => {
    const stored = localFiles.find(read(), attachmentId)
    if (stored === undefined) return null
    const all = cases.attachments(read(), operator, stored.caseId)
    const known = all.find(each => each.attachmentId === attachmentId)
    return known === undefined ? null : fileOf(known, stored)
  }

  const open: Attachments['open'] = async ({ attachmentId, key, bytes }) => {
    const reader = await openSealedFile(named(attachmentId, key))
    if (reader.bytes === bytes) return reader
    await reader.close()
    throw new SealedFileDamaged()
  }

  /** Null: the content is not here, or not what it was. */
  const openLocal = async (attachmentId: string): Promise<SealedReader | null> => {
    const local = localFiles.find(read(), attachmentId)
    if (local === undefined) return null
    try {
      return await open(local)
    } catch (error) {
      log.warn({ code: errorCode(error) }, 'a local attachment cannot be read')
      if (local.state === 'uploaded') return null
      throw new Refusal('ATTACHMENT_DAMAGED')
    }
  }

  async function* localPieces(reader: SealedReader): AsyncGenerator<Uint8Array> {
    try {
      for (let at = 0; at < reader.bytes; at += readBytes)
        yield await reader.read(at, Math.min(reader.bytes, at + readBytes))
    } catch (error) {
      throw error instanceof SealedFileDamaged ? new Refusal('ATTACHMENT_DAMAGED') : error
    } finally {
      await reader.close()
    }
  }

  return {
    open,
    begin: async (operator, input) => {
      const { caseId, attachmentId, bytes } = input
      cases.mayAttach(read(), operator, caseId)
      const name = attachmentName(input.name)
      if (name === null) throw new Refusal('ATTACHMENT_NAME_INVALID')
      if (bytes === 0) throw new Refusal('ATTACHMENT_EMPTY')
      if (bytes > maxFileBytes) throw new Refusal('ATTACHMENT_TOO_LARGE')
      const stored = localFiles.find(read(), attachmentId)
      if (stored !== undefined) {
        if (stored.caseId !== caseId || stored.bytes !== bytes) throw new Refusal('ATTACHMENT_EXISTS')
        return { received: bytes }
      }
      let one = begun.get(attachmentId)
      if (one === undefined) {
        let making = beginning.get(attachmentId)
        if (making === undefined) {
          making = make(operator, { ...input, name }).finally(() => beginning.delete(attachmentId))
          beginning.set(attachmentId, making)
          begun.set(attachmentId, await making)
        }
        one = await making
      }
      if (one.caseId !== caseId || one.bytes !== bytes || one.operatorId !== operator.operatorId)
        throw new Refusal('ATTACHMENT_EXISTS')
      return { received: one.received }
    },

    append: async (operator, { attachmentId, offset, content }) => {
      const one = own(operator, attachmentId)
      return inTurn(one, async () => {
        const { received } = one
        if (offset + content.length <= received) return { received }
        if (offset !== received) throw new Refusal('ATTACHMENT_OUT_OF_ORDER', { received })
        if (received + content.length > one.bytes) {
          await giveUp(attachmentId)
          throw new Refusal('ATTACHMENT_INCOMPLETE')
        }
        try {
          await one.writer.append(content)
        } catch (error) {
          throw await refused(attachmentId, error)
        }
        if (one.first.length < firstBytes)
          one.first = Buffer.concat([one.first, content]).subarray(0, firstBytes)
        one.hash.update(content)
        one.received += content.length
        return { received: one.received }
      })
    },

    finish: async (operator, attachmentId) => {
      const before = finished(operator, attachmentId)
      if (before !== null) return before
      const one = own(operator, attachmentId)
      return inTurn(one, async () => {
        // Meanwhile given up, or finished by the same request sent twice.
        if (begun.get(attachmentId) !== one) {
          const meanwhile = finished(operator, attachmentId)
          if (meanwhile === null) throw new Refusal('ATTACHMENT_NOT_FOUND')
          return meanwhile
        }
        if (one.received !== one.bytes) {
          await giveUp(attachmentId)
          throw new Refusal('ATTACHMENT_INCOMPLETE')
        }
        const { caseId, bytes, key } = one
        const sha256 = one.hash.digest('hex')
        const mediaType = mediaTypeOf(one.said, one.first)
        const name = isPicture(mediaType) ? nameByContent(one.name, mediaType) : one.name
        const attachment = { attachmentId, name, mediaType, bytes, sha256 }
        try {
          await one.writer.finish()
          write(db => {
            cases.attach(db, operator, { caseId, attachment })
            localFiles.add(db, { attachmentId, caseId, key, bytes, sha256 }, isoNow(clock))
          })
        } catch (error) {
          throw await refused(attachmentId, error)
        }
        begun.delete(attachmentId)
        return fileOf(attachment, localFiles.find(read(), attachmentId))
      })
    },

    cancel: async ({ operatorId }, attachmentId) => {
      const one = begun.get(attachmentId)
      if (one?.operatorId === operatorId) await inTurn(one, () => giveUp(attachmentId))
    },

    list: (reader, caseId) => {
      const db = read()
      const local = new Map(localFiles.ofCase(db, caseId).map(file => [file.attachmentId, file]))
      return cases
        .attachments(db, reader, caseId)
        .map(attachment => fileOf(attachment, local.get(attachment.attachmentId)))
    },

    read: async function* (operator, { caseId, attachmentId }) {
      const listed = cases.attachments(read(), operator, caseId)
      const attachment = listed.find(each => each.attachmentId === attachmentId)
      if (attachment === undefined) throw new Refusal('ATTACHMENT_NOT_FOUND')
      write(db =>
        audit.append(db, {
          operatorId: operator.operatorId,
          action: 'attachment.read',
          subjectKind: 'case',
          subjectId: caseId,
          result: 'done',
        }),
      )
      const local = await openLocal(attachmentId)
      const pieces = local === null ? parts.fromCentre(attachment, caseId) : localPieces(local)
      yield* checked(attachment, pieces)
    },

    retry: (operator, { caseId, attachmentId }) =>
      write(db => {
        cases.mayAttach(db, operator, caseId)
        const local = localFiles.find(db, attachmentId)
        if (local?.caseId !== caseId) throw new Refusal('ATTACHMENT_NOT_FOUND')
        if (!localFiles.again(db, attachmentId)) return
        audit.append(db, {
          operatorId: operator.operatorId,
          action: 'attachment.retry',
          subjectKind: 'case',
          subjectId: caseId,
          result: 'done',
        })
      }),

    tidy: async () => {
      const now = clock.now()
      const gone = write(db => localFiles.prune(db, new Date(now - keptMs).toISOString()))
      for (const name of namesIn(folder)) {
        const unfinished = name.endsWith('.part')
        const attachmentId = unfinished ? name.slice(0, -'.part'.length) : name
        if (begun.has(attachmentId) || beginning.has(attachmentId)) continue
        // A whole file that the database does not know may be known to a newer one that is put back: it is left for a while.
        const unknown = !localFiles.knows(read(), attachmentId) && olderThan(pathOf(name), now - keptMs)
        if (unfinished || gone.includes(attachmentId) || unknown) await rm(pathOf(name), { force: true })
      }
    },
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function olderThan(path: string, ms: number): boolean {
  try {
    return statSync(path).mtimeMs < ms
  } catch {
    return false
  }
}
