/** The bridge of this page: over Electron's MessagePort, or over a WebSocket of the loopback shell. */
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import type { SeatContract, SeatStatus } from '../../shared/contract/seat.ts'
import { createReconnect } from '../../shared/domain/reconnect.ts'
import { type Bridge, type CoreConnection, CoreUnavailable, type Shell } from './bridge.ts'
import { type CorePort, electronPorts, type PortSource, webSocketPorts } from './core-ports.ts'
import { pageTime } from './page-time.ts'
import { electronShell, loopbackShell } from './shells.ts'

type SeatClient = ContractRouterClient<SeatContract>
/** One connection's client, in a box: awaiting an oRPC client itself gives another object each time. */
type Connected = { client: SeatClient; greeting: SeatStatus | null }

const waitMs = 5_000
const waits = { firstMs: 50, longestMs: 1_000 }
/** A core that answered for so long was well: the next one is looked for soon. */
const wellMs = 5_000
/** A core that takes a port and says nothing for so long is not there. */
const greetingMs = 10_000

export function createBridge(): Bridge {
  const electron = electronPorts()
  const shell: Shell = electron === null ? loopbackShell() : electronShell()
  return connectBridge(electron ?? webSocketPorts(), shell)
}

/** Exported for tests: any source of ports will do. */
export function connectBridge(ports: PortSource, shell: Shell): Bridge {
  let state: CoreConnection = 'connecting'
  let current: Connected | null = null
  const listeners = new Set<(connection: CoreConnection) => void>()
  const waiting = new Set<(connected: Connected) => void>()

  const become = (next: CoreConnection) => {
    if (state === next) return
    state = next
    for (const listener of listeners) listener(next)
  }

  const greet = async (port: CorePort) => {
    const made: Connected = { client: createORPCClient(new RPCLink({ port })), greeting: null }
    let refuse = (_why: Error) => {}
    const closed = new Promise<never>((_resolve, reject) => {
      refuse = reject
    })
    // Whoever waits for it hears of it; after that nobody does.
    closed.catch(() => {})
    port.addEventListener('close', () => {
      refuse(new Error('closed'))
      if (current !== made) return
      current = null
      become('lost')
      reconnect.lost()
    })
    const silent = setTimeout(() => refuse(new Error('no answer')), greetingMs)
    try {
      // Connected means that a core answers, not that a socket is open.
      made.greeting = await Promise.race([made.client.seat.status({}), closed])
    } catch (error) {
      port.close()
      throw error
    } finally {
      clearTimeout(silent)
    }
    current = made
    become('connected')
    for (const resume of waiting) resume(made)
    waiting.clear()
  }

  const reconnect = createReconnect({
    attempt: async () => greet(await ports.open()),
    waits,
    wellMs,
    ...pageTime,
  })

  const connected = (): Promise<Connected> => {
    if (current !== null) return Promise.resolve(current)
    return new Promise((resolve, reject) => {
      const resume = (ready: Connected) => {
        clearTimeout(timer)
        resolve(ready)
      }
      const timer = setTimeout(() => {
        waiting.delete(resume)
        reject(new CoreUnavailable())
      }, waitMs)
      waiting.add(resume)
    })
  }

  reconnect.start()
  return {
    seat: throughConnection(connected, () => current),
    connection: () => state,
    greeting: () => current?.greeting ?? null,
    onConnection: listener => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    shell,
  }
}

/** A client whose every call goes through whichever connection is up; one that is cut off meanwhile rejects. */
function throughConnection(connected: () => Promise<Connected>, current: () => Connected | null): SeatClient {
  const at = (path: readonly string[]): unknown =>
    new Proxy(() => {}, {
      get: (_, name) => (typeof name === 'string' && name !== 'then' ? at([...path, name]) : undefined),
      apply: async (_, __, args: unknown[]) => {
        const used = await connected()
        let target: unknown = used.client
        for (const name of path) target = (target as Record<string, unknown>)[name]
        try {
          return await (target as (...inner: unknown[]) => Promise<unknown>)(...args)
        } catch (error) {
          if (current() !== used) throw new CoreUnavailable()
          throw error
        }
      },
    })
  return at([]) as SeatClient
}
