/** The database as the rest of the centre sees it: PostgreSQL 15 or newer, or PGlite, by the same statements. */
export type Queries = {
  query<R>(text: string, params?: readonly unknown[]): Promise<R[]>
  /** For what is asked all the time: read and planned once by each connection. */
  prepared<R>(name: string, text: string, params: readonly unknown[]): Promise<R[]>
  /** Several statements without parameters. */
  script(text: string): Promise<void>
}

/** A connection of one's own, for locks that live longer than a transaction. */
export type Session = Queries & { release(): void }

export type Sql = Queries & {
  kind: 'postgres' | 'pglite'
  /** READ COMMITTED. An error rolls back and is thrown on. */
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>
  /** One that may take hours and wait for others as long: for migrations. */
  patientTransaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>
  /**
   * Several statements without parameters as one transaction and one round trip: the database ends it whatever becomes of this
   * process, so no lock outlives them. Each sees what was committed when it began. The rows of the last one.
   */
  atOnce<R>(text: string): Promise<R[]>
  /** Notifications can be lost (a broken connection is made again): whoever listens polls as well. */
  listen(channel: string, onMessage: (payload: string) => void): Promise<() => Promise<void>>
  session(onLost?: () => void): Promise<Session>
  close(): Promise<void>
}

export const sqlState = (error: unknown): string | undefined => {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

/** Another transaction was in the way: the same work may be tried again. */
export const isRetryable = (error: unknown): boolean =>
  ['40001', '40P01', '23505'].includes(sqlState(error) ?? '')

/** The data is at fault (not the connection, nor the disk): trying it again changes nothing. */
export const isDataError = (error: unknown): boolean => /^(22|23|54)/.test(sqlState(error) ?? '')

const columnList = (columns: Record<string, string>) => Object.keys(columns).join(', ')
const recordType = (columns: Record<string, string>) =>
  Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ')

const statementNames = new Map<string, string>()

/**
 * `prepared` for a text that is put together from constants: it is named by itself. Not for what looks through tables that grow:
 * its plan would stay that of a small one.
 */
export function kept<R>(tx: Queries, text: string, params: readonly unknown[]): Promise<R[]> {
  const name = statementNames.get(text) ?? `kept-${statementNames.size}`
  statementNames.set(text, name)
  return tx.prepared(name, text, params)
}

/** Many rows as one parameter: one round trip, whatever their number. */
export const rowsOf = (columns: Record<string, string>, name: string, parameter = 1) =>
  `json_to_recordset($${parameter}::text::json) AS ${name}(${recordType(columns)})`

export type Insert = {
  table: string
  columns: Record<string, string>
  rows: readonly Record<string, unknown>[]
  onConflict?: string
}

/** Into several tables in one statement: a short batch spends most of its time on the way to the database and back. */
export async function insertAll(tx: Queries, inserts: readonly Insert[]): Promise<void> {
  const wanted = inserts.filter(({ rows }) => rows.length > 0)
  if (wanted.length === 0) return
  const parts = wanted.map(({ table, columns, onConflict = '' }, place) => {
    const names = columnList(columns)
    const from = rowsOf(columns, 'r', place + 1)
    return `into_${place + 1} AS (INSERT INTO ${table} (${names}) SELECT ${names} FROM ${from} ${onConflict})`
  })
  await kept(
    tx,
    `WITH ${parts.join(', ')} SELECT 1`,
    wanted.map(({ rows }) => JSON.stringify(rows)),
  )
}

export const insertRows = (
  tx: Queries,
  table: string,
  columns: Insert['columns'],
  rows: Insert['rows'],
  onConflict = '',
): Promise<void> => insertAll(tx, [{ table, columns, rows, onConflict }])
