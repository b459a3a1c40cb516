/** One connection on which a process hears every channel. It is made again when it is lost, one attempt at a time. */
import pg from 'pg'
import type { Logger } from 'pino'
import { createReconnect, type Waits } from '../../shared/domain/reconnect.ts'
import { systemClock } from '../system.ts'
import type { Sql } from './sql.ts'

const waits: Waits = { firstMs: 500, longestMs: 15_000 }
const wellMs = 10_000

export type Listener = { listen: Sql['listen']; close(): Promise<void> }

/** `config` bounds how long a connection and a LISTEN may take. Channels are names of ours, and need no quotes. */
export function createListener(config: pg.ClientConfig, log: Logger): Listener {
  const channels = new Map<string, Set<(payload: string) => void>>()
  let current: pg.Client | null = null

  const connect = async () => {
    const client = new pg.Client(config)
    client.on('notification', ({ channel, payload = '' }) => {
      for (const hear of channels.get(channel) ?? []) hear(payload)
    })
    // Without this an error ends the process; `end` follows it.
    client.on('error', () => {})
    client.once('end', () => {
      if (current !== client) return
      current = null
      log.warn('the listening connection to the database was lost')
      reconnect.lost()
    })
    try {
      await client.connect()
      for (const channel of channels.keys()) await client.query(`LISTEN ${channel}`)
    } catch (error) {
      void client.end()
      throw error
    }
    current = client
  }

  const reconnect = createReconnect({
    attempt: async () => {
      await connect()
      // Notifications were lost meanwhile, so every listener looks for itself.
      for (const listeners of channels.values()) for (const hear of listeners) hear('')
    },
    waits,
    wellMs,
    now: systemClock.now,
    after: systemClock.after,
    random: Math.random,
  })

  let first: Promise<void> | null = null
  /** A centre that cannot hear at its start does not start. */
  const begin = () => {
    first ??= connect().then(reconnect.connected, (error: unknown) => {
      first = null
      throw error
    })
    return first
  }
  const say = async (text: string) => {
    const client = current
    // Without a connection there is nothing to do: the next one listens to all channels.
    if (client === null) return
    try {
      await client.query(text)
    } catch {
      // Nobody knows what it listens to: it is made again.
      void client.end()
    }
  }

  return {
    listen: async (channel, onMessage) => {
      const listeners = channels.get(channel) ?? new Set()
      const hear = (payload: string) => onMessage(payload)
      const stop = async () => {
        listeners.delete(hear)
        if (listeners.size > 0 || channels.get(channel) !== listeners) return
        channels.delete(channel)
        await say(`UNLISTEN ${channel}`)
      }
      listeners.add(hear)
      const isNew = !channels.has(channel)
      channels.set(channel, listeners)
      try {
        await begin()
        if (isNew) await say(`LISTEN ${channel}`)
      } catch (error) {
        await stop()
        throw error
      }
      return stop
    },
    close: async () => {
      const open = current
      current = null
      reconnect.stop()
      await open?.end()
    },
  }
}
