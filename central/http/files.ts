/**
 * `/v1/files`: tus 1.0 for seats and for internet channels; and reading an attachment back, as a person who may read its case or who
 * holds its intake item.
 */
import { createReadStream } from 'node:fs'
import { Server } from '@tus/server'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { maxIntakeFileBytes } from '../../shared/contract/central-intake.ts'
import type { Attachment } from '../../shared/domain/command.ts'
import type { Central } from '../central.ts'
import { createFileLocker } from '../files/file-locker.ts'
import { type FileOf, type Files, type Sender, uploadMetadata } from '../files/files.ts'
import { Refusal, type RefusalCode } from '../refusal.ts'
import { type Caller, deviceIn, personIn } from './access.ts'
import { coded } from './requests.ts'

const path = '/v1/files'
const sweepMs = 3_600_000
/** tus: the content is not what its checksum promised. */
const checksumMismatch = 460

const refusing = (status: number, code: RefusalCode) => ({
  status_code: status,
  body: JSON.stringify(coded(code).toJSON()),
})

function codeFor(status: number): RefusalCode {
  if (status === 413) return 'BODY_TOO_LARGE'
  if (status === 403) return 'FORBIDDEN'
  if (status === 404 || status === 410) return 'NOT_FOUND'
  return status < 500 ? 'BAD_REQUEST' : 'UNAVAILABLE'
}

export async function addFiles(
  app: FastifyInstance,
  central: Central,
  files: Files,
  callerOf: (request: FastifyRequest) => Caller,
): Promise<{ close(): Promise<void> }> {
  const { sql, clock, log } = central.context
  const locker = await createFileLocker(sql)
  const { store } = files
  const senders = new WeakMap<object, Sender>()
  const senderOf = (request: unknown): Sender => {
    const raw = (request as { runtime?: { node?: { req?: object } } }).runtime?.node?.req
    const sender = raw === undefined ? undefined : senders.get(raw)
    if (sender === undefined) throw refusing(401, 'UNAUTHENTICATED')
    return sender
  }
  const identify = (request: FastifyRequest): Sender => {
    const caller = callerOf(request)
    return caller.kind === 'key' ? { channel: caller.name } : { seatId: deviceIn(caller).seatId }
  }

  const tus = new Server({
    path,
    datastore: store,
    locker,
    maxSize: request =>
      'channel' in senderOf(request) ? Math.min(maxIntakeFileBytes, files.maxBytes) : files.maxBytes,
    relativeLocation: true,
    allowedOrigins: [],
    disableTerminationForFinishedUploads: true,
    onIncomingRequest: async (request, id) => {
      const sender = senderOf(request)
      if (request.method === 'POST') return
      const upload = await store.getUpload(id)
      if (!files.belongsTo(upload, sender)) throw refusing(404, 'NOT_FOUND')
      // Whole, but the process ended before it was noted: the sender asks how far it came.
      if (request.method !== 'HEAD' || upload.offset !== upload.size || (await files.keep(upload))) return
      // Not what was promised: the sender begins anew.
      await store.remove(id)
      throw refusing(404, 'NOT_FOUND')
    },
    onUploadCreate: async (request, upload) => {
      const sender = senderOf(request)
      const promised = uploadMetadata.safeParse(upload.metadata)
      if (!promised.success || upload.size === undefined) throw refusing(400, 'BAD_REQUEST')
      if ('channel' in sender)
        await files.mayBegin(sender.channel, upload.size).catch((error: unknown) => {
          throw error instanceof Refusal ? refusing(429, error.code) : error
        })
      return { metadata: { ...promised.data, ...sender } }
    },
    onUploadFinish: async (_request, upload) => {
      if (await files.keep(upload)) return {}
      await store.remove(upload.id)
      throw refusing(checksumMismatch, 'BAD_REQUEST')
    },
    onResponseError: (_request, error) => {
      const status = 'status_code' in error ? error.status_code : 500
      if (status >= 500) log.warn({ status }, 'an upload was interrupted')
      const given = 'body' in error && error.body.startsWith('{') ? error.body : null
      return given === null ? refusing(status, codeFor(status)) : { status_code: status, body: given }
    },
  })

  let cancelSweep = () => {}
  const sweep = () => {
    cancelSweep = clock.after(sweepMs, () => {
      void files.removeForgotten().catch(() => log.warn('forgotten uploads could not be removed'))
      sweep()
    })
  }
  sweep()

  await app.register(async scope => {
    // The body is left to tus: it is written as it comes, never gathered.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.addHook('onRequest', async request => {
      if (request.headers['content-encoding'] !== undefined) throw new Refusal('BAD_REQUEST')
    })
    for (const url of [path, `${path}/:fileId`])
      scope.route({
        method: ['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'],
        url,
        handler: async (request, reply) => {
          senders.set(request.raw, identify(request))
          reply.hijack()
          await tus.handle(request.raw, reply.raw)
        },
      })
  })

  const send = async (reply: FastifyReply, all: readonly Attachment[], attachmentId: string, of: FileOf) => {
    const wanted = all.find(each => each.attachmentId === attachmentId)
    if (wanted === undefined) throw new Refusal('NOT_FOUND')
    return sendFile(reply, files, { ...wanted, of })
  }

  app.get<{ Params: { caseId: string; attachmentId: string } }>(
    '/v1/cases/:caseId/attachments/:attachmentId',
    async (request, reply) => {
      const { caseId, attachmentId } = request.params
      const { attachments } = await central.cases.get(personIn(callerOf(request)), caseId)
      return send(reply, attachments, attachmentId, { caseId })
    },
  )
  app.get<{ Params: { intakeId: string; attachmentId: string }; Querystring: { fence?: unknown } }>(
    '/v1/intake/:intakeId/attachments/:attachmentId',
    async (request, reply) => {
      const who = personIn(callerOf(request))
      const { intakeId, attachmentId } = request.params
      const fence = Number(request.query.fence)
      if (!Number.isSafeInteger(fence) || fence < 1) throw new Refusal('BAD_REQUEST')
      const found = await central.intake.attachments(who, intakeId, fence)
      return send(reply, found, attachmentId, { intakeId })
    },
  )

  return {
    close: async () => {
      cancelSweep()
      await locker.close()
    },
  }
}

/** Never shown in its place: to be saved, under its own name where somebody's browser asks. NOT_FOUND when it has not come. */
export async function sendFile(
  reply: FastifyReply,
  files: Files,
  { attachmentId, sha256, bytes, of }: Attachment & { of: FileOf },
  name?: string,
) {
  const found = await files.find(attachmentId, sha256, of)
  if (found === null) throw new Refusal('NOT_FOUND')
  const called =
    name === undefined ? '' : `; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, hexOf)}`
  return reply
    .header('content-type', 'application/octet-stream')
    .header('content-disposition', `attachment${called}`)
    .header('x-content-type-options', 'nosniff')
    .header('content-length', bytes)
    .send(createReadStream(found))
}
const hexOf = (letter: string) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`
