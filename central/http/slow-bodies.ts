/**
 * A body comes at some least speed, or its connection ends: a sender of one byte a second would hold memory and an upload's lock
 * for as long as it likes. One timer looks at all of them.
 */
import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { Refusal } from '../refusal.ts'

export type BodySpeed = {
  /** A body may rest so long, on a bad line too. */
  graceMs: number
  bytesPerSecond: number
  everyMs: number
}
export const leastSpeed: BodySpeed = { graceMs: 20_000, bytesPerSecond: 512, everyMs: 2_000 }

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

export function watchBodies(app: FastifyInstance, { graceMs, bytesPerSecond, everyMs }: BodySpeed): void {
  const coming = new Map<IncomingMessage, { since: number; from: number }>()

  const look = () => {
    for (const [body, { since, from }] of coming) {
      if (body.complete || body.destroyed) {
        coming.delete(body)
        continue
      }
      const ms = performance.now() - since
      const bytes = body.socket.bytesRead - from
      if (ms < graceMs || bytes >= ((ms - graceMs) / 1_000) * bytesPerSecond) continue
      coming.delete(body)
      end(body)
    }
  }
  /** Whoever reads it says why; where nobody can any more, it ends without a word. */
  const end = (body: IncomingMessage) => {
    const { socket } = body
    if (body.listenerCount('error') > 0) body.emit('error', new Refusal('TOO_SLOW'))
    setTimeout(() => socket.destroy(), 1_000).unref()
  }

  const timer = setInterval(look, everyMs)
  timer.unref()
  app.addHook('onClose', async () => clearInterval(timer))
  app.addHook('onRequest', (request, _reply, done) => {
    const { raw } = request
    // A request that is injected comes over no line.
    if (hasBody(raw) && raw.socket instanceof Socket)
      coming.set(raw, { since: performance.now(), from: raw.socket.bytesRead })
    done()
  })
}
