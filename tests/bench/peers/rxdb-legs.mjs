// RxDB's two legs over its HTTP replication, with the storage that is handed in.
import { createRxDatabase } from 'rxdb'
import { replicateRxCollection } from 'rxdb/plugins/replication'

const schema = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: { id: { type: 'string', maxLength: 64 }, body: { type: 'string' } },
  required: ['id', 'body'],
}

export async function rxdbLegs({ storage, url, rows, pushBatch, pullBatch }) {
  const timed = async work => {
    const at = performance.now()
    await work()
    return performance.now() - at
  }
  const open = async name => {
    const db = await createRxDatabase({ name, storage, multiInstance: false })
    const { cases } = await db.addCollections({ cases: { schema } })
    return cases
  }
  const push = {
    batchSize: pushBatch,
    handler: async changed => {
      const body = JSON.stringify(changed.map(({ newDocumentState: { id, body } }) => ({ id, body })))
      const response = await fetch(url, { method: 'POST', body })
      return response.json()
    },
  }
  const pull = {
    batchSize: pullBatch,
    handler: async (checkpoint, limit) => {
      const after = checkpoint?.after ?? 0
      const { last, rows: found } = await (await fetch(`${url}?after=${after}&limit=${limit}`)).json()
      return { documents: found.map(row => ({ ...row, _deleted: false })), checkpoint: { after: last } }
    },
  }
  const replicate = (collection, replicationIdentifier, leg) =>
    replicateRxCollection({ collection, replicationIdentifier, live: false, retryTime: 1_000, ...leg })

  const first = await open('seat-a')
  for (let at = 0; at < rows.length; at += 1_000) {
    const { error } = await first.bulkInsert(rows.slice(at, at + 1_000))
    if (error.length > 0) throw new Error(`${error.length} rows were not taken`)
  }
  const pushMs = await timed(() => replicate(first, 'push', { push }).awaitInSync())
  const second = await open('seat-b')
  const pullMs = await timed(() => replicate(second, 'pull', { pull }).awaitInSync())
  return { pushMs, pullMs, pulled: await second.count().exec() }
}
