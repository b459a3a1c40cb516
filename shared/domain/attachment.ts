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

/**
 * Within one family the content decides, not the ending: WeChat names WEBP and PNG .jpg, and iPhones send JPEG as .HEIC. Without a
 * family the two must agree.
 */
type Outside = {
  mediaType: string
  /** The first is the one that a renamed file gets. */
  endings: readonly [string, ...string[]]
  family: 'picture' | 'recording' | null
  isOne: (first: Uint8Array) => boolean
}
const picture = (mediaType: string, ...endings: Outside['endings']): Outside => ({
  mediaType,
  endings,
  family: 'picture',
  isOne: first => mediaTypeOf('', first) === mediaType,
})
const recording = (mediaType: string, ending: string, isOne: Outside['isOne']): Outside => ({
  mediaType,
  endings: [ending],
  family: 'recording',
  isOne,
})
const office = (name: string, ending: string): Outside => ({
  mediaType: `application/vnd.openxmlformats-officedocument.${name}`,
  endings: [ending],
  family: null,
  isOne: first => ascii(first, 0, 4) === 'PK\u0003\u0004',
})
/** Films and sound share their container: a brand that says neither is what its ending says. */
const isContainer = (first: Uint8Array, notBrands: RegExp): boolean => {
  const brand = brandOf(first)
  return brand !== null && !isStill(brand) && !notBrands.test(brand)
}
const outside: readonly Outside[] = [
  picture('image/jpeg', 'jpg', 'jpeg', 'jfif', 'jpe', 'pjpeg', 'pjp'),
  picture('image/png', 'png'),
  picture('image/gif', 'gif'),
  picture('image/webp', 'webp'),
  {
    mediaType: 'image/heic',
    endings: ['heic', 'heif', 'hif'],
    family: 'picture',
    isOne: first => isStill(brandOf(first) ?? ''),
  },
  {
    mediaType: 'application/pdf',
    endings: ['pdf'],
    family: null,
    isOne: first => ascii(first, 0, 5) === '%PDF-',
  },
  recording('video/quicktime', 'mov', first => brandOf(first) === 'qt  '),
  recording('video/mp4', 'mp4', first => isContainer(first, /^(?:qt {2}|M4[AB] |avi[fs])$/)),
  recording('audio/mp4', 'm4a', first => isContainer(first, /^(?:qt {2}|avi[fs])$/)),
  recording('audio/wav', 'wav', first => ascii(first, 0, 4) === 'RIFF' && ascii(first, 8, 12) === 'WAVE'),
  recording('audio/amr', 'amr', first => ascii(first, 0, 5) === '#!AMR'),
  recording(
    'audio/mpeg',
    'mp3',
    first => ascii(first, 0, 3) === 'ID3' || (first[0] === 0xff && (first[1] ?? 0) >= 0xe0),
  ),
  office('wordprocessingml.document', 'docx'),
  office('spreadsheetml.sheet', 'xlsx'),
]
/** What a form that chooses files may offer (`accept`). */
export const outsideEndings: readonly string[] = outside.flatMap(({ endings }) =>
  endings.map(ending => `.${ending}`),
)
/** So many bytes of a file decide. */
export const firstBytes = 16

const endingOf = (name: string): string => /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''
const byEnding = (name: string): Outside | undefined => {
  const ending = endingOf(name)
  return outside.find(({ endings }) => endings.includes(ending))
}

/**
 * What a file from outside the hotline is (a web form, a mini-program, a unit): by its ending it must be of a kind that is taken, and
 * its first bytes say which of that family it is. Null: it is not taken. Pages, drawings with scripts, programs and archives are
 * never among them.
 */
export function outsideFile(name: string, first: Uint8Array): string | null {
  const said = byEnding(name)
  if (said === undefined) return null
  if (said.isOne(first)) return said.mediaType
  const found = outside.find(({ family, isOne }) => family !== null && family === said.family && isOne(first))
  return found?.mediaType ?? null
}

/** The name with the ending of what the file is, so that it opens where it is saved. Only within a family, and never a longer path. */
export function nameByContent(name: string, mediaType: string): string {
  const said = byEnding(name)
  const found = outside.find(each => each.mediaType === mediaType)
  if (said === undefined || found === undefined || said.family === null || said.family !== found.family)
    return name
  const [ending] = found.endings
  // Few programs open what is called .jfif.
  if (said === found && endingOf(name) !== 'jfif') return name
  const base = name.slice(0, name.lastIndexOf('.')).slice(0, longestName - ending.length - 1)
  // Not half a character at the cut.
  return `${base.replace(/[\ud800-\udbff]$/, '')}.${ending}`
}

/** Shown in its place. Everything else is saved under its name and never opened. */
export const isPicture = (mediaType: string): boolean => pictures.has(mediaType)
