/** gzip both ways. A body's limit holds for what it is unpacked to, so that a small one cannot fill the memory. */
import { Transform, type TransformCallback } from 'node:stream'
import { promisify } from 'node:util'
import { constants, createGunzip, gzip } from 'node:zlib'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '../refusal.ts'
import { createBoundsCheck, knownBounds } from './bounded-json.ts'

const pack = promisify(gzip)
const worthwhileBytes = 1_024

class Limit extends Transform {
  /** Fastify compares this with Content-Length, which is of the packed body. */
  receivedEncodedLength = 0
  readonly #most: number
  readonly #exceeds = createBoundsCheck(knownBounds)
  #bytes = 0
  constructor(most: number) {
    super()
    this.#most = most
  }
  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
    this.#bytes += chunk.length
    if (this.#bytes > this.#most) done(new Refusal('BODY_TOO_LARGE'))
    else if (this.#exceeds(chunk)) done(new Refusal('BAD_REQUEST'))
    else done(null, chunk)
  }
}

/** Only bodies of senders that `isKnown` are unpacked: nobody else has so much to say. */
export function addCompression(
  app: FastifyInstance,
  maxBytes: number,
  isKnown: (request: FastifyRequest) => boolean,
): void {
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const encoding = request.headers['content-encoding']
    if (encoding === undefined || encoding === 'identity') return done(null, payload)
    if (encoding !== 'gzip' || !isKnown(request)) return done(new Refusal('BAD_REQUEST'))
    const limit = new Limit(maxBytes)
    const gunzip = createGunzip()
    payload.on('data', (chunk: Buffer) => {
      limit.receivedEncodedLength += chunk.length
    })
    payload.on('error', error => limit.destroy(error))
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
