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
  authenticate: (request: FastifyRequest) => Promise<Device>,
): { end(): void } {
  const open = new Set<ServerResponse>()
  const { clock } = central.context

  app.get('/v1/events', async (request, reply) => {
    const device = await authenticate(request)
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
    const { clientId } = device
    /** A device that was revoked hears nothing more; the notification of it may have been lost. */
    const look = async () => {
      const isGood = await central.devices.isGood(clientId).catch(() => true)
      if (!isGood && !raw.writableEnded) raw.end()
    }
    const stops = [
      stopListening,
      central.endings.on(`device:${clientId}`, () => void look()),
      // A session here is over: the seat asks what became of its own.
      central.endings.on(`sessions:${clientId}`, () => {
        if (!raw.writableEnded) raw.write('data: sessions\n\n')
      }),
    ]
    let cancelHeartbeat = () => {}
    const beat = () => {
      cancelHeartbeat = clock.after(heartbeatMs, () => {
        raw.write(': still here\n\n')
        void look()
        beat()
      })
    }
    beat()
    raw.on('close', () => {
      open.delete(raw)
      for (const stop of stops) stop()
      cancelHeartbeat()
    })
    // It may have ended while this was being set up.
    void look()
  })
  return {
    end: () => {
      for (const raw of open) raw.end()
    },
  }
}
