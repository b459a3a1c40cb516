/** The callbacks of a centre as its change feed tells them to a seat. */
import type { CallbackTask } from '../../shared/domain/callback.ts'
import type { CentralClient } from '../central/processes.ts'

export async function tasksOf(client: CentralClient): Promise<CallbackTask[]> {
  const tasks = new Map<string, CallbackTask>()
  let cursor: string | undefined
  for (;;) {
    const page = await client.changes.list(cursor === undefined ? {} : { cursor })
    for (const change of page.changes)
      if (change.kind === 'callback') {
        tasks.set(change.callback.taskId, change.callback)
      }
    cursor = page.cursor
    if (!page.more) return [...tasks.values()]
  }
}
