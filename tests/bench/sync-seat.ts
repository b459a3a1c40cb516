/**
 * One seat of the sync bench, in a process of its own: the real store, parts and engine, without a page. Its task comes as JSON
 * in the first argument; what it measured goes to its parent.
 */
import { mkdirSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { pino } from 'pino'
import { addBlock, discardBlocks, numbersLeft } from '../../electron/core/cases/case-number.ts'
import { createParts } from '../../electron/core/parts.ts'
import { type Database, maintain } from '../../electron/core/storage/database.ts'
import { createStore } from '../../electron/core/storage/store.ts'
import { openCentreLine } from '../../electron/core/sync/centre-line.ts'
import { createPageThread } from '../../electron/core/sync/page-thread.ts'
import { createSync } from '../../electron/core/sync/sync.ts'
import { systemClock, systemRandom } from '../../electron/core/system.ts'
import { normalizeNumber } from '../../shared/domain/phone-number.ts'
import { benchProof, benchSign } from '../support/proving.ts'
import { sampleDispositions } from '../support/sample-dispositions.ts'
import { caseFieldsOf } from './bench-case.ts'

export type SeatTask = {
  /** `fill`: files cases without a line. `push`, `pull`: until all have gone, or are here. */
  task: 'fill' | 'push' | 'pull'
  folder: string
  cases: number
  url: string
  code: string
  /** So many milliseconds after the last one was filed the next case is, meanwhile and for a while before; 0: none. */
  saveEveryMs: number
}
/** Saves: from the moment at which another thread asked, so that a thread that is busy counts. */
export type SeatResult = { ms: number; idleSaves: number[]; busySaves: number[] }

const idleMs = 4_000
const draftsAhead = 2_000

const task = JSON.parse(process.argv[2] ?? '') as SeatTask
mkdirSync(task.folder, { recursive: true })
let after = () => {}
let pageApplied = () => {}

const clock = { ...systemClock }
const random = systemRandom(clock)
const context = { clock, random, log: pino({ level: 'warn' }, pino.destination(2)), publish: () => {} }
const catalogue = {
  version: () => 'bench',
  knowsCategory: () => true,
  knowsDivision: () => true,
  category: (code: string) => [code],
  division: (code: string) => [code],
}
const key = new Uint8Array(32).fill(7)
const never = (): never => {
  throw new Error('the key is known')
}
const store = createStore({
  folder: task.folder,
  context,
  vault: {
    open: () => Promise.resolve({ state: 'key', key, protection: 'demo-file' }),
    create: never,
    unlock: never,
  },
  prepare: () => {},
})
await store.open()
const numberKey = (raw: string) => normalizeNumber(raw, { areaCode: '' }).key
const kept = createParts({
  sign: benchSign(),
  clock,
  random,
  catalogue,
  dispositions: sampleDispositions(clock.now),
  numberKey,
  appended: () => sync.wake(),
})
const read = store.db
const write = <T>(work: (db: Database) => T): T => {
  const result = store.write(work)
  after()
  return result
}
const sync = createSync({
  context,
  read,
  write,
  writeSoon: store.writeSoon,
  openLine: url => openCentreLine(url, []),
  seatName: 'bench',
  alarmAfterMs: () => 600_000,
  expected: false,
  alone: () => false,
  numbers: { left: numbersLeft, add: (db, block) => addBlock(db, block, clock), discard: discardBlocks },
  ...kept.apply,
  linked: () => {},
  renewed: () => {},
  needsSession: () => false,
  reached: () => {},
  publicationNames: [],
  published: () => {},
  changed: () => pageApplied(),
  breathe: () => new Promise(resolve => setImmediate(resolve)),
  pageReader: createPageThread(),
})

const operatorHere = () =>
  kept.identity.find(read(), benchProof.operatorId) ??
  write(db =>
    kept.identity.create(
      db,
      { workNumber: 'B1', name: '基准', branch: '基准', role: 'agent', skills: [] },
      benchProof.operatorId,
    ),
  )
const draft = (db: Database) =>
  kept.drafts.open(db, operatorHere().operatorId, {
    callId: null,
    callingNumber: '',
    contactNumber: '',
    divisionCode: '',
  }).draftId

function fill(): void {
  const operator = operatorHere()
  for (let from = 0; from < task.cases; from += 500)
    write(db => {
      for (let seed = from; seed < Math.min(task.cases, from + 500); seed += 1)
        kept.cases.submit(db, operator, { draftId: draft(db), fields: caseFieldsOf(seed) })
    })
  while (maintain(read()));
  read().pragma('wal_checkpoint(TRUNCATE)')
}

/** Another thread asks for a save again and again, however busy this one is. */
function startSaves() {
  const idle: number[] = []
  const busy: number[] = []
  let into = idle
  const operator = operatorHere()
  const drafts = write(db => Array.from({ length: draftsAhead }, () => draft(db)))
  const asker = new Worker(
    `const { parentPort } = require('node:worker_threads')
     const soon = () => setTimeout(() => parentPort.postMessage(process.hrtime.bigint()), ${task.saveEveryMs})
     parentPort.on('message', soon)
     soon()`,
    { eval: true },
  )
  asker.on('message', (askedAt: bigint) => {
    const draftId = drafts.pop()
    if (draftId === undefined) return
    write(db => kept.cases.submit(db, operator, { draftId, fields: caseFieldsOf(1_000_000 + drafts.length) }))
    into.push(Number(process.hrtime.bigint() - askedAt) / 1e6)
    asker.postMessage('filed')
  })
  return {
    idle,
    busy,
    begin: () => {
      into = busy
    },
    stop: () => asker.terminate(),
  }
}

const wait = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

async function transfer(): Promise<SeatResult> {
  sync.setTarget({ url: task.url, enrolmentCode: null })
  await sync.enrol(task.code)
  const before = Number(read().prepare('SELECT coalesce(max(seq), 0) FROM outbox').pluck().get())
  const mine = () => Number(read().prepare('SELECT count(*) FROM cases').pluck().get())
  const remaining = () => read().prepare('SELECT 1 FROM outbox WHERE seq <= ? LIMIT 1').get(before)
  const arrived = () => read().prepare('SELECT count(*) FROM cases WHERE synced_version IS NOT NULL').pluck()
  const saves = task.saveEveryMs > 0 ? startSaves() : null
  if (saves !== null) await wait(idleMs)
  const had = mine()
  const done = new Promise<number>(resolve => {
    after = () => {
      if (task.task !== 'push' || remaining() !== undefined) return
      after = () => {}
      resolve(performance.now())
    }
    pageApplied = () => {
      // The second counts whole rows: not after every page.
      if (task.task !== 'pull' || mine() < had + task.cases || Number(arrived().get()) < task.cases) return
      resolve(performance.now())
    }
  })
  const from = performance.now()
  saves?.begin()
  sync.start()
  const ms = (await done) - from
  await saves?.stop()
  return { ms, idleSaves: saves?.idle ?? [], busySaves: saves?.busy ?? [] }
}

let result: SeatResult = { ms: 0, idleSaves: [], busySaves: [] }
if (task.task === 'fill') fill()
else result = await transfer()
sync.stop()
store.close()
process.send?.(result, () => process.exit(0))
