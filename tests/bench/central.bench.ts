/**
 * The reference centre on PostgreSQL with 200 seats: batches of one to three commands, one after another from every seat, and a
 * case on its way from one seat to all. The limit: the same rows written by as many connections straight into PostgreSQL, one
 * transaction with one statement for each batch, without a centre.
 */
import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { pino } from 'pino'
import { createCentral } from '../../central/central.ts'
import { openPostgres } from '../../central/storage/postgres.ts'
import { systemClock, systemRandom } from '../../central/system.ts'
import { startCentralProcess } from '../central/processes.ts'
import { hasPostgres, startPostgres } from '../support/postgres.ts'
import { signEverybodyIn, testSession } from '../support/proving.ts'
import { caseFieldsOf } from './bench-case.ts'
import type { LoadResult, LoadTask } from './central-load.ts'
import { printRow, quantile } from './row.ts'

const seatCount = 200
const sustainedMs = 10_000
const fanOuts = 20
/** As the centre's own pool. */
const connections = 16
const branch = '基准'
const operatorId = 'bench-operator'

if (!hasPostgres) {
  console.log('central: skipped, there is no PostgreSQL 15 or newer')
  process.exit(0)
}
const scratch = mkdtempSync(join(tmpdir(), 'zuoxi-bench-central-'))
const started: (() => unknown)[] = [() => rmSync(scratch, { recursive: true, force: true })]

function load(task: LoadTask): Promise<LoadResult> {
  const child = fork(join(import.meta.dirname, 'central-load.ts'), [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  child.send(JSON.stringify(task))
  return new Promise((resolve, reject) => {
    let result: LoadResult | undefined
    child.on('message', message => {
      result = message as LoadResult
    })
    child.on('exit', code => {
      if (result === undefined) reject(new Error(`the load ended with ${code}`))
      else resolve(result)
    })
  })
}

/** The rows of the centre's tables that a batch writes, in one statement. */
const bareSql = `WITH c AS (
  INSERT INTO cases (case_id, body) VALUES ($1, $2)
), h AS (
  INSERT INTO history SELECT $1, n, 'created' FROM generate_series(1, $3::int) n
), k AS (
  INSERT INTO command SELECT $1 || n FROM generate_series(1, $3::int) n
), a AS (
  INSERT INTO audit (what) SELECT $1 FROM generate_series(1, $3::int) n
) INSERT INTO inbox (subject) VALUES ($1)`

async function bare(url: string): Promise<{ perSecond: number; batches: number[]; alone: number[] }> {
  const pool = new pg.Pool({ connectionString: url, max: connections })
  try {
    await pool.query(`CREATE TABLE cases (case_id text PRIMARY KEY, body text NOT NULL);
      CREATE TABLE history (case_id text, entry int, detail text, PRIMARY KEY (case_id, entry));
      CREATE TABLE command (id text PRIMARY KEY);
      CREATE TABLE audit (entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text);
      CREATE TABLE inbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, subject text)`)
    let seed = 0
    const batch = async (size: number) => {
      seed += 1
      const body = JSON.stringify(caseFieldsOf(seed))
      const from = performance.now()
      await pool.query({ name: 'batch', text: bareSql, values: [randomUUID(), body, size] })
      return performance.now() - from
    }
    const alone: number[] = []
    for (let round = 0; round < seatCount; round += 1) alone.push(await batch(1 + (round % 3)))
    const batches: number[] = []
    let commands = 0
    const from = performance.now()
    await Promise.all(
      Array.from({ length: seatCount }, async (_, place) => {
        for (let round = place; performance.now() - from < sustainedMs; round += 1) {
          batches.push(await batch(1 + (round % 3)))
          commands += 1 + (round % 3)
        }
      }),
    )
    return { perSecond: (commands * 1_000) / (performance.now() - from), batches, alone }
  } finally {
    await pool.end()
  }
}

async function main(): Promise<void> {
  const postgres = await startPostgres({ durable: true })
  started.push(postgres.stop)
  const limit = await bare(await postgres.database())

  const database = await postgres.database()
  const central = await startCentralProcess(
    ['--files-dir', join(scratch, 'files'), '--requests-per-minute', '100000'],
    database,
  )
  started.push(() => central.end())
  const log = pino({ level: 'silent' })
  const sql = await openPostgres(database, { log, connections: 4 })
  const beside = await createCentral(
    { sql, clock: systemClock, random: systemRandom, log },
    { stampPollMs: 3_600_000 },
  )
  const person = { operatorId, workNumber: 'B1', name: '基准', branch, role: 'agent' as const, skills: [] }
  await beside.operators.save({ ...person, disabled: false, employer: '' }, undefined, null)
  await signEverybodyIn(sql)
  const seats: LoadTask['seats'] = []
  for (let place = 0; place < seatCount; place += 1) {
    const { code } = await beside.devices.enrolmentCode(branch, null)
    const credential = await beside.devices.enrol({ code, seatName: `${place}` })
    const { accessToken } = await beside.devices.token(credential)
    const { clientId } = credential
    const { seatId } = await beside.devices.of(accessToken)
    const session = testSession(operatorId, seatId)
    const secret = beside.actorProofs.secretOf({ sessionId: session, operatorId, seatId })
    seats.push({ clientId, token: accessToken, operatorId, session, secret })
  }
  await beside.close()
  await sql.close()

  const ours = await load({ url: central.url, seats, sustainedMs, fanOuts })
  printRow({
    what: `${seatCount} seats, commands a second`,
    ours: (ours.commands * 1_000) / ours.sustainedMs,
    limit: limit.perSecond,
    unit: '/s',
    aim: '',
  })
  for (const share of [0.5, 0.99])
    printRow({
      what: `a batch while ${seatCount} seats send, p${share * 100}`,
      ours: quantile(ours.batches, share),
      limit: quantile(limit.batches, share),
      unit: 'ms',
      aim: '',
    })
  for (const share of [0.5, 0.99])
    printRow({
      what: `a batch by itself, p${share * 100}`,
      ours: quantile(ours.alone, share),
      limit: quantile(limit.alone, share),
      unit: 'ms',
      aim: '',
    })
  for (const share of [0.5, 0.99])
    printRow({
      what: `a case at all ${seatCount} seats, p${share * 100}`,
      ours: quantile(ours.fanOut, share),
      limit: quantile(limit.alone, share),
      unit: 'ms',
      aim: share === 0.99 ? 'under 1 s' : 'limit: its INSERT alone',
    })
}

try {
  await main()
} catch (error) {
  console.error(error)
  process.exitCode = 1
} finally {
  for (const end of started.toReversed()) await end()
}
process.exit()
