/**
 * Attachments (附件): uploaded in resumable pieces, or with a form, into a folder that the processes share; known once they are
 * whole and right.
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { FileStore } from '@tus/file-store'
import { Upload } from '@tus/server'
import { z } from 'zod'
import { firstBytes } from '../../shared/domain/attachment.ts'
import { attachment } from '../../shared/domain/command.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Queries } from '../storage/sql.ts'
import { createUploads, defaultUploadLimits, type UploadLimits, type Uploads } from './uploads.ts'

/** An upload that was begun may rest so long. */
const unfinishedMs = 7 * 24 * 3_600_000
/** What a channel sent is kept so long without an item that has it; and no more than so much of it. */
const withoutItemMs = 24 * 3_600_000
const mostWithoutItem = 4 * 1024 ** 3

/** What an upload promises of itself (Upload-Metadata). */
export const uploadMetadata = z.object({
  attachmentId: attachment.shape.attachmentId.regex(/^[\w-]+$/),
  sha256: attachment.shape.sha256,
})

/** Whose a file is: only the same one goes on with its upload. */
export type Sender = { seatId: string } | { channel: string } | { unitCode: string }
/** The sender is ours, never taken from the request. */
const storedMetadata = uploadMetadata.extend({
  seatId: z.string().optional(),
  channel: z.string().optional(),
})

type Begun = { id: string; size?: number | undefined; metadata?: Record<string, string | null> | undefined }

/** Whose attachment is asked for. */
export type FileOf = { caseId: string } | { intakeId: string }

/** Whole on the disk, and nobody's yet: an upload that was never finished, until it is added. */
export type Spooled = { fileId: string; sha256: string; bytes: number; head: Uint8Array }

export type Files = {
  store: FileStore
  uploads: Uploads
  maxBytes: number
  belongsTo(upload: Begun, sender: Sender): boolean
  /** False when the content is not what was promised. Harmless when repeated. */
  keep(upload: Begun): Promise<boolean>
  /** The path of an attachment's content, as its case or its intake item has it; another sender's file is not found. */
  find(attachmentId: string, sha256: string, of: FileOf): Promise<string | null>
  /** RATE_LIMITED: the channel has left too much lying about. */
  mayBegin(channel: string, bytes: number): Promise<void>
  /** Takes what comes with a form. STORAGE_FULL. Rejects, and leaves nothing, when it does not come whole. */
  spool(content: Readable, signal: AbortSignal): Promise<Spooled>
  add(tx: Queries, spooled: Spooled, attachmentId: string, sender: Sender): Promise<void>
  /** Unless it was added. */
  drop(spooled: readonly Spooled[]): Promise<void>
  /** Uploads that nobody finished, and what a channel sent for nothing. */
  removeForgotten(): Promise<void>
}

export function createFiles(
  context: CentralContext,
  folder: string,
  maxBytes: number,
  uploadLimits: Partial<UploadLimits> = {},
): Files {
  const { sql, clock, random, log } = context
  const store = new FileStore({ directory: folder })
  const isKept = async (uploadId: string) =>
    (await sql.query('SELECT 1 FROM file WHERE file_id = $1', [uploadId])).length > 0
  const ago = (ms: number) => new Date(clock.now() - ms).toISOString()

  const add: Files['add'] = async (tx, { fileId, sha256, bytes, head }, attachmentId, sender) => {
    await tx.query(
      `INSERT INTO file (file_id, attachment_id, sha256, bytes, head, seat_id, channel, unit_code, stored_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
      [
        fileId,
        attachmentId,
        sha256,
        bytes,
        Buffer.from(head).toString('hex'),
        'seatId' in sender ? sender.seatId : null,
        'channel' in sender ? sender.channel : null,
        'unitCode' in sender ? sender.unitCode : null,
        isoNow(clock),
      ],
    )
  }
  /** Whatever of it is there. */
  const remove = async (fileId: string) => {
    await store.remove(fileId).catch(() => store.configstore.delete(fileId).catch(() => {}))
  }

  const uploads = createUploads(context, folder, { ...defaultUploadLimits, ...uploadLimits }, remove)

  return {
    store,
    uploads,
    maxBytes,
    belongsTo: (upload, sender) => {
      const stored = storedMetadata.safeParse(upload.metadata).data
      if (stored === undefined) return false
      return Object.entries(sender).every(([name, value]) => stored[name as 'seatId' | 'channel'] === value)
    },
    keep: async upload => {
      if (await isKept(upload.id)) return true
      const { attachmentId, sha256, seatId, channel } = storedMetadata.parse(upload.metadata)
      const path = join(folder, upload.id)
      const read = gauge()
      for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) read.take(chunk)
      const told = read.told()
      if (told.sha256 !== sha256 || told.bytes !== upload.size) return false
      // On the disk before the sender is told that it may forget its copy.
      const handle = await open(path, 'r+')
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
      const sender = channel === undefined ? { seatId: seatId ?? '' } : { channel }
      await add(sql, { fileId: upload.id, ...told }, attachmentId, sender)
      return true
    },
    find: async (attachmentId, sha256, of) => {
      const [row] = await sql.query<{ file_id: string }>(
        `SELECT file_id FROM file f WHERE attachment_id = $1 AND sha256 = $2 AND ${'caseId' in of ? ofCase : 'intake_id = $3'}
         ORDER BY stored_at, file_id LIMIT 1`,
        [attachmentId, sha256, 'caseId' in of ? of.caseId : of.intakeId],
      )
      return row === undefined ? null : join(folder, row.file_id)
    },
    mayBegin: async (channel, bytes) => {
      const [row] = await sql.query<{ bytes: string | null }>(
        'SELECT sum(bytes)::text AS bytes FROM file WHERE channel = $1 AND intake_id IS NULL',
        [channel],
      )
      if (Number(row?.bytes ?? 0) + bytes > mostWithoutItem) throw new Refusal('RATE_LIMITED')
    },
    spool: async (content, signal) => {
      await uploads.hasRoom(0)
      const fileId = Buffer.from(random.bytes(16)).toString('hex')
      await store.create(new Upload({ id: fileId, offset: 0 }))
      const read = gauge()
      try {
        await pipeline(
          content,
          async function* (chunks: AsyncIterable<Buffer>) {
            for await (const chunk of chunks) {
              read.take(chunk)
              yield chunk
            }
          },
          createWriteStream(join(folder, fileId), { flags: 'r+', flush: true }),
          { signal },
        )
      } catch (error) {
        await remove(fileId)
        throw error
      }
      return { fileId, ...read.told() }
    },
    add,
    drop: async spooled => {
      for (const { fileId } of spooled) if (!(await isKept(fileId))) await remove(fileId)
    },
    removeForgotten: async () => {
      // A row is gone before its file: what an ended process leaves of it goes the next time as one that was never finished.
      const forgotten = await sql.query<{ file_id: string }>(
        'DELETE FROM file WHERE channel IS NOT NULL AND intake_id IS NULL AND stored_at < $1 RETURNING file_id',
        [ago(withoutItemMs)],
      )
      for (const { file_id } of forgotten) await remove(file_id)
      if (forgotten.length > 0) log.info({ files: forgotten.length }, 'files of no intake item were removed')
      await sql.query('DELETE FROM upload WHERE touched_at < $1', [ago(unfinishedMs)])
      // The store's own expiry takes finished uploads for unfinished ones: it never notes how far one came.
      for (const id of (await store.configstore.list?.()) ?? []) {
        const upload = await store.configstore.get(id)
        const begun = Date.parse(upload?.creation_date ?? '')
        if (!(begun + unfinishedMs < clock.now()) || (await isKept(id))) continue
        await remove(id)
        log.info('an upload that was never finished was removed')
      }
    },
  }
}

const ofCase = `EXISTS (
  SELECT 1 FROM case_file c WHERE c.attachment_id = f.attachment_id AND c.case_id = $3 AND c.sender = CASE
    WHEN f.seat_id IS NOT NULL THEN 'seat:' || f.seat_id
    WHEN f.intake_id IS NOT NULL THEN 'intake:' || f.intake_id
    WHEN f.unit_code IS NOT NULL THEN 'unit:' || f.unit_code END)`

/** Of a content as it passes: how much, its digest, how it begins. */
function gauge() {
  const hash = createHash('sha256')
  let bytes = 0
  let head = Buffer.alloc(0)
  return {
    take: (chunk: Buffer) => {
      hash.update(chunk)
      bytes += chunk.length
      if (head.length < firstBytes) head = Buffer.concat([head, chunk]).subarray(0, firstBytes)
    },
    told: () => ({ sha256: hash.digest('hex'), bytes, head: new Uint8Array(head) }),
  }
}
