/** A task for tests. */
import type { CallbackTask } from '../../shared/domain/callback.ts'
import { openTask } from '../../shared/domain/callback-moves.ts'

export const someTask = (openedMs: number, part: Partial<CallbackTask> = {}): CallbackTask => ({
  ...openTask(
    {
      taskId: 'task-1',
      branch: null,
      kind: 'number',
      numberKey: '19900000001',
      number: '199 0000 0001',
      extension: null,
      dialable: true,
      queue: null,
      notBefore: null,
      calls: 1,
      firstMissedAt: new Date(openedMs).toISOString(),
      lastMissedAt: new Date(openedMs).toISOString(),
      note: '',
      wants: [],
      enterprise: false,
      dialect: null,
    },
    openedMs,
  ),
  ...part,
})
