/**
 * Asks the search thread. A newer question of the same asker makes the older one worthless, so only one waits behind the one
 * that is being answered; a thread that dies answers nothing, and the next question starts another.
 */
import { Worker } from 'node:worker_threads'
import type { Reader } from '../cases/case-rows.ts'
import type { RepeatFound, RepeatQuestion } from './repeat-search.ts'
import type { SearchAnswer, SearchTask } from './search-worker.ts'

export type SearchThread = {
  /** The likeliest first; null when a newer question took its place, or when the thread could not answer. */
  repeats(question: RepeatQuestion, reader: Reader, limit: number): Promise<RepeatFound[] | null>
  close(): Promise<void>
}

/** Built, the worker lies beside the core's file; from the sources, beside this one. */
const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? 'search-worker.ts' : 'search-worker.mjs',
  import.meta.url,
)

type Waiting = { task: SearchTask; answer(found: RepeatFound[] | null): void }

export function createSearchThread(given: {
  file: string
  key: Uint8Array
  failed(reason: string): void
}): SearchThread {
  let worker: Worker | null = null
  let nextId = 0
  let asked: Waiting | null = null
  let next: Waiting | null = null
  let closed = false

  const send = () => {
    if (asked !== null || next === null || closed) return
    asked = next
    next = null
    worker ??= start()
    worker.postMessage(asked.task)
  }

  const settle = (found: RepeatFound[] | null) => {
    asked?.answer(found)
    asked = null
    send()
  }

  const start = (): Worker => {
    const started = new Worker(workerFile, { workerData: { file: given.file, key: given.key }, execArgv: [] })
    started.unref()
    started.on('message', (answer: SearchAnswer) => {
      if (asked === null || answer.id !== asked.task.id) return
      if ('error' in answer) given.failed(answer.error)
      settle('found' in answer ? answer.found : null)
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
    repeats: (question, reader, limit) =>
      new Promise(answer => {
        if (closed) return answer(null)
        next?.answer(null)
        nextId += 1
        next = { task: { id: nextId, question, reader, limit }, answer }
        send()
      }),
    async close() {
      closed = true
      next?.answer(null)
      next = null
      const ending = worker
      await ending?.terminate()
      settle(null)
    },
  }
}
