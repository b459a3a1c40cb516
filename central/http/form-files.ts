/**
 * A form with files (multipart/form-data), as a browser without scripts sends it. Files go to the disk as they come, judged by name
 * and first bytes; what is not taken is gone at once, and told.
 */
import type { IncomingMessage } from 'node:http'
import { Busboy, type BusboyFileStream } from '@fastify/busboy'
import type { FastifyRequest } from 'fastify'
import { attachmentName, nameByContent, outsideFile } from '../../shared/domain/attachment.ts'
import type { Files, Spooled } from '../files/files.ts'
import { Refusal, type RefusalCode } from '../refusal.ts'
import { discardRest } from './answers.ts'

export type FormFile = Spooled & { name: string; mediaType: string }
type FileRefusal = Extract<
  RefusalCode,
  'FILE_NAME_INVALID' | 'FILE_REFUSED' | 'FILES_TOO_MANY' | 'BODY_TOO_LARGE'
>
export type FormWithFiles = {
  fields: URLSearchParams
  files: FormFile[]
  refused: { name: string; code: FileRefusal }[]
}

const fieldBytes = 64 * 1024
const fieldCount = 40
/** The fields, and the heads of all parts. */
const besideFiles = 512 * 1024

export const isMultipart = ({ headers }: FastifyRequest): boolean =>
  /^multipart\/form-data\s*;/i.test(headers['content-type'] ?? '') &&
  headers['content-encoding'] === undefined

/** Rejects, and nothing of it stays, when the form does not come whole (BAD_REQUEST) or is too large as a whole (BODY_TOO_LARGE). */
export async function readForm(
  { raw }: FastifyRequest,
  store: Files,
  limits: { files: number; fileBytes: number },
): Promise<FormWithFiles> {
  const fileBytes = Math.min(limits.fileBytes, store.maxBytes)
  const most = limits.files * fileBytes + besideFiles
  const form: FormWithFiles = { fields: new URLSearchParams(), files: [], refused: [] }
  const stop = new AbortController()
  const spooling: Promise<FormFile | null>[] = []

  const judge = (name: string | null, { truncated }: BusboyFileStream, { head }: Spooled) => {
    if (name === null) return 'FILE_NAME_INVALID'
    return truncated ? 'BODY_TOO_LARGE' : (outsideFile(name, head) ?? 'FILE_REFUSED')
  }
  const take = async (stream: BusboyFileStream, said: string): Promise<FormFile | null> => {
    const spooled = await store.spool(stream, stop.signal)
    const name = attachmentName(said)
    const judged = judge(name, stream, spooled)
    if (name !== null && judged.includes('/'))
      return { ...spooled, name: nameByContent(name, judged), mediaType: judged }
    form.refused.push({ name: name ?? '', code: judged as FileRefusal })
    await store.drop([spooled])
    return null
  }

  const gathered = new Promise<void>((resolve, reject) => {
    const fail = (code: RefusalCode) => reject(new Refusal(code))
    const parser = parserOf(raw, limits.files, fileBytes)
    parser.on('field', (name, value, _long, tooLong) => {
      if (tooLong) return fail('BODY_TOO_LARGE')
      form.fields.append(name, value)
    })
    parser.on('file', (_field, stream, name: string | undefined) => {
      stream.on('error', () => {})
      // A field of files in which none was chosen.
      if (name === undefined || name === '') return stream.resume()
      if (spooling.length === limits.files) {
        form.refused.push({ name: '', code: 'FILES_TOO_MANY' })
        return stream.resume()
      }
      const taking = take(stream, name)
      spooling.push(taking)
      taking.catch(reject)
    })
    parser.on('filesLimit', () => form.refused.push({ name: '', code: 'FILES_TOO_MANY' }))
    for (const event of ['fieldsLimit', 'partsLimit', 'error'])
      parser.on(event, () => fail(event === 'error' ? 'BAD_REQUEST' : 'BODY_TOO_LARGE'))
    parser.on('finish', resolve)
    let bytes = 0
    raw.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > most) fail('BODY_TOO_LARGE')
    })
    raw.on('error', () => fail('BAD_REQUEST'))
    raw.on('close', () => {
      if (!raw.complete) fail('BAD_REQUEST')
    })
    raw.pipe(parser)
  })

  try {
    await gathered
    for (const file of await Promise.all(spooling)) if (file !== null) form.files.push(file)
    return form
  } catch (error) {
    raw.unpipe()
    stop.abort()
    discardRest(raw, most)
    for (const each of await Promise.allSettled(spooling))
      if (each.status === 'fulfilled' && each.value !== null) await store.drop([each.value])
    throw error
  }
}

function parserOf(raw: IncomingMessage, files: number, fileBytes: number) {
  try {
    return new Busboy({
      headers: { ...raw.headers, 'content-type': raw.headers['content-type'] ?? '' },
      // A name that is a path is refused, not mended.
      preservePath: true,
      limits: {
        fieldSize: fieldBytes,
        fields: fieldCount,
        fileSize: fileBytes,
        // One more is seen, so that it can be told.
        files: files + 1,
        parts: fieldCount + files + 2,
        headerPairs: 20,
        headerSize: 8 * 1024,
      },
    })
  } catch {
    // No boundary.
    throw new Refusal('BAD_REQUEST')
  }
}
