/** How the server itself refuses: in the contract's codes, and with the time after which it makes sense to ask again. */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply } from 'fastify'
import { centralErrors } from '../../shared/contract/central-errors.ts'
import { Refusal, type RefusalCode } from '../refusal.ts'
import { isDataError } from '../storage/sql.ts'
import { coded } from './requests.ts'

export const refuse = (reply: FastifyReply, code: RefusalCode) =>
  reply.status(centralErrors[code].status).send(coded(code).toJSON())

/** Fastify's own errors, told in the contract's codes. */
export function codeOf(error: FastifyError | Refusal): RefusalCode {
  if (error instanceof Refusal) return error.code
  if (isDataError(error)) return 'BAD_REQUEST'
  const status = error.statusCode ?? 500
  if (status === 413) return 'BODY_TOO_LARGE'
  if (status === 429) return 'RATE_LIMITED'
  if (status === 404) return 'NOT_FOUND'
  return status < 500 ? 'BAD_REQUEST' : 'UNAVAILABLE'
}

/** Seconds, for refusals that pass. A limit that knows better has set its own. */
export const retryAfterSeconds = (status: number): number | null => {
  switch (status) {
    case 408:
    case 503:
      return 5
    case 429:
      return 30
    case 507:
      return 300
    default:
      return null
  }
}

/**
 * Closing at once would reset the connection, and the sender would never read why. So the rest of a body that is not wanted is
 * read and thrown away, up to a bound.
 */
export function discardRest(body: IncomingMessage, most: number): void {
  let bytes = 0
  body.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > most) body.socket.destroy()
  })
  body.resume()
}

/** What is no HTTP at all, or came too slowly to become a request. */
export function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  const isSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
  const code = isSlow ? 'TOO_SLOW' : 'BAD_REQUEST'
  const body = JSON.stringify(coded(code).toJSON())
  const { status } = centralErrors[code]
  socket.end(
    `HTTP/1.1 ${status} ${isSlow ? 'Request Timeout' : 'Bad Request'}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
