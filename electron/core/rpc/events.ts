import type { SeatEvent } from '../../../shared/contract/seat.ts'

/** Of what is told while nobody may read: nothing that says that a case, a form or a call has changed. */
const forTheGate: ReadonlySet<SeatEvent['type']> = new Set(['status', 'sync', 'settings-changed'])

/** A page at which nobody is signed in, or whose seat is locked, hears only what the gate needs. It reads all afresh afterwards. */
export async function* audible(
  events: AsyncGenerator<SeatEvent>,
  hears: () => boolean,
): AsyncGenerator<SeatEvent> {
  for await (const event of events) if (forTheGate.has(event.type) || hears()) yield event
}

/** Events to every page that listens. A listener that is slow keeps its own queue; one that leaves is forgotten. */
export function createEvents<T>() {
  type Listener = { push(event: T): void; end(): void }
  const listeners = new Set<Listener>()

  return {
    publish: (event: T) => {
      for (const listener of listeners) listener.push(event)
    },
    close: () => {
      for (const listener of listeners) listener.end()
    },
    /** `first`, then everything published until `signal` aborts. */
    subscribe: async function* (first: T, signal: AbortSignal | undefined): AsyncGenerator<T> {
      const queue: T[] = [first]
      let ended = signal?.aborted ?? false
      let wake = () => {}
      const listener: Listener = {
        push: event => {
          queue.push(event)
          wake()
        },
        end: () => {
          ended = true
          wake()
        },
      }
      signal?.addEventListener('abort', listener.end, { once: true })
      listeners.add(listener)
      try {
        while (!ended) {
          const next = queue.shift()
          if (next !== undefined) yield next
          else {
            await new Promise<void>(resolve => {
              wake = resolve
            })
          }
        }
      } finally {
        listeners.delete(listener)
      }
    },
  }
}
