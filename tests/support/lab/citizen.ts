/**
 * A telephone on the lab's exchange that knows what baresip does not: REFER with NOTIFY, Replaces, re-INVITEs without a
 * description. It is the training exchange's simulated citizen with a registration and a route set of its own.
 */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { type Citizen, type CitizenCall, createCitizen, type Temper } from '../../../exchange/citizen.ts'
import { decodeMuLaw, toneMuLaw } from '../../../exchange/mu-law.ts'
import {
  allHeaders,
  formatSip,
  header,
  parseSip,
  readAddress,
  type SipMessage,
} from '../../../exchange/sip-message.ts'
import { toneDbfs } from '../spectrum.ts'
import { register } from './register.ts'

const domain = '127.0.0.1'

export type LabCitizen = {
  /** Rings the extension; resolves with the call. */
  dial(extension: string): Promise<Citizen>
  /** Every call that it has or had, oldest first; also those that it was asked to make. */
  calls(): readonly Citizen[]
  /** Every INVITE that reached it, as it stood in the message. */
  invites(): readonly string[]
  /** The one call that it talks on, or undefined. */
  talking(): Citizen | undefined
  /** Level of each tone in the last second that it heard, dBFS. */
  hears(tones: readonly number[]): number[]
  stop(): Promise<void>
}

export async function startLabCitizen(options: {
  wsUrl: string
  number: string
  secret: string
  hertz: number
  /** What it does when it is called. */
  temper?: Temper
  ringMs?: number
}): Promise<LabCitizen> {
  const { number, secret, hertz, temper = 'answers', ringMs = 1_000 } = options
  const socket = new WebSocket(options.wsUrl, 'sip')
  await once(socket, 'open')
  const citizens: Citizen[] = []
  const invites: string[] = []
  const routes = new Map<string, string[]>()
  const send = (message: SipMessage) => {
    // Asked to end by a test: what is left to say is not said.
    if (socket.readyState === WebSocket.OPEN) socket.send(formatSip(message))
  }

  const newCitizen = (how: Temper) => {
    const made = createCitizen({
      domain,
      audio: toneMuLaw(hertz),
      repeat: true,
      lossPercent: 0,
      ringMs,
      send: message => {
        const route = isInDialog(message) ? (routes.get(header(message, 'call-id')) ?? []) : []
        send({
          ...message,
          headers: [...message.headers, ...route.map((value): [string, string] => ['Route', value])],
        })
      },
      refer: (target, _from, told) => void referred(target, told),
      moved: () => {},
      ended: () => {},
    })
    const citizen = made.citizen(how)
    citizens.push(citizen)
    return { citizen, call: made.call }
  }

  const outgoing = (to: string, more: Partial<CitizenCall> = {}): CitizenCall => ({
    from: number,
    displayName: '',
    to,
    domain,
    headers: [],
    hangUpAfterMs: null,
    hangUpWhileRinging: false,
    ...more,
  })

  const referred = async (referTo: string, told: (status: number, reason: string) => void) => {
    const uri = /<([^>]*)>/.exec(referTo)?.[1] ?? referTo
    const [address = '', query = ''] = uri.split('?')
    const replaces = new URLSearchParams(query.replaceAll('+', '%2B')).get('Replaces') ?? undefined
    const { citizen, call } = newCitizen('answers')
    await call(
      outgoing(readAddress(address).user, replaces === undefined ? {} : { target: address, replaces }),
    )
    let last = 'calling'
    const watch = setInterval(() => {
      const state = citizen.state()
      if (state === last) return
      last = state
      if (state === 'ringing') return told(180, 'Ringing')
      clearInterval(watch)
      told(state === 'talking' ? 200 : (failures[citizen.outcome() ?? ''] ?? 500), 'Result')
    }, 20)
  }

  const received = (message: SipMessage) => {
    const callId = header(message, 'call-id')
    const recorded = allHeaders(message, 'record-route').flatMap(value => value.split(/,\s*(?=<)/))
    const isInvite = header(message, 'cseq').endsWith('INVITE')
    if (isInvite && recorded.length > 0)
      routes.set(callId, message.method === null ? recorded.toReversed() : recorded)
    const replaced = header(message, 'replaces').split(';')[0]?.trim() ?? ''
    const known = citizens.find(citizen => citizen.callId === (replaced === '' ? callId : replaced))
    if (known !== undefined) return known.receive(message)
    if (message.method === 'INVITE') newCitizen(temper).citizen.receive(message)
  }

  await register({
    user: number,
    secret,
    via: 'WS citizen.invalid',
    contact: `sip:${number}@citizen.invalid;transport=ws`,
    ask: async text => {
      const answered = once(socket, 'message')
      socket.send(text)
      return String(((await answered) as [Buffer])[0])
    },
  })
  socket.on('message', data => {
    const message = parseSip(String(data))
    if (message?.method === 'INVITE') invites.push(String(data))
    if (message !== null) received(message)
  })

  const talking = () => citizens.findLast(citizen => citizen.state() === 'talking')
  return {
    dial: async extension => {
      const { citizen, call } = newCitizen('answers')
      await call(outgoing(extension))
      return citizen
    },
    calls: () => citizens,
    invites: () => invites,
    talking,
    hears: tones => {
      const samples = decodeMuLaw(talking()?.heardAudio() ?? new Uint8Array())
      return tones.map(one => Math.round(toneDbfs(samples, one)))
    },
    stop: async () => {
      for (const citizen of citizens) citizen.hangUp()
      socket.close()
      if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close')
    },
  }
}

const failures: Record<string, number> = { busy: 486, 'no-answer': 480, declined: 603, 'not-found': 404 }

const isInDialog = (message: SipMessage) =>
  message.method !== null && message.method !== 'CANCEL' && readAddress(header(message, 'to')).tag !== ''
