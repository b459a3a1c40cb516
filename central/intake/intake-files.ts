/** The attachments of an intake item: uploaded by its channel before, each of one item only. */
import { type IntakeFile, maxIntakeFiles } from '../../shared/contract/central-intake.ts'
import { attachmentName, nameByContent, outsideFile } from '../../shared/domain/attachment.ts'
import type { Attachment } from '../../shared/domain/command.ts'
import { Refusal } from '../refusal.ts'
import type { Queries } from '../storage/sql.ts'

/** In the order given, by the names under which they are kept. */
export function namedFiles(given: readonly IntakeFile[]): IntakeFile[] {
  if (given.length > maxIntakeFiles) throw new Refusal('FILES_TOO_MANY')
  if (new Set(given.map(({ attachmentId }) => attachmentId)).size < given.length)
    throw new Refusal('BAD_REQUEST')
  return given.map(({ attachmentId, name: said, sha256 }) => {
    const name = attachmentName(said)
    if (name === null) throw new Refusal('FILE_NAME_INVALID')
    return { attachmentId, name, sha256 }
  })
}

/** From now on they are the item's. Their rows are locked: what is cleared away meanwhile is not among them. */
export async function giveFiles(
  tx: Queries,
  channel: string,
  intakeId: string,
  named: readonly IntakeFile[],
): Promise<Attachment[]> {
  const given: Attachment[] = []
  for (const { attachmentId, name, sha256 } of named) {
    if (attachmentId.includes('\u0000')) throw new Refusal('BAD_REQUEST')
    const [row] = await tx.query<{ file_id: string; bytes: string | number; head: string }>(
      `SELECT file_id, bytes, head FROM file
       WHERE channel = $1 AND attachment_id = $2 AND sha256 = $3 AND intake_id IS NULL
       ORDER BY stored_at, file_id LIMIT 1 FOR UPDATE`,
      [channel, attachmentId, sha256],
    )
    if (row === undefined) throw new Refusal('INTAKE_FILE_MISSING')
    const mediaType = outsideFile(name, Buffer.from(row.head, 'hex'))
    if (mediaType === null) throw new Refusal('FILE_REFUSED')
    await tx.query('UPDATE file SET intake_id = $2 WHERE file_id = $1', [row.file_id, intakeId])
    given.push({
      attachmentId,
      name: nameByContent(name, mediaType),
      mediaType,
      bytes: Number(row.bytes),
      sha256,
      addedBy: { name: channel.slice(0, 250) },
    })
  }
  return given
}
