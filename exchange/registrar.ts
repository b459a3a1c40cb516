/** Who is registered, proved by digest (RFC 2617, MD5, qop=auth; each nonce serves for `nonceMs`). */
import { createHash, randomBytes } from 'node:crypto'
import { header, readAddress, respond, type SipMessage } from './sip-message.ts'

const nonceMs = 5 * 60_000
const md5 = (text: string) => createHash('md5').update(text).digest('hex')

/** Where a registered contact is reached. `connection` is the proxy's own name of the line. */
export type Binding = { contact: string; connection: number; expiresAt: number }

export type Registrar = {
  register(request: SipMessage, connection: number): SipMessage
  bindings(extension: string): Binding[]
  knows(extension: string): boolean
  lost(connection: number): void
}

export function createRegistrar(options: {
  domain: string
  accounts: ReadonlyMap<string, string>
  now(): number
}): Registrar {
  const { domain, accounts, now } = options
  const bound = new Map<string, Binding[]>()
  const nonces = new Map<string, number>()

  const challenge = (request: SipMessage, stale: boolean): SipMessage => {
    const nonce = randomBytes(16).toString('hex')
    nonces.set(nonce, now() + nonceMs)
    for (const [old, until] of nonces) if (until < now()) nonces.delete(old)
    const value = `Digest realm="${domain}", nonce="${nonce}", algorithm=MD5, qop="auth"${stale ? ', stale=true' : ''}`
    return respond(request, 401, 'Unauthorized', [['WWW-Authenticate', value]], '', 'registrar')
  }

  const live = (extension: string) =>
    (bound.get(extension) ?? []).filter(({ expiresAt }) => expiresAt > now())

  return {
    knows: extension => accounts.has(extension),
    bindings: live,
    lost: connection => {
      for (const [extension, list] of bound) {
        bound.set(
          extension,
          list.filter(binding => binding.connection !== connection),
        )
      }
    },
    register: (request, connection) => {
      const extension = readAddress(header(request, 'to')).user
      const given = header(request, 'authorization')
      if (given === '') return challenge(request, false)
      const fields = readDigest(given)
      const secret = accounts.get(extension)
      if (secret === undefined || fields['username'] !== extension)
        return respond(request, 403, 'Forbidden', [], '', 'registrar')
      const until = nonces.get(fields['nonce'] ?? '')
      if (until === undefined || until < now()) return challenge(request, true)
      if (fields['response'] !== expectedResponse(fields, secret, 'REGISTER')) {
        return respond(request, 403, 'Forbidden', [], '', 'registrar')
      }
      const contactHeader = header(request, 'contact')
      const contact = readAddress(contactHeader).uri
      const seconds = Math.min(
        600,
        Number(/;expires=(\d+)/i.exec(contactHeader)?.[1] ?? (header(request, 'expires') || '600')),
      )
      const others = live(extension).filter(
        binding => binding.contact !== contact && binding.connection !== connection,
      )
      if (contactHeader === '*' || seconds === 0) bound.set(extension, contactHeader === '*' ? [] : others)
      else bound.set(extension, [...others, { contact, connection, expiresAt: now() + seconds * 1000 }])
      const contacts = live(extension).map((binding): [string, string] => [
        'Contact',
        `<${binding.contact}>;expires=${Math.round((binding.expiresAt - now()) / 1000)}`,
      ])
      return respond(request, 200, 'OK', contacts, '', 'registrar')
    },
  }
}

function readDigest(value: string): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [, name, quoted, bare] of value.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)) {
    if (name !== undefined) fields[name] = quoted ?? bare ?? ''
  }
  return fields
}

/** Exported for the tests' own clients. */
export function expectedResponse(fields: Record<string, string>, secret: string, method: string): string {
  const a1 = md5(`${fields['username']}:${fields['realm']}:${secret}`)
  const a2 = md5(`${method}:${fields['uri']}`)
  const { nonce, nc, cnonce, qop } = fields
  return qop === undefined ? md5(`${a1}:${nonce}:${a2}`) : md5(`${a1}:${nonce}:${nc}:${cnonce}:${qop}:${a2}`)
}
