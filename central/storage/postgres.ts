/** PostgreSQL through `pg`. */
import pg from 'pg'
import type { Logger } from 'pino'
import type { Queries, Sql } from './sql.ts'

/** bigint comes as text by default; none of ours passes 2^53. */
const types = new pg.TypeOverrides()
types.setTypeParser(pg.types.builtins.INT8, Number)

const statementMs = 30_000
const reconnectMs = 500

const queriesOn = (client: pg.Pool | pg.ClientBase): Queries => ({
  query: async <R>(text: string, params: readonly unknown[] = []) =>
    (await client.query(text, [...params])).rows as R[],
  prepared: async <R>(name: string, text: string, params: readonly unknown[]) =>
    (await client.query({ name, text, values: [...params] })).rows as R[],
  script: async text => void (await client.query(text)),
})

export async function openPostgres(
  url: string,
  options: { log: Logger; connections?: number },
): Promise<Sql> {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connections ?? 16,
    types,
    statement_timeout: statementMs,
    connectionTimeoutMillis: 10_000,
    // What a transaction asks for together goes without waiting for the answers before.
    pipeline: true,
    application_name: 'zuoxi-central',
  })
  const lost = () => options.log.warn('a connection to the database was lost')
  pool.on('error', lost)
  await pool.query('SELECT 1')

  const session: Sql['session'] = async onLost => {
    const client = new pg.Client({ connectionString: url, types, application_name: 'zuoxi-central-session' })
    let released = false
    client.on('error', () => {})
    client.on('end', () => {
      if (!released) onLost?.()
    })
    await client.connect()
    return {
      ...queriesOn(client),
      // Closed, so that whatever the session still held is let go by the database itself.
      release: () => {
        released = true
        void client.end()
      },
    }
  }

  const transaction = async <T>(work: (tx: Queries) => Promise<T>): Promise<T> => {
    const client = await pool.connect()
    // Between two statements nobody but this hears of it; the next statement fails.
    client.on('error', lost)
    try {
      await client.query('BEGIN')
      const result = await work(queriesOn(client))
      await client.query('COMMIT')
      client.release()
      return result
    } catch (error) {
      await client.query('ROLLBACK').then(
        () => client.release(),
        () => client.release(true),
      )
      throw error
    } finally {
      client.off('error', lost)
    }
  }

  const listen: Sql['listen'] = async (channel, onMessage) => {
    let ended = false
    let current: pg.Client | null = null
    let again: NodeJS.Timeout | undefined
    const connect = async () => {
      const client = new pg.Client({ connectionString: url, application_name: 'zuoxi-central-listen' })
      client.on('notification', message => onMessage(message.payload ?? ''))
      client.on('error', () => {})
      client.on('end', () => {
        if (!ended) again = setTimeout(() => void reconnect(), reconnectMs)
      })
      await client.connect()
      await client.query(`LISTEN ${channel}`)
      current = client
    }
    const reconnect = () =>
      connect().then(
        // What was said in between is unknown: everybody looks.
        () => onMessage(''),
        () => {
          if (!ended) again = setTimeout(() => void reconnect(), reconnectMs)
        },
      )
    await connect()
    return async () => {
      ended = true
      clearTimeout(again)
      await current?.end()
    }
  }

  return { kind: 'postgres', ...queriesOn(pool), transaction, listen, session, close: () => pool.end() }
}
