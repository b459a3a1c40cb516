/**
 * The door of every route: who asks is settled before a body is read, and what they may ask is counted against them alone. A seat
 * or a system that proved itself has limits of its own, so that nobody who shares its address can use them up; whoever proved
 * nothing is counted by address. Only wrong proofs count at the doors where a proof is in the body: a right one is never refused.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { CentralAccess } from '../../shared/domain/permission.ts'
import type { Central } from '../central.ts'
import type { Device } from '../identity/devices.ts'
import { Refusal, type RefusalCode } from '../refusal.ts'
import type { Credentials } from './access.ts'
import { discardRest } from './answers.ts'
import { createLimiter } from './limiter.ts'
import { coded } from './requests.ts'
import { sourceOf } from './sources.ts'

export type GateLimits = {
  /** Requests a minute of one seat or system; of one address without a proof. */
  requestsPerMinute: number
  anonymousPerMinute: number
  /** Of one seat or system, at once. */
  inFlight: number
}

export type Sender = { kind: 'seat'; device: Device } | { kind: 'key'; keyId: string; name: string }
/** What a route asks for before it reads a body. */
export type Door = Pick<CentralAccess, 'who' | 'scope'>
type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

export type Gate = {
  credentialsOf(request: FastifyRequest): Credentials
  /** For `onRequest`: UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED, TOO_MANY_AT_ONCE. */
  admit(door: Door): Hook
  /** For `onRequest` of what anybody may ask, by address unless `keyOf` knows better. `name`: counted apart from the rest. */
  anonymous(
    name: string,
    options?: { perMinute?: number; keyOf?: (request: FastifyRequest) => string | null },
  ): Hook
  /** Whom `admit` let in; null: nobody is known. */
  senderOf(request: FastifyRequest): Sender | null
  sourceOf(request: FastifyRequest): string
}

/** Wrong secrets for one seat from one address, a minute. */
const wrongSecretsPerMinute = 10
/** Of a body that an unknown sender goes on sending after its refusal. */
const discardedBytes = 256 * 1024
const refused = [401, 403]

const bearerOf = (header: string | undefined): string | undefined =>
  /^Bearer ([\w.~+/=-]{1,4096})$/i.exec(header ?? '')?.[1]
const only = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && header !== '' && header.length <= 4_096 ? header : undefined

export function createGate(app: FastifyInstance, central: Central, limits: GateLimits): Gate {
  const limiter = createLimiter(central.context.clock)
  const senders = new WeakMap<FastifyRequest, Sender>()
  const publicDoors = new WeakSet<FastifyRequest>()
  const inFlight = new Map<string, number>()

  const sourceOfRequest = (request: FastifyRequest) => sourceOf(request.ip)
  const limited = (reply: FastifyReply, seconds: number | null, code: RefusalCode = 'RATE_LIMITED') => {
    if (seconds === null) return
    void reply.header('retry-after', seconds)
    throw new Refusal(code)
  }
  const credentialsOf: Gate['credentialsOf'] = request => {
    const { headers } = request
    const sender = senders.get(request)
    return {
      bearer: bearerOf(headers.authorization),
      operatorSession: only(headers['x-operator-session'])?.replace(/^Bearer /i, ''),
      apiKey: only(headers['x-api-key']),
      ...(sender?.kind === 'seat' ? { device: sender.device } : {}),
      ...(sender?.kind === 'key' ? { keyName: sender.name } : {}),
    }
  }

  const identify = async ({ bearer, apiKey }: Credentials, door: Door): Promise<Sender> => {
    if (apiKey !== undefined && door.scope !== undefined)
      return { kind: 'key', ...(await central.apiKeys.identify(apiKey, door.scope)) }
    if (bearer === undefined || door.who === 'key') throw new Refusal('UNAUTHENTICATED')
    return { kind: 'seat', device: await central.devices.of(bearer) }
  }

  /** A seat whose token ended is told so, whatever others did at its address: it cannot get another without hearing it. */
  const expiredSeat = async ({ bearer }: Credentials): Promise<string | null> =>
    bearer === undefined ? null : central.tokens.expiredSubject('device', bearer)

  const countInFlight = (key: string, reply: FastifyReply) => {
    const now = inFlight.get(key) ?? 0
    if (now >= limits.inFlight) limited(reply, 1, 'TOO_MANY_AT_ONCE')
    inFlight.set(key, now + 1)
    reply.raw.once('close', () => {
      const left = (inFlight.get(key) ?? 1) - 1
      if (left === 0) inFlight.delete(key)
      else inFlight.set(key, left)
    })
  }

  const admit: Gate['admit'] = door => async (request, reply) => {
    if (door.who === 'public') {
      publicDoors.add(request)
      return
    }
    const credentials = credentialsOf(request)
    let sender: Sender
    try {
      sender = await identify(credentials, door)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const seat = error.code === 'UNAUTHENTICATED' ? await expiredSeat(credentials) : null
      if (seat === null) {
        discardRest(request.raw, discardedBytes)
        limited(reply, limiter.take(`nobody ${sourceOfRequest(request)}`, limits.anonymousPerMinute))
      } else limited(reply, limiter.take(`seat ${seat}`, limits.requestsPerMinute))
      throw error
    }
    senders.set(request, sender)
    const key = sender.kind === 'seat' ? `seat ${sender.device.clientId}` : `key ${sender.keyId}`
    limited(reply, limiter.take(key, limits.requestsPerMinute))
    countInFlight(key, reply)
  }

  // The proof is in the body: what it was is known when the answer is.
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    if (!publicDoors.has(request) || !refused.includes(reply.statusCode)) return payload
    const source = sourceOfRequest(request)
    const { clientId } = (request.body ?? {}) as { clientId?: unknown }
    const seconds = [
      limiter.take(`nobody ${source}`, limits.anonymousPerMinute),
      typeof clientId === 'string'
        ? limiter.take(`seat ${clientId.slice(0, 64)} at ${source}`, wrongSecretsPerMinute)
        : null,
    ].find(each => each !== null)
    if (seconds == null) return payload
    void reply.status(429).header('retry-after', seconds).removeHeader('content-length')
    return JSON.stringify(coded('RATE_LIMITED').toJSON())
  })

  return {
    credentialsOf,
    admit,
    anonymous:
      (name, { perMinute = limits.anonymousPerMinute, keyOf = () => null } = {}) =>
      async (request, reply) =>
        limited(reply, limiter.take(`${name} ${keyOf(request) ?? sourceOfRequest(request)}`, perMinute)),
    senderOf: request => senders.get(request) ?? null,
    sourceOf: sourceOfRequest,
  }
}
