/** Who follows an enterprise's case to its end (一跟到底): that operator calls the enterprise back first. */
import type { Queries } from '../storage/sql.ts'

/** By number: the owner of the latest enterprise case that is not over, followed up or not. */
export async function ownersOf(tx: Queries, numberKeys: readonly string[]): Promise<Map<string, string>> {
  if (numberKeys.length === 0) return new Map()
  const rows = await tx.query<{ number_key: string; owner: string }>(
    `WITH found AS (
       SELECT calling_key AS number_key, c.* FROM cases c WHERE calling_key = ANY ($1::text[])
       UNION ALL SELECT contact_key, c.* FROM cases c WHERE contact_key = ANY ($1::text[])
     ), own AS (
       SELECT number_key, created_at, coalesce(loop::jsonb #>> '{owner,operatorId}', operator_id) AS owner FROM found
       WHERE fields::jsonb ->> 'callerKind' = 'enterprise'
         AND (status <> 'closed' OR loop::jsonb ->> 'followUp' = 'due')
     )
     SELECT DISTINCT ON (number_key) number_key, owner FROM own JOIN operator o ON o.operator_id = own.owner
     WHERE NOT o.disabled ORDER BY number_key, own.created_at DESC`,
    [numberKeys],
  )
  return new Map(rows.map(({ number_key: key, owner }) => [key, owner]))
}
