/**
 * Which exchanges the page may connect to, for its security policy. The shell serves the page before the database is open,
 * so the addresses, which are no secret, are also kept in a small file of their own.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const originOf = (url: string): string | null => {
  try {
    const { protocol, host } = new URL(url)
    return protocol === 'ws:' || protocol === 'wss:' ? `${protocol}//${host}` : null
  } catch {
    return null
  }
}

export type ConnectSources = ReturnType<typeof createConnectSources>

export function createConnectSources(folder: string, send: (sources: string[]) => void) {
  const file = join(folder, 'exchange-origin')
  /** Null: nothing was said yet. That there is no exchange is said too: the page waits for it. */
  let last: string | null = null
  const announce = (urls: readonly string[]) => {
    const sources = [...new Set(urls.map(originOf).filter(origin => origin !== null))].sort()
    const line = sources.join(' ')
    if (line === last) return
    last = line
    send(sources)
  }
  return {
    /** At the start: what was configured last time, and what the policy and the training exchange say. */
    first: (urls: readonly string[]) => {
      let kept = ''
      try {
        kept = readFileSync(file, 'utf8').trim()
      } catch {
        // The first start: nothing is configured yet.
      }
      announce([...urls, ...kept.split(' ')])
    },
    configured: (urls: readonly string[]) => {
      announce(urls)
      try {
        writeFileSync(
          file,
          `${urls
            .map(originOf)
            .filter(origin => origin !== null)
            .join(' ')}\n`,
          { mode: 0o600 },
        )
      } catch {
        // A full or read-only disk: the page asks for one more reload after the next start, nothing else.
      }
    },
  }
}
