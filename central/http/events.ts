/** `GET /v1/events`: server-sent events that only wake a seat up. What is new it reads from /v1/changes. */
import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Central } from '../central.ts'
import { Refusal } from '../refusal.ts'
import type { Gate } from './gate.ts'

const heartbeatMs = 15_000
/** Several stamps in a row wake a seat once. */
const gatherMs = 50

/** Of one seat: the old one may still hang on a line that is gone when the new one comes. */
const streamsOfOne = 2

export function addEvents(app: FastifyInstance, central: Central, gate: Gate): { end(): void } {
  const open = new Set<ServerResponse>()
  /** The oldest first. */
  const ofSeat = new Map<string, ServerResponse[]>()
  const { clock } = central.context

  app.get('/v1/events', { onRequest: gate.admit({ who: 'device' }) }, async (request, reply) => {
    const { device } = gate.credentialsOf(request)
    if (device === undefined) throw new Refusal('UNAUTHENTICATED')
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
    ofSeat.set(device.clientId, mine)
    if (mine.length > streamsOfOne) mine[0]?.end()
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
      const left = (ofSeat.get(device.clientId) ?? []).filter(each => each !== raw)
      if (left.length === 0) ofSeat.delete(device.clientId)
      else ofSeat.set(device.clientId, left)
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
