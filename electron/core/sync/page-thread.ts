/**
 * Pages on a thread of their own. To parse two megabytes and hold them to the contract takes a tenth of a second, in one piece:
 * a save would wait for it. The thread lives as long as a catch-up does; a short page is read without it.
 */
import { Worker } from 'node:worker_threads'
import type { PageAnswer, PageQuestion } from './page-worker.ts'
import { type PageContent, type PageReader, readHere } from './read-page.ts'

const shortBytes = 32 * 1024

/** Built, the worker lies beside the core's file; from the sources, beside this one. */
const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? 'page-worker.ts' : 'page-worker.mjs',
  import.meta.url,
)
type Question = PageQuestion extends infer Each
  ? Each extends PageQuestion
    ? Omit<Each, 'id'>
    : never
  : never

function startThread() {
  const worker = new Worker(workerFile, { execArgv: [] })
  const waiting = new Map<number, { resolve(answer: PageAnswer): void; reject(error: Error): void }>()
  let asked = 0
  let fault: Error | null = null
  worker.on('message', (answer: PageAnswer) => {
    waiting.get(answer.id)?.resolve(answer)
    waiting.delete(answer.id)
  })
  const over = (error: Error) => {
    fault ??= error
    for (const { reject } of waiting.values()) reject(fault)
    waiting.clear()
  }
  worker.on('error', over)
  worker.on('exit', () => over(new Error('the thread that reads pages has ended')))
  // It keeps nobody from ending.
  worker.unref()
  return {
    hasEnded: () => fault !== null,
    ask: (question: Question): Promise<PageAnswer> =>
      new Promise((resolve, reject) => {
        if (fault !== null) return reject(fault)
        asked += 1
        waiting.set(asked, { resolve, reject })
        worker.postMessage({ ...question, id: asked })
      }),
    end: () => void worker.terminate(),
  }
}

const isShort = (content: PageContent): boolean =>
  ('text' in content ? content.text.length : content.bytes.byteLength * (content.packed ? 8 : 1)) < shortBytes

export function createPageThread(): PageReader {
  let thread: ReturnType<typeof startThread> | null = null
  let pages = 0
  return {
    read: async content => {
      if (isShort(content)) return readHere.read(content)
      if (thread === null || thread.hasEnded()) thread = startThread()
      const { ask } = thread
      pages += 1
      const page = pages
      const answer = await ask({ ask: 'read', page, content })
      if (!('head' in answer) || answer.head === null) return null
      return {
        head: answer.head,
        take: async (from, to) => {
          const taken = await ask({ ask: 'take', page, from, to })
          return 'changes' in taken ? taken.changes : []
        },
      }
    },
    rest: () => {
      thread?.end()
      thread = null
    },
  }
}
