/** A centre that freezes, or somebody who holds a lock, stops the others for no longer than the limits say. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connectionConfig } from '../../central/storage/postgres.ts'
import { commandSchemaVersion } from '../../shared/domain/command.ts'
import type { SessionProof } from '../../shared/domain/command-proof.ts'
import { startCore } from '../support/core-process.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import { signCommand } from '../support/sign-command.ts'
import { type CentralProcess, clientOf, filing, proofAt, seatAt, startCentralProcess } from './processes.ts'

/** As in central/changes/stamper.ts: what is tried here is that lock. */
const stampLock = 12_345_002

let postgres: Postgres | null = null
let database = ''
const folders: string[] = []
let processes: CentralProcess[] = []
let clients: pg.Client[] = []

beforeAll(async () => {
  if (hasPostgres) postgres = await startPostgres()
})
afterAll(async () => {
  await postgres?.stop()
  for (const each of folders) rmSync(each, { recursive: true, force: true })
})
beforeEach(async () => {
  database = (await postgres?.database()) ?? ''
})
afterEach(async () => {
  for (const client of clients) await client.end().catch(() => {})
  for (const each of processes) {
    each.child.kill('SIGCONT')
    await each.end()
  }
  clients = []
  processes = []
})

const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'zuoxi-frozen-'))
  folders.push(folder)
  return folder
}
const centre = async (...args: string[]) => {
  const started = await startCentralProcess(['--data-dir', newFolder(), ...args], database)
  processes.push(started)
  return started
}
/** A connection of somebody else's, with the limits of a centre's if `limits` are given. */
const rawClient = async (limits?: Parameters<typeof connectionConfig>[1]) => {
  const client = new pg.Client(
    limits === undefined ? { connectionString: database } : connectionConfig(database, limits),
  )
  client.on('error', () => {})
  await client.connect()
  clients.push(client)
  return client
}
/** How many of a centre's connections wait for a lock. */
const waiters = async (by: pg.Client) => {
  const { rows } = await by.query<{ count: string }>(
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'zuoxi-central' AND datname = current_database() AND wait_event_type = 'Lock'",
  )
  return Number(rows[0]?.count)
}
const ready = async ({ url }: CentralProcess) => {
  const response = await fetch(`${url}/readyz`)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
const remark = (clientId: string, seq: number, caseId: string, proof: SessionProof) =>
  signCommand(
    {
      clientId,
      seq,
      id: randomUUID(),
      operatorId: 'demo-1001',
      caseId,
      schemaVersion: commandSchemaVersion,
      name: 'case.addRemark',
      args: { entryId: randomUUID(), text: '已联系来电人' },
      baseVersion: null,
      issuedAt: '2026-11-24T01:00:00.000Z',
    },
    proof,
  )

describe.skipIf(!hasPostgres)('a centre that freezes', () => {
  it('in the numbering of changes stops the feed of no other', async () => {
    const one = await centre()
    const seat = await seatAt(one.url, one.enrolmentCode)
    const proof = await proofAt(seat.client)
    const holder = await rawClient()
    const { clientId } = seat.credential
    await holder.query('BEGIN')
    await holder.query('SELECT pg_advisory_xact_lock($1)', [stampLock])
    const [first, second] = [filing(clientId, 1, proof), filing(clientId, 2, proof)]
    await seat.client.commands.push({ commands: [first] })
    await expect.poll(() => waiters(holder), { timeout: 10_000 }).toBe(1)
    one.child.kill('SIGSTOP')
    // The database gives the lock to a process that does not run any more.
    await holder.query('COMMIT')

    const two = await centre()
    const there = clientOf(two.url, () => seat.headers)
    await there.commands.push({ commands: [second] })
    const filed = async () => {
      const { changes } = await there.changes.list({})
      return changes.flatMap(change => (change.kind === 'case' ? [change.case.caseId] : []))
    }
    await expect
      .poll(filed, { timeout: 20_000 })
      .toEqual(expect.arrayContaining([first.caseId, second.caseId]))
  })

  it('in the middle of a write holds up a write to the same case until the limit, and is well again afterwards', async () => {
    const one = await centre('--idle-in-transaction-seconds', '2')
    const two = await centre('--idle-in-transaction-seconds', '2')
    const seat = await seatAt(one.url, one.enrolmentCode)
    const there = clientOf(two.url, () => seat.headers)
    const proof = await proofAt(seat.client)
    const { clientId } = seat.credential
    const filed = filing(clientId, 1, proof)
    await seat.client.commands.push({ commands: [filed] })
    const { caseId } = filed
    if (caseId === null) throw new Error('a filing names its case')

    const holder = await rawClient()
    await holder.query('BEGIN')
    await holder.query('SELECT 1 FROM cases WHERE case_id = $1 FOR UPDATE', [caseId])
    const frozen = seat.client.commands.push({ commands: [remark(clientId, 2, caseId, proof)] })
    const outcome = frozen.then(
      () => 'done',
      (error: unknown) => error,
    )
    await expect.poll(() => waiters(holder), { timeout: 10_000 }).toBe(1)
    one.child.kill('SIGSTOP')
    await holder.query('COMMIT')

    const { results } = await there.commands.push({ commands: [remark(clientId, 3, caseId, proof)] })
    expect(results).toMatchObject([{ outcome: 'applied' }])

    one.child.kill('SIGCONT')
    expect(await outcome).toMatchObject({ code: 'UNAVAILABLE', status: 503 })
    // More than its pool holds: none of its connections is a broken one.
    for (let seq = 4; seq < 24; seq += 1)
      expect(
        (await seat.client.commands.push({ commands: [remark(clientId, seq, caseId, proof)] })).results,
      ).toMatchObject([{ outcome: 'applied' }])
  })
})

describe.skipIf(!hasPostgres)('somebody who holds the lock of the numbering', () => {
  it('is ended after the limit; meanwhile seats and monitors are told how far the feed is behind', async () => {
    const one = await centre()
    const seat = await seatAt(one.url, one.enrolmentCode)
    const proof = await proofAt(seat.client)
    expect(await ready(one)).toEqual({ status: 200, body: { status: 'ready' } })
    const holder = await rawClient({ statementMs: 30_000, lockMs: 15_000, idleInTransactionMs: 12_000 })
    await holder.query('BEGIN')
    await holder.query('SELECT pg_advisory_xact_lock($1)', [stampLock])
    const before = await seat.client.changes.list({})
    expect(before).not.toHaveProperty('feedLagSeconds')
    const filed = filing(seat.credential.clientId, 1, proof)
    await seat.client.commands.push({ commands: [filed] })

    await expect
      .poll(() => ready(one), { timeout: 11_000, interval: 500 })
      .toEqual({ status: 200, body: { status: 'lagging', feedLagSeconds: expect.any(Number) } })
    const { feedLagSeconds = 0, changes } = await seat.client.changes.list({ cursor: before.cursor })
    expect(changes).toEqual([])
    expect(feedLagSeconds).toBeGreaterThanOrEqual(5)
    expect(feedLagSeconds).toBeLessThan(15)
    expect(await (await fetch(`${one.metricsUrl}/metrics`)).text()).toMatch(/^zuoxi_feed_lag_seconds [1-9]/m)

    await expect
      .poll(async () => (await seat.client.changes.list({ cursor: before.cursor })).changes, {
        timeout: 20_000,
      })
      .toMatchObject([{ kind: 'case', case: { caseId: filed.caseId } }])
    await expect
      .poll(() => ready(one), { timeout: 5_000 })
      .toEqual({ status: 200, body: { status: 'ready' } })
    expect(await seat.client.changes.list({})).not.toHaveProperty('feedLagSeconds')
  })
})

describe.skipIf(!hasPostgres)('a seat whose centre is behind', () => {
  it('is online, says how far the feed is behind, and says nothing of it afterwards', async () => {
    const one = await centre()
    const writer = await seatAt(one.url, one.enrolmentCode)
    const proof = await proofAt(writer.client)
    const folder = newFolder()
    const core = await startCore(folder, { central: 'expected' })
    try {
      await core.opened()
      const two = await centre()
      core.send({ type: 'central', centre: { url: two.url, enrolmentCode: two.enrolmentCode } })
      const status = async () => {
        const { centre: line, feedLagSeconds } = await core.seat.sync.status({})
        return { line, feedLagSeconds }
      }
      await expect.poll(status, { timeout: 15_000 }).toEqual({ line: 'online', feedLagSeconds: null })
      const holder = await rawClient()
      await holder.query('BEGIN')
      await holder.query('SELECT pg_advisory_xact_lock($1)', [stampLock])
      await writer.client.commands.push({ commands: [filing(writer.credential.clientId, 1, proof)] })
      await expect
        .poll(status, { timeout: 25_000, interval: 500 })
        .toEqual({ line: 'online', feedLagSeconds: expect.any(Number) })
      await holder.query('COMMIT')
      await expect.poll(status, { timeout: 15_000 }).toEqual({ line: 'online', feedLagSeconds: null })
    } finally {
      await core.kill()
    }
  }, 120_000)
})

describe.skipIf(!hasPostgres)('a request that the database ends', () => {
  it.each([
    ['a wait for a lock that is too long', ['--lock-seconds', '1'], null],
    ['a statement that takes too long', ['--statement-seconds', '1', '--lock-seconds', '60'], null],
    ['a connection that an administrator ends', [], 'pg_terminate_backend'],
    ['a statement that an administrator cancels', [], 'pg_cancel_backend'],
  ])('%s is refused with a code, to be sent again', async (_name, args, ending) => {
    const one = await centre(...args)
    const seat = await seatAt(one.url, one.enrolmentCode)
    const proof = await proofAt(seat.client)
    const { clientId } = seat.credential
    const filed = filing(clientId, 1, proof)
    await seat.client.commands.push({ commands: [filed] })
    const holder = await rawClient()
    await holder.query('BEGIN')
    await holder.query('SELECT 1 FROM cases WHERE case_id = $1 FOR UPDATE', [filed.caseId])
    const again = remark(clientId, 2, filed.caseId ?? '', proof)
    const body = JSON.stringify({ commands: [again] })
    const headers = { ...seat.headers, 'content-type': 'application/json' }
    const pushed = fetch(`${one.url}/v1/commands`, { method: 'POST', headers, body })
    if (ending !== null) {
      await expect.poll(() => waiters(holder), { timeout: 10_000 }).toBe(1)
      await holder.query(`SELECT ${ending}(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'`)
    }
    const answer = await pushed
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('5')
    expect(await answer.json()).toMatchObject({ code: 'UNAVAILABLE' })
    await holder.query('COMMIT')
    for (let times = 0; times < 20; times += 1)
      expect((await seat.client.commands.push({ commands: [again] })).results[0]?.outcome).toBe(
        times === 0 ? 'applied' : 'duplicate',
      )
  })
})
