/**
 * The least that a centre could do: batches of rows into the same PostgreSQL, pages of them out again. The bare limit of the
 * sync bench, and what RxDB's replication speaks to. With `all`: the rows of all tables that a case has at the centre, in those
 * tables. Prints its address.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { pino } from 'pino'
import { migrate } from '../../central/storage/migrate.ts'
import { openPostgres } from '../../central/storage/postgres.ts'
import { pageOfAll, putAll } from './all-rows.ts'

const [, , url = '', mode] = process.argv
const all = mode === 'all'
const pool = new pg.Pool({ connectionString: url, max: 8 })
if (all) {
  const sql = await openPostgres(url, { log: pino({ level: 'silent' }), connections: 1 })
  await migrate(sql)
  await sql.close()
  await pool.query('CREATE SEQUENCE all_rows')
} else
  await pool.query(
    'CREATE TABLE rows (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text UNIQUE NOT NULL, body text NOT NULL)',
  )

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://rows')
  response.setHeader('content-type', 'application/json')
  response.setHeader('access-control-allow-origin', '*')
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const work = request.method === 'POST' ? put(Buffer.concat(chunks).toString()) : page(url.searchParams)
    work.then(
      text => response.end(text),
      error => {
        console.error(error)
        response.writeHead(500).end()
      },
    )
  })
})

/** `[{ id, body }]`; in one statement, on the disk before the answer. */
async function put(text: string): Promise<string> {
  if (all) {
    await pool.query(putAll, [text])
    return '[]'
  }
  await pool.query(
    `INSERT INTO rows (id, body) SELECT id, body FROM json_to_recordset($1::json) AS r(id text, body text)
     ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
    [text],
  )
  return '[]'
}

async function page(asked: URLSearchParams): Promise<string> {
  const { rows } = await pool.query<{ seq: string; id: string; body: string }>(
    all ? pageOfAll : 'SELECT seq, id, body FROM rows WHERE seq > $1 ORDER BY seq LIMIT $2',
    [asked.get('after'), asked.get('limit')],
  )
  return JSON.stringify({
    last: Number(rows.at(-1)?.seq ?? asked.get('after')),
    rows: rows.map(({ id, body }) => ({ id, body })),
  })
}

server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
})
process.stdin.on('end', () => process.exit(0)).resume()
