/** Requests to the centre. Every answer is held to the contract; what is not of it counts as no answer at all. */
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import { z } from 'zod'

export type CentreRequest = {
  method: 'GET' | 'POST' | 'HEAD' | 'PATCH'
  path: string
  headers: Record<string, string>
  body: Uint8Array | null
  /** The answer may be handed over as it came: somebody else reads it. */
  untouched?: boolean
}
export type CentreAnswer = {
  status: number
  headers: Record<string, string>
  text: string
  /** Of one that was asked for untouched: its content, perhaps packed, and no text. */
  bytes?: { content: Uint8Array; packed: boolean }
}
/** Rejects when nobody answers in time. Injected, so that a simulation can lose, delay and repeat. */
export type Transport = (request: CentreRequest) => Promise<CentreAnswer>

const pack = promisify(gzip)
const zipFrom = 8 * 1024
const refusalBody = z.object({ code: z.string(), message: z.string(), data: z.unknown().optional() })

/** `network`: no answer, or one that is not the centre's. `refused`: the centre's own refusal of the whole request. */
export class CentreFailure extends Error {
  readonly kind: 'network' | 'refused'
  readonly status: number
  readonly code: string
  readonly retryAfterMs: number | null
  /** What the contract says goes with this code; not parsed. */
  readonly data: unknown
  constructor(
    kind: 'network' | 'refused',
    message: string,
    about: { status?: number; code?: string; retryAfterMs?: number | null; data?: unknown } = {},
  ) {
    super(message)
    const { status = 0, code = '', retryAfterMs = null, data } = about
    this.name = 'CentreFailure'
    this.kind = kind
    this.status = status
    this.code = code
    this.retryAfterMs = retryAfterMs
    this.data = data
  }
  /** Worth the same request again later. */
  get passes(): boolean {
    return this.kind === 'network' || this.status >= 500 || this.status === 429 || this.status === 408
  }
}

export type CentreClient = {
  ask<T>(
    method: 'GET' | 'POST',
    path: string,
    output: z.ZodType<T>,
    /** `json`: a body that is written already. */
    options?: { body?: unknown; json?: string; token?: string; operatorSession?: string },
  ): Promise<T>
  /** An answer that somebody else reads. Throws as `ask`. */
  take(path: string, options?: { token?: string }): Promise<CentreAnswer>
}

/** https only, but for this machine. */
export const isAllowedCentre = (url: string): boolean =>
  url.startsWith('https://') || /^http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?(\/|$)/.test(url)

export function createCentreClient(transport: Transport): CentreClient {
  const sent = async (request: CentreRequest): Promise<CentreAnswer> => {
    try {
      return await transport(request)
    } catch (error) {
      throw new CentreFailure('network', error instanceof Error ? error.message : '连不上中心')
    }
  }
  const isFine = ({ status }: CentreAnswer) => status >= 200 && status < 300

  return {
    take: async (path, { token } = {}) => {
      const headers: Record<string, string> = { accept: 'application/json' }
      if (token !== undefined) headers['authorization'] = `Bearer ${token}`
      const answer = await sent({ method: 'GET', path, headers, body: null, untouched: true })
      if (isFine(answer)) return answer
      throw failureOf(answer)
    },
    ask: async (method, path, output, { body, json, token, operatorSession } = {}) => {
      const headers: Record<string, string> = { accept: 'application/json' }
      if (token !== undefined) headers['authorization'] = `Bearer ${token}`
      if (operatorSession !== undefined) headers['x-operator-session'] = operatorSession
      let bytes: Uint8Array | null = null
      const written = json ?? (body === undefined ? undefined : JSON.stringify(body))
      if (written !== undefined) {
        bytes = Buffer.from(written)
        headers['content-type'] = 'application/json'
        if (bytes.byteLength > zipFrom) {
          bytes = await pack(bytes, { level: constants.Z_BEST_SPEED })
          headers['content-encoding'] = 'gzip'
        }
      }
      const answer = await sent({ method, path, headers, body: bytes })
      const content = parsed(answer.text)
      if (isFine(answer)) {
        const held = output.safeParse(content)
        if (held.success) return held.data
        throw new CentreFailure('network', notOurs(answer))
      }
      throw failureOf(answer)
    },
  }
}

/** What an answer other than 2xx means. One that is not of the contract counts as no answer. */
export function failureOf(answer: CentreAnswer): CentreFailure {
  const refusal = refusalBody.safeParse(parsed(answer.text))
  const retryAfter = Number(answer.headers['retry-after'])
  const retryAfterMs = Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter * 1000 : null
  if (!refusal.success && answer.status < 500 && answer.status !== 429)
    return new CentreFailure('network', notOurs(answer))
  return new CentreFailure('refused', refusal.data?.message ?? '中心暂时不可用', {
    status: answer.status,
    code: refusal.data?.code ?? '',
    retryAfterMs,
    data: refusal.data?.data,
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const notOurs = (answer: CentreAnswer): string =>
  answer.text.trimStart().startsWith('<') ? '网络被登录页拦截' : '中心的答复不完整'
