/** PostgreSQL through `pg`. */
import pg from 'pg'
import type { Logger } from 'pino'
import { createListener } from './postgres-listener.ts'
import type { Queries, Sql } from './sql.ts'

/** bigint comes as text by default; none of ours passes 2^53. */
const types = new pg.TypeOverrides()
types.setTypeParser(pg.types.builtins.INT8, Number)

/**
 * What the database ends by itself, in milliseconds. A process that freezes holds its locks until then, and whoever waits for them
 * waits longer than that: so the one who froze is ended, and not those who wait.
 */
export type DatabaseLimits = {
  /** One statement. */
  statementMs: number
  /** The wait for one lock. */
  lockMs: number
  /** A transaction whose process asks for nothing. */
  idleInTransactionMs: number
}
const usualLimits: DatabaseLimits = { statementMs: 30_000, lockMs: 15_000, idleInTransactionMs: 10_000 }

const connectMs = 10_000
/** How much longer than the database this end waits for an answer: the line may be cut without a word. */
const answerMs = 5_000
/** Of what may take as long as it takes. */
const patientMs = 24 * 3_600_000
/** An idle line is tried after so long; both ends give it up after some tries. */
const keepAliveMs = 10_000
const serverKeepAlive =
  '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4 -c tcp_user_timeout=30000'

/** Of every connection. What `url` says of the same things holds. */
export const connectionConfig = (url: string, limits: DatabaseLimits) => ({
  connectionString: url,
  types,
  statement_timeout: limits.statementMs,
  lock_timeout: limits.lockMs,
  idle_in_transaction_session_timeout: limits.idleInTransactionMs,
  query_timeout: limits.statementMs + answerMs,
  connectionTimeoutMillis: connectMs,
  keepAlive: true,
  keepAliveInitialDelayMillis: keepAliveMs,
  options: serverKeepAlive,
  // What is asked for together goes without waiting for the answers before.
  pipeline: true,
})

/** `queryMs`: how long this end waits for each answer; the connection's own limit if nobody says. */
const queriesOn = (client: pg.Pool | pg.ClientBase, queryMs?: number): Queries => {
  const timeout = queryMs === undefined ? {} : { query_timeout: queryMs }
  return {
    query: async <R>(text: string, params: readonly unknown[] = []) =>
      (await client.query({ text, values: [...params], ...timeout })).rows as R[],
    prepared: async <R>(name: string, text: string, params: readonly unknown[]) =>
      (await client.query({ name, text, values: [...params], ...timeout })).rows as R[],
    script: async text => void (await client.query({ text, ...timeout })),
  }
}

export async function openPostgres(
  url: string,
  options: { log: Logger; connections?: number; limits?: Partial<DatabaseLimits> },
): Promise<Sql> {
  const config = connectionConfig(url, { ...usualLimits, ...options.limits })
  const pool = new pg.Pool({
    ...config,
    max: options.connections ?? 16,
    application_name: 'zuoxi-central',
  })
  const lost = () => options.log.warn('a connection to the database was lost')
  pool.on('error', lost)
  await pool.query('SELECT 1')
  const listener = createListener({ ...config, application_name: 'zuoxi-central-listen' }, options.log)

  const session: Sql['session'] = async onLost => {
    const client = new pg.Client({ ...config, application_name: 'zuoxi-central-session' })
    let connected = false
    let released = false
    client.on('error', () => {})
    client.on('end', () => {
      if (connected && !released) onLost?.()
    })
    try {
      await client.connect()
    } catch (error) {
      void client.end()
      throw error
    }
    connected = true
    return {
      ...queriesOn(client),
      // Closed, so that whatever the session still held is let go by the database itself.
      release: () => {
        released = true
        void client.end()
      },
    }
  }

  const run = async <T>(work: (tx: Queries) => Promise<T>, patient: boolean): Promise<T> => {
    const client = await pool.connect()
    // Between two statements nobody but this hears of it; the next statement fails.
    client.on('error', lost)
    try {
      await client.query('BEGIN')
      if (patient) await client.query('SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0')
      const result = await work(queriesOn(client, patient ? patientMs : undefined))
      const { command } = await client.query('COMMIT')
      // The database answers so to the end of a transaction in which something failed, whoever passed over that.
      if (command !== 'COMMIT')
        throw new Error('the transaction was rolled back: one of its statements failed')
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

  return {
    kind: 'postgres',
    ...queriesOn(pool),
    atOnce: async <R>(text: string) => {
      const results: unknown = await pool.query(text)
      const last = Array.isArray(results) ? (results as pg.QueryResult[]).at(-1) : (results as pg.QueryResult)
      return (last?.rows ?? []) as R[]
    },
    transaction: work => run(work, false),
    patientTransaction: work => run(work, true),
    listen: listener.listen,
    session,
    close: async () => {
      await listener.close()
      await pool.end()
    },
  }
}
