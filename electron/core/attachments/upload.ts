/**
 * Files on their way to the centre, one at a time, by tus. Where an upload goes on is in the database, so that a core that was
 * killed, or a line that was cut, costs no more than the piece under way.
 */
import type { FileSource, Upload as TusUpload } from 'tus-js-client'
import { type CoreContext, isoNow } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { delayAfter } from '../sync/back-off.ts'
import type { CentreLink } from '../sync/centre.ts'
import { CentreFailure } from '../sync/centre-client.ts'
import { type LocalFile, localFiles } from './local-files.ts'
import { SealedFileDamaged, type SealedReader } from './sealed-file.ts'
import { filesEndpoint, tusLine, uploadPath, uploadUrl } from './tus-line.ts'

/**
 * In one request: half as much after each failure, since of a piece that is cut off the centre may keep nothing, and twice as much
 * after each file that got through. A single request may last no longer than five minutes at the centre.
 */
const largestPiece = 512 * 1024
const smallestPiece = 32 * 1024
const progressEveryMs = 250
/** tus: what arrived is not what its checksum promised. */
const checksumMismatch = 460
/** The seat is refused, or somebody else holds or moved the upload: nothing is wrong with the file. */
const passing: ReadonlySet<number> = new Set([401, 403, 404, 409, 410, 423])

export type Uploads = {
  /** The file under way. */
  current(): { attachmentId: string; sentBytes: number } | null
  linked(link: CentreLink | null): void
  /** Something waits. What failed is not tried before its time. */
  wake(): void
  /** Everything that waits is tried now. */
  now(): void
  stop(): void
}

export function createUploads(parts: {
  context: CoreContext
  read(): Database
  write<T>(work: (db: Database) => T): T
  open(file: Pick<LocalFile, 'attachmentId' | 'key' | 'bytes'>): Promise<SealedReader>
  /** How many wait has changed. */
  changed(): void
}): Uploads {
  const { context, read, write } = parts
  const { clock, log, random } = context
  let link: CentreLink | null = null
  let running = false
  let failures = 0
  let current: { attachmentId: string; sentBytes: number } | null = null
  let cancelTimer: (() => void) | null = null
  let toldAt = 0
  let pieceBytes = largestPiece
  let retryAfterMs = 0
  /** How often each has failed since it last got further: one that cannot get through lets the others pass. */
  const tries = new Map<string, number>()
  /** How far each was seen to have come. A cut line that lets some through is tried again soon. */
  const furthest = new Map<string, number>()

  const tell = (always: boolean) => {
    if (!always && clock.now() - toldAt < progressEveryMs) return
    toldAt = clock.now()
    context.publish({ type: 'attachments-changed' })
  }

  const next = (): LocalFile | undefined =>
    localFiles
      .waiting(read())
      .sort((a, b) => (tries.get(a.attachmentId) ?? 0) - (tries.get(b.attachmentId) ?? 0))[0]

  const send = async (at: CentreLink, file: LocalFile): Promise<void> => {
    const { attachmentId, sha256, bytes } = file
    const reader = await parts.open(file)
    // Most seats start without a file that waits: the start does not pay for it.
    const { Upload } = await import('tus-js-client')
    const source: FileSource = {
      size: bytes,
      slice: async (start, end) => {
        const value = await reader.read(start, end)
        // tus counts what it sends by this.
        return { value: Object.assign(value, { size: value.length }), done: end >= bytes }
      },
      close: () => {},
    }
    try {
      await new Promise<void>((resolve, reject) => {
        const upload: TusUpload = new Upload(Buffer.alloc(0), {
          endpoint: filesEndpoint,
          uploadUrl: file.uploadPath === null ? null : uploadUrl(file.uploadPath),
          metadata: { attachmentId, sha256 },
          chunkSize: pieceBytes,
          retryDelays: null,
          storeFingerprintForResuming: false,
          httpStack: tusLine(at),
          fileReader: { openFile: () => Promise.resolve(source) },
          fingerprint: () => Promise.resolve(attachmentId),
          onUploadUrlAvailable: () => {
            const path = uploadPath(upload.url ?? '')
            if (path === null) throw new CentreFailure('network', '中心的答复不完整')
            if (path !== file.uploadPath) write(db => localFiles.sendingTo(db, attachmentId, path))
          },
          // Only what the centre has said to have: the line reports no bytes on their way.
          onProgress: accepted => {
            if (current !== null) current.sentBytes = accepted
            if (accepted <= (furthest.get(attachmentId) ?? 0)) return
            furthest.set(attachmentId, accepted)
            tries.delete(attachmentId)
            failures = 0
            tell(false)
          },
          onSuccess: () => resolve(),
          onError: error => reject(causeOf(error)),
        })
        upload.start()
      })
    } finally {
      await reader.close()
    }
  }

  /** True when the next one may be tried at once. */
  const failed = (file: LocalFile, error: unknown): boolean => {
    const { attachmentId } = file
    const refusal = refusalOf(error)
    if (refusal !== null) {
      write(db => localFiles.failed(db, attachmentId, refusal))
      furthest.delete(attachmentId)
      log.warn({ code: refusal.code }, 'the centre does not take a file')
      return true
    }
    tries.set(attachmentId, (tries.get(attachmentId) ?? 0) + 1)
    failures += 1
    pieceBytes = Math.max(smallestPiece, pieceBytes / 2)
    retryAfterMs = error instanceof CentreFailure ? (error.retryAfterMs ?? 0) : 0
    if (!(error instanceof CentreFailure))
      log.warn({ kind: error instanceof Error ? error.name : typeof error }, 'a file could not be sent')
    return false
  }

  const one = async (at: CentreLink, file: LocalFile): Promise<boolean> => {
    current = { attachmentId: file.attachmentId, sentBytes: 0 }
    tell(true)
    try {
      await send(at, file)
      if (link !== at) return false
      write(db => localFiles.uploaded(db, file.attachmentId, isoNow(clock)))
      furthest.delete(file.attachmentId)
      pieceBytes = Math.min(largestPiece, pieceBytes * 2)
      failures = 0
      return true
    } catch (error) {
      // The line was changed or is being closed: nobody failed.
      return link === at && failed(file, error)
    } finally {
      current = null
      tell(true)
      parts.changed()
    }
  }

  const run = async () => {
    if (running || link === null) return
    running = true
    cancelTimer?.()
    cancelTimer = null
    const at = link
    let waits = false
    try {
      for (let file = next(); file !== undefined && link === at; file = next())
        if (!(await one(at, file))) {
          waits = true
          break
        }
    } catch (error) {
      // The database is not open or not writable.
      failures += 1
      waits = true
      log.warn({ kind: error instanceof Error ? error.name : typeof error }, 'files wait for the database')
    } finally {
      running = false
    }
    if (link !== null && link !== at) return schedule(0)
    if (link !== null && waits) schedule(delayAfter(Math.max(1, failures), random, retryAfterMs))
  }

  const schedule = (ms: number) => {
    cancelTimer?.()
    cancelTimer = clock.after(ms, () => {
      cancelTimer = null
      void run()
    })
  }
  const now = () => {
    failures = 0
    if (link !== null) schedule(0)
  }

  return {
    current: () => current,
    linked: given => {
      link = given
      failures = 0
      tries.clear()
      cancelTimer?.()
      cancelTimer = null
    },
    wake: () => {
      if (link !== null && cancelTimer === null) schedule(0)
    },
    now,
    stop: () => {
      link = null
      cancelTimer?.()
      cancelTimer = null
    },
  }
}

/** The failure of the line under tus's own error. */
const causeOf = (error: Error): Error =>
  'causingError' in error && error.causingError instanceof Error ? error.causingError : error

/** Null: it may be tried again by itself. */
function refusalOf(error: unknown): { code: string; sentence: string } | null {
  if (
    error instanceof SealedFileDamaged ||
    (error instanceof Error && 'code' in error && error.code === 'ENOENT')
  )
    return { code: 'ATTACHMENT_DAMAGED', sentence: '本机保存的附件已损坏或丢失，请重新添加' }
  if (!(error instanceof CentreFailure) || error.passes || passing.has(error.status)) return null
  if (error.status === checksumMismatch)
    return { code: 'CHECKSUM_MISMATCH', sentence: '中心收到的内容与本机的不一致，请重试' }
  if (error.status === 413) return { code: error.code, sentence: '文件超过中心允许的大小' }
  return { code: error.code, sentence: error.message }
}
