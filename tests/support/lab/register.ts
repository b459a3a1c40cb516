/** REGISTER with digest (RFC 2617, without qop as Kamailio's default is), for telephones that cannot do it themselves. */
import { createHash, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { formatSip, header, parseSip, type SipMessage } from '../../../exchange/sip-message.ts'

const domain = '127.0.0.1'
const token = () => randomBytes(6).toString('hex')
const md5 = (text: string) => createHash('md5').update(text).digest('hex')

export async function register(options: {
  user: string
  secret: string
  /** Transport and sender of the Via header. */
  via: string
  contact: string
  /** Sends the request; resolves with the answer. */
  ask(text: string): Promise<string>
}): Promise<void> {
  const { user, secret } = options
  const [callId, tag] = [token(), token()]
  const ask = async (sequence: number, more: [string, string][]): Promise<SipMessage> => {
    const request: SipMessage = {
      startLine: `REGISTER sip:${domain} SIP/2.0`,
      method: 'REGISTER',
      requestUri: `sip:${domain}`,
      status: null,
      headers: [
        ['Via', `SIP/2.0/${options.via};branch=z9hG4bK${token()}`],
        ['Max-Forwards', '70'],
        ['From', `<sip:${user}@${domain}>;tag=${tag}`],
        ['To', `<sip:${user}@${domain}>`],
        ['Call-ID', callId],
        ['CSeq', `${sequence} REGISTER`],
        ['Contact', `<${options.contact}>;expires=600`],
        ...more,
      ],
      body: '',
    }
    const answer = parseSip(await options.ask(formatSip(request)))
    if (answer === null) throw new Error('the exchange answered REGISTER with something else')
    return answer
  }
  const challenge = header(await ask(1, []), 'www-authenticate')
  const part = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? ''
  const [realm, nonce] = [part('realm'), part('nonce')]
  const proof = md5(`${md5(`${user}:${realm}:${secret}`)}:${nonce}:${md5(`REGISTER:sip:${domain}`)}`)
  const credentials = `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="sip:${domain}", response="${proof}"`
  const { status } = await ask(2, [['Authorization', credentials]])
  if (status !== 200) throw new Error(`the exchange did not register ${user}: ${status}`)
}

/** For a telephone that listens on a UDP port of this machine. */
export async function registerPort(options: {
  user: string
  secret: string
  exchangePort: number
  port: number
}): Promise<void> {
  const socket = createSocket('udp4')
  socket.bind(0, domain)
  await once(socket, 'listening')
  try {
    await register({
      user: options.user,
      secret: options.secret,
      via: `UDP ${domain}:${socket.address().port}`,
      contact: `sip:${options.user}@${domain}:${options.port}`,
      ask: async text => {
        const answered = once(socket, 'message', { signal: AbortSignal.timeout(5_000) })
        socket.send(text, options.exchangePort, domain)
        return String(((await answered) as [Buffer])[0])
      },
    })
  } finally {
    socket.close()
  }
}
