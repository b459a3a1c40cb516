/** An attachment's content from the centre, under the seat's token and the operator's session. */
import type { Readable } from 'node:stream'
import type { Attachment } from '../../../shared/domain/command.ts'
import { Refusal } from '../refusal.ts'
import type { CentreLink } from '../sync/centre.ts'
import { type CentreAnswer, CentreFailure, failureOf } from '../sync/centre-client.ts'

/** Refuses with CENTRE_UNREACHABLE, ATTACHMENT_NOT_ARRIVED or FORBIDDEN, also in the middle. */
export async function* fromCentre(
  link: CentreLink | null,
  { attachmentId }: Attachment,
  caseId: string,
): AsyncGenerator<Uint8Array> {
  if (link === null) throw new Refusal('CENTRE_UNREACHABLE')
  const path = `/v1/cases/${encodeURIComponent(caseId)}/attachments/${encodeURIComponent(attachmentId)}`
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
    if (error instanceof CentreFailure && error.status === 403) throw new Refusal('FORBIDDEN')
    throw new Refusal('CENTRE_UNREACHABLE')
  }
}
