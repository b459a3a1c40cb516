/**
 * The queue of callbacks on a durable PostgreSQL: 20,000 open tasks and 200 claimers over 16 connections, beside pg-boss's fetch
 * of one job at a time with as many connections on the same server. In turns, each in a process and a database of its own.
 * Then: how long it takes to order 20,000 tasks anew when the policy changes.
 */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { CallbackTask } from '../../shared/domain/callback.ts'
import { openTask } from '../../shared/domain/callback-moves.ts'
import { orderCallbacks } from '../../shared/domain/callback-order.ts'
import { sampleCallbackPolicy } from '../../shared/domain/callback-policy.ts'
import { hasPostgres, startPostgres } from '../support/postgres.ts'
import type { ClaimsResult, ClaimsTask } from './callback-claims.ts'
import { installFrom } from './install-peers.ts'
import { printRow, quantile } from './row.ts'

const tasks = Number(process.env['ZUOXI_BENCH_TASKS'] ?? 20_000)
const rounds = Number(process.env['ZUOXI_BENCH_ROUNDS'] ?? 3)
const claimers = 200
const connections = 16

if (!hasPostgres) {
  console.log('callbacks: skipped, there is no PostgreSQL 15 or newer')
  process.exit(0)
}

function claimsOf(script: string, url: string): Promise<ClaimsResult> {
  const task: ClaimsTask = { url, tasks, claimers, connections }
  const child = fork(script, [JSON.stringify(task)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  return new Promise((resolve, reject) => {
    let result: ClaimsResult | undefined
    child.on('message', message => {
      result = message as ClaimsResult
    })
    child.on('exit', code => {
      if (result === undefined) reject(new Error(`${script} ended with ${code}`))
      else resolve(result)
    })
  })
}

function sure(result: ClaimsResult, whose: string): { perSecond: number; p99: number } {
  if (result.ids.length !== tasks || new Set(result.ids).size !== tasks)
    throw new Error(`${whose}: ${result.ids.length} claims of ${new Set(result.ids).size} of ${tasks} tasks`)
  return { perSecond: (tasks / result.wholeMs) * 1_000, p99: quantile(result.tookMs, 0.99) }
}

const median = (values: number[]) => quantile(values, 0.5)
const peer = installFrom(join(import.meta.dirname, 'peers', 'pg-boss'), 'pg-boss')
const postgres = await startPostgres({ durable: true })
const ours: { perSecond: number; p99: number }[] = []
const theirs: typeof ours = []
let refused = 0
try {
  for (let round = 0; round < rounds; round += 1) {
    const mine = await claimsOf(join(import.meta.dirname, 'callback-claims.ts'), await postgres.database())
    refused += mine.refused
    ours.push(sure(mine, 'ours'))
    if (peer !== null)
      theirs.push(sure(await claimsOf(join(peer, 'claims.mjs'), await postgres.database()), 'pg-boss'))
  }
} finally {
  await postgres.stop()
}
const perSecond = (of: typeof ours) => median(of.map(each => each.perSecond))
const p99 = (of: typeof ours) => median(of.map(each => each.p99))
if (peer === null)
  console.log(
    `claims: ${perSecond(ours).toFixed(0)}/s, p99 ${p99(ours).toFixed(1)} ms; no pg-boss to measure`,
  )
else {
  printRow({
    what: 'callback claims beside pg-boss',
    ours: perSecond(ours),
    limit: perSecond(theirs),
    unit: '/s',
    aim: 'more than 1',
  })
  printRow({
    what: 'a claim at the 99th percentile',
    ours: p99(ours),
    limit: p99(theirs),
    unit: 'ms',
    aim: 'less than 1',
  })
}
console.log(`  no task twice in ${rounds * tasks} claims; ${refused} requests found all they named taken`)

const now = Date.now()
const words = ['', '', '', '家里停水', '有人被困']
const list: CallbackTask[] = Array.from({ length: 20_000 }, (_, place) => {
  const at = new Date(now - ((place * 7_919) % 86_400) * 1_000).toISOString()
  return openTask(
    {
      taskId: `task-${place}`,
      branch: null,
      kind: 'number',
      numberKey: `1990${String(place).padStart(7, '0')}`,
      number: '',
      extension: null,
      dialable: true,
      queue: null,
      notBefore: null,
      calls: 1 + (place % 6),
      firstMissedAt: at,
      lastMissedAt: at,
      note: words[place % words.length] ?? '',
      wants: [],
      enterprise: place % 9 === 0,
      dialect: place % 11 === 0 ? '苏州话' : null,
    },
    now,
  )
})
const tookMs = Array.from({ length: 15 }, (_, round) => {
  const policy = { ...sampleCallbackPolicy, weights: { ...sampleCallbackPolicy.weights, repeat: round * 10 } }
  const began = performance.now()
  orderCallbacks(list, policy, now)
  return performance.now() - began
})
printRow({
  what: '20,000 callbacks in another order',
  ours: quantile(tookMs, 0.95),
  limit: 1_000,
  unit: 'ms',
  aim: 'less than 1',
})
