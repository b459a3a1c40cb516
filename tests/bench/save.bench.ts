/**
 * Submitting a case (row, search row, history, audit, outbox, in one durable transaction) beside one bare INSERT with the
 * same cipher and FULL in the same file of 100,000 cases. In turns, in one process, so that both see the same disk.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createParts } from '../../electron/core/parts.ts'
import { maintain, openDatabase } from '../../electron/core/storage/database.ts'
import { systemRandom } from '../../electron/core/system.ts'
import { emptyCaseFields } from '../../shared/domain/case.ts'
import { normalizeNumber } from '../../shared/domain/phone-number.ts'
import { benchProof, benchSign } from '../support/proving.ts'
import { sampleDispositions } from '../support/sample-dispositions.ts'
import { printRow, quantile } from './row.ts'

const folder = mkdtempSync(join(tmpdir(), 'zuoxi-bench-'))
// A case every half minute, ending about now.
let now = Date.now() - 100_000 * 30_000
const clock = { now: () => now, after: () => () => {} }
const db = openDatabase({ file: join(folder, 'seat.db'), key: new Uint8Array(randomBytes(32)), now: 0 })
const { identity, drafts, cases } = createParts({
  sign: benchSign(),
  clock,
  appended: () => {},
  dispositions: sampleDispositions(clock.now),
  random: systemRandom(clock),
  catalogue: {
    version: () => 'bench',
    knowsCategory: () => true,
    knowsDivision: () => true,
    category: code => [code],
    division: code => [code],
  },
  numberKey: raw => normalizeNumber(raw, { areaCode: '' }).key,
})
const operator = identity.create(
  db,
  {
    workNumber: '1',
    name: '基准',
    branch: '基准',
    role: 'agent',
    skills: [],
  },
  benchProof.operatorId,
)
const words =
  '路灯不亮社保补办噪声扰民停水报修道路破损物业收费医保报销入学划片电梯故障垃圾清运咨询投诉建议办理时限地点材料'
const sentence = (seed: number, length: number) =>
  Array.from({ length }, (_, index) => words[(seed * 31 + index * (7 + (seed % 5))) % words.length]).join('')
const fields = (seed: number) => ({
  ...emptyCaseFields,
  title: sentence(seed, 14),
  content: sentence(seed + 3, 160),
  contactNumber: `1990${String(seed % 10_000_000).padStart(7, '0')}`,
  categoryCode: '010101',
  divisionCode: '990001',
  disposition: 'accept' as const,
})
const draftOf = (seed: number) => {
  now += 30_000
  return drafts.open(db, operator.operatorId, {
    callId: `call-${seed}`,
    callingNumber: '',
    contactNumber: '',
    divisionCode: '',
  }).draftId
}

const stored = 100_000
console.error(`bench: filling ${stored} cases`)
for (let seed = 0; seed < stored; seed += 1_000) {
  db.transaction(() => {
    for (let one = seed; one < seed + 1_000; one += 1)
      cases.submit(db, operator, { draftId: draftOf(one), fields: fields(one) })
  })()
}
while (maintain(db));
db.exec('CREATE TABLE bare (id INTEGER PRIMARY KEY, fields TEXT NOT NULL) STRICT')

const ours: number[] = []
const bare: number[] = []
const insert = db.prepare('INSERT INTO bare (fields) VALUES (?)')
const json = JSON.stringify(fields(1))
for (let round = 0; round < 600; round += 1) {
  const draftId = draftOf(stored + round)
  const input = { draftId, fields: fields(stored + round) }
  let at = performance.now()
  db.transaction(() => cases.submit(db, operator, input)).immediate()
  ours.push(performance.now() - at)
  at = performance.now()
  insert.run(json)
  bare.push(performance.now() - at)
  // As in the seat: upkeep runs between saves, not in them.
  if (round % 20 === 19) while (maintain(db));
}
db.close()
rmSync(folder, { recursive: true, force: true })
printRow({
  what: 'save a case, p50',
  ours: quantile(ours, 0.5),
  limit: quantile(bare, 0.5),
  unit: 'ms',
  aim: '',
})
printRow({
  what: 'save a case, p99',
  ours: quantile(ours, 0.99),
  limit: quantile(bare, 0.99),
  unit: 'ms',
  aim: '≤ 3 × a bare INSERT',
})
