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

const ascii = (first: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...first.subarray(from, to))
/** The kind of an ISO media file, by its brand; null for any other file. */
const brandOf = (first: Uint8Array): string | null =>
  ascii(first, 4, 8) === 'ftyp' ? ascii(first, 8, 12) : null
const isStill = (brand: string): boolean => /^(?:hei[cxms]|hev[cxms]|mif1|msf1)$/.test(brand)

type Outside = readonly [mediaType: string, isOne: (first: Uint8Array) => boolean]
const picture = (mediaType: string): Outside => [mediaType, first => mediaTypeOf('', first) === mediaType]
const still: Outside = ['image/heic', first => isStill(brandOf(first) ?? '')]
const film = (mediaType: string): Outside => [
  mediaType,
  first => {
    const brand = brandOf(first)
    return brand !== null && !isStill(brand)
  },
]
const office = (name: string): Outside => [
  `application/vnd.openxmlformats-officedocument.${name}`,
  first => ascii(first, 0, 4) === 'PK\u0003\u0004',
]
const outside: Readonly<Record<string, Outside>> = {
  jpg: picture('image/jpeg'),
  jpeg: picture('image/jpeg'),
  png: picture('image/png'),
  gif: picture('image/gif'),
  webp: picture('image/webp'),
  heic: still,
  heif: still,
  pdf: ['application/pdf', first => ascii(first, 0, 5) === '%PDF-'],
  mp4: film('video/mp4'),
  mov: film('video/quicktime'),
  m4a: film('audio/mp4'),
  mp3: [
    'audio/mpeg',
    first => ascii(first, 0, 3) === 'ID3' || (first[0] === 0xff && (first[1] ?? 0) >= 0xe0),
  ],
  wav: ['audio/wav', first => ascii(first, 0, 4) === 'RIFF' && ascii(first, 8, 12) === 'WAVE'],
  amr: ['audio/amr', first => ascii(first, 0, 5) === '#!AMR'],
  docx: office('wordprocessingml.document'),
  xlsx: office('spreadsheetml.sheet'),
}
/** What a form that chooses files may offer (`accept`). */
export const outsideEndings: readonly string[] = Object.keys(outside).map(ending => `.${ending}`)
/** So many bytes of a file decide. */
export const firstBytes = 16

/**
 * What a file from outside the hotline is (a web form, a mini-program, a unit): its ending and its first bytes must say the same.
 * Null: it is not taken. Pages, drawings with scripts, programs and archives are never among them.
 */
export function outsideFile(name: string, first: Uint8Array): string | null {
  const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  const found = Object.hasOwn(outside, ending) ? outside[ending] : undefined
  return found?.[1](first) === true ? found[0] : null
}

/** Shown in its place. Everything else is saved under its name and never opened. */
export const isPicture = (mediaType: string): boolean => pictures.has(mediaType)
