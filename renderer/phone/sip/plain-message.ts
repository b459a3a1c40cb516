/**
 * A ring is seen before it is gone into: sip.js takes as long to read an INVITE as the page to draw its card. What the card shows is
 * read from the message here; the message, and whatever follows it, goes on to sip.js when the card is drawn.
 */
import type { ReadHeader } from '../call-facts.ts'
import { offersAudio } from '../sdp.ts'
import { afterDrawing, type Timers } from '../timers.ts'

export type SeenInvite = {
  callId: string
  /** Whom it is for, by the request's first line. */
  user: string
  read: ReadHeader
}

const longest = 65_536
/** Of a header that is looked into. */
const longestHeader = 512

/*
 * Less than RFC 3261 allows: whatever is written in another way is not wrong, only not shown before sip.js has read it. What is
 * written so, sip.js reads.
 */
const octet = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`
const address4 = String.raw`${octet}(?:\.${octet}){3}`
const host = String.raw`(?:${address4}|(?:[a-z\d](?:[a-z\d-]*[a-z\d])?\.)*[a-z](?:[a-z\d-]*[a-z\d])?)(?::\d{1,5})?`
const user = String.raw`[\w.!~*'()+-]+`
const token = String.raw`[\w.!*+~'-]+`
/** Parameters that have a grammar of their own are written in one way or not at all. */
const uriParameters = String.raw`(?:;(?:lr(?:=on)?|transport=(?:udp|tcp|tls|ws)|(?!lr|transport|user|method|ttl|maddr)[\w.~-]+(?:=[\w.~:+-]+)?))*`
const parameters = String.raw`(?:;(?:expires=\d{1,9}|q=0\.\d{1,3}|(?!expires|q)${token}(?:=(?:${token}|"[^"\\]*"))?))*`
const viaParameters = String.raw`(?:;(?:rport(?:=\d{1,5})?|received=${address4}|(?!rport|received|branch|ttl|maddr)${token}(?:=${token})?))*`
const uri = String.raw`sip:(?:${user}@)?${host}${uriParameters}`
const name = String.raw`(?:"[^"\\]*" ?|${token}(?: ${token})* )?`
const address = String.raw`${name}<${uri}>`
const whole = (pattern: string) => new RegExp(`^${pattern}$`, 'i')

const firstLine = new RegExp(String.raw`^INVITE sip:(${user})@${host}${uriParameters} SIP/2\.0$`)
const header = /^([\w-]+) ?: ?(.*)$/
/** Of every way in which a header is told, and how often it must, or may, be there. */
const shapes: Record<string, { shape: RegExp; once?: boolean; must?: boolean }> = {
  via: {
    shape: whole(
      String.raw`SIP/2\.0/(?:WSS?|UDP|TCP|TLS) {1,2}${host}${viaParameters};branch=z9hG4bK${token}${viaParameters}`,
    ),
    must: true,
  },
  from: { shape: whole(`${address}${parameters}`), once: true, must: true },
  to: { shape: whole(address), once: true, must: true },
  'call-id': { shape: /^[\w.!%*+~-]+(?:@[\w.!%*+~:-]+)?$/, once: true, must: true },
  cseq: { shape: /^\d{1,9} INVITE$/, once: true, must: true },
  contact: { shape: whole(`${address}${parameters}`), once: true, must: true },
  'record-route': { shape: whole(`<${uri}>${parameters}(?:, ?<${uri}>${parameters})*`) },
  'max-forwards': { shape: /^\d{1,3}$/, once: true },
  'content-length': { shape: /^\d{1,6}$/, once: true },
  'content-type': { shape: /^application\/sdp$/i, once: true },
}
const longNames: Record<string, string> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  l: 'content-length',
  c: 'content-type',
  e: 'content-encoding',
  r: 'refer-to',
}
/** What asks for more than to be rung, or is told in a way that is not looked into here. */
const unusual = new Set([
  'require',
  'replaces',
  'content-encoding',
  'refer-to',
  'www-authenticate',
  'proxy-authenticate',
])
// oxlint-disable-next-line no-control-regex -- control characters are what is being looked for
const control = /[\u0000-\u001f\u007f]/

/** An INVITE that begins a call, asks for nothing unusual and is written plainly; null for every other message. */
export function seeInvite(message: string): SeenInvite | null {
  if (message.length > longest || !message.startsWith('INVITE ')) return null
  const end = message.indexOf('\r\n\r\n')
  if (end < 0) return null
  const [first = '', ...lines] = message.slice(0, end).split('\r\n')
  const called = firstLine.exec(first)?.[1]
  if (called === undefined) return null
  const headers = new Map<string, string>()
  for (const line of lines) {
    // A folded line begins with a space, and is none of these.
    const [, told = '', value = ''] = (control.test(line) ? null : header.exec(line)) ?? []
    const short = told.toLowerCase()
    const key = longNames[short] ?? short
    if (key === '' || unusual.has(key)) return null
    const known = shapes[key]
    if (known !== undefined) {
      if (known.once === true && headers.has(key)) return null
      if (value.length > longestHeader || !known.shape.test(value.trim())) return null
    }
    if (!headers.has(key)) headers.set(key, value.trim())
  }
  const isWhole = Object.entries(shapes).every(([key, { must }]) => must !== true || headers.has(key))
  if (!isWhole || !/;tag=/i.test(headers.get('from') ?? '')) return null
  const body = message.slice(end + 4)
  const told = headers.get('content-length')
  if (told !== undefined && new TextEncoder().encode(body).length !== Number(told)) return null
  if (body !== '' && (!headers.has('content-type') || !body.startsWith('v=0\r\n') || !offersAudio(body)))
    return null
  const read = (of: string) => headers.get(of.toLowerCase())
  return { callId: headers.get('call-id') ?? '', user: called, read }
}

export type RingFirst = {
  receive(message: string): void
  /** Whatever waits goes on now: somebody acts on the call before it is drawn. */
  goOn(): void
}

export function createRingFirst(parts: {
  timers: Pick<Timers, 'after'>
  /** Shows the call. Returns what takes that back if nothing came of the INVITE; null: it is not shown. */
  announce(invite: SeenInvite): (() => void) | null
  /** Never throws. */
  receive(message: string): void
}): RingFirst {
  let waiting: string[] = []
  let takeBack = () => {}
  let isGoingOn = false
  const goOn = () => {
    if (isGoingOn) return
    isGoingOn = true
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) parts.receive(next)
    isGoingOn = false
    takeBack()
    takeBack = () => {}
  }
  return {
    receive: message => {
      // In the order in which they came.
      if (waiting.length > 0) return void waiting.push(message)
      const invite = seeInvite(message)
      const announced = invite === null ? null : parts.announce(invite)
      if (announced === null) return parts.receive(message)
      takeBack = announced
      waiting = [message]
      afterDrawing(parts.timers, goOn)
    },
    goOn,
  }
}
