/**
 * Asks the search thread. A newer question of a kind makes the older one worthless, so one of each kind waits behind the one
 * that is being answered; a thread that dies answers nothing, and the next question starts another.
 */
import { Worker } from 'node:worker_threads'
import type { SearchAnswer, SearchTask, SearchTasks, TaskName } from './search-worker.ts'

export type SearchThread = {
  /** null when a newer question took its place, or when the thread could not answer. */
  ask<Name extends TaskName>(
    name: Name,
    asked: SearchTasks[Name]['asked'],
  ): Promise<SearchTasks[Name]['answered'] | null>
  close(): Promise<void>
}

/** Built, the worker lies beside the core's file; from the sources, beside this one. */
const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? 'search-worker.ts' : 'search-worker.mjs',
  import.meta.url,
)

type Answered = SearchTasks[TaskName]['answered'] | null
type Waiting = { task: SearchTask; answer(answered: Answered): void }

export function createSearchThread(given: {
  file: string
  key: Uint8Array
  failed(reason: string): void
  /** A version that the centre published cannot be used. */
  refused(version: string, code: string): void
}): SearchThread {
  let worker: Worker | null = null
  let lastId = 0
  let asked: Waiting | null = null
  const waiting = new Map<TaskName, Waiting>()
  let closed = false

  const send = () => {
    const [next] = waiting
    if (asked !== null || next === undefined || closed) return
    const [name, first] = next
    waiting.delete(name)
    asked = first
    worker ??= start()
    worker.postMessage(first.task)
  }

  const settle = (answered: Answered) => {
    asked?.answer(answered)
    asked = null
    send()
  }

  const start = (): Worker => {
    const workerData = { file: given.file, key: given.key }
    const started = new Worker(workerFile, { workerData, execArgv: [] })
    started.unref()
    started.on('message', (answer: SearchAnswer) => {
      if ('refused' in answer) return given.refused(answer.refused.version, answer.refused.code)
      if (asked === null || answer.id !== asked.task.id) return
      if ('error' in answer) given.failed(answer.error)
      settle('answered' in answer ? answer.answered : null)
    })
    const gone = (reason: string) => {
      if (worker !== started) return
      worker = null
      if (!closed) given.failed(reason)
      settle(null)
    }
    started.on('error', error => gone(error.message))
    started.on('exit', () => gone('the search thread ended'))
    return started
  }

  return {
    ask: <Name extends TaskName>(name: Name, question: SearchTasks[Name]['asked']) =>
      new Promise<SearchTasks[Name]['answered'] | null>(answer => {
        if (closed) return answer(null)
        waiting.get(name)?.answer(null)
        lastId += 1
        // The thread answers a task with what its name says, so the two types belong together.
        const task = { id: lastId, name, asked: question } as SearchTask
        waiting.set(name, { task, answer })
        send()
      }),
    async close() {
      closed = true
      for (const { answer } of waiting.values()) answer(null)
      waiting.clear()
      await worker?.terminate()
      settle(null)
    },
  }
}
