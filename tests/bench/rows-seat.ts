/**
 * The least that a seat could do, over the same encrypted SQLite: rows in one table go up in batches, four under way, each
 * deleted when it was answered; pages come down, the next asked for while this one is stored. No search, history or audit; with
 * `all`, the rows of these too, as they are.
 */
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { openDatabase } from '../../electron/core/storage/database.ts'
import { centreRows, keepAll } from './all-rows.ts'
import { caseFieldsOf } from './bench-case.ts'

const [url = '', file = '', count = '0', mode] = process.argv.slice(2)
const all = mode === 'all'
const batch = 500
const pageRows = 1_000
const agent = new Agent({ keepAlive: true, maxSockets: 4 })
const db = openDatabase({ file, key: new Uint8Array(32).fill(7), now: 0 })
db.exec('CREATE TABLE sent (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT')
db.exec('CREATE TABLE had (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT')
const put = db.prepare('INSERT INTO sent (id, body) VALUES (?, ?)')
const got = db.prepare('INSERT INTO had (id, body) VALUES (?, ?)')
db.transaction(() => {
  for (let seed = 0; seed < Number(count); seed += 1)
    put.run(
      `case-${String(seed).padStart(8, '0')}-4f8a-b2c1-9d3e`,
      all ? centreRows(seed) : JSON.stringify(caseFieldsOf(seed)),
    )
})()
db.pragma('wal_checkpoint(TRUNCATE)')

async function ask(method: string, path: string, body?: string): Promise<string> {
  const sent = request(new URL(path, url), { method, agent })
  sent.end(body)
  const [answer] = (await once(sent, 'response')) as [NodeJS.ReadableStream]
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

type Row = { id: string; body: string }

async function push(): Promise<void> {
  const next = db.prepare('SELECT id, body FROM sent WHERE id > ? ORDER BY id LIMIT ?')
  const remove = db.prepare('DELETE FROM sent WHERE id = ?')
  let last = ''
  const lane = async () => {
    for (;;) {
      const rows = next.all(last, batch) as Row[]
      if (rows.length === 0) return
      last = rows.at(-1)?.id ?? last
      await ask('POST', '/', all ? `[${rows.map(({ body }) => body).join(',')}]` : JSON.stringify(rows))
      db.transaction(() => {
        for (const { id } of rows) remove.run(id)
      })()
    }
  }
  await Promise.all([lane(), lane(), lane(), lane()])
}

let kept = 0
const keepRows = all ? keepAll(db) : null
const keep = (id: string, body: string) => {
  kept += 1
  if (keepRows === null) got.run(id, body)
  else keepRows(id, body, kept)
}

async function pull(): Promise<void> {
  const fetchPage = (after: number) => ask('GET', `/?after=${after}&limit=${pageRows}`)
  let ahead = fetchPage(0)
  for (;;) {
    const { last, rows } = JSON.parse(await ahead) as { last: number; rows: Row[] }
    if (rows.length === 0) return
    ahead = fetchPage(last)
    db.transaction(() => {
      for (const { id, body } of rows) keep(id, body)
    })()
  }
}

const timed = async (work: () => Promise<void>) => {
  const from = performance.now()
  await work()
  return performance.now() - from
}
const pushMs = await timed(push)
const pullMs = await timed(pull)
const pulled = Number(
  db
    .prepare(`SELECT count(*) FROM ${all ? 'cases' : 'had'}`)
    .pluck()
    .get(),
)
process.send?.({ pushMs, pullMs, pulled }, () => process.exit(0))
