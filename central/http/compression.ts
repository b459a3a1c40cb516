/** gzip both ways. A body's limit holds for what it is unpacked to, so that a small one cannot fill the memory. */
import { Transform, type TransformCallback } from 'node:stream'
import { promisify } from 'node:util'
import { constants, createGunzip, gzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { Refusal } from '../refusal.ts'

const pack = promisify(gzip)
const worthwhileBytes = 1_024

class Limit extends Transform {
  /** Fastify compares this with Content-Length, which is of the packed body. */
  receivedEncodedLength = 0
  readonly #most: number
  #bytes = 0
  constructor(most: number) {
    super()
    this.#most = most
  }
  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
    this.#bytes += chunk.length
    if (this.#bytes > this.#most) done(new Refusal('BODY_TOO_LARGE'))
    else done(null, chunk)
  }
}

export function addCompression(app: FastifyInstance, maxBytes: number): void {
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const encoding = request.headers['content-encoding']
    if (encoding === undefined || encoding === 'identity') return done(null, payload)
    if (encoding !== 'gzip') return done(new Refusal('BAD_REQUEST'))
    const limit = new Limit(maxBytes)
    const gunzip = createGunzip()
    payload.on('data', (chunk: Buffer) => {
      limit.receivedEncodedLength += chunk.length
    })
    gunzip.on('error', () => limit.destroy(new Refusal('BAD_REQUEST')))
    limit.on('error', () => gunzip.destroy())
    payload.pipe(gunzip).pipe(limit)
    return done(null, limit)
  })

  app.addHook('onSend', async (request, reply, payload: unknown) => {
    if (typeof payload !== 'string' || payload.length < worthwhileBytes) return payload
    if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return payload
    void reply
      .header('content-encoding', 'gzip')
      .header('vary', 'accept-encoding')
      .removeHeader('content-length')
    return pack(payload, { level: constants.Z_BEST_SPEED })
  })
}
