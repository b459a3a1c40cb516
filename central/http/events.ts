/** `GET /v1/events`: server-sent events that only wake a seat up. What is new it reads from /v1/changes. */
import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Central } from '../central.ts'
import type { Device } from '../identity/devices.ts'

const heartbeatMs = 15_000
/** Several stamps in a row wake a seat once. */
const gatherMs = 50

export function addEvents(
  app: FastifyInstance,
  central: Central,
  deviceOf: (request: FastifyRequest) => Device,
): { end(): void } {
  const open = new Set<ServerResponse>()
  const { clock } = central.context

  app.get('/v1/events', async (request, reply) => {
    const device = deviceOf(request)
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    raw.write('retry: 2000\n\n')
    open.add(raw)
    let gathering = false
    const stopListening = central.wake.on(device, () => {
      if (gathering) return
      gathering = true
      clock.after(gatherMs, () => {
        gathering = false
        if (!raw.writableEnded) raw.write('data: changed\n\n')
      })
    })
    let cancelHeartbeat = () => {}
    const beat = () => {
      cancelHeartbeat = clock.after(heartbeatMs, () => {
        raw.write(': still here\n\n')
        beat()
      })
    }
    beat()
    raw.on('close', () => {
      open.delete(raw)
      stopListening()
      cancelHeartbeat()
    })
  })
  return {
    end: () => {
      for (const raw of open) raw.end()
    },
  }
}
