/**
 * Another callback policy at a seat with 20,000 open tasks: from its arrival to the first 100 rows as the page is given them,
 * beside reading the bare rows of the same file.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { createCallbackParts } from '../../electron/core/callbacks/callback-parts.ts'
import { createParts } from '../../electron/core/parts.ts'
import { type Database, openDatabase } from '../../electron/core/storage/database.ts'
import { systemRandom } from '../../electron/core/system.ts'
import { sampleCallbackPolicy } from '../../shared/domain/callback-policy.ts'
import { someTask } from '../domain/some-callback.ts'
import { unsigned } from '../support/proving.ts'
import { sampleDispositions } from '../support/sample-dispositions.ts'
import { printRow, quantile } from './row.ts'

const count = 20_000
const folder = mkdtempSync(join(tmpdir(), 'zuoxi-bench-'))
const now = Date.now()
const clock = { now: () => now, after: () => () => {} }
const random = systemRandom(clock)
const db = openDatabase({ file: join(folder, 'seat.db'), key: new Uint8Array(randomBytes(32)), now: 0 })
const write = <T>(work: (own: Database) => T): T => db.transaction(work).immediate(db)
const kept = createParts({
  sign: unsigned,
  clock,
  random,
  appended: () => {},
  dispositions: sampleDispositions(clock.now),
  numberKey: raw => raw,
  catalogue: {
    version: () => 'bench',
    knowsCategory: () => true,
    knowsDivision: () => true,
    category: code => [code],
    division: code => [code],
  },
})
const { callbacks } = createCallbackParts({
  ...kept,
  context: { clock, random, log: pino({ level: 'silent' }), publish: () => {} },
  monotonic: () => performance.now(),
  centre: { asOperator: () => Promise.reject(new Error('no centre')) },
  line: () => ({ online: true, asOf: null }),
  read: () => db,
  isCut: () => false,
  write,
})
write(own => {
  const seat = { workNumber: '1', name: '基准', branch: '基准', role: 'agent' as const, skills: [] }
  kept.identity.signIn(own, kept.identity.create(own, seat).operatorId)
  for (let index = 0; index < count; index += 1)
    kept.callbackTasks.put(
      own,
      someTask(now - index * 4_000, {
        taskId: `task-${index}`,
        note: index % 7 === 0 ? '小区停水两天了，请尽快处理' : '',
        calls: 1 + (index % 5),
      }),
      false,
    )
})
const publish = (version: number) =>
  write(own =>
    own
      .prepare(
        `INSERT INTO publication (name, version, effective_at, sha256, content, told)
         VALUES ('callback-policy', ?, ?, ?, ?, ?)`,
      )
      .run(
        String(version),
        new Date(now - 1_000).toISOString(),
        String(version),
        JSON.stringify({
          ...sampleCallbackPolicy,
          weights: { ...sampleCallbackPolicy.weights, repeat: version },
        }),
        version,
      ),
  )

const first = performance.now()
callbacks.list('open', 100)
const cold = performance.now() - first
const ours: number[] = []
const bare: number[] = []
for (let round = 1; round <= 25; round += 1) {
  let at = performance.now()
  publish(round)
  JSON.stringify(callbacks.list('open', 100))
  ours.push(performance.now() - at)
  at = performance.now()
  db.prepare('SELECT task FROM callback_task WHERE closed_at IS NULL').pluck().all()
  bare.push(performance.now() - at)
}
db.close()
rmSync(folder, { recursive: true, force: true })
const aim = '≤ 1000 ms'
printRow({
  what: '20,000 callbacks by another policy, p50',
  ours: quantile(ours, 0.5),
  limit: quantile(bare, 0.5),
  unit: 'ms',
  aim,
})
printRow({
  what: '20,000 callbacks by another policy, worst',
  ours: Math.max(...ours),
  limit: Math.max(...bare),
  unit: 'ms',
  aim,
})
printRow({
  what: '20,000 callbacks, first list of a core',
  ours: cold,
  limit: quantile(bare, 0.5),
  unit: 'ms',
  aim,
})
if (Math.max(...ours, cold) > 1_000) process.exitCode = 1
