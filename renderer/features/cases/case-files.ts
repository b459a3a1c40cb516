/** Files from the page to the core, in pieces. */
import { attachmentPieceBytes } from '../../../shared/contract/seat.ts'
import type { CaseFile } from '../../../shared/domain/attachment.ts'
import type { Bridge } from '../../bridge/bridge.ts'
import { china } from '../../ui/time.ts'

type Files = Pick<Bridge['seat']['attachments'], 'begin' | 'append' | 'finish'>
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

/** As many bytes as one call takes as arguments. */
const atOnce = 0x8000

export function base64Of(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += atOnce)
    text += String.fromCharCode(...bytes.subarray(at, at + atOnce))
  return btoa(text)
}

/** Pictures from the clipboard have no name of their own: they are called after when they were pasted. */
export function pastedName(file: { name: string; type: string }, at: Date): string {
  if (!/^image\.\w+$/.test(file.name)) return file.name
  const [day, clock = ''] = china(at.getTime()).slice(0, 19).split('T')
  return `截图 ${day} ${clock.replaceAll(':', '.')}.${file.type.split('/')[1] ?? 'png'}`
}
