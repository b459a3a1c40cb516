// PouchDB's two legs: pushes what a seat wrote offline, pulls it into a second one, both over LevelDB. Prints JSON.
// Usage: pouch-seat.mjs SERVER-URL ROWS-FILE FOLDER
import { readFileSync } from 'node:fs'
import PouchDB from 'pouchdb'

const [url, rowsFile, folder] = process.argv.slice(2)
const rows = JSON.parse(readFileSync(rowsFile, 'utf8'))
// Its defaults (100 and 10) take four times as long over a slow line.
const options = { batch_size: 1_000, batches_limit: 10 }
const timed = async work => {
  const at = performance.now()
  await work()
  return performance.now() - at
}

/** Now and then its client finds a connection ended ("socket hang up"). It goes on where it was, as a live replication would. */
const replicate = async (from, to, left = 5) => {
  try {
    return await PouchDB.replicate(from, to, options)
  } catch (error) {
    if (left === 0 || !/socket hang up|Premature close|ECONNRESET/.test(String(error))) throw error
    return replicate(from, to, left - 1)
  }
}

const seat = new PouchDB(`${folder}/seat-a`)
for (let at = 0; at < rows.length; at += 500)
  await seat.bulkDocs(rows.slice(at, at + 500).map(({ id, body }) => ({ _id: id, body })))
const pushMs = await timed(() => replicate(seat, `${url}db/cases`))
const second = new PouchDB(`${folder}/seat-b`)
const pullMs = await timed(() => replicate(`${url}db/cases`, second))
const { doc_count: pulled } = await second.info()
console.log(JSON.stringify({ pushMs, pullMs, pulled }))
process.exit(0)
