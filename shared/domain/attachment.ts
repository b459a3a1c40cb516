/** Attachments (附件): what a file may be called, what it is taken for, and how far it has come. Pure. */
import { z } from 'zod'
import { attachment } from './command.ts'

/** How far a file of a case has come, as the seat knows it. */
export const caseFile = attachment.extend({
  state: z
    .enum(['waiting', 'uploading', 'uploaded', 'failed', 'central'])
    .describe('状态: 等待上传 / 上传中 / 本机添加且已在中心 / 失败 / 来自中心'),
  sentBytes: z.number().int().describe('上传中：中心已收到的字节'),
  problem: z.object({ code: z.string(), sentence: z.string() }).nullable().describe('失败的原因'),
})
export type CaseFile = z.infer<typeof caseFile>

/** Line breaks, controls, and the marks of direction that show one name as another (报告<U+202E>gpj.exe). */
const hidden = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
const longestName = attachment.shape.name.maxLength ?? 200

/** A bare name, never a path. Null for one that cannot be shown and saved as it is. */
export function attachmentName(given: string): string | null {
  const name = given.normalize('NFC').trim()
  if (name === '' || name.length > longestName || name === '.' || name === '..') return null
  return /[/\\]/.test(name) || hidden.test(name) ? null : name
}

const signatures: readonly (readonly [mediaType: string, at: number, bytes: readonly number[]])[] = [
  ['image/png', 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', 0, [0xff, 0xd8, 0xff]],
  ['image/gif', 0, [0x47, 0x49, 0x46, 0x38]],
  ['image/webp', 8, [0x57, 0x45, 0x42, 0x50]],
]
const pictures = new Set(signatures.map(([mediaType]) => mediaType))
const anything = 'application/octet-stream'

/** What a file is, by its first bytes: a picture is one only if it begins like one. Anything else keeps what it was said to be. */
export function mediaTypeOf(said: string, first: Uint8Array): string {
  const found = signatures.find(([, at, bytes]) => bytes.every((byte, index) => first[at + index] === byte))
  if (found !== undefined) return found[0]
  const plain = said.toLowerCase().split(';')[0]?.trim() ?? ''
  return /^[a-z0-9][\w.+-]{0,60}\/[\w.+-]{1,30}$/.test(plain) && !pictures.has(plain) ? plain : anything
}

/** Shown in its place. Everything else is saved under its name and never opened. */
export const isPicture = (mediaType: string): boolean => pictures.has(mediaType)
