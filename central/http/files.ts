/** `/v1/files`: tus 1.0 for seats; and reading an attachment back as a person who may read its case. */
import { createReadStream } from 'node:fs'
import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Central } from '../central.ts'
import { createFileLocker } from '../files/file-locker.ts'
import { type Files, uploadMetadata } from '../files/files.ts'
import type { Device } from '../identity/devices.ts'
import { Refusal, type RefusalCode } from '../refusal.ts'
import { type Credentials, coded } from './requests.ts'

const path = '/v1/files'
const unfinishedMs = 7 * 24 * 3_600_000
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
  credentialsOf: (request: FastifyRequest) => Credentials,
  authenticate: (bearer: string | undefined) => Promise<Device>,
): Promise<{ close(): Promise<void> }> {
  const { sql, clock, log } = central.context
  const locker = await createFileLocker(sql)
  const store = new FileStore({ directory: files.folder })
  const senders = new WeakMap<object, Device>()
  const senderOf = (request: unknown): Device => {
    const raw = (request as { runtime?: { node?: { req?: object } } }).runtime?.node?.req
    const device = raw === undefined ? undefined : senders.get(raw)
    if (device === undefined) throw refusing(401, 'UNAUTHENTICATED')
    return device
  }

  const tus = new Server({
    path,
    datastore: store,
    locker,
    maxSize: files.maxBytes,
    relativeLocation: true,
    allowedOrigins: [],
    disableTerminationForFinishedUploads: true,
    onIncomingRequest: async (request, id) => {
      const device = senderOf(request)
      if (request.method === 'POST') return
      const upload = await store.getUpload(id)
      if (!files.belongsTo(upload, device)) throw refusing(404, 'NOT_FOUND')
      // Whole, but the process ended before it was noted: the seat asks how far it came.
      if (request.method !== 'HEAD' || upload.offset !== upload.size || (await files.keep(upload))) return
      // Not what was promised: the seat begins anew.
      await store.remove(id)
      throw refusing(404, 'NOT_FOUND')
    },
    onUploadCreate: async (request, upload) => {
      const { seatId } = senderOf(request)
      const promised = uploadMetadata.safeParse(upload.metadata)
      if (!promised.success || upload.size === undefined) throw refusing(400, 'BAD_REQUEST')
      return { metadata: { ...promised.data, seatId } }
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

  // The store's own expiry takes finished uploads for unfinished ones: it never notes how far one came.
  const removeUnfinished = async () => {
    for (const id of (await store.configstore.list?.()) ?? []) {
      const upload = await store.configstore.get(id)
      const begun = Date.parse(upload?.creation_date ?? '')
      if (!(begun + unfinishedMs < clock.now()) || (await files.isKept(id))) continue
      await store.remove(id)
      log.info('an upload that was never finished was removed')
    }
  }
  let cancelSweep = () => {}
  const sweep = () => {
    cancelSweep = clock.after(sweepMs, () => {
      void removeUnfinished().catch(() => log.warn('unfinished uploads could not be removed'))
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
      senders.set(request.raw, await authenticate(credentialsOf(request).bearer))
    })
    for (const url of [path, `${path}/:fileId`])
      scope.route({
        method: ['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'],
        url,
        handler: async (request, reply) => {
          reply.hijack()
          await tus.handle(request.raw, reply.raw)
        },
      })
  })

  app.get<{ Params: { caseId: string; attachmentId: string } }>(
    '/v1/cases/:caseId/attachments/:attachmentId',
    async (request, reply) => {
      const { bearer, operatorSession } = credentialsOf(request)
      const device = await authenticate(bearer)
      if (operatorSession === undefined) throw new Refusal('UNAUTHENTICATED')
      const operator = await central.sessions.of(operatorSession)
      const document = await central.cases.get(device, operator, request.params.caseId)
      const wanted = document.attachments.find(each => each.attachmentId === request.params.attachmentId)
      const found = wanted === undefined ? null : await files.find(wanted.attachmentId, wanted.sha256)
      if (wanted === undefined || found === null) throw new Refusal('NOT_FOUND')
      return reply
        .header('content-type', 'application/octet-stream')
        .header('content-disposition', 'attachment')
        .header('x-content-type-options', 'nosniff')
        .header('content-length', wanted.bytes)
        .send(createReadStream(found))
    },
  )

  return {
    close: async () => {
      cancelSweep()
      await locker.close()
    },
  }
}
