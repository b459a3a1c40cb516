/** The search thread of the open database: another database, another thread. */
import type { Logger } from 'pino'
import { createSearchThread, type SearchThread } from './search-thread.ts'

export type Assist = Pick<SearchThread, 'ask'> & {
  opened(file: string, key: Uint8Array): void
  close(): void
}

export function createAssist(log: Logger): Assist {
  let thread: SearchThread | null = null
  const close = () => {
    const ending = thread
    thread = null
    void ending?.close()
  }
  return {
    opened: (file, key) => {
      close()
      thread = createSearchThread({
        file,
        key,
        failed: () => log.warn('the search thread could not answer'),
        refused: (version, code) =>
          log.warn({ version, code }, 'a published part of the help cannot be used'),
      })
    },
    ask: async (name, asked) => (thread === null ? null : thread.ask(name, asked)),
    close,
  }
}
