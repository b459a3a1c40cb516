/** A connection that the database ends between two statements of a transaction ends that transaction, not the centre. */
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPostgres } from '../../central/storage/postgres.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import { log } from './centre.ts'

let postgres: Postgres | null = null
beforeAll(async () => {
  if (hasPostgres) postgres = await startPostgres()
})
afterAll(async () => {
  await postgres?.stop()
})

describe.skipIf(!hasPostgres)('a connection that is lost in a transaction', () => {
  it('is an error of that transaction alone', async () => {
    const url = (await postgres?.database()) ?? ''
    const sql = await openPostgres(url, { log, connections: 2 })
    const admin = new pg.Client({ connectionString: url })
    await admin.connect()
    try {
      const work = sql.transaction(async tx => {
        const [own] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
        await admin.query('SELECT pg_terminate_backend($1)', [own?.pid])
        const isThere = 'SELECT 1 FROM pg_stat_activity WHERE pid = $1'
        await expect.poll(async () => (await admin.query(isThere, [own?.pid])).rowCount).toBe(0)
        // It has said goodbye before it was gone: one more turn, and that is read here, while nothing is asked.
        await admin.query('SELECT 1')
        await tx.query('SELECT 1')
      })
      await expect(work).rejects.toThrow(/terminat|Connection|Client/)
      expect(await sql.transaction(tx => tx.query('SELECT 1 AS one'))).toEqual([{ one: 1 }])
    } finally {
      await admin.end()
      await sql.close()
    }
  })
})
