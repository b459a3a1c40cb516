// The simplest server that keeps rows for good: batches in, pages out, one SQLite file with FULL. RxDB's replication speaks to it.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'

const Sqlite = createRequire(import.meta.url)('better-sqlite3-multiple-ciphers')
const [file] = process.argv.slice(2)
const db = new Sqlite(file)
db.pragma('journal_mode = WAL')
db.pragma('synchronous = FULL')
db.exec(
  'CREATE TABLE rows (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, body TEXT NOT NULL)',
)
const put = db.prepare(
  'INSERT INTO rows (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body',
)
const page = db.prepare('SELECT seq, body FROM rows WHERE seq > ? ORDER BY seq LIMIT ?')

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://rows')
  response.setHeader('content-type', 'application/json')
  if (request.method === 'POST') {
    let text = ''
    for await (const chunk of request) text += chunk
    const rows = JSON.parse(text)
    db.transaction(() => {
      for (const row of rows) put.run(row.id, JSON.stringify(row))
    })()
    return response.end('[]')
  }
  const found = page.all(Number(url.searchParams.get('after')), Number(url.searchParams.get('limit')))
  response.end(`{"last":${found.at(-1)?.seq ?? null},"rows":[${found.map(row => row.body).join(',')}]}`)
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`))
process.stdin.on('end', () => process.exit(0)).resume()
