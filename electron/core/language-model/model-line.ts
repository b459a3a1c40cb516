/** One request to the city's language model. It follows no redirect, trusts no length that it is told, and ends in its time. */
import { request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import { lineFaultOf } from '../../../shared/domain/certificate.ts'
import { trustedAuthorities } from '../trusted-authorities.ts'

export type ModelFault =
  | 'unreachable'
  | 'certificate'
  | 'silent'
  | 'cancelled'
  | 'busy'
  | 'key-refused'
  | 'refused'
  | 'redirect'
  | 'too-long'
  | 'cut'
  | 'unusable'

export class ModelFailure extends Error {
  readonly fault: ModelFault
  constructor(fault: ModelFault) {
    super(fault)
    this.name = 'ModelFailure'
    this.fault = fault
  }
}

export type ModelTarget = {
  /** As configured, up to `/chat/completions`. */
  url: string
  key: string
  authorities: readonly string[]
  limitMs: number
}
export type AskModel = (target: ModelTarget, body: unknown, signal: AbortSignal) => Promise<unknown>

const mostBytes = 256 * 1024

function faultOfStatus(status: number): ModelFault | null {
  if (status === 200) return null
  if (status >= 300 && status < 400) return 'redirect'
  if (status === 401 || status === 403) return 'key-refused'
  if (status === 429 || status === 503) return 'busy'
  return 'refused'
}

function faultOfError(error: Error): ModelFault {
  const code = 'code' in error ? String(error.code) : ''
  if (code.startsWith('HPE_') || code === 'ECONNRESET' || code === 'EPIPE') return 'cut'
  const fault = lineFaultOf(code)
  if (fault?.startsWith('certificate') === true) return 'certificate'
  return fault === 'silent' ? 'silent' : 'unreachable'
}

/** Resolves with what the answer's JSON says; rejects with ModelFailure. */
export const askModel: AskModel = ({ url, key, authorities, limitMs }, body, signal) =>
  new Promise((resolve, reject) => {
    const to = new URL(`${url.replace(/\/+$/, '')}/chat/completions`)
    const secure = to.protocol === 'https:'
    const text = Buffer.from(JSON.stringify(body))
    const options = {
      method: 'POST',
      // A connection of its own: nothing of one answer can be taken for the beginning of the next.
      agent: false as const,
      headers: {
        'content-type': 'application/json',
        'content-length': text.byteLength,
        accept: 'application/json',
        'accept-encoding': 'identity',
        ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
      },
    }
    const sent = secure
      ? secureRequest(to, { ...options, ca: [...trustedAuthorities(), ...authorities] })
      : plainRequest(to, options)
    let over = false
    const end = (then: () => void) => {
      if (over) return
      over = true
      clearTimeout(limit)
      signal.removeEventListener('abort', cancelled)
      sent.destroy()
      then()
    }
    const fail = (fault: ModelFault) => end(() => reject(new ModelFailure(fault)))
    const cancelled = () => fail('cancelled')
    const limit = setTimeout(() => fail('silent'), limitMs)
    signal.addEventListener('abort', cancelled)
    if (signal.aborted) return cancelled()
    sent.on('error', error => fail(faultOfError(error)))
    sent.on('response', answer => {
      const { statusCode = 0, headers } = answer
      const fault = faultOfStatus(statusCode)
      if (fault !== null) return fail(fault)
      const isJson = /^application\/(?:[\w.+-]+\+)?json\b/i.test(headers['content-type'] ?? '')
      if (!isJson || (headers['content-encoding'] ?? 'identity') !== 'identity') return fail('unusable')
      const chunks: Buffer[] = []
      let bytes = 0
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        bytes += chunk.length
        if (bytes > mostBytes) fail('too-long')
      })
      answer.on('error', () => fail('cut'))
      answer.on('close', () => fail('cut'))
      answer.on('end', () => {
        if (!answer.complete) return fail('cut')
        const whole = Buffer.concat(chunks).toString()
        try {
          const read: unknown = JSON.parse(whole)
          return end(() => resolve(read))
        } catch {
          return fail('unusable')
        }
      })
      return undefined
    })
    sent.end(text)
  })
