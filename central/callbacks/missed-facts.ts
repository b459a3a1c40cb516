/** What the missed calls of tasks say together, from their rows each time: nothing is counted twice and nothing drifts. */
import type { MissedFacts } from '../../shared/domain/callback.ts'
import type { Queries } from '../storage/sql.ts'

type FactsRow = {
  task_id: string
  calls: number
  first: Date
  last: Date
  enterprise: boolean
  note: string | null
  dialect: string | null
  wants: string | null
}

/** Of each task that has calls which no conversation has covered. */
export async function factsOf(tx: Queries, taskIds: readonly string[]): Promise<Map<string, MissedFacts>> {
  if (taskIds.length === 0) return new Map()
  const rows = await tx.query<FactsRow>(
    `SELECT task_id, count(*) AS calls, min(missed_at) AS first, max(missed_at) AS last, bool_or(enterprise) AS enterprise,
            (array_agg(note ORDER BY missed_at DESC, original_call_id) FILTER (WHERE note <> ''))[1] AS note,
            (array_agg(dialect ORDER BY missed_at DESC, original_call_id) FILTER (WHERE dialect IS NOT NULL))[1] AS dialect,
            (json_agg(array_to_json(wants) ORDER BY missed_at, original_call_id)
               FILTER (WHERE cardinality(wants) > 0))::text AS wants
     FROM missed_call WHERE task_id = ANY ($1::text[]) AND covered_by IS NULL GROUP BY task_id`,
    [taskIds],
  )
  return new Map(
    rows.map(row => [
      row.task_id,
      {
        calls: row.calls,
        firstMissedAt: row.first.toISOString(),
        lastMissedAt: row.last.toISOString(),
        enterprise: row.enterprise,
        note: row.note ?? '',
        dialect: row.dialect,
        wants: [...new Set((JSON.parse(row.wants ?? '[]') as string[][]).flat())],
      },
    ]),
  )
}
