/** Keys for other systems of the city (the exchange, the case platform): X-API-Key, each with what it may do. */
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import { digestOf, newSecret } from './secrets.ts'

export const apiKeyScopes = ['publication.publish', 'missed-call.post', 'intake.post'] as const
export type ApiKeyScope = (typeof apiKeyScopes)[number]

export type ApiKeys = {
  create(name: string, scopes: readonly ApiKeyScope[]): Promise<string>
  /** The key's name. UNAUTHENTICATED for an unknown one, FORBIDDEN for one without this scope. */
  check(key: string, scope: ApiKeyScope): Promise<string>
}

export const createApiKeys = ({ sql, clock, random }: CentralContext): ApiKeys => ({
  create: async (name, scopes) => {
    const key = newSecret(random)
    await sql.query('INSERT INTO api_key (key_hash, name, scopes, created_at) VALUES ($1, $2, $3, $4)', [
      digestOf(key),
      name,
      JSON.stringify(scopes),
      isoNow(clock),
    ])
    return key
  },
  check: async (key, scope) => {
    const [row] = await sql.query<{ name: string; scopes: string }>(
      'SELECT name, scopes FROM api_key WHERE key_hash = $1 AND revoked_at IS NULL',
      [digestOf(key)],
    )
    if (row === undefined) throw new Refusal('UNAUTHENTICATED')
    if (!(JSON.parse(row.scopes) as string[]).includes(scope)) throw new Refusal('FORBIDDEN')
    return row.name
  },
})
