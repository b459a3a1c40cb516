/** The tasks as the centre last told them. Open ones are read once and then only what has changed. */
import type { CallbackTask } from '../../../shared/domain/callback.ts'
import type { Database } from '../storage/database.ts'

export type TaskStore = {
  /** `again`: the centre was restored, and its versions count anew. */
  put(db: Database, task: CallbackTask, again: boolean): void
  remove(db: Database, taskId: string): void
  get(db: Database, taskId: string): CallbackTask | null
  open(db: Database): ReadonlyMap<string, CallbackTask>
  /** The last that were closed, newest first. */
  closed(db: Database, limit: number): CallbackTask[]
  /** Whether something was put or removed since this was last asked. */
  takeChanged(): boolean
}

// What is stored was held to the contract when it came.
const taskOf = (text: string) => JSON.parse(text) as CallbackTask

export function createTaskStore(): TaskStore {
  let known: { db: Database; seq: number; tasks: Map<string, CallbackTask> } | null = null
  let changed = false

  const drop = (db: Database, taskId: string) =>
    db.prepare('DELETE FROM callback_task WHERE task_id = ?').run(taskId)

  const refresh = (db: Database): Map<string, CallbackTask> => {
    if (known?.db !== db) known = { db, seq: 0, tasks: new Map() }
    const { tasks } = known
    const rows = db
      .prepare(
        `SELECT seq, task_id AS taskId, closed_at AS closedAt, CASE WHEN closed_at IS NULL THEN task END AS task
         FROM callback_task WHERE seq > ? ORDER BY seq`,
      )
      .all(known.seq) as { seq: number; taskId: string; closedAt: string | null; task: string | null }[]
    for (const { seq, taskId, task } of rows) {
      known.seq = seq
      if (task === null) tasks.delete(taskId)
      else tasks.set(taskId, taskOf(task))
    }
    return tasks
  }

  const isWhole = (db: Database, tasks: ReadonlyMap<string, CallbackTask>) =>
    tasks.size === db.prepare('SELECT count(*) FROM callback_task WHERE closed_at IS NULL').pluck().get()

  return {
    put: (db, task, again) => {
      const version: unknown = db
        .prepare('SELECT version FROM callback_task WHERE task_id = ?')
        .pluck()
        .get(task.taskId)
      if (!again && typeof version === 'number' && version >= task.version) return
      drop(db, task.taskId)
      db.prepare('INSERT INTO callback_task (task_id, version, closed_at, task) VALUES (?, ?, ?, ?)').run(
        task.taskId,
        task.version,
        task.closed?.at ?? null,
        JSON.stringify(task),
      )
      changed = true
    },
    remove: (db, taskId) => {
      drop(db, taskId)
      changed = true
    },
    get: (db, taskId) => {
      const text: unknown = db.prepare('SELECT task FROM callback_task WHERE task_id = ?').pluck().get(taskId)
      return typeof text === 'string' ? taskOf(text) : null
    },
    open: db => {
      const tasks = refresh(db)
      if (isWhole(db, tasks)) return tasks
      // One that was removed while it was open has left no row to say so.
      known = null
      return refresh(db)
    },
    closed: (db, limit) =>
      (
        db
          .prepare(
            'SELECT task FROM callback_task WHERE closed_at IS NOT NULL ORDER BY closed_at DESC LIMIT ?',
          )
          .pluck()
          .all(limit) as string[]
      ).map(taskOf),
    takeChanged: () => {
      const was = changed
      changed = false
      return was
    },
  }
}
