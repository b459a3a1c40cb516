/** Keys for other systems of the city (the exchange, the case platform): X-API-Key, each with what it may do, and for how long. */
import type { IssuedKey } from '../../shared/contract/central-accounts.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Endings } from './endings.ts'
import { digestOf, newSecret } from './secrets.ts'

export const apiKeyScopes = ['publication.publish', 'missed-call.post', 'intake.post'] as const
export type ApiKeyScope = (typeof apiKeyScopes)[number]

/** Its use is written down so often at most. */
const usedEveryMs = 60_000
const idLength = 12

type KeyRow = {
  key_id: string
  name: string
  scopes: string
  created_at: Date
  expires_at: Date | null
  used_at: Date | null
  revoked_at: Date | null
}
const columns = 'key_id, name, scopes, created_at, expires_at, used_at, revoked_at'

const issued = (row: KeyRow): IssuedKey => ({
  keyId: row.key_id,
  name: row.name,
  scopes: JSON.parse(row.scopes) as string[],
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at?.toISOString() ?? null,
  usedAt: row.used_at?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
})

export type ApiKeys = {
  /** The key itself, which is told once. `expiresAt` null: until it is revoked. */
  create(name: string, scopes: readonly ApiKeyScope[], expiresAt?: string | null): Promise<string>
  /** UNAUTHENTICATED for a key that is unknown, revoked or expired, FORBIDDEN for one without this scope. */
  identify(key: string, scope: ApiKeyScope): Promise<{ keyId: string; name: string }>
  /** The same; the key's name only. */
  check(key: string, scope: ApiKeyScope): Promise<string>
  isGood(keyId: string): Promise<boolean>
  /** Newest first. */
  list(): Promise<IssuedKey[]>
  /** NOT_FOUND. Once more changes nothing. */
  revoke(keyId: string, by: string | null): Promise<IssuedKey>
}

export const createApiKeys = (
  { sql, clock, random }: CentralContext,
  { endings }: { endings: Endings },
): ApiKeys => {
  const isOver = (row: Pick<KeyRow, 'revoked_at' | 'expires_at'>) =>
    row.revoked_at !== null || (row.expires_at !== null && row.expires_at.getTime() <= clock.now())
  const identify: ApiKeys['identify'] = async (key, scope) => {
    const [row] = await sql.query<KeyRow>(`SELECT ${columns} FROM api_key WHERE key_hash = $1`, [
      digestOf(key),
    ])
    if (row === undefined || isOver(row)) throw new Refusal('UNAUTHENTICATED')
    if (!(JSON.parse(row.scopes) as string[]).includes(scope)) throw new Refusal('FORBIDDEN')
    if (row.used_at === null || clock.now() - row.used_at.getTime() >= usedEveryMs)
      await sql.query('UPDATE api_key SET used_at = $2 WHERE key_id = $1', [row.key_id, isoNow(clock)])
    return { keyId: row.key_id, name: row.name }
  }
  return {
    create: async (name, scopes, expiresAt = null) => {
      const key = newSecret(random)
      const keyId = random.uuid().replaceAll('-', '').slice(-idLength)
      await sql.query(
        'INSERT INTO api_key (key_hash, key_id, name, scopes, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)',
        [digestOf(key), keyId, name, JSON.stringify(scopes), isoNow(clock), expiresAt],
      )
      return key
    },
    identify,
    check: async (key, scope) => (await identify(key, scope)).name,
    isGood: async keyId => {
      const [row] = await sql.query<KeyRow>(`SELECT ${columns} FROM api_key WHERE key_id = $1`, [keyId])
      return row !== undefined && !isOver(row)
    },
    list: async () => {
      const rows = await sql.query<KeyRow>(`SELECT ${columns} FROM api_key ORDER BY created_at DESC, key_id`)
      return rows.map(issued)
    },
    revoke: (keyId, by) => {
      if (keyId.includes('\u0000')) throw new Refusal('NOT_FOUND')
      return sql.transaction(async tx => {
        const now = isoNow(clock)
        const [before] = await tx.query<KeyRow>(
          `SELECT ${columns} FROM api_key WHERE key_id = $1 FOR UPDATE`,
          [keyId],
        )
        if (before === undefined) throw new Refusal('NOT_FOUND')
        if (before.revoked_at !== null) return issued(before)
        await tx.query('UPDATE api_key SET revoked_at = $2 WHERE key_id = $1', [keyId, now])
        await endings.announce(tx, [`key:${keyId}`])
        await tx.query(
          `INSERT INTO audit (at, operator_id, action, subject_kind, subject_id, result)
           VALUES ($1, $2, 'key.revoke', 'key', $3, 'done')`,
          [now, by, keyId],
        )
        return issued({ ...before, revoked_at: new Date(now) })
      })
    },
  }
}
