/** A file's content from the centre, under the seat's token and the operator's session. */
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { Attachment } from '../../../shared/domain/command.ts'
import { Refusal } from '../refusal.ts'
import type { CentreLink } from '../sync/centre.ts'
import { type CentreAnswer, CentreFailure, failureOf } from '../sync/centre-client.ts'

export const pathOfCaseFile = ({ attachmentId }: Attachment, caseId: string): string =>
  `/v1/cases/${encodeURIComponent(caseId)}/attachments/${encodeURIComponent(attachmentId)}`

/** Refuses with CENTRE_UNREACHABLE, ATTACHMENT_NOT_ARRIVED, LEASE_NOT_YOURS or FORBIDDEN, also in the middle. */
export async function* fromCentre(link: CentreLink | null, path: string): AsyncGenerator<Uint8Array> {
  if (link === null) throw new Refusal('CENTRE_UNREACHABLE')
  try {
    const session = await link.sessions.token()
    if (session === null) throw new Refusal('CENTRE_UNREACHABLE')
    const ask = (token: string): Promise<CentreAnswer | Readable> =>
      link.line.receive(path, { authorization: `Bearer ${token}`, 'x-operator-session': session })
    const token = await link.device.token()
    let answer = await ask(token)
    if ('status' in answer && answer.status === 401) answer = await ask(await link.device.anotherToken(token))
    if ('status' in answer) throw failureOf(answer)
    for await (const content of answer) yield content as Uint8Array
  } catch (error) {
    if (error instanceof Refusal) throw error
    if (error instanceof CentreFailure && error.status === 404) throw new Refusal('ATTACHMENT_NOT_ARRIVED')
    if (error instanceof CentreFailure && error.status === 403)
      throw new Refusal(error.code === 'LEASE_NOT_YOURS' ? 'LEASE_NOT_YOURS' : 'FORBIDDEN')
    throw new Refusal('CENTRE_UNREACHABLE')
  }
}

/** As it comes, and ATTACHMENT_DAMAGED at the end of what is not the file that was promised. */
export async function* checked(
  { bytes, sha256 }: Attachment,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ offset: number; content: Uint8Array }> {
  const hash = createHash('sha256')
  let offset = 0
  for await (const content of pieces) {
    hash.update(content)
    yield { offset, content }
    offset += content.length
    if (offset > bytes) throw new Refusal('ATTACHMENT_DAMAGED')
    // A save that waits comes first.
    await new Promise(resolve => setImmediate(resolve))
  }
  if (offset !== bytes || hash.digest('hex') !== sha256) throw new Refusal('ATTACHMENT_DAMAGED')
}
