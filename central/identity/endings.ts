/**
 * Tells every process of the centre at once what ended: a device, a key, a person's sessions. Whoever holds something open for one
 * (an event stream, an upload) closes it. A notification can be lost, so holders also look at the row now and then.
 */
import type { CentralContext } from '../context.ts'
import type { Queries } from '../storage/sql.ts'

const channel = 'zuoxi_endings'
/** The database carries no more in one message. */
const namesTogether = 100

/** `device:ID` and `key:ID` may do nothing any more; `sessions:ID`: a session at that device is over, the device is not. */
export type Ending = `device:${string}` | `key:${string}` | `sessions:${string}`

export type Endings = {
  /** Heard when the transaction commits. */
  announce(tx: Queries, endings: readonly Ending[]): Promise<void>
  /** Until the returned function is called. */
  on(ending: Ending, listener: () => void): () => void
  stop(): Promise<void>
}

export async function createEndings({ sql }: Pick<CentralContext, 'sql'>): Promise<Endings> {
  const waiting = new Map<string, Set<() => void>>()
  const stop = await sql.listen(channel, payload => {
    // Empty: the connection was made again, and nobody knows what was said in between.
    const names = payload === '' ? waiting.keys() : payload.split('\n')
    for (const name of names) for (const listener of waiting.get(name) ?? []) listener()
  })
  return {
    announce: async (tx, endings) => {
      for (let from = 0; from < endings.length; from += namesTogether)
        await tx.query('SELECT pg_notify($1, $2)', [
          channel,
          endings.slice(from, from + namesTogether).join('\n'),
        ])
    },
    on: (ending, listener) => {
      const listeners = waiting.get(ending) ?? new Set()
      waiting.set(ending, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0 && waiting.get(ending) === listeners) waiting.delete(ending)
      }
    },
    stop,
  }
}
