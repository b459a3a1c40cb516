/** What an INVITE says, read through the city's header map. Everything in it comes from outside: cleaned, and cut to size. */
import type { CallFacts } from '../../shared/domain/call.ts'
import type { HeaderMap } from '../../shared/domain/settings.ts'

/** The first value of a header, or undefined; names as they stand in the message, compared without case. */
export type ReadHeader = (name: string) => string | undefined

/** Control, invisible and direction-changing characters: they could make one name look like another. */
// oxlint-disable-next-line no-control-regex -- control characters are what is being removed
const unseen = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

const withheldUsers = new Set([
  '',
  'anonymous',
  'unavailable',
  'restricted',
  'unknown',
  'private',
  'withheld',
])

/** Cleaned text of at most `max` characters; null when nothing is left. */
export function cleanText(value: string | undefined, max: number): string | null {
  if (value === undefined) return null
  const text = Array.from(decoded(value.slice(0, 4_096)).replace(unseen, '').trim())
    .slice(0, max)
    .join('')
    .slice(0, max)
  return text === '' ? null : text
}

function decoded(value: string): string {
  if (!/%[0-9a-f]{2}/i.test(value)) return value
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** `"name" <sip:user@host>`, `<tel:…>`, `sip:user@host;tag=…`: the name and the number part. Never throws. */
export function readNameAddress(value: string): { name: string | null; user: string | null } {
  const text = value.slice(0, 16_384)
  const quoted = /^\s*"((?:[^"\\]|\\.)*)"/.exec(text)
  const rest = quoted === null ? text : text.slice(quoted[0].length)
  const uri = /<([^>]*)>/.exec(rest)?.[1] ?? rest.split(';')[0] ?? ''
  const bare = quoted === null ? /^\s*([^<"]*?)\s*</.exec(text)?.[1] : undefined
  const name = cleanText(quoted?.[1]?.replace(/\\(.)/g, '$1') ?? bare, 64)
  const scheme = /^\s*(sips?|tel):/i.exec(uri)
  if (scheme === null) return { name, user: null }
  const body = uri.slice(scheme[0].length)
  const user = /^tel/i.test(scheme[1] ?? '')
    ? // The context is the area that a local number belongs to.
      body.replace(/;(?!(?:ext|phone-context)=)[^;]*/gi, '')
    : body.includes('@')
      ? body.split('@')[0]
      : ''
  return { name, user: cleanText(user, 64) }
}

/** The facts of an incoming call. The network's asserted identity goes before what the caller says of itself. */
export function readCallFacts(read: ReadHeader, callId: string, headerMap: HeaderMap): CallFacts {
  const from = readNameAddress(read('From') ?? '')
  const asserted = readNameAddress(read('P-Asserted-Identity') ?? '')
  const wantsPrivacy = /\b(id|user|full)\b/i.test(read('Privacy') ?? '')
  const user = asserted.user ?? from.user
  const withheld = wantsPrivacy || user === null || withheldUsers.has(user.toLowerCase())
  const mapped = (name: string, max: number) => (name === '' ? null : cleanText(read(name), max))
  return {
    originalCallId: mapped(headerMap.originalCallId, 256) ?? (callId.slice(0, 256) || null),
    callerNumber: withheld ? null : user,
    calledNumber: readNameAddress(read('To') ?? '').user,
    displayName: withheld ? null : (asserted.name ?? from.name),
    queue: mapped(headerMap.queue, 64),
    skill: mapped(headerMap.skill, 64),
    dialect: mapped(headerMap.dialect, 64),
    recordingId: mapped(headerMap.recordingId, 128),
  }
}

/** What is recorded of a call that the seat dials. */
export function dialledFacts(number: string, extension: string, callId: string): CallFacts {
  return {
    originalCallId: callId.slice(0, 256),
    callerNumber: extension,
    calledNumber: number,
    displayName: null,
    queue: null,
    skill: null,
    dialect: null,
    recordingId: null,
  }
}
