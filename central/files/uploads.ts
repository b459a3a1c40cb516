/**
 * Uploads under way, over all processes: how many one sender has open, and what of the disk they may still take. One that rests
 * too long makes room for the next of the same sender.
 */
import { statfs } from 'node:fs/promises'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'

export type UploadLimits = {
  /** Of one seat, at once; and what they may come to. */
  open: number
  bytes: number
  /** An internet channel sends for many people. */
  channelOpen: number
  channelBytes: number
  /** What stays free on the disk. */
  reserveBytes: number
}
export const defaultUploadLimits: UploadLimits = {
  open: 8,
  bytes: 1024 ** 3,
  channelOpen: 100,
  channelBytes: 2 * 1024 ** 3,
  reserveBytes: 512 * 1024 ** 2,
}

/** Not a byte came for so long: given up for another, when the sender has no room otherwise. */
const restMs = 3_600_000

export type Uploads = {
  /** UPLOADS_TOO_MANY, STORAGE_FULL. `uploadId` counts from now on. */
  begin(uploadId: string, sender: string, bytes: number): Promise<void>
  touch(uploadId: string): Promise<void>
  end(uploadId: string): Promise<void>
  /** STORAGE_FULL: so much more would leave too little. */
  hasRoom(bytes: number): Promise<void>
}

export function createUploads(
  { sql, clock }: CentralContext,
  folder: string,
  limits: UploadLimits,
  remove: (uploadId: string) => Promise<void>,
): Uploads {
  const hasRoom: Uploads['hasRoom'] = async bytes => {
    const { bavail, bsize } = await statfs(folder)
    if (bavail * bsize - bytes < limits.reserveBytes) throw new Refusal('STORAGE_FULL')
  }

  return {
    hasRoom,
    begin: async (uploadId, sender, bytes) => {
      await hasRoom(bytes)
      const isChannel = sender.startsWith('channel ')
      const mostOpen = isChannel ? limits.channelOpen : limits.open
      const mostBytes = isChannel ? limits.channelBytes : limits.bytes
      const given = await sql.transaction(async tx => {
        await tx.query('SELECT pg_advisory_xact_lock(12346, hashtext($1))', [sender])
        const rows = await tx.query<{ upload_id: string; bytes: number; touched_at: Date }>(
          'SELECT upload_id, bytes::float8 AS bytes, touched_at FROM upload WHERE sender = $1 ORDER BY touched_at',
          [sender],
        )
        const resting = rows.filter(row => row.touched_at.getTime() < clock.now() - restMs)
        const givenUp: string[] = []
        const fits = () => {
          const left = rows.filter(row => !givenUp.includes(row.upload_id))
          const sum = left.reduce((total, row) => total + row.bytes, bytes)
          return left.length < mostOpen && sum <= mostBytes
        }
        while (!fits()) {
          const next = resting.shift()
          if (next === undefined) throw new Refusal('UPLOADS_TOO_MANY')
          givenUp.push(next.upload_id)
        }
        if (givenUp.length > 0)
          await tx.query('DELETE FROM upload WHERE upload_id = ANY($1::text[])', [givenUp])
        await tx.query(
          'INSERT INTO upload (upload_id, sender, bytes, begun_at, touched_at) VALUES ($1, $2, $3, $4, $4)',
          [uploadId, sender, bytes, isoNow(clock)],
        )
        return givenUp
      })
      for (const id of given) await remove(id)
    },
    touch: async uploadId => {
      await sql.query('UPDATE upload SET touched_at = $2 WHERE upload_id = $1', [uploadId, isoNow(clock)])
    },
    end: async uploadId => {
      await sql.query('DELETE FROM upload WHERE upload_id = $1', [uploadId])
    },
  }
}
