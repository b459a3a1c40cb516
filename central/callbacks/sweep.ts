/** What time ends: leases, holds, tasks that are too old. Several processes at once: each takes what the others do not hold. */
import { settleCallback } from '../../shared/domain/callback-moves.ts'
import type { CallbackPolicy } from '../../shared/domain/callback-policy.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import { nobody, type Step, saveSteps, type TaskRow, taskOf } from './task-rows.ts'

const batchSize = 500

/** How many tasks were changed, at most `batchSize`. */
export async function sweepTasks({ sql, clock }: CentralContext, policy: CallbackPolicy): Promise<number> {
  return sql.transaction(async tx => {
    const rows = await tx.query<TaskRow & { now: Date }>(
      `WITH moment AS MATERIALIZED (SELECT lease_now() AS now)
       SELECT t.*, moment.now FROM callback_task t, moment
       WHERE closed_at IS NULL AND (
         state IN ('claimed', 'dialling') AND lease_until <= moment.now
         OR state = 'uncertain' AND uncertain_since <= moment.now - make_interval(secs => $1::float8 * 60)
         OR state IN ('open', 'uncertain')
            AND greatest(last_missed_at, opened_at, not_before) <= moment.now - make_interval(secs => $2::float8 * 3600))
       ORDER BY task_id LIMIT ${batchSize} FOR UPDATE OF t SKIP LOCKED`,
      // No hold's end: longer than anything lives.
      [policy.uncertainHoldMinutes ?? 1e7, policy.expireHours],
    )
    const at = rows[0]?.now.getTime() ?? 0
    const steps = rows.flatMap((row): Step[] => {
      const settled = settleCallback(taskOf(row), policy, at)
      return settled.map(step => ({ ...step, by: nobody }))
    })
    await saveSteps(tx, steps, { at: new Date(at).toISOString(), now: isoNow(clock) })
    return steps.length
  })
}
