/**
 * JSON bodies, bounded before they are parsed: a text of 8 MB can hold millions of brackets, each of which costs the parser an
 * object and the checks after it a visit.
 */
import { isUtf8 } from 'node:buffer'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '../refusal.ts'

export type JsonBounds = { depth: number; values: number }

/** Of senders that nobody knows. */
export const anonymousBounds: JsonBounds = { depth: 32, values: 2_000 }
/** Of known ones: many times what a full batch of commands or a whole catalogue holds. */
export const knownBounds: JsonBounds = { depth: 64, values: 400_000 }

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d]

/**
 * Whether a text goes deeper or holds more values than it may, asked piece by piece as it comes: what is too much is known at the
 * first byte of it, and the rest need not even be unpacked.
 */
export function createBoundsCheck({ depth, values }: JsonBounds): (piece: Uint8Array) => boolean {
  let open = 0
  // An upper bound: what has no comma before it has a bracket around it.
  let count = 1
  let inText = false
  let isEscaped = false
  return piece => {
    for (let place = 0; place < piece.length; place += 1) {
      const byte = piece[place]
      if (inText) {
        if (isEscaped) isEscaped = false
        else if (byte === backslash) isEscaped = true
        else if (byte === quote) inText = false
        continue
      }
      if (byte === quote) inText = true
      else if (byte === comma) count += 1
      else if (byte === openList || byte === openObject) {
        open += 1
        count += 1
      } else if (byte === closeList || byte === closeObject) open -= 1
      if (open > depth || count > values) return true
    }
    return false
  }
}

/** JSON is the only kind of body that a route of the contract takes. */
export function addJsonParser(
  app: FastifyInstance,
  boundsFor: (request: FastifyRequest) => JsonBounds,
): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    // What was packed was checked as it was unpacked.
    const isChecked = request.headers['content-encoding'] === 'gzip'
    if (!isUtf8(body) || (!isChecked && createBoundsCheck(boundsFor(request))(body)))
      return done(new Refusal('BAD_REQUEST'))
    return void parse(request, body.toString('utf8'), done)
  })
}
