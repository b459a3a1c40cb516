/** Attachments (附件): uploaded in resumable pieces into a folder that the processes share, known once they are whole and right. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { attachment } from '../../shared/domain/command.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import type { Device } from '../identity/devices.ts'

/** What an upload promises of itself (Upload-Metadata). */
export const uploadMetadata = z.object({
  attachmentId: attachment.shape.attachmentId.regex(/^[\w-]+$/),
  sha256: attachment.shape.sha256,
})

/** Who began an upload: only the same seat goes on with it. Ours, never taken from the request. */
const storedMetadata = uploadMetadata.extend({ seatId: z.string() })

type Upload = { id: string; size?: number | undefined; metadata?: Record<string, string | null> | undefined }

export type Files = {
  folder: string
  maxBytes: number
  belongsTo(upload: Upload, device: Device): boolean
  /** False when the content is not what was promised. Harmless when repeated. */
  keep(upload: Upload): Promise<boolean>
  isKept(uploadId: string): Promise<boolean>
  /** The path of an attachment's content. */
  find(attachmentId: string, sha256: string): Promise<string | null>
}

export function createFiles({ sql, clock }: CentralContext, folder: string, maxBytes: number): Files {
  const isKept = async (uploadId: string) =>
    (await sql.query('SELECT 1 FROM file WHERE file_id = $1', [uploadId])).length > 0
  return {
    folder,
    maxBytes,
    belongsTo: (upload, device) => storedMetadata.safeParse(upload.metadata).data?.seatId === device.seatId,
    keep: async upload => {
      if (await isKept(upload.id)) return true
      const { attachmentId, sha256, seatId } = storedMetadata.parse(upload.metadata)
      const path = join(folder, upload.id)
      const hash = createHash('sha256')
      let bytes = 0
      for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
        hash.update(chunk)
        bytes += chunk.length
      }
      if (hash.digest('hex') !== sha256 || bytes !== upload.size) return false
      // On the disk before the seat is told that it may forget its copy.
      const handle = await open(path, 'r+')
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
      await sql.query(
        `INSERT INTO file (file_id, attachment_id, sha256, bytes, seat_id, stored_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
        [upload.id, attachmentId, sha256, bytes, seatId, isoNow(clock)],
      )
      return true
    },
    isKept,
    find: async (attachmentId, sha256) => {
      const [row] = await sql.query<{ file_id: string }>(
        'SELECT file_id FROM file WHERE attachment_id = $1 AND sha256 = $2 ORDER BY stored_at LIMIT 1',
        [attachmentId, sha256],
      )
      return row === undefined ? null : join(folder, row.file_id)
    },
  }
}
