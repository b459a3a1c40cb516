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
