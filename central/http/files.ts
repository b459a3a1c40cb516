/**
 * `/v1/files`: tus 1.0 for seats and for internet channels; and reading an attachment back, as a person who may read its case or who
 * holds its intake item.
 */
import { createReadStream } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { Server } from '@tus/server'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { centralErrors } from '../../shared/contract/central-errors.ts'
import { maxIntakeFileBytes } from '../../shared/contract/central-intake.ts'
import type { Attachment } from '../../shared/domain/command.ts'
import type { Central } from '../central.ts'
import { createFileLocker } from '../files/file-locker.ts'
import { type FileOf, type Files, type Sender, uploadMetadata } from '../files/files.ts'
import type { Ending } from '../identity/endings.ts'
import { Refusal, type RefusalCode } from '../refusal.ts'
import { type Caller, deviceIn, personIn } from './access.ts'
import { retryAfterSeconds } from './answers.ts'
import type { Gate } from './gate.ts'
import { coded } from './requests.ts'

const path = '/v1/files'
const sweepMs = 3_600_000
/** tus: the content is not what its checksum promised. */
const checksumMismatch = 460

const senderName = (sender: Sender): string =>
  'channel' in sender ? `channel ${sender.channel}` : `seat ${'seatId' in sender ? sender.seatId : ''}`

const refusing = (status: number, code: RefusalCode) => ({
  status_code: status,
  body: JSON.stringify(coded(code).toJSON()),
})

const count = /^(0|[1-9]\d{0,14})$/
/** What tus itself would refuse in words of its own, or do more with than is meant here. */
function isTus({ method, headers }: FastifyRequest): boolean {
  const isCount = (name: string) => headers[name] === undefined || count.test(String(headers[name]))
  return (
    method === 'OPTIONS' ||
    (headers['tus-resumable'] === '1.0.0' &&
      ['upload-offset', 'upload-length'].every(isCount) &&
      ['upload-defer-length', 'upload-concat', 'x-http-method-override'].every(
        name => headers[name] === undefined,
      ) &&
      /^https?$/.test(String(headers['x-forwarded-proto'] ?? 'https')) &&
      /^(?:[\w-]{1,40} [\w+/=]{0,400}(?:,|$))*$/.test(String(headers['upload-metadata'] ?? '')) &&
      (method !== 'PATCH' || headers['content-type'] === 'application/offset+octet-stream'))
  )
}

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
  gate: Gate,
  callerOf: (request: FastifyRequest) => Caller,
): Promise<{ close(): Promise<void> }> {
  const { sql, clock, log } = central.context
  const locker = await createFileLocker(sql)
  const { store, uploads } = files
  const senders = new WeakMap<object, Sender>()
  type Node = { req?: object; res?: ServerResponse }
  const nodeOf = (request: unknown): Node => (request as { runtime?: { node?: Node } }).runtime?.node ?? {}
  const senderOf = (request: unknown): Sender => {
    const { req } = nodeOf(request)
    const sender = req === undefined ? undefined : senders.get(req)
    if (sender === undefined) throw refusing(401, 'UNAUTHENTICATED')
    return sender
  }
  const identify = (request: FastifyRequest): { sender: Sender; endsWith: Ending } => {
    const caller = callerOf(request)
    const it = gate.senderOf(request)
    return it?.kind === 'key' && caller.kind === 'key'
      ? { sender: { channel: caller.name }, endsWith: `key:${it.keyId}` }
      : { sender: { seatId: deviceIn(caller).seatId }, endsWith: `device:${deviceIn(caller).clientId}` }
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
      if (request.method === 'PATCH') await uploads.touch(id)
      if (request.method === 'DELETE') await uploads.end(id)
      // Whole, but the process ended before it was noted: the sender asks how far it came.
      if (request.method !== 'HEAD' || upload.offset !== upload.size || (await files.keep(upload))) return
      // Not what was promised: the sender begins anew.
      await store.remove(id)
      await uploads.end(id)
      throw refusing(404, 'NOT_FOUND')
    },
    onUploadCreate: async (request, upload) => {
      const sender = senderOf(request)
      const promised = uploadMetadata.safeParse(upload.metadata)
      if (!promised.success || upload.size === undefined) throw refusing(400, 'BAD_REQUEST')
      try {
        if ('channel' in sender) await files.mayBegin(sender.channel, upload.size)
        await uploads.begin(upload.id, senderName(sender), upload.size)
      } catch (error) {
        throw error instanceof Refusal ? refusing(centralErrors[error.code].status, error.code) : error
      }
      return { metadata: { ...promised.data, ...sender } }
    },
    onUploadFinish: async (_request, upload) => {
      const isWhole = await files.keep(upload)
      await uploads.end(upload.id)
      if (isWhole) return {}
      await store.remove(upload.id)
      throw refusing(checksumMismatch, 'BAD_REQUEST')
    },
    onResponseError: async (request, error) => {
      const told = await toldOf(error)
      const seconds = retryAfterSeconds(told.status_code)
      if (seconds !== null) nodeOf(request).res?.setHeader('retry-after', seconds)
      return told
    },
  })
  const isDiskFull = async () => {
    try {
      await uploads.hasRoom(0)
      return false
    } catch (error) {
      return error instanceof Refusal
    }
  }
  const toldOf = async (error: Error | { status_code: number; body: string }) => {
    const status = 'status_code' in error ? error.status_code : 500
    if ('body' in error && error.body.startsWith('{')) return { status_code: status, body: error.body }
    if (status < 500) return refusing(status, codeFor(status))
    // The store says only that it could not write.
    const isFull = await isDiskFull()
    log.warn({ status, isFull }, 'an upload was interrupted')
    const code = isFull ? 'STORAGE_FULL' : 'UNAVAILABLE'
    return refusing(centralErrors[code].status, code)
  }

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
    scope.addHook('onRequest', gate.admit({ who: 'device', scope: 'intake.post' }))
    scope.addHook('onRequest', async request => {
      if (request.headers['content-encoding'] !== undefined) throw new Refusal('BAD_REQUEST')
    })
    for (const url of [path, `${path}/:fileId`])
      scope.route({
        method: ['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'],
        url,
        handler: async (request, reply) => {
          if (!isTus(request)) throw new Refusal('BAD_REQUEST')
          const { sender, endsWith } = identify(request)
          senders.set(request.raw, sender)
          // What is still on its way when its sender's device or key ends is cut off.
          const { raw } = request
          raw.once(
            'close',
            central.endings.on(endsWith, () => raw.destroy()),
          )
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
    { onRequest: gate.admit({ who: 'person' }) },
    async (request, reply) => {
      const { caseId, attachmentId } = request.params
      const { attachments } = await central.cases.get(personIn(callerOf(request)), caseId)
      return send(reply, attachments, attachmentId, { caseId })
    },
  )
  app.get<{ Params: { intakeId: string; attachmentId: string }; Querystring: { fence?: unknown } }>(
    '/v1/intake/:intakeId/attachments/:attachmentId',
    { onRequest: gate.admit({ who: 'person' }) },
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
