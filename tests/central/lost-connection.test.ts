/** What the database ends, and what it does not answer, costs the work in hand and nothing else. */
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

describe.skipIf(!hasPostgres)('the limits of the database', () => {
  const limits = { statementMs: 300, lockMs: 200, idleInTransactionMs: 200 }
  const opened = async (connections = 1) => {
    const url = (await postgres?.database()) ?? ''
    const sql = await openPostgres(url, { log, connections, limits })
    return { url, sql }
  }
  const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
  const one = 'SELECT 1 AS one'

  it('end a transaction that asks for nothing, and its connection is not used again', async () => {
    const { sql } = await opened()
    try {
      const work = sql.transaction(async tx => {
        await tx.query(one)
        await pause(600)
        await tx.query(one)
      })
      await expect(work).rejects.toThrow(/idle-in-transaction|not queryable|terminated/)
      expect(await sql.query(one)).toEqual([{ one: 1 }])
    } finally {
      await sql.close()
    }
  })

  it('do not let a transaction pass as done in which something failed', async () => {
    const { sql } = await opened()
    try {
      await sql.script('CREATE TABLE note (text text)')
      const work = sql.transaction(async tx => {
        await tx.query('INSERT INTO note VALUES ($1)', ['written'])
        await tx.query('SELECT pg_sleep(1)').catch(() => {})
      })
      await expect(work).rejects.toThrow('rolled back')
      expect(await sql.query('SELECT * FROM note')).toEqual([])
    } finally {
      await sql.close()
    }
  })

  it('do not concern what may take as long as it takes', async () => {
    const { url, sql } = await opened()
    const holder = new pg.Client({ connectionString: url })
    await holder.connect()
    try {
      await holder.query('SELECT pg_advisory_lock(7)')
      const work = sql.patientTransaction(async tx => {
        await tx.query('SELECT pg_sleep(0.6)')
        await tx.query('SELECT pg_advisory_xact_lock(7)')
        return tx.query(one)
      })
      await pause(1_200)
      await holder.query('SELECT pg_advisory_unlock(7)')
      expect(await work).toEqual([{ one: 1 }])
      // The next one on the same connection has limits again.
      await expect(sql.query('SELECT pg_sleep(1)')).rejects.toMatchObject({ code: '57014' })
    } finally {
      await holder.end()
      await sql.close()
    }
  })

  it('hold on this side too, where the database falls silent', async () => {
    const { sql } = await opened()
    const [own] = await sql.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const pid = own?.pid ?? 0
    process.kill(pid, 'SIGSTOP')
    try {
      await expect(sql.query(one)).rejects.toThrow('Query read timeout')
      expect(await sql.query(one)).toEqual([{ one: 1 }])
      expect(await sql.query('SELECT pg_backend_pid() AS pid')).not.toEqual([{ pid }])
    } finally {
      process.kill(pid, 'SIGCONT')
      await sql.close()
    }
  }, 20_000)
})
