import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  chunkBytes,
  createSealedFile,
  openSealedFile,
  SealedFileDamaged,
  type SealedName,
  type WriteAt,
} from '../../electron/core/attachments/sealed-file.ts'

const sealedChunk = chunkBytes + 16
let folder: string
let count = 0
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-sealed-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const named = (fileId = `f${(count += 1)}`): SealedName => ({
  path: join(folder, fileId),
  fileId,
  key: new Uint8Array(randomBytes(32)),
})
/** The same content for the same seed, whatever its length. */
const contentOf = (bytes: number, seed: number): Buffer => {
  const parts: Buffer[] = []
  for (let made = 0; made < bytes; made += 32)
    parts.push(createHash('sha256').update(`${seed} ${made}`).digest())
  return Buffer.concat(parts).subarray(0, bytes)
}
async function seal(name: SealedName, content: Buffer, pieces: readonly number[] = []): Promise<void> {
  const writer = await createSealedFile(name)
  let at = 0
  for (const piece of pieces) {
    await writer.append(content.subarray(at, at + piece))
    at = Math.min(content.length, at + piece)
  }
  await writer.append(content.subarray(at))
  await writer.finish()
}
async function whole(name: SealedName): Promise<Buffer> {
  const reader = await openSealedFile(name)
  try {
    return await reader.read(0, reader.bytes)
  } finally {
    await reader.close()
  }
}

/** Around the borders of chunks, where mistakes are. */
const sizes = fc.oneof(
  fc.nat({ max: 3 * chunkBytes }),
  fc
    .tuple(fc.nat({ max: 3 }), fc.integer({ min: -1, max: 1 }))
    .map(([chunks, by]) => Math.max(0, chunks * chunkBytes + by)),
)

describe('a sealed file', () => {
  it('gives back what was written, in any pieces, and any part of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.nat(),
        fc.array(fc.nat({ max: 2 * chunkBytes }), { maxLength: 6 }),
        fc.tuple(fc.nat({ max: 3 * chunkBytes + 2 }), fc.nat({ max: 3 * chunkBytes + 2 })),
        async (bytes, seed, pieces, [a, b]) => {
          const content = contentOf(bytes, seed)
          const name = named()
          await seal(name, content, pieces)
          const reader = await openSealedFile(name)
          expect(reader.bytes).toBe(bytes)
          const [start, end] = a < b ? [a, b] : [b, a]
          expect((await reader.read(start, end)).equals(content.subarray(start, end))).toBe(true)
          await reader.close()
          expect((await whole(name)).equals(content)).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('does not open when anything of it was changed', async () => {
    type Harm = (sealed: Buffer, other: Buffer, at: number, by: number) => Buffer
    const harms: Record<string, Harm> = {
      'a bit turned over': (sealed, _other, at, by) => {
        const byte = at % sealed.length
        sealed[byte] = (sealed[byte] ?? 0) ^ (1 << (by % 8))
        return sealed
      },
      'cut off anywhere': (sealed, _other, at) => sealed.subarray(0, at % sealed.length),
      'cut off between chunks': (sealed, _other, at) =>
        sealed.subarray(0, (at % Math.ceil(sealed.length / sealedChunk)) * sealedChunk),
      'added to': (sealed, _other, _at, by) => Buffer.concat([sealed, randomBytes(1 + (by % 100))]),
      'a chunk of it added again': (sealed, _other, at) =>
        Buffer.concat([
          sealed,
          sealed.subarray((at % 2) * sealedChunk, (at % 2) * sealedChunk + sealedChunk),
        ]),
      'two chunks swapped': sealed =>
        Buffer.concat([
          sealed.subarray(sealedChunk, 2 * sealedChunk),
          sealed.subarray(0, sealedChunk),
          sealed.subarray(2 * sealedChunk),
        ]),
      'a chunk left out': sealed => sealed.subarray(sealedChunk),
      'a chunk of another file under the same key': (sealed, other) =>
        Buffer.concat([other.subarray(0, sealedChunk), sealed.subarray(sealedChunk)]),
    }
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(harms)),
        fc.integer({ min: 2 * chunkBytes + 1, max: 3 * chunkBytes }),
        fc.nat(),
        fc.nat(),
        async (harm, bytes, at, by) => {
          const name = named()
          await seal(name, contentOf(bytes, at))
          const twin = { ...named(), key: name.key }
          await seal(twin, contentOf(bytes, at))
          const changed = harms[harm]?.(readFileSync(name.path), readFileSync(twin.path), at, by)
          writeFileSync(name.path, changed ?? Buffer.alloc(0))
          await expect(whole(name), harm).rejects.toBeInstanceOf(SealedFileDamaged)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('does not open as another file or with another key', async () => {
    const name = named()
    await seal(name, contentOf(100, 1))
    await expect(whole({ ...name, fileId: 'another' })).rejects.toBeInstanceOf(SealedFileDamaged)
    await expect(whole({ ...name, key: new Uint8Array(32) })).rejects.toBeInstanceOf(SealedFileDamaged)
    expect(readFileSync(name.path).includes(contentOf(100, 1).subarray(0, 16))).toBe(false)
  })

  it('is its owner’s only, and at its place only when it is whole', async () => {
    const name = named()
    const writer = await createSealedFile(name)
    await writer.append(contentOf(3 * chunkBytes, 1))
    expect(readdirSync(folder)).toEqual([`${name.fileId}.part`])
    await writer.finish()
    expect(readdirSync(folder)).toEqual([name.fileId])
    expect(statSync(name.path).mode & 0o777).toBe(0o600)
    const given = named()
    const up = await createSealedFile(given)
    await up.append(contentOf(3 * chunkBytes, 1))
    await up.drop()
    expect(readdirSync(folder)).toEqual([name.fileId])
  })

  it('writes on after a short write, and passes the failure of a full disk on', async () => {
    let left = Number.POSITIVE_INFINITY
    const narrow: WriteAt = async (handle, content, position) => {
      if (left <= 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
      const { bytesWritten } = await handle.write(content, 0, Math.min(content.length, 1_000), position)
      left -= bytesWritten
      return bytesWritten
    }
    const content = contentOf(chunkBytes + 5, 3)
    const name = named()
    const writer = await createSealedFile(name, narrow)
    await writer.append(content)
    await writer.finish()
    expect((await whole(name)).equals(content)).toBe(true)
    left = chunkBytes
    const failing = await createSealedFile(named(), narrow)
    await failing.append(content)
    await expect(failing.append(contentOf(2 * chunkBytes, 4))).rejects.toMatchObject({ code: 'ENOSPC' })
    await failing.drop()
    expect(readdirSync(folder)).toEqual([name.fileId])
  })
})
