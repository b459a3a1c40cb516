// PouchDB's two legs: pushes what a seat wrote offline, pulls it into a second one, both over LevelDB. Prints JSON.
// Usage: pouch-seat.mjs SERVER-URL ROWS-FILE FOLDER
import { readFileSync } from 'node:fs'
import PouchDB from 'pouchdb'

const [url, rowsFile, folder] = process.argv.slice(2)
const rows = JSON.parse(readFileSync(rowsFile, 'utf8'))
// Of 100 (its default), 500, 1,000 and 2,500 the fastest over a slow line; larger bodies are refused by its server.
const options = { batch_size: Number(process.env.POUCH_BATCH ?? 1000), batches_limit: 10 }
const timed = async work => {
  const at = performance.now()
  await work()
  return performance.now() - at
}

const seat = new PouchDB(`${folder}/seat-a`)
for (let at = 0; at < rows.length; at += 500)
  await seat.bulkDocs(rows.slice(at, at + 500).map(({ id, body }) => ({ _id: id, body })))
const pushMs = await timed(() => PouchDB.replicate(seat, `${url}db/cases`, options))
const second = new PouchDB(`${folder}/seat-b`)
const pullMs = await timed(() => PouchDB.replicate(`${url}db/cases`, second, options))
const { doc_count: pulled } = await second.info()
console.log(JSON.stringify({ pushMs, pullMs, pulled }))
process.exit(0)
