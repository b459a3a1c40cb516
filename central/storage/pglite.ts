/** PGlite: PostgreSQL inside this process. One process, no waiting for the disk: for demonstration and tests only. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite, types } from '@electric-sql/pglite'
import { lockFolder } from './folder-lock.ts'
import type { Queries, Sql } from './sql.ts'

type Runner = Pick<PGlite, 'query' | 'exec'>

const queriesOn = (runner: Runner): Queries => ({
  query: async <R>(text: string, params: readonly unknown[] = []) =>
    (await runner.query<R>(text, [...params])).rows,
  prepared: async <R>(_name: string, text: string, params: readonly unknown[]) =>
    (await runner.query<R>(text, [...params])).rows,
  script: async text => void (await runner.exec(text)),
})

/** `folder` null: in memory; `cluster` is then what it begins with, as PGlite dumps it, and saves the seconds of an initdb. */
export async function openPglite(folder: string | null, cluster?: Blob): Promise<Sql> {
  if (folder !== null) mkdirSync(folder, { recursive: true, mode: 0o700 })
  const release = folder === null ? () => {} : lockFolder(folder)
  const parsers = { [types.INT8]: Number }
  const db =
    folder === null
      ? await PGlite.create({ parsers, ...(cluster === undefined ? {} : { loadDataDir: cluster }) })
      : await PGlite.create(join(folder, 'pglite'), { parsers, relaxedDurability: false })
  const queries = queriesOn(db)
  const transaction: Sql['transaction'] = async work =>
    (await db.transaction(async tx => ({ result: await work(queriesOn(tx as Runner)) }))).result
  return {
    kind: 'pglite',
    ...queries,
    atOnce: async <R>(text: string) => ((await db.exec(text)).at(-1)?.rows ?? []) as R[],
    transaction,
    patientTransaction: transaction,
    listen: (channel, onMessage) => db.listen(channel, onMessage),
    // There is only one connection, and only one process uses it.
    session: async () => ({ ...queries, release: () => {} }),
    close: async () => {
      await db.close()
      release()
    },
  }
}
