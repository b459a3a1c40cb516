/**
 * The control address of the training exchange: plain HTTP on 127.0.0.1 for the trainer's scripts, the tests and the
 * seat's 培训 page (through its core). Browsers' pages are refused: whoever sends an Origin is none of these.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { z } from 'zod'

const text = (max: number) => z.string().max(max)
export const callRequest = z
  .object({
    from: text(64).nullish(),
    to: text(64).optional(),
    displayName: text(12_000).optional(),
    queue: text(64).optional(),
    skill: text(64).optional(),
    dialect: text(64).optional(),
    /** Speaks a tone of this many hertz instead of the script's voice. */
    toneHertz: z.number().min(50).max(3_800).optional(),
    /** So many of a hundred packets that the citizen sends are lost on the way. */
    lossPercent: z.number().min(0).max(100).optional(),
    hangUpAfterMs: z.number().int().min(1).max(3_600_000).optional(),
    script: text(64).optional(),
  })
  .strict()
export type CallRequest = z.infer<typeof callRequest>

export type CallView = {
  callId: string
  state: string
  outcome: string | null
  heardSeconds: number
  heardLevelDbfs: number | null
  dtmf: string
  held: boolean
}

export type Controlled = {
  scripts(): unknown
  /** Null: no script of this name. */
  start(request: CallRequest): Promise<string | null>
  view(callId: string): CallView | null
  views(): CallView[]
  hangUp(callId: string): boolean
  askOffer(callId: string): void
  /** The last second that the citizen heard, µ-law at 8 kHz. */
  heardAudio(callId: string): Uint8Array
  /** What whoever answers this number says from now on. */
  setTone(number: string, hertz: number): void
}

class Refused extends Error {
  constructor(status: number, code: string, sentence: string) {
    super(sentence)
    this.status = status
    this.code = code
  }
  readonly status: number
  readonly code: string
}

export function createControl(calls: Controlled): Server {
  return createServer((request, response) => {
    answer(request, calls)
      .then(({ status, body }) => reply(response, status, body))
      .catch((error: unknown) => {
        if (error instanceof Refused)
          return reply(response, error.status, { code: error.code, message: error.message })
        reply(response, 500, { code: 'INTERNAL', message: 'the exchange failed to do this' })
      })
  })
}

async function answer(
  request: IncomingMessage,
  calls: Controlled,
): Promise<{ status: number; body: unknown }> {
  const { method = 'GET', url = '/' } = request
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? ''))
    throw new Refused(403, 'HOST', 'loopback only')
  if (request.headers.origin !== undefined) throw new Refused(403, 'ORIGIN', 'not for web pages')
  const [, root = '', id, part] = new URL(url, 'http://127.0.0.1').pathname.split('/')
  if (root === 'scripts' && method === 'GET') return { status: 200, body: calls.scripts() }
  if (root === 'numbers' && id !== undefined && method === 'PUT') {
    const tone = z.object({ toneHertz: z.number().min(50).max(3_800) }).safeParse(await readJson(request))
    if (!tone.success) throw new Refused(400, 'BAD_INPUT', z.prettifyError(tone.error))
    calls.setTone(decodeURIComponent(id), tone.data.toneHertz)
    return { status: 200, body: {} }
  }
  if (root !== 'calls') throw new Refused(404, 'NOT_FOUND', 'there are /calls, /numbers and /scripts')
  if (id === undefined) {
    if (method === 'GET') return { status: 200, body: calls.views() }
    if (method !== 'POST') throw new Refused(405, 'METHOD', 'GET or POST')
    const parsed = callRequest.safeParse(await readJson(request))
    if (!parsed.success) throw new Refused(400, 'BAD_INPUT', z.prettifyError(parsed.error))
    const callId = await calls.start(parsed.data)
    if (callId === null) throw new Refused(404, 'NO_SCRIPT', 'there is no script of this name')
    return { status: 201, body: { callId } }
  }
  const callId = decodeURIComponent(id)
  const view = calls.view(callId)
  if (view === null) throw new Refused(404, 'NO_CALL', 'there is no call of this id')
  if (method === 'GET' && part === 'heard')
    return { status: 200, body: { muLaw: Buffer.from(calls.heardAudio(callId)).toString('base64') } }
  if (method === 'GET') return { status: 200, body: view }
  if (method === 'POST' && part === 'ask-offer') {
    calls.askOffer(callId)
    return { status: 200, body: view }
  }
  if (method !== 'DELETE') throw new Refused(405, 'METHOD', 'GET or DELETE')
  calls.hangUp(callId)
  return { status: 200, body: calls.view(callId) }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    throw new Refused(415, 'CONTENT_TYPE', 'application/json')
  }
  let body = ''
  for await (const chunk of request) {
    body += String(chunk)
    if (body.length > 16_384) throw new Refused(413, 'TOO_LARGE', 'at most 16 kB')
  }
  try {
    return JSON.parse(body)
  } catch {
    throw new Refused(400, 'BAD_INPUT', 'not JSON')
  }
}

function reply(response: ServerResponse, status: number, body: unknown) {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  })
  response.end(`${JSON.stringify(body)}\n`)
}
