/**
 * The seat's credential belongs to the centre that issued it, known by its address and by a key that it showed at enrolment. Before
 * anything of the seat or its people is sent over a link, the other end signs a challenge with that key. Another one gets nothing,
 * and nothing that it says counts. The same centre at another address is the same: only an administrator, the policy or the launcher
 * can name one. Another centre needs an enrolment of its own.
 */
import { createPublicKey, verify } from 'node:crypto'
import { z } from 'zod'
import { centreProof } from '../../../shared/contract/central-identity.ts'
import { centreProofText } from '../../../shared/domain/centre-proof.ts'
import type { Random } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { readState, writeState } from '../storage/local-state.ts'
import type { CentreAnswer, CentreRequest, Transport } from './centre-client.ts'
import { readCredential } from './seat-identity.ts'

const trustState = 'centre-trust'
/** `key` null: a centre that has none to show. */
const kept = z.object({ address: z.string(), key: z.string().nullable() })
type Trust = z.infer<typeof kept>

export const notOursCode = 'CENTRE_NOT_OURS'
const notOurs = '这不是登记本坐席的中心，为保护数据没有连接；请管理员核对中心地址，或用新的登记码重新登记'

export type CentreTrust = {
  /** Carries requests to the centre of the credential, and refuses with CENTRE_NOT_OURS to carry any to another. */
  ask: Transport
  /** In the transaction that keeps a new credential. */
  enrolled(db: Database, credential: { centreKey?: string | undefined }): void
}

/** Where a secret goes out, the other end proves itself each time; elsewhere once a link is enough. */
const provesAnew = new Set([
  '/v1/device-tokens',
  '/v1/enrolments/renew',
  '/v1/sessions',
  '/v1/sessions/refresh',
  '/v1/account/password',
  '/v1/account/password/replace',
])

export function createCentreTrust(parts: {
  url: string
  ask: Transport
  random: Pick<Random, 'bytes'>
  read(): Database
  write<T>(work: (db: Database) => T): T
}): CentreTrust {
  const { read, write } = parts
  const { origin, pathname } = new URL(parts.url)
  const address = `${origin}${pathname.replace(/\/$/, '')}`
  let proven = false

  const keptTrust = (db: Database): Trust | null => {
    const text = readState(db, trustState)
    const parsed = text === null ? null : kept.safeParse(JSON.parse(text))
    return parsed?.success === true ? parsed.data : null
  }
  const keep = (db: Database, trust: Trust) => writeState(db, trustState, JSON.stringify(trust))

  /** The key that the other end has shown to be its own; null: it has none to show. An answer instead: it could not be asked. */
  const shown = async (): Promise<{ key: string | null } | CentreAnswer> => {
    const challenge = Buffer.from(parts.random.bytes(32)).toString('base64url')
    const answer = await parts.ask({
      method: 'GET',
      path: `/v1/identity?challenge=${challenge}`,
      headers: { accept: 'application/json' },
      body: null,
    })
    if (answer.status === 404) return { key: null }
    if (answer.status !== 200) return answer
    const proof = centreProof.safeParse(json(answer.text))
    // A login page of the network, say: told by whoever asked.
    if (!proof.success) return answer
    const { key, signature } = proof.data
    return { key: isSigned(key, challenge, signature) ? key : '' }
  }

  /** Null: it is the centre of the credential. */
  const judge = async (): Promise<CentreAnswer | null> => {
    const found = await shown()
    if (!('key' in found)) return found.status === 200 ? { ...found, status: 502 } : found
    const { key } = found
    const trust = keptTrust(read())
    // A credential from before keys were shown is the configured centre's, which shows one now.
    const isOurs =
      key !== '' && (trust === null || (trust.key === null ? trust.address === address : trust.key === key))
    if (!isOurs) return refusal()
    if (trust?.address !== address || trust.key !== key) write(db => keep(db, { address, key }))
    proven = true
    return null
  }

  return {
    ask: async request => {
      const path = request.path.split('?')[0] ?? ''
      if (readCredential(read()) === null) return parts.ask(request)
      if (path === '/v1/enrolments') {
        const fault = await judge()
        return parts.ask(fault === null ? request : withoutFormer(request))
      }
      if (!proven || provesAnew.has(path)) {
        proven = false
        const fault = await judge()
        if (fault !== null) return fault
      }
      return parts.ask(request)
    },
    enrolled: (db, { centreKey }) => {
      keep(db, { address, key: centreKey ?? (proven ? (keptTrust(db)?.key ?? null) : null) })
      // The session of whoever was signed in at the former centre is none of this one's.
      if (!proven) writeState(db, 'centre-session', null)
      proven = centreKey !== undefined || proven
    },
  }
}

const refusal = (): CentreAnswer => ({
  status: 403,
  headers: {},
  text: JSON.stringify({ code: notOursCode, message: notOurs }),
})

/** A code may be tried at another centre; who this seat was before is not told there. */
function withoutFormer(request: CentreRequest): CentreRequest {
  const body = request.body === null ? null : json(Buffer.from(request.body).toString('utf8'))
  if (typeof body !== 'object' || body === null || !('former' in body)) return request
  const { former: _, ...rest } = body as Record<string, unknown>
  return { ...request, body: Buffer.from(JSON.stringify(rest)) }
}

function isSigned(key: string, challenge: string, signature: string): boolean {
  try {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' })
    return verify(
      null,
      Buffer.from(centreProofText(challenge)),
      publicKey,
      Buffer.from(signature, 'base64url'),
    )
  } catch {
    return false
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
