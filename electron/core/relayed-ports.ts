/** Ports whose frames come and go through the parent, one per page connection. */
import type { FromCore } from '../../shared/contract/core-host.ts'
import type { Port } from './rpc/connections.ts'

type Listener = (event?: { data: unknown }) => void

export function createRelayedPorts(send: (message: FromCore) => void) {
  const open = new Map<number, { message: Listener[]; close: Listener[] }>()
  return {
    open: (connection: number): Port => {
      const listeners: { message: Listener[]; close: Listener[] } = { message: [], close: [] }
      open.set(connection, listeners)
      return {
        on: (event, listener) => void listeners[event].push(listener),
        postMessage: data => {
          if (!open.has(connection)) return
          if (typeof data === 'string') send({ type: 'frame', connection, data })
        },
      }
    },
    received: (connection: number, data: string) => {
      for (const listener of open.get(connection)?.message ?? []) listener({ data })
    },
    closed: (connection: number) => {
      const listeners = open.get(connection)?.close ?? []
      open.delete(connection)
      for (const listener of listeners) listener()
    },
  }
}
