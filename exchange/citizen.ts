/**
 * A simulated citizen (模拟市民): one SIP user agent with real audio, for one call.
 *
 *   calling ─▶ ringing ─▶ talking ─▶ ended        (any state ─▶ ended)
 */
import { randomBytes } from 'node:crypto'
import { createCitizenMedia, type Heard } from './citizen-media.ts'
import { header, readAddress, respond, type SipMessage } from './sip-message.ts'

export type CitizenState = 'calling' | 'ringing' | 'talking' | 'ended'

export type CitizenCall = {
  /** Where to, when it is not `to` at the domain: a contact. */
  target?: string
  /** A dialog that this call takes the place of, as the Replaces header says it. */
  replaces?: string
  /** Name and number in From; null is a withheld number. */
  from: string | null
  displayName: string
  to: string
  domain: string
  headers: [string, string][]
  hangUpAfterMs: number | null
  hangUpWhileRinging: boolean
}

/**
 * How a dialled citizen behaves: answers, is busy, lets it ring, has an announcement before it answers (183 with a
 * description), or is in progress (183 without one) before it answers.
 */
export type Temper = 'answers' | 'busy' | 'never-answers' | 'announces' | 'progresses'

export type Citizen = {
  callId: string
  state(): CitizenState
  outcome(): string | null
  heard(): Heard
  heardAudio(): Uint8Array
  held(): boolean
  dtmf(): string
  receive(message: SipMessage): void
  hangUp(): void
  /** A re-INVITE without a description, as exchanges send it: the seat must make the offer. */
  askOffer(): void
}

const announceMs = 3_000
const tag = () => randomBytes(5).toString('hex')
const quoted = (name: string) => (name === '' ? '' : `"${name.replace(/["\\]/g, '')}" `)

export function createCitizen(options: {
  domain: string
  audio: Uint8Array
  /** Speech is said once, a tone for as long as the call lasts. */
  repeat: boolean
  /** Of what it says, on the way to the seat. */
  lossPercent: number
  /** How long it rings before it answers. */
  ringMs?: number
  send(message: SipMessage): void
  /** It was asked (REFER) to call somebody else: does so on a line of its own and tells how that goes. */
  refer(target: string, from: string | null, told: (status: number, reason: string) => void): void
  /** A dialog took the place of another: the citizen is known by both ids. */
  moved(callId: string): void
  ended(): void
}) {
  const { domain, audio, send, ended } = options
  const newMedia = () => createCitizenMedia({ lossPercent: options.lossPercent })
  let media = newMedia()
  const contact = `sip:citizen-${tag()}@citizen.invalid;transport=ws`
  const ownTag = tag()
  let state: CitizenState = 'calling'
  let outcome: string | null = null
  let invite: SipMessage | null = null
  let callId = `${tag()}${tag()}@citizen.invalid`
  let remote = { uri: '', to: '', from: '' }
  let sequence = 1
  let number: string | null = null
  let dtmf = ''
  let timers: NodeJS.Timeout[] = []
  const branch = () => `SIP/2.0/WS citizen.invalid;branch=z9hG4bKc${tag()}`

  const end = (how: string) => {
    if (state === 'ended') return
    state = 'ended'
    outcome = how
    for (const timer of timers) clearTimeout(timer)
    timers = []
    media.close()
    ended()
  }
  const later = (ms: number, run: () => void) => timers.push(setTimeout(run, ms))

  const inDialog = (method: string, extra: [string, string][] = [], body = ''): SipMessage => {
    if (method !== 'ACK') sequence += 1
    return {
      startLine: `${method} ${remote.uri} SIP/2.0`,
      method,
      requestUri: remote.uri,
      status: null,
      headers: [
        ['Via', branch()],
        ['Max-Forwards', '70'],
        ['From', remote.from],
        ['To', remote.to],
        ['Call-ID', callId],
        ['CSeq', `${sequence} ${method}`],
        ['Contact', `<${contact}>`],
        ...extra,
      ],
      body,
    }
  }

  /** Another dialog in the place of ours (RFC 3891): answered first, then the old one is ended. */
  const replaced = async (request: SipMessage) => {
    const old = inDialog('BYE')
    const next = newMedia()
    try {
      const body = await next.answer(request.body)
      if (state !== 'talking') throw new Error('ended meanwhile')
      const before = media
      media = next
      before.close()
      invite = request
      callDirection = 'from-seat'
      callId = header(request, 'call-id')
      remote = {
        uri: readAddress(header(request, 'contact')).uri,
        to: header(request, 'from'),
        from: `${header(request, 'to')};tag=${ownTag}`,
      }
      options.moved(callId)
      send(
        respond(
          request,
          200,
          'OK',
          [
            ['Contact', `<${contact}>`],
            ['Content-Type', 'application/sdp'],
          ],
          body,
          ownTag,
        ),
      )
      media.speak(audio, options.repeat)
      send(old)
    } catch {
      next.close()
      send(respond(request, 488, 'Not Acceptable Here', [], '', ownTag))
    }
  }

  /** Whether a Replaces header names the dialog that we are in. */
  const isOurs = (replaces: string) => {
    const [id = '', ...parts] = replaces.split(';')
    const tags = Object.fromEntries(parts.map(part => part.trim().split('=') as [string, string]))
    return (
      id.trim() === callId && tags['to-tag'] === ownTag && tags['from-tag'] === readAddress(remote.to).tag
    )
  }

  /** REFER (RFC 3515): accepted, tried, and told about with NOTIFY. */
  const referred = (request: SipMessage) => {
    send(respond(request, 202, 'Accepted', [['Contact', `<${contact}>`]], '', ownTag))
    const tell = (status: number, reason: string) => {
      if (state === 'ended') return
      const subscription = status < 200 ? 'active;expires=60' : 'terminated;reason=noresource'
      send(
        inDialog(
          'NOTIFY',
          [
            ['Event', 'refer'],
            ['Subscription-State', subscription],
            ['Content-Type', 'message/sipfrag;version=2.0'],
          ],
          `SIP/2.0 ${status} ${reason}\r\n`,
        ),
      )
    }
    tell(100, 'Trying')
    options.refer(header(request, 'refer-to'), number, tell)
  }

  const talk = () => {
    state = 'talking'
    media.speak(audio, options.repeat)
  }

  const call = async (what: CitizenCall) => {
    const from =
      what.from === null
        ? `"Anonymous" <sip:anonymous@anonymous.invalid>;tag=${ownTag}`
        : `${quoted(what.displayName)}<sip:${encodeURIComponent(what.from)}@${domain}>;tag=${ownTag}`
    const uri = what.target ?? `sip:${what.to}@${domain}`
    remote = { uri, to: `<${uri}>`, from }
    const body = await media.offer()
    if (state !== 'calling') return
    invite = {
      startLine: `INVITE ${uri} SIP/2.0`,
      method: 'INVITE',
      requestUri: uri,
      status: null,
      headers: [
        ['Via', branch()],
        ['Max-Forwards', '70'],
        ['From', from],
        ['To', `<${uri}>`],
        ['Call-ID', callId],
        ['CSeq', '1 INVITE'],
        ['Contact', `<${contact}>`],
        ['Allow', 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, REFER, NOTIFY'],
        ['Supported', 'replaces'],
        ['Content-Type', 'application/sdp'],
        ...(what.replaces === undefined
          ? []
          : [['Replaces', what.replaces] as [string, string], ['Require', 'replaces'] as [string, string]]),
        ...what.headers,
      ],
      body,
    }
    number = what.from
    send(invite)
    if (what.hangUpAfterMs === null) return
    if (what.hangUpWhileRinging) later(what.hangUpAfterMs, hangUp)
    else hangUpAfterMs = what.hangUpAfterMs
  }
  let hangUpAfterMs: number | null = null

  const response = (message: SipMessage) => {
    const status = message.status ?? 0
    if (!header(message, 'cseq').endsWith('INVITE')) return
    if (status === 100) return
    if (status < 200) {
      if (state === 'calling') state = 'ringing'
      return
    }
    if (offerAsked && status >= 300) {
      offerAsked = false
      return
    }
    if (status >= 300) return end(state === 'ended' ? (outcome ?? '') : failure(status))
    remote = { ...remote, uri: readAddress(header(message, 'contact')).uri, to: header(message, 'to') }
    if (offerAsked) {
      offerAsked = false
      const answer = media.reanswer(message.body)
      return send(inDialog('ACK', [['Content-Type', 'application/sdp']], answer))
    }
    send(inDialog('ACK'))
    // It was answered just as the citizen gave up: the answered call is hung up at once.
    if (state === 'ended') return send(inDialog('BYE'))
    if (state === 'talking') return
    talk()
    if (hangUpAfterMs !== null) later(hangUpAfterMs, hangUp)
    media.accept(message.body).catch(() => {
      send(inDialog('BYE'))
      end('no-media')
    })
  }

  let offerAsked = false
  const askOffer = () => {
    if (state !== 'talking') return
    offerAsked = true
    send(inDialog('INVITE'))
  }

  const hangUp = () => {
    if (state === 'ended') return
    if (state === 'talking') {
      send(inDialog('BYE'))
      return end('hung-up-by-citizen')
    }
    if (invite?.method === 'INVITE' && callDirection === 'to-seat') {
      const kept = invite.headers.filter(([name]) => /^(via|from|to|call-id|max-forwards)$/i.test(name))
      send({
        startLine: invite.startLine.replace(/^INVITE/, 'CANCEL'),
        method: 'CANCEL',
        requestUri: invite.requestUri,
        status: null,
        headers: [...kept, ['CSeq', '1 CANCEL']],
        body: '',
      })
    }
    end('cancelled-by-citizen')
  }
  let callDirection: 'to-seat' | 'from-seat' = 'to-seat'

  /** `announceMs`: speaks for so long before it answers. */
  const answerDialled = async (request: SipMessage, announceMs = 0) => {
    try {
      const body = await media.answer(request.body)
      if (state === 'ended') return
      const headers: [string, string][] = [
        ['Contact', `<${contact}>`],
        ['Content-Type', 'application/sdp'],
      ]
      const accept = () => send(respond(request, 200, 'OK', headers, body, ownTag))
      if (announceMs === 0) {
        accept()
        return talk()
      }
      send(respond(request, 183, 'Session Progress', headers, body, ownTag))
      media.speak(audio, true)
      later(announceMs, () => {
        state = 'talking'
        accept()
      })
    } catch {
      send(respond(request, 488, 'Not Acceptable Here', [], '', ownTag))
      end('no-media')
    }
  }

  const request = (message: SipMessage, temper: Temper) => {
    switch (message.method) {
      case 'REFER':
        return state === 'talking'
          ? referred(message)
          : send(respond(message, 481, 'Call/Transaction Does Not Exist', [], '', ownTag))
      case 'INVITE': {
        const replaces = header(message, 'replaces')
        if (replaces !== '') {
          return state === 'talking' && isOurs(replaces)
            ? void replaced(message)
            : send(respond(message, 481, 'Call/Transaction Does Not Exist', [], '', ownTag))
        }
        // In a dialog that is over: nothing is known of it.
        if (state === 'ended' && readAddress(header(message, 'to')).tag !== '')
          return send(respond(message, 481, 'Call/Transaction Does Not Exist', [], '', ownTag))
        if (invite !== null && state === 'talking') {
          // Whoever comes back on another line says so in Contact (RFC 3261 §12.2.2).
          remote = { ...remote, uri: readAddress(header(message, 'contact')).uri || remote.uri }
          const contactHeader: [string, string][] = [
            ['Contact', `<${contact}>`],
            ['Content-Type', 'application/sdp'],
          ]
          return send(respond(message, 200, 'OK', contactHeader, media.reanswer(message.body), ownTag))
        }
        if (invite !== null) return send(respond(message, 491, 'Request Pending', [], '', ownTag))
        invite = message
        callDirection = 'from-seat'
        callId = header(message, 'call-id')
        remote = {
          uri: readAddress(header(message, 'contact')).uri,
          to: header(message, 'from'),
          from: `${header(message, 'to')};tag=${ownTag}`,
        }
        number = readAddress(header(message, 'to')).user
        if (temper === 'busy') {
          send(respond(message, 486, 'Busy Here', [], '', ownTag))
          return end('busy')
        }
        state = 'ringing'
        if (temper === 'announces') return void answerDialled(message, announceMs)
        send(
          temper === 'progresses'
            ? respond(message, 183, 'Session Progress', [['Contact', `<${contact}>`]], '', ownTag)
            : respond(message, 180, 'Ringing', [['Contact', `<${contact}>`]], '', ownTag),
        )
        if (temper !== 'never-answers') later(options.ringMs ?? 1_000, () => void answerDialled(message))
        else {
          later(8_000, () => {
            send(respond(message, 480, 'Temporarily Unavailable', [], '', ownTag))
            end('no-answer')
          })
        }
        return
      }
      case 'CANCEL':
        send(respond(message, 200, 'OK'))
        if (invite !== null && state !== 'talking' && state !== 'ended') {
          send(respond(invite, 487, 'Request Terminated', [], '', ownTag))
          end('cancelled-by-seat')
        }
        return
      case 'BYE':
        send(respond(message, 200, 'OK'))
        // Of a dialog that another one has taken the place of: already gone.
        return header(message, 'call-id') === callId ? end('hung-up-by-seat') : undefined
      case 'INFO': {
        dtmf += /Signal\s*=\s*([0-9*#A-D])/i.exec(message.body)?.[1] ?? ''
        return send(respond(message, 200, 'OK'))
      }
      case 'ACK':
      case null:
        return
      default:
        return send(
          respond(
            message,
            message.method === 'OPTIONS' ? 200 : 405,
            message.method === 'OPTIONS' ? 'OK' : 'Method Not Allowed',
          ),
        )
    }
  }

  return {
    call,
    state: () => state,
    outcome: () => outcome,
    citizen: (temper: Temper): Citizen => ({
      get callId() {
        return callId
      },
      state: () => state,
      outcome: () => outcome,
      heard: () => media.heard(),
      heardAudio: () => media.heardAudio(),
      held: () => media.held(),
      dtmf: () => media.keys() + dtmf,
      receive: message => (message.method === null ? response(message) : request(message, temper)),
      hangUp,
      askOffer,
    }),
  }
}

function failure(status: number): string {
  if (status === 480 || status === 408) return 'no-answer'
  if (status === 486 || status === 600) return 'busy'
  if (status === 603 || status === 403) return 'declined'
  if (status === 404) return 'not-found'
  return `failed-${status}`
}
