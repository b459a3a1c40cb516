/**
 * What is shown before sip.js has read it (see shown-first.ts), read from the message itself: an INVITE that begins a call, and the
 * answer that accepts a hold. Pure text.
 */
import type { ReadHeader } from '../call-facts.ts'
import { offersAudio } from '../sdp.ts'

export type SeenInvite = {
  callId: string
  /** Whom it is for, by the request's first line. */
  user: string
  read: ReadHeader
}
export type SeenAcceptance = {
  callId: string
  cseq: number
  /** Of the request that is answered: who sent it, and its mark. */
  sentBy: string
  branch: string
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
  to: { shape: whole(`${address}${parameters}`), once: true, must: true },
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

const tagged = /;tag=/i

type Plain = { first: string; headers: Map<string, string>; vias: number; body: string }

/** Null: it is written in a way that is not looked into here. */
function readPlain(message: string): Plain | null {
  if (message.length > longest) return null
  const end = message.indexOf('\r\n\r\n')
  if (end < 0) return null
  const [first = '', ...lines] = message.slice(0, end).split('\r\n')
  const headers = new Map<string, string>()
  let vias = 0
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
    if (key === 'via') vias += 1
    if (!headers.has(key)) headers.set(key, value.trim())
  }
  const isWhole = Object.entries(shapes).every(([key, { must }]) => must !== true || headers.has(key))
  if (!isWhole || !tagged.test(headers.get('from') ?? '')) return null
  const body = message.slice(end + 4)
  const told = headers.get('content-length')
  if (told !== undefined && new TextEncoder().encode(body).length !== Number(told)) return null
  if (body !== '' && (!headers.has('content-type') || !body.startsWith('v=0\r\n') || !offersAudio(body)))
    return null
  return { first, headers, vias, body }
}

/** An INVITE that begins a call, asks for nothing unusual and is written plainly; null for every other message. */
export function seeInvite(message: string): SeenInvite | null {
  if (!message.startsWith('INVITE ')) return null
  const plain = readPlain(message)
  const user = firstLine.exec(plain?.first ?? '')?.[1]
  if (plain === null || user === undefined || tagged.test(plain.headers.get('to') ?? '')) return null
  const { headers } = plain
  return { callId: headers.get('call-id') ?? '', user, read: of => headers.get(of.toLowerCase()) }
}

/** Who sent it, and its mark. */
export function viaOf(via: string): { sentBy: string; branch: string } {
  const [, sentBy = ''] = /^\S+ +([^;]*)/.exec(via) ?? []
  const [, branch = ''] = /;branch=([^;]*)/i.exec(via) ?? []
  return { sentBy, branch }
}

/** A 200 with a description to an INVITE in a call; null for every other message. */
export function seeAcceptance(message: string): SeenAcceptance | null {
  if (!message.startsWith('SIP/2.0 200 ')) return null
  const plain = readPlain(message)
  if (plain === null || plain.vias !== 1 || plain.body === '' || !/^SIP\/2\.0 200 [\w ]*$/.test(plain.first))
    return null
  const { headers } = plain
  if (!tagged.test(headers.get('to') ?? '')) return null
  return {
    callId: headers.get('call-id') ?? '',
    cseq: Number.parseInt(headers.get('cseq') ?? '', 10),
    ...viaOf(headers.get('via') ?? ''),
  }
}
