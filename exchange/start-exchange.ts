/** The training exchange (培训话务台), put together. Loopback only; for training, demonstration and tests, never production. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import type { TrainingExchange } from '../shared/contract/core-host.ts'
import { type Citizen, createCitizen, type Temper } from './citizen.ts'
import { type CallRequest, type CallView, createControl } from './control.ts'
import { createProxy } from './proxy.ts'
import { createRegistrar } from './registrar.ts'
import { loadAudio, loadScripts } from './scripts.ts'
import { formatSip, parseSip } from './sip-message.ts'

const domain = 'training.invalid'
/** Ended calls are kept this long for whoever asks how they ended. */
const keepEndedMs = 10 * 60_000

export type Exchange = { training: TrainingExchange; close(): Promise<void> }

/** `port` and `controlPort`: 0 is any free one. `extensions`: further accounts, with the same secret. */
export async function startExchange(
  options: { port?: number; controlPort?: number; extensions?: readonly string[] } = {},
): Promise<Exchange> {
  const secret = randomBytes(18).toString('base64url')
  const extension = '8001'
  const accounts = new Map([extension, ...(options.extensions ?? [])].map(name => [name, secret]))
  const scripts = loadScripts()
  const scriptOf = (id: string) => scripts.find(script => script.scriptId === id)
  const usual = scriptOf('consultation') ?? scripts[0]
  const citizens = new Map<string, Citizen>()
  const registrar = createRegistrar({ domain, accounts, now: Date.now })

  /** A citizen on a line of its own. */
  const newCitizen = (temper: Temper, audioName: string) => {
    const made = createCitizen({
      domain,
      audio: loadAudio(audioName),
      send: message => setImmediate(() => proxy.receive(connection, message)),
      // A while after the end: the last answers must still find their way.
      ended: () => void setTimeout(() => proxy.detach(connection), 5_000).unref(),
    })
    const citizen = made.citizen(temper)
    const connection: number = proxy.attach({
      send: message => {
        citizen.receive(message)
        citizens.set(citizen.callId, citizen)
      },
    })
    return { call: made.call, citizen, connection }
  }

  const proxy = createProxy({
    domain,
    registrar,
    outside: number => {
      if (!/^\+?\d{3,20}$/.test(number) || number.endsWith('0000003')) return null
      const temper = number.endsWith('0000001')
        ? 'busy'
        : number.endsWith('0000002')
          ? 'never-answers'
          : 'answers'
      return newCitizen(temper, usual?.audio ?? '').connection
    },
  })

  const start = async (request: CallRequest): Promise<string | null> => {
    const script = request.script === undefined ? usual : scriptOf(request.script)
    if (script === undefined) return null
    const from = request.from === undefined ? script.from : request.from
    const { call, citizen } = newCitizen('answers', script.audio)
    const given = request.script !== undefined
    const hangUpAfterMs = request.hangUpAfterMs ?? (given ? script.hangUpAfterMs : null)
    citizens.set(citizen.callId, citizen)
    await call({
      from: from === null || from === '' ? null : from,
      displayName: request.displayName ?? '',
      to: request.to ?? extension,
      domain,
      headers: [
        ['X-Original-Call-ID', `training-${randomBytes(6).toString('hex')}`],
        ['X-Queue', headerText(request.queue ?? script.queue)],
        ['X-Skill', headerText(request.skill ?? script.skill)],
        ['X-Dialect', headerText(request.dialect ?? script.dialect)],
        ['X-Recording-ID', `rec-${randomBytes(6).toString('hex')}`],
      ],
      audio: loadAudio(script.audio),
      hangUpAfterMs,
      hangUpWhileRinging: given
        ? script.hangUpWhileRinging
        : hangUpAfterMs !== null && request.hangUpAfterMs !== undefined,
    })
    return citizen.callId
  }

  const view = (citizen: Citizen): CallView => {
    const heard = citizen.heard()
    return {
      callId: citizen.callId,
      state: citizen.state(),
      outcome: citizen.outcome(),
      heardSeconds: Math.round(heard.seconds * 100) / 100,
      heardLevelDbfs: heard.levelDbfs,
      dtmf: citizen.dtmf(),
      held: citizen.held(),
    }
  }

  const control = createControl({
    scripts: () =>
      scripts.map(({ scriptId, title, description, lines }) => ({ scriptId, title, description, lines })),
    start,
    view: callId => {
      const citizen = citizens.get(callId)
      return citizen === undefined ? null : view(citizen)
    },
    views: () => [...citizens.values()].map(view),
    hangUp: callId => {
      citizens.get(callId)?.hangUp()
      return citizens.has(callId)
    },
  })

  const web = createServer((_, response) => response.writeHead(426).end())
  const sockets = new WebSocketServer({
    server: web,
    maxPayload: 65_536,
    handleProtocols: offered => (offered.has('sip') ? 'sip' : false),
    verifyClient: ({ req }: { req: IncomingMessage }) =>
      isLoopbackHost(req.headers.host) && isOwnOrigin(req.headers.origin),
  })
  sockets.on('connection', socket => {
    const connection = proxy.attach({ send: message => socket.send(formatSip(message)) })
    socket.on('message', data => {
      const message = parseSip(String(data))
      if (message !== null) proxy.receive(connection, message)
      else if (/^\r\n\r\n$/.test(String(data))) socket.send('\r\n')
    })
    socket.on('error', () => socket.terminate())
    socket.on('close', () => proxy.detach(connection))
  })

  const forget = setInterval(() => {
    for (const [callId, citizen] of citizens) if (citizen.state() === 'ended') citizens.delete(callId)
  }, keepEndedMs)
  forget.unref()

  const port = await listen(web, options.port ?? 0)
  const controlPort = await listen(control, options.controlPort ?? 0)
  return {
    training: {
      sipUrl: `ws://127.0.0.1:${port}`,
      controlUrl: `http://127.0.0.1:${controlPort}`,
      sipDomain: domain,
      extension,
      secret,
    },
    close: async () => {
      clearInterval(forget)
      for (const citizen of citizens.values()) citizen.hangUp()
      for (const socket of sockets.clients) socket.terminate()
      await Promise.all([closed(web), closed(control)])
    },
  }
}

/** Header values are Latin-1 on the wire to old stacks: what is not ASCII goes percent-encoded, as exchanges do. */
const headerText = (value: string): string =>
  /^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value)

const isLoopbackHost = (host: string | undefined): boolean =>
  /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host ?? '')
const isOwnOrigin = (origin: string | undefined): boolean =>
  origin === undefined ||
  origin === 'zuoxi://app' ||
  /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?$/.test(origin)

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const closed = (server: Server) =>
  new Promise<void>(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
