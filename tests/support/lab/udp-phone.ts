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

/** Registered, and dead: it answers nothing. */
export async function startSilentPhone(options: {
  extension: string
  secret: string
  exchangePort: number
}): Promise<{ stop(): void }> {
  const phone = await udpPort(() => {})
  await registerPort({
    user: options.extension,
    secret: options.secret,
    exchangePort: options.exchangePort,
    port: phone.port,
  })
  return { stop: phone.close }
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

type CallTo = { from: string; extension: string; exchangePort: number }

/** One INVITE and what comes back for it, over a socket of its own. */
async function invite({ from, extension, exchangePort }: CallTo) {
  const callId = `${token()}@${domain}`
  const [branch, tag] = [`z9hG4bK${token()}`, token()]
  let told: (message: SipMessage) => void = () => {}
  const came: SipMessage[] = []
  const phone = await udpPort(message => {
    came.push(message)
    told(message)
  })
  const say = (method: string, to = `<sip:${extension}@${domain}>`) =>
    phone.send(
      {
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
      },
      exchangePort,
    )
  say('INVITE')
  return {
    say,
    close: phone.close,
    answered: async (is: (status: number) => boolean, what: string): Promise<SipMessage> => {
      const signal = AbortSignal.timeout(30_000)
      for (;;) {
        const found = came.find(({ status }) => status !== null && is(status))
        if (found !== undefined) return found
        await new Promise<void>((resolve, reject) => {
          told = () => resolve()
          signal.addEventListener('abort', () => reject(new Error(`the exchange did not answer ${what}`)))
        })
      }
    },
  }
}

/** A caller who lets it ring for a moment and gives up. How long the exchange took: INVITE → 180, CANCEL → 487. */
export async function callAndGiveUp(to: CallTo): Promise<{ ringingMs: number; endedMs: number }> {
  const called = performance.now()
  const call = await invite(to)
  try {
    await call.answered(status => status === 180, '180')
    const ringingMs = performance.now() - called
    const given = performance.now()
    call.say('CANCEL')
    const ended = await call.answered(status => status === 487, '487')
    const endedMs = performance.now() - given
    call.say('ACK', header(ended, 'to'))
    return { ringingMs, endedMs }
  } finally {
    call.close()
  }
}

/** A caller who waits for what the exchange says in the end: its status, which is no answer of a person. */
export async function callUntilRefused(to: CallTo): Promise<number> {
  const call = await invite(to)
  try {
    const refused = await call.answered(status => status >= 300, 'with a refusal')
    call.say('ACK', header(refused, 'to'))
    return refused.status ?? 0
  } finally {
    call.close()
  }
}
