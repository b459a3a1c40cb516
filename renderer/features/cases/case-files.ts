/** Files between the page and the core: sent in pieces, taken back whole. */
import { attachmentPieceBytes } from '../../../shared/contract/seat.ts'
import type { CaseFile } from '../../../shared/domain/attachment.ts'
import type { Bridge } from '../../bridge/bridge.ts'

type Files = Pick<Bridge['seat']['attachments'], 'begin' | 'append' | 'finish' | 'read'>
/** What is needed of a File. */
export type Source = Pick<Blob, 'slice' | 'size' | 'type'> & { name: string }

/** So often a file is begun anew: the core that had a part of it was restarted. */
const beginnings = 3

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : null)

/** `attachmentId` is the same when it is tried again: nothing is added twice. Rejects with the core's refusal. */
export async function addFile(
  files: Files,
  { caseId, attachmentId }: { caseId: string; attachmentId: string },
  file: Source,
  onReceived: (bytes: number) => void,
): Promise<CaseFile> {
  for (let begun = 1; ; begun += 1) {
    try {
      let { received } = await files.begin({
        caseId,
        attachmentId,
        name: file.name,
        mediaType: file.type,
        bytes: file.size,
      })
      while (received < file.size) {
        onReceived(received)
        const piece = await file.slice(received, received + attachmentPieceBytes).arrayBuffer()
        const content = base64Of(new Uint8Array(piece))
        ;({ received } = await files.append({ attachmentId, offset: received, content }))
      }
      return await files.finish({ attachmentId })
    } catch (error) {
      if (codeOf(error) !== 'ATTACHMENT_NOT_FOUND' || begun === beginnings) throw error
    }
  }
}

/** All of it, or a rejection: what came in part is never shown or saved. */
export async function contentOf(
  files: Files,
  caseId: string,
  { attachmentId, bytes }: Pick<CaseFile, 'attachmentId' | 'bytes'>,
  mediaType: string,
  onReceived: (bytes: number) => void,
): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  let received = 0
  for await (const { content } of await files.read({ caseId, attachmentId })) {
    const part = bytesOf(content)
    parts.push(part)
    received += part.length
    onReceived(Math.min(received, bytes))
  }
  return new Blob(parts, { type: mediaType })
}

/** As many bytes as one call takes as arguments. */
const atOnce = 0x8000

export function base64Of(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += atOnce)
    text += String.fromCharCode(...bytes.subarray(at, at + atOnce))
  return btoa(text)
}

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64)
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at)
  return bytes
}

/** `512 B`, `3.4 KB`, `120 MB`. */
export function sizeWords(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB']
  let size = bytes
  let unit = 0
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit += 1
  }
  return `${size < 10 && unit > 0 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`
}

export const percentOf = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.min(100, Math.floor((part * 100) / whole))

/** China time, whatever the machine's zone: `2026-11-25 09:05:07`. */
const moment = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai',
  dateStyle: 'short',
  timeStyle: 'medium',
})

/** Pictures from the clipboard have no name of their own: they are called after when they were pasted. */
export function pastedName(file: { name: string; type: string }, at: Date): string {
  if (!/^image\.\w+$/.test(file.name)) return file.name
  return `截图 ${moment.format(at).replaceAll(':', '.')}.${file.type.split('/')[1] ?? 'png'}`
}
