/**
 * A file that only this seat can read: chunks of 64 KiB, each sealed by AES-256-GCM under a key of the file's own, which lies in
 * the encrypted database. A chunk's nonce is its number, and what is sealed with it says whose chunk it is, which one, and whether
 * the last: a file whose chunks were changed, swapped, cut off or added to does not open.
 *
 * Each number is used once: a file that was begun and interrupted is given up, never gone on with, since other content under the
 * same key and number would give both away.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

export const chunkBytes = 64 * 1024
const tagBytes = 16
const sealedChunkBytes = chunkBytes + tagBytes
/** So often what was written goes to the disk: a save that is synced meanwhile does not wait for more than this. */
const syncEveryBytes = 4 * 1024 * 1024

/** `key` is 32 random bytes, never used for another file. */
export type SealedName = { path: string; fileId: string; key: Uint8Array }

export type SealedWriter = {
  append(content: Uint8Array): Promise<void>
  /** The file is at its place and on the disk when this resolves. */
  finish(): Promise<void>
  /** Nothing of it stays. */
  drop(): Promise<void>
}

export type SealedReader = {
  /** Of the content. */
  bytes: number
  /** From `start` up to but without `end`. Throws SealedFileDamaged. */
  read(start: number, end: number): Promise<Buffer>
  close(): Promise<void>
}

export class SealedFileDamaged extends Error {
  constructor() {
    super('the file is damaged or not this one')
    this.name = 'SealedFileDamaged'
  }
}

/** Where bytes go. Injected, so that a test can have a full disk. */
export type WriteAt = (handle: FileHandle, content: Buffer, position: number) => Promise<number>
const writeAt: WriteAt = async (handle, content, position) =>
  (await handle.write(content, 0, content.length, position)).bytesWritten

const nonceOf = (number: number): Buffer => {
  const nonce = Buffer.alloc(12)
  nonce.writeBigUInt64BE(BigInt(number), 4)
  return nonce
}
const boundTo = (fileId: string, number: number, last: boolean): Buffer =>
  Buffer.from(JSON.stringify(['zuoxi-file', 1, fileId, number, last]))

/** Fails when there is a file of this name already. */
export async function createSealedFile(
  { path, fileId, key }: SealedName,
  write: WriteAt = writeAt,
): Promise<SealedWriter> {
  const part = `${path}.part`
  const handle = await open(part, 'wx', 0o600)
  // A full chunk is held until more comes: only then it is known not to be the last.
  const held = Buffer.alloc(chunkBytes)
  let heldBytes = 0
  let number = 0
  let unsynced = 0

  const put = async (last: boolean) => {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number))
    cipher.setAAD(boundTo(fileId, number, last))
    const sealed = Buffer.concat([
      cipher.update(held.subarray(0, heldBytes)),
      cipher.final(),
      cipher.getAuthTag(),
    ])
    const at = number * sealedChunkBytes
    for (let done = 0; done < sealed.length; ) done += await write(handle, sealed.subarray(done), at + done)
    number += 1
    heldBytes = 0
    unsynced += sealed.length
    if (unsynced < syncEveryBytes) return
    unsynced = 0
    await handle.datasync()
  }

  return {
    append: async content => {
      for (let taken = 0; taken < content.length; ) {
        if (heldBytes === chunkBytes) await put(false)
        const some = content.subarray(taken, taken + chunkBytes - heldBytes)
        held.set(some, heldBytes)
        heldBytes += some.length
        taken += some.length
      }
    },
    finish: async () => {
      await put(true)
      await handle.sync()
      await handle.close()
      await rename(part, path)
      await syncFolder(dirname(path))
    },
    drop: async () => {
      await handle.close().catch(() => {})
      await rm(part, { force: true })
      await rm(path, { force: true })
    },
  }
}

/** A file that has just got its name keeps it when the power goes. Windows has no such thing, and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export async function openSealedFile({ path, fileId, key }: SealedName): Promise<SealedReader> {
  const handle = await open(path, 'r')
  const { size } = await handle.stat()
  const chunks = Math.ceil(size / sealedChunkBytes)
  const bytes = size - chunks * tagBytes

  const chunk = async (number: number): Promise<Buffer> => {
    const at = number * sealedChunkBytes
    const sealed = Buffer.alloc(Math.min(sealedChunkBytes, size - at))
    const { bytesRead } = await handle.read(sealed, 0, sealed.length, at)
    if (bytesRead < sealed.length || sealed.length < tagBytes) throw new SealedFileDamaged()
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number), { authTagLength: tagBytes })
      decipher.setAAD(boundTo(fileId, number, number === chunks - 1))
      decipher.setAuthTag(sealed.subarray(-tagBytes))
      return Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()])
    } catch {
      throw new SealedFileDamaged()
    }
  }

  return {
    bytes,
    read: async (start, end) => {
      if (chunks === 0) throw new SealedFileDamaged()
      // The last chunk is read with every piece that ends the file, so that an empty file is looked at too.
      const first = Math.min(Math.floor(start / chunkBytes), chunks - 1)
      const parts: Buffer[] = []
      for (let number = first; number < chunks; number += 1) {
        const from = number * chunkBytes
        if (from >= end && number > first) break
        const plain = await chunk(number)
        parts.push(plain.subarray(Math.max(0, start - from), Math.max(0, end - from)))
      }
      return Buffer.concat(parts)
    },
    close: () => handle.close(),
  }
}
