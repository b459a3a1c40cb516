// One peer's two legs, in a process of its own: pushes what a seat wrote offline, then pulls it into a second seat. Prints JSON.
// Usage: run.mjs pouchdb|rxdb SERVER-URL ROWS-FILE FOLDER
import { readFileSync } from 'node:fs'

const [peer, url, rowsFile, folder] = process.argv.slice(2)
const rows = JSON.parse(readFileSync(rowsFile, 'utf8'))
const timed = async work => {
  const at = performance.now()
  await work()
  return performance.now() - at
}

async function pouchdb() {
  const { default: PouchDB } = await import('pouchdb')
  const seat = new PouchDB(`${folder}/seat-a`)
  for (let at = 0; at < rows.length; at += 500)
    await seat.bulkDocs(rows.slice(at, at + 500).map(({ id, ...row }) => ({ _id: id, ...row })))
  const options = { batch_size: 500, batches_limit: 4 }
  const pushMs = await timed(() => PouchDB.replicate(seat, `${url}/cases`, options))
  const second = new PouchDB(`${folder}/seat-b`)
  const pullMs = await timed(() => PouchDB.replicate(`${url}/cases`, second, options))
  const { doc_count: pulled } = await second.info()
  return { pushMs, pullMs, pulled }
}

async function rxdb() {
  const { createRxDatabase } = await import('rxdb')
  const { getRxStorageMemory } = await import('rxdb/plugins/storage-memory')
  const { replicateRxCollection } = await import('rxdb/plugins/replication')
  const schema = {
    version: 0,
    primaryKey: 'id',
    type: 'object',
    properties: {
      id: { type: 'string', maxLength: 64 },
      number: { type: 'string' },
      body: { type: 'string' },
    },
    required: ['id', 'number', 'body'],
  }
  const open = async name => {
    const db = await createRxDatabase({ name, storage: getRxStorageMemory(), multiInstance: false })
    const { cases } = await db.addCollections({ cases: { schema } })
    return cases
  }
  const replicate = (collection, name) =>
    replicateRxCollection({
      collection,
      replicationIdentifier: name,
      live: false,
      retryTime: 1_000,
      push: {
        batchSize: 500,
        handler: async changed => {
          const body = JSON.stringify(changed.map(({ newDocumentState }) => newDocumentState))
          const response = await fetch(url, { method: 'POST', body })
          return response.json()
        },
      },
      pull: {
        batchSize: 2_000,
        handler: async (checkpoint, limit) => {
          const after = checkpoint?.after ?? 0
          const { last, rows: documents } = await (await fetch(`${url}?after=${after}&limit=${limit}`)).json()
          return {
            documents: documents.map(row => ({ ...row, _deleted: false })),
            checkpoint: { after: last ?? after },
          }
        },
      },
    })
  const first = await open('seat-a')
  const failed = await first.bulkInsert(rows)
  if (failed.error.length > 0) throw new Error(`${failed.error.length} rows were not taken`)
  const pushMs = await timed(() => replicate(first, 'push').awaitInSync())
  const second = await open('seat-b')
  const pullMs = await timed(() => replicate(second, 'pull').awaitInSync())
  return { pushMs, pullMs, pulled: await second.count().exec() }
}

console.log(JSON.stringify(await (peer === 'pouchdb' ? pouchdb() : rxdb())))
process.exit(0)
