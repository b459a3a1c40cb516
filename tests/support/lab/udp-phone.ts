/** Telephones on UDP sockets of this process, quick enough to time an exchange by: one that only rings, one that gives up. */
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { formatSip, header, parseSip, respond, type SipMessage } from '../../../exchange/sip-message.ts'
import { registerPort } from './register.ts'

const domain = '127.0.0.1'
const token = () => randomBytes(6).toString('hex')

async function udpPort(received: (message: SipMessage) => void) {
  const socket = createSocket('udp4')
  socket.bind(0, domain)
  await once(socket, 'listening')
  socket.on('message', data => {
    const message = parseSip(String(data))
    if (message !== null) received(message)
  })
  return {
    port: socket.address().port,
    send: (message: SipMessage, port: number) => socket.send(formatSip(message), port, domain),
    close: () => socket.close(),
  }
}

/** Rings whoever calls, for as long as they like. */
export async function startRingingPhone(options: {
  extension: string
  secret: string
  exchangePort: number
}): Promise<{ invites(): readonly SipMessage[]; stop(): void }> {
  const { extension, secret, exchangePort } = options
  const ringing = new Map<string, SipMessage>()
  const invites: SipMessage[] = []
  const phone = await udpPort(message => {
    const callId = header(message, 'call-id')
    const answer = (request: SipMessage, status: number, reason: string) =>
      phone.send(respond(request, status, reason, [], '', `ringing-${extension}`), exchangePort)
    if (message.method === 'INVITE') {
      if (!ringing.has(callId)) invites.push(message)
      ringing.set(callId, message)
      answer(message, 180, 'Ringing')
    } else if (message.method === 'CANCEL') {
      answer(message, 200, 'OK')
      const invite = ringing.get(callId)
      if (invite !== undefined) answer(invite, 487, 'Request Terminated')
    } else if (message.method === 'ACK') ringing.delete(callId)
  })
  await registerPort({ user: extension, secret, exchangePort, port: phone.port })
  return { invites: () => invites, stop: phone.close }
}

export type GivenUp = { callId: string; ringingMs: number; endedMs: number }

/** A caller who lets it ring for a moment and gives up. How long the exchange took: INVITE → 180, CANCEL → 487. */
export async function callAndGiveUp(options: {
  from: string
  extension: string
  exchangePort: number
}): Promise<GivenUp> {
  const { from, extension, exchangePort } = options
  const callId = `${token()}@${domain}`
  const [branch, tag] = [`z9hG4bK${token()}`, token()]
  let told: (message: SipMessage) => void = () => {}
  const waiting: SipMessage[] = []
  const phone = await udpPort(message => {
    waiting.push(message)
    told(message)
  })
  const answered = async (status: number): Promise<void> => {
    const signal = AbortSignal.timeout(10_000)
    while (!waiting.some(message => message.status === status))
      await new Promise<void>((resolve, reject) => {
        told = () => resolve()
        signal.addEventListener('abort', () => reject(new Error(`the exchange did not answer ${status}`)))
      })
  }
  const request = (method: string, to = `<sip:${extension}@${domain}>`): SipMessage => ({
    startLine: `${method} sip:${extension}@${domain} SIP/2.0`,
    method,
    requestUri: `sip:${extension}@${domain}`,
    status: null,
    headers: [
      ['Via', `SIP/2.0/UDP ${domain}:${phone.port};branch=${branch}`],
      ['Max-Forwards', '70'],
      ['From', `${from};tag=${tag}`],
      ['To', to],
      ['Call-ID', callId],
      ['CSeq', `1 ${method}`],
      ['Contact', `<sip:caller@${domain}:${phone.port}>`],
    ],
    body: '',
  })
  try {
    const called = performance.now()
    phone.send(request('INVITE'), exchangePort)
    await answered(180)
    const ringingMs = performance.now() - called
    const given = performance.now()
    phone.send(request('CANCEL'), exchangePort)
    await answered(487)
    const endedMs = performance.now() - given
    const to = header(waiting.find(message => message.status === 487) ?? request('ACK'), 'to')
    phone.send(request('ACK', to), exchangePort)
    return { callId, ringingMs, endedMs }
  } finally {
    phone.close()
  }
}
