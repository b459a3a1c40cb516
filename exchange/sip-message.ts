/** Just enough SIP (RFC 3261) for a training exchange: whole messages over WebSocket frames, no transactions over UDP. */

export type SipMessage = {
  /** `INVITE sip:… SIP/2.0` or `SIP/2.0 200 OK`. */
  startLine: string
  method: string | null
  requestUri: string | null
  status: number | null
  /** In order, names as they were written. */
  headers: [name: string, value: string][]
  body: string
}

const compactNames: Record<string, string> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  l: 'content-length',
  c: 'content-type',
  s: 'subject',
  k: 'supported',
}
const canonical = (name: string): string => compactNames[name.toLowerCase()] ?? name.toLowerCase()

/** The message in a frame, or null when it is none (a keep-alive, rubbish, or longer than 64 kB). */
export function parseSip(text: string): SipMessage | null {
  if (text.length > 65_536) return null
  const split = text.indexOf('\r\n\r\n')
  if (split < 0) return null
  const [startLine = '', ...lines] = text
    .slice(0, split)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const request = /^([A-Z]+) (\S+) SIP\/2\.0$/.exec(startLine)
  const response = /^SIP\/2\.0 ([1-6]\d\d) /.exec(`${startLine} `)
  if (request === null && response === null) return null
  const headers: [string, string][] = []
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon <= 0) return null
    headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()])
  }
  const message: SipMessage = {
    startLine,
    method: request?.[1] ?? null,
    requestUri: request?.[2] ?? null,
    status: response === null ? null : Number(response[1]),
    headers,
    body: text.slice(split + 4),
  }
  const whole = ['via', 'from', 'to', 'call-id', 'cseq'].every(name => header(message, name) !== '')
  return whole ? message : null
}

export function formatSip(message: SipMessage): string {
  const headers = message.headers.filter(([name]) => canonical(name) !== 'content-length')
  headers.push(['Content-Length', String(Buffer.byteLength(message.body))])
  return `${[message.startLine, ...headers.map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n${message.body}`
}

/** The first header of this name, or an empty string. */
export function header(message: SipMessage, name: string): string {
  return message.headers.find(([own]) => canonical(own) === name)?.[1] ?? ''
}

export function allHeaders(message: SipMessage, name: string): string[] {
  return message.headers.filter(([own]) => canonical(own) === name).map(([, value]) => value)
}

/** A response with the headers that RFC 3261 copies from the request. */
export function respond(
  request: SipMessage,
  status: number,
  reason: string,
  more: [string, string][] = [],
  body = '',
  toTag = '',
): SipMessage {
  const headers: [string, string][] = []
  for (const [name, value] of request.headers) {
    const known = canonical(name)
    if (['via', 'from', 'call-id', 'cseq', 'record-route'].includes(known)) headers.push([name, value])
    if (known === 'to')
      headers.push([name, toTag !== '' && !/;tag=/.test(value) ? `${value};tag=${toTag}` : value])
  }
  return {
    startLine: `SIP/2.0 ${status} ${reason}`,
    method: null,
    requestUri: null,
    status,
    headers: [...headers, ...more],
    body,
  }
}

/** `sip:user@host;x=y` or `"name" <sip:user@host>;tag=z`: the address and the tag. */
export function readAddress(value: string): { user: string; host: string; uri: string; tag: string } {
  const uri = /<([^>]*)>/.exec(value)?.[1] ?? value.split(';')[0] ?? ''
  const parts = /^sips?:(?:([^@;]*)@)?([^;?]*)/.exec(uri.trim())
  return {
    uri: uri.trim(),
    user: decodeURIComponentSafely(parts?.[1] ?? ''),
    host: parts?.[2] ?? '',
    tag: /;tag=([^;]+)/.exec(value)?.[1] ?? '',
  }
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
