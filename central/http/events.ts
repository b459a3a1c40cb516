/** `GET /v1/events`: server-sent events that only wake a seat up. What is new it reads from /v1/changes. */
import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Central } from '../central.ts'
import type { Device } from '../identity/devices.ts'
import type { Gate } from './gate.ts'

const heartbeatMs = 15_000
/** Several stamps in a row wake a seat once. */
const gatherMs = 50

/** Of one seat: the old one may still hang on a line that is gone when the new one comes. */
const streamsOfOne = 2
const endWithinMs = 5_000

export function addEvents(
  app: FastifyInstance,
  gate: Gate,
  central: Central,
  deviceOf: (request: FastifyRequest) => Device,
): { end(): void } {
  const open = new Set<ServerResponse>()
  /** The oldest first. */
  const ofSeat = new Map<string, ServerResponse[]>()
  const { clock } = central.context

  app.get('/v1/events', { onRequest: gate.admit({ who: 'device' }) }, async (request, reply) => {
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
    const mine = [...(ofSeat.get(device.clientId) ?? []), raw]
    // Those too many leave the list now: several may come before the first of them has closed.
    for (const oldest of mine.splice(0, mine.length - streamsOfOne)) {
      oldest.end()
      // Whoever does not read the end of it is cut off.
      clock.after(endWithinMs, () => oldest.destroy())
    }
    ofSeat.set(device.clientId, mine)
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
    /** While the feed is behind nothing else wakes the seat: it comes and learns how far. */
    const tellLag = async () => {
      const lagSeconds = await central.feedLag().catch(() => null)
      if (lagSeconds !== null && !raw.writableEnded) raw.write('data: changed\n\n')
    }
    const beat = () => {
      cancelHeartbeat = clock.after(heartbeatMs, () => {
        raw.write(': still here\n\n')
        void tellLag()
        void look()
        beat()
      })
    }
    beat()
    raw.on('close', () => {
      open.delete(raw)
      const left = (ofSeat.get(device.clientId) ?? []).filter(each => each !== raw)
      if (left.length === 0) ofSeat.delete(device.clientId)
      else ofSeat.set(device.clientId, left)
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
