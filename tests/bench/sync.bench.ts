/**
 * 10,000 cases that a seat filed without a line, sent to the centre and taken by a second seat: at once on loopback, and over a
 * line with a round trip of 50 ms. Beside the bare limit (as batches into the same PostgreSQL, and out of it in pages into the same
 * encrypted SQLite; once each case as one row of one table, once as the rows of all the tables that it has at the centre and at the
 * seat) and beside PouchDB and RxDB, all on disk but where it says so. Rounds
 * are taken in turns. A peer that fails is told as failed, and the others go on. Then: how long a save takes while such a transfer
 * goes on. `ZUOXI_BENCH_ONLY`: names' beginnings, `saves` for the last part.
 */
import { fork } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { createCentral } from '../../central/central.ts'
import { openPostgres } from '../../central/storage/postgres.ts'
import { systemClock, systemRandom } from '../../central/system.ts'
import { startCentralProcess } from '../central/processes.ts'
import { hasPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import { letBenchIn } from '../support/proving.ts'
import { startTcpLine } from '../support/tcp-line.ts'
import { caseFieldsOf } from './bench-case.ts'
import { installPeers, type Legs, listening, measured, openDexie } from './peer-programs.ts'
import { printRow, quantile } from './row.ts'
import type { SeatResult, SeatTask } from './sync-seat.ts'

const cases = Number(process.env['ZUOXI_BENCH_CASES'] ?? 10_000)
const rounds = Number(process.env['ZUOXI_BENCH_ROUNDS'] ?? 3)
const only = process.env['ZUOXI_BENCH_ONLY']?.split(',')
const lines = [
  { name: 'loopback', delayMs: 0 },
  { name: '50 ms', delayMs: 25 },
]
/** Each case as one row, and as the rows of every table that it has here. */
const limits = [
  { name: 'limit, one row a case', mode: [] },
  { name: 'limit, the same rows', mode: ['all'] },
]
const saveEveryMs = 15
const transfers = 3

if (!hasPostgres) {
  console.log('sync: skipped, there is no PostgreSQL 15 or newer')
  process.exit(0)
}
const scratch = mkdtempSync(join(tmpdir(), 'zuoxi-bench-sync-'))
const started: (() => unknown)[] = [() => rmSync(scratch, { recursive: true, force: true })]
let made = 0
const newFolder = (name: string) => {
  made += 1
  const folder = join(scratch, `${name}-${made}`)
  mkdirSync(folder)
  return folder
}

function forked<T>(script: string, args: string[]): Promise<T> {
  const child = fork(join(import.meta.dirname, script), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    let result: T | undefined
    child.on('message', message => {
      result = message as T
    })
    child.on('exit', code => {
      if (result === undefined) reject(new Error(`${script} ended with ${code}`))
      else resolve(result)
    })
  })
}
const seat = (task: Partial<SeatTask> & Pick<SeatTask, 'task' | 'folder'>) =>
  forked<SeatResult>('sync-seat.ts', [
    JSON.stringify({ cases, url: '', code: '', saveEveryMs: 0, ...task } satisfies SeatTask),
  ])

/** A line of its own to whatever listens at `url`; the address on its near end. */
async function over<T>(delayMs: number, url: string, work: (url: string) => Promise<T>): Promise<T> {
  if (delayMs === 0) return work(url)
  const line = await startTcpLine({ port: Number(new URL(url).port) }, delayMs)
  try {
    return await work(`http://127.0.0.1:${line.port}/`)
  } finally {
    await line.close()
  }
}

async function withCentre<T>(
  postgres: Postgres,
  work: (centre: { url: string; code(): Promise<string> }) => Promise<T>,
): Promise<T> {
  const database = await postgres.database()
  const filesDir = newFolder('files')
  const log = pino({ level: 'silent' })
  const sql = await openPostgres(database, { log, connections: 1 })
  await letBenchIn(sql, '基准')
  const central = await startCentralProcess(['--files-dir', filesDir], database)
  const beside = await createCentral(
    { sql, clock: systemClock, random: systemRandom, log },
    { stampPollMs: 3_600_000 },
  )
  try {
    const code = async () => (await beside.devices.enrolmentCode('基准', null)).code
    return await work({ url: central.url, code })
  } finally {
    await beside.close()
    await sql.close()
    await central.end()
  }
}

async function ours(postgres: Postgres, delayMs: number): Promise<Legs> {
  return withCentre(postgres, ({ url, code }) =>
    over(delayMs, url, async near => {
      const folder = newFolder('seat-a')
      cpSync(template, folder, { recursive: true })
      const push = await seat({ task: 'push', folder, url: near, code: await code() })
      const second = newFolder('seat-b')
      cpSync(empty, second, { recursive: true })
      const pull = await seat({ task: 'pull', folder: second, url: near, code: await code() })
      rmSync(folder, { recursive: true })
      rmSync(second, { recursive: true })
      return { pushMs: push.ms, pullMs: pull.ms, pulled: cases }
    }),
  )
}

async function withRows<T>(
  postgres: Postgres,
  work: (url: string) => Promise<T>,
  ...mode: string[]
): Promise<T> {
  const database = await postgres.database()
  const server = await listening(join(import.meta.dirname, 'rows-server.ts'), [database, ...mode])
  try {
    return await work(server.url)
  } finally {
    await server.end()
  }
}

const bare = (postgres: Postgres, delayMs: number, ...mode: string[]) =>
  withRows(
    postgres,
    url =>
      over(delayMs, url, near =>
        forked<Legs>('rows-seat.ts', [near, join(newFolder('bare'), 'seat.db'), String(cases), ...mode]),
      ),
    ...mode,
  )

/** Null: it failed. */
type Contender = { name: string; isPeer: boolean; legs(delayMs: number): Promise<Legs | null> }

const peerTries = 2
/** A peer that fails is tried again, once; then it is left out. Ours and the limit may not fail. */
function patiently(name: string, legs: (delayMs: number) => Promise<Legs>): Contender {
  let left = peerTries
  const attempt = async (delayMs: number): Promise<Legs | null> => {
    if (left === 0) return null
    try {
      return whole(name, await legs(delayMs))
    } catch (error) {
      left -= 1
      console.log(`sync: ${name} failed:`, error instanceof Error ? error.message : error)
      return attempt(delayMs)
    }
  }
  return { name, isPeer: true, legs: attempt }
}

function whole(name: string, legs: Legs): Legs {
  if (legs.pulled !== cases) throw new Error(`${name}: ${legs.pulled} of ${cases} arrived`)
  return legs
}

async function contenders(postgres: Postgres): Promise<Contender[]> {
  const found: Contender[] = [
    { name: 'ours', isPeer: false, legs: delayMs => ours(postgres, delayMs) },
    ...limits.map(({ name, mode }) => ({
      name,
      isPeer: false,
      legs: async (delayMs: number) => whole(name, await bare(postgres, delayMs, ...mode)),
    })),
  ]
  const folder = installPeers()
  if (folder === null) {
    console.log('sync: without PouchDB and RxDB, which could not be installed')
    return found
  }
  const addPeer = (name: string, legs: (delayMs: number) => Promise<Legs>) =>
    found.push(patiently(name, legs))
  const rows = Array.from({ length: cases }, (_, seed) => ({
    id: `case-${String(seed).padStart(8, '0')}-4f8a-b2c1-9d3e`,
    body: JSON.stringify(caseFieldsOf(seed)),
  }))
  const rowsFile = join(scratch, 'rows.json')
  writeFileSync(rowsFile, JSON.stringify(rows))
  const dexie = await openDexie(folder, scratch)
  if (dexie === null) console.log('sync: without RxDB over Dexie, there is no Chromium')
  else {
    started.push(dexie.end)
    const legs = { rows, pushBatch: 2_000, pullBatch: 2_000 }
    addPeer('RxDB 17, Dexie', delayMs =>
      withRows(postgres, url =>
        over(delayMs, url, near => dexie.run({ ...legs, url: near, profile: `profile-${(made += 1)}` })),
      ),
    )
  }
  addPeer('RxDB 17, memory (not on disk)', delayMs =>
    withRows(postgres, url =>
      over(delayMs, url, near => measured(join(folder, 'rxdb-memory.mjs'), [near, rowsFile])),
    ),
  )
  addPeer('PouchDB 9, LevelDB', async delayMs => {
    const server = await listening(join(folder, 'pouch-server.mjs'), [newFolder('pouch-server')])
    try {
      return await over(delayMs, server.url, near =>
        measured(join(folder, 'pouch-seat.mjs'), [near, rowsFile, newFolder('pouch')]),
      )
    } finally {
      await server.end()
    }
  })
  return found
}

const isAsked = (name: string) =>
  only === undefined || only.some(part => part !== '' && name.startsWith(part))

const template = join(scratch, 'template')
const empty = join(scratch, 'empty')

async function main(): Promise<void> {
  const postgres = await startPostgres({ durable: true })
  started.push(postgres.stop)
  await seat({ task: 'fill', folder: template })
  await seat({ task: 'fill', folder: empty, cases: 0 })

  const all = (await contenders(postgres)).filter(({ name }) => isAsked(name))
  const figures = new Map<string, { push: number[]; pull: number[] }>()
  for (let round = 0; round < rounds; round += 1)
    for (const { name: line, delayMs } of lines)
      for (const { name, legs } of all) {
        const done = await legs(delayMs)
        if (done === null) continue
        const { pushMs, pullMs } = done
        if (process.env['ZUOXI_BENCH_VERBOSE'] === '1') console.log(line, name, pushMs, pullMs)
        const known = figures.get(`${line} ${name}`) ?? { push: [], pull: [] }
        known.push.push(pushMs)
        known.pull.push(pullMs)
        figures.set(`${line} ${name}`, known)
      }
  for (const { name: line } of lines)
    for (const leg of ['push', 'pull'] as const) {
      const seconds = (name: string) => quantile(figures.get(`${line} ${name}`)?.[leg] ?? [], 0.5) / 1_000
      for (const { name } of all) {
        const isLimit = limits.some(limit => limit.name === name)
        const what = `${cases} cases, ${leg}, ${line}: ${name}`
        if (!figures.has(`${line} ${name}`)) console.log(`${what.padEnd(46)} failed`)
        else if (name !== 'ours')
          printRow({
            what,
            ours: seconds('ours'),
            limit: seconds(name),
            unit: 's',
            aim: isLimit ? '≤ 2' : name.includes('memory') || line !== '50 ms' ? '' : '≤ 0.20',
          })
      }
    }
  const peers = all.filter(({ isPeer }) => isPeer)
  if (peers.length > 0 && !peers.some(({ name }) => lines.some(line => figures.has(`${line.name} ${name}`))))
    throw new Error('none of the peers worked')

  for (const task of ['pull', 'push'] as const) {
    if (!isAsked('saves')) continue
    const idle: number[] = []
    const busy: number[] = []
    for (let transfer = 0; transfer < transfers; transfer += 1)
      await withCentre(postgres, async ({ url, code }) => {
        const from = newFolder('saves-from')
        cpSync(template, from, { recursive: true })
        const pushed = await seat({
          task: 'push',
          folder: from,
          url,
          code: await code(),
          saveEveryMs: task === 'push' ? saveEveryMs : 0,
        })
        const into = newFolder('saves-into')
        cpSync(empty, into, { recursive: true })
        const taken =
          task === 'push' ? pushed : await seat({ task, folder: into, url, code: await code(), saveEveryMs })
        idle.push(...taken.idleSaves)
        busy.push(...taken.busySaves)
      })
    if (process.env['ZUOXI_BENCH_VERBOSE'] === '1')
      console.log(task, idle.length, busy.length, quantile(busy, 0.9), Math.max(...busy))
    for (const share of [0.5, 0.99])
      printRow({
        what: `save during a ${task}, p${share * 100}, beside idle`,
        ours: quantile(busy, share),
        limit: quantile(idle, share),
        unit: 'ms',
        aim: share === 0.99 ? '≤ 3' : '',
      })
  }
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
