/** One page's connection to the core: a port-like thing that carries oRPC peer messages, whatever is underneath. */
import { RPCHandler } from '@orpc/server/message-port'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { createRouter } from './router.ts'

/** Longer frames are refused unread; the longest honest one is a form of 20,000 characters. */
export const maxFrameBytes = 4 * 1024 * 1024

export type Port = {
  on(event: 'message' | 'close', listener: (event?: { data: unknown }) => void): void
  postMessage(data: unknown): void
}

type Router = ReturnType<typeof createRouter>

export function createConnections(router: Router, log: Logger) {
  const handler = new RPCHandler(router)
  return {
    serve: (port: Port, connection: number) => {
      const guarded = {
        // oRPC decodes in an async listener whose rejection nobody could catch: what it could not read stops here.
        on: (event: string, listener: (event?: { data: unknown }) => void) => {
          if (event === 'close') port.on(event, () => listener())
          if (event !== 'message') return
          port.on(event, message => {
            const fault = frameFault(message?.data)
            if (fault === null) return listener(message)
            log.warn({ connection }, 'a malformed frame was refused')
            port.postMessage(refusal(fault.id))
          })
        },
        postMessage: (data: unknown) => port.postMessage(data),
      }
      handler.upgrade(guarded, { context: { connection } })
    },
  }
}

const frame = z.object({
  i: z.string().max(64),
  t: z.literal([1, 3, 4]).optional(),
  // A request that is given up has none.
  p: z.unknown().optional(),
})
const request = z.object({
  u: z.string().startsWith('/').max(256),
  m: z.string().max(16).optional(),
  h: z.record(z.string(), z.unknown()).optional(),
  b: z.unknown().optional(),
})
const iteratorEvent = z.object({ e: z.string() })

/** Null for a frame that oRPC can read; otherwise the id of the request that cannot be, as far as it can be told. */
function frameFault(data: unknown): { id: string } | null {
  if (typeof data !== 'string' || data.length > maxFrameBytes) return { id: '0' }
  let content: unknown
  try {
    content = JSON.parse(data)
  } catch {
    return { id: '0' }
  }
  const parsed = frame.safeParse(content)
  if (!parsed.success) return { id: '0' }
  const { i: id, t: type = 1, p: payload } = parsed.data
  const fits = type === 4 || (type === 3 ? iteratorEvent : request).safeParse(payload).success
  return fits ? null : { id }
}

/** Answered in oRPC's own form, so that a peer is not left waiting in silence. */
const refusal = (id: string): string =>
  JSON.stringify({
    i: id,
    p: {
      s: 400,
      b: { json: { defined: false, code: 'BAD_REQUEST', status: 400, message: '无法识别的请求' } },
    },
  })
