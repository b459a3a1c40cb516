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
import { toneMuLaw } from './mu-law.ts'
import { createProxy } from './proxy.ts'
import { createRegistrar } from './registrar.ts'
import { loadAudio, loadScripts } from './scripts.ts'
import { formatSip, parseSip, readAddress } from './sip-message.ts'

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
  /** Numbers whose owners speak a tone. */
  const tones = new Map<string, number>()
  const registrar = createRegistrar({ domain, accounts, now: Date.now })

  /** By Call-ID; two citizens who talk with each other have one dialog, and the called one gets a suffix. */
  const enlist = (citizen: Citizen, callId = citizen.callId) => {
    let id = callId
    while (citizens.has(id) && citizens.get(id) !== citizen) id += ';called'
    citizens.set(id, citizen)
  }

  /** A citizen on a line of its own. */
  const newCitizen = (temper: Temper, voice: { script: string } | { toneHertz: number }, lossPercent = 0) => {
    const tone = 'toneHertz' in voice
    const made = createCitizen({
      domain,
      audio: tone ? toneMuLaw(voice.toneHertz) : loadAudio(voice.script),
      repeat: tone,
      lossPercent,
      refer: (target, from, told) => void referred(voice, target, from, told),
      moved: callId => enlist(citizen, callId),
      send: message => setImmediate(() => proxy.receive(connection, message)),
      // A while after the end: the last answers must still find their way.
      ended: () => void setTimeout(() => proxy.detach(connection), 5_000).unref(),
    })
    const citizen: Citizen = made.citizen(temper)
    const connection: number = proxy.attach({
      send: message => {
        citizen.receive(message)
        enlist(citizen)
      },
    })
    return { call: made.call, citizen, connection }
  }

  const proxy = createProxy({
    domain,
    registrar,
    outside: number => {
      if (!/^\+?\d{3,20}$/.test(number) || number.endsWith('0000003')) return null
      const temper = tempers[number.slice(-7)] ?? 'answers'
      const toneHertz = tones.get(number)
      const voice = toneHertz === undefined ? { script: usual?.audio ?? '' } : { toneHertz }
      return newCitizen(temper, voice).connection
    },
  })

  /** A citizen who was transferred calls the one that the seat named, and the seat is told how that goes. */
  const referred = async (
    voice: { script: string } | { toneHertz: number },
    referTo: string,
    from: string | null,
    told: (status: number, reason: string) => void,
  ) => {
    const uri = /<([^>]*)>/.exec(referTo)?.[1] ?? referTo
    const [address = '', query = ''] = uri.split('?')
    const replaces = new URLSearchParams(query.replaceAll('+', '%2B')).get('Replaces') ?? undefined
    const { citizen, call } = newCitizen('answers', voice)
    enlist(citizen)
    await call({
      from,
      displayName: '',
      to: readAddress(address).user,
      ...(replaces === undefined ? {} : { target: address, replaces }),
      domain,
      headers: [],
      hangUpAfterMs: null,
      hangUpWhileRinging: false,
    })
    let last = ''
    const watch = setInterval(() => {
      const state = citizen.state()
      if (state === last) return
      last = state
      if (state === 'ringing') told(180, 'Ringing')
      if (state === 'calling' || state === 'ringing') return
      clearInterval(watch)
      if (state === 'talking') told(200, 'OK')
      else told(failures[citizen.outcome() ?? ''] ?? 500, 'Failed')
    }, 20)
    watch.unref()
  }

  const start = async (request: CallRequest): Promise<string | null> => {
    const script = request.script === undefined ? usual : scriptOf(request.script)
    if (script === undefined) return null
    const from = request.from === undefined ? script.from : request.from
    const voice =
      request.toneHertz === undefined ? { script: script.audio } : { toneHertz: request.toneHertz }
    const { call, citizen } = newCitizen('answers', voice, request.lossPercent)
    const given = request.script !== undefined
    const hangUpAfterMs = request.hangUpAfterMs ?? (given ? script.hangUpAfterMs : null)
    enlist(citizen)
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
      hangUpAfterMs,
      hangUpWhileRinging: given
        ? script.hangUpWhileRinging
        : hangUpAfterMs !== null && request.hangUpAfterMs !== undefined,
    })
    return citizen.callId
  }

  const view = (callId: string, citizen: Citizen): CallView => {
    const heard = citizen.heard()
    return {
      callId,
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
      scripts.map(({ scriptId, title, description, lines, from }) => ({
        scriptId,
        title,
        description,
        lines,
        from,
      })),
    start,
    view: callId => {
      const citizen = citizens.get(callId)
      return citizen === undefined ? null : view(callId, citizen)
    },
    views: () => [...citizens].map(([callId, citizen]) => view(callId, citizen)),
    heardAudio: callId => citizens.get(callId)?.heardAudio() ?? new Uint8Array(),
    setTone: (number, hertz) => void tones.set(number, hertz),
    askOffer: callId => citizens.get(callId)?.askOffer(),
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

/** By the end of the number that is dialled. */
const tempers: Record<string, Temper> = {
  '0000001': 'busy',
  '0000002': 'never-answers',
  '0000004': 'announces',
  '0000005': 'progresses',
}

/** How a transfer that failed is told, by how the citizen's own call ended. */
const failures: Record<string, number> = { busy: 486, 'no-answer': 480, declined: 603, 'not-found': 404 }

/** Header values are Latin-1 on the wire to old stacks: what is not ASCII goes percent-encoded, as exchanges do. */
const headerText = (value: string): string =>
  /^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value)

const isLoopbackHost = (host: string | undefined): boolean =>
  /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host ?? '')
const isOwnOrigin = (origin: string | undefined): boolean =>
  origin === undefined ||
  origin === 'zuoxi://app' ||
  /^http:\/\/(127\.0\.0\.1|([a-z0-9]+\.)?localhost)(:\d+)?$/.test(origin)

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
