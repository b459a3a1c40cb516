/**
 * Search through a seat's encrypted cases beside FTS5 trigram and a plain LIKE in the same file: latest 50 for a rare and a
 * very common word, with and without filters; and the help for what is being typed, on its own thread. ZUOXI_BENCH_CASES is the
 * number of cases; 1000000 is what the aims are for.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCandidates, sampleRarity } from '../../electron/core/assist/rare-pairs.ts'
import {
  noRepeatFilter,
  type RepeatFilter,
  type RepeatQuestion,
} from '../../electron/core/assist/repeat-search.ts'
import { createSearchThread } from '../../electron/core/assist/search-thread.ts'
import { parseFields } from '../../electron/core/cases/drafts.ts'
import { insertSearchRow } from '../../electron/core/cases/search.ts'
import { createParts } from '../../electron/core/parts.ts'
import { maintain, openDatabase } from '../../electron/core/storage/database.ts'
import { systemRandom } from '../../electron/core/system.ts'
import { noCaseFilter } from '../../shared/contract/seat.ts'
import type { CaseFields } from '../../shared/domain/case.ts'
import { prepareText, questionOf, scoreText, termsOf } from '../../shared/domain/knowledge/ranking.ts'
import { unsigned } from '../support/proving.ts'
import { sampleDispositions } from '../support/sample-dispositions.ts'
import { printRow, quantile } from './row.ts'
import { createZipfCases } from './zipf-cases.ts'

const stored = Number(process.env['ZUOXI_BENCH_CASES'] ?? 50_000)
const rounds = 60
const aimMs = 16

const folder = mkdtempSync(join(process.env['ZUOXI_BENCH_FOLDER'] ?? tmpdir(), 'zuoxi-bench-'))
const file = join(folder, 'seat.db')
const key = new Uint8Array(randomBytes(32))
const clock = { now: () => Date.now(), after: () => () => {} }
const db = openDatabase({ file, key, now: 0 })
const paths = { category: (code: string) => [code, code.slice(0, 2)], division: (code: string) => [code] }
const { identity, cases } = createParts({
  sign: unsigned,
  clock,
  appended: () => {},
  random: systemRandom(clock),
  catalogue: { version: () => 'bench', knowsCategory: () => true, knowsDivision: () => true, ...paths },
  numberKey: raw => raw,
  dispositions: sampleDispositions(clock.now),
})
const operator = identity.create(db, {
  workNumber: '1',
  name: '基准',
  branch: '基准',
  role: 'agent',
  skills: [],
})
db.exec(`CREATE VIRTUAL TABLE peer_trigram USING fts5(text, content='', contentless_delete=1, detail=none, tokenize='trigram');
  INSERT INTO peer_trigram (peer_trigram, rank) VALUES ('automerge', 0);
  INSERT INTO peer_trigram (peer_trigram, rank) VALUES ('crisismerge', 1000);`)

const source = createZipfCases(7)
const insertCase = db.prepare(
  `INSERT INTO cases (case_key, case_id, case_number, calling_key, contact_key, status, disposition, operator_id,
                      catalogue_version, version, fields, created_at)
   VALUES (?, ?, ?, NULL, ?, ?, 'accept', ?, 'bench', 1, ?, '2026-01-01T00:00:00.000Z')`,
)
const insertTrigram = db.prepare('INSERT INTO peer_trigram (rowid, text) VALUES (?, ?)')
const spent = { row: 0, ours: 0, trigram: 0 }
const timed = (what: keyof typeof spent, work: () => void) => {
  const from = performance.now()
  work()
  spent[what] += performance.now() - from
}
const textOf = ({ title, content, callerName, place, contactNumber }: CaseFields) =>
  [title, content, callerName, place, contactNumber].join('\n')
const began = Date.now() * 1024
console.error(`bench: filling ${stored} cases`)
for (let from = 0; from < stored; from += 2_000) {
  db.transaction(() => {
    for (let at = from; at < Math.min(from + 2_000, stored); at += 1) {
      const fields = source.fields()
      const caseKey = began + at * 1024
      const status = at % 5 === 0 ? 'accepted' : 'closed'
      const caseNumber = `B${String(at).padStart(9, '0')}`
      const row = JSON.stringify(fields)
      timed('row', () =>
        insertCase.run(caseKey, `c${at}`, caseNumber, fields.contactNumber, status, operator.operatorId, row),
      )
      const searchable = {
        caseKey,
        caseNumber,
        status,
        disposition: 'accept',
        urgency: 'normal',
        fields,
      } as const
      timed('ours', () =>
        insertSearchRow(db, { ...searchable, operatorId: operator.operatorId, waiting: [] }, paths),
      )
      timed('trigram', () => insertTrigram.run(caseKey, textOf(fields)))
    }
  })()
  maintain(db)
}
timed('ours', () => {
  while (maintain(db));
})
timed('trigram', () => {
  const merge = db.prepare("INSERT INTO peer_trigram (peer_trigram, rank) VALUES ('merge', 16)")
  const changes = db.prepare('SELECT total_changes()').pluck()
  for (let before = -2; Number(changes.get()) - before >= 2; ) {
    before = Number(changes.get())
    merge.run()
  }
})
db.pragma('wal_checkpoint(TRUNCATE)')

const bytesOf = (table: string) =>
  Number(db.prepare(`SELECT sum(length(block)) FROM ${table}_data`).pluck().get()) / 1e6
const fileMb = statSync(file).size / 1e6
console.log(
  `${stored} cases, file ${fileMb.toFixed(0)} MB; search index ${bytesOf('case_search').toFixed(0)} MB, trigram ${bytesOf('peer_trigram').toFixed(0)} MB`,
)
const perRow = (ms: number) => (ms * 1_000) / stored
printRow({
  what: 'a search row beside the row alone',
  ours: perRow(spent.ours),
  limit: perRow(spent.row),
  unit: 'us',
  aim: '',
})
printRow({
  what: 'a search row beside a trigram row',
  ours: perRow(spent.ours),
  limit: perRow(spent.trigram),
  unit: 'us',
  aim: 'below',
})

const p95 = (times: number, work: (round: number) => unknown): number => {
  const took: number[] = []
  for (let round = 0; round < times; round += 1) {
    const from = performance.now()
    work(round)
    took.push(performance.now() - from)
  }
  return quantile(took, 0.95)
}
const reader = { operatorId: operator.operatorId, role: 'lead', branch: '基准', allBranches: true } as const
const search = (text: string, filter = {}) =>
  cases.list(db, reader, { filter: { ...noCaseFilter, text, ...filter }, limit: 50, cursor: null }).cases
    .length
const trigram = db.prepare(
  'SELECT c.* FROM peer_trigram t CROSS JOIN cases c ON c.case_key = t.rowid WHERE peer_trigram MATCH ? ORDER BY t.rowid DESC LIMIT 50',
)
const like = db.prepare(
  "SELECT * FROM cases WHERE fields LIKE '%' || ? || '%' ORDER BY case_key DESC LIMIT 50",
)
const filters = { divisionCode: '990003', status: ['accepted' as const], categoryCode: '01' }
/** Words that stand in every few cases, and ones that stand in a few dozen of a million. */
const asked = {
  common: (round: number) => source.word(1 + (round % 8)),
  rare: (round: number) => source.word(50_000 + round * 31),
  'four characters': (round: number) =>
    source.word(2_000 + round * 17).slice(0, 2) + source.word(400 + round).slice(0, 2),
}
for (const [name, wordOf] of Object.entries(asked)) {
  const scans = name === 'common' ? rounds : Math.max(2, Math.min(5, Math.floor(200_000 / stored)))
  const scan = p95(scans, round => like.all(wordOf(round)))
  const ours = p95(rounds, round => search(wordOf(round)))
  const filtered = p95(rounds, round => search(wordOf(round), filters))
  const aim = `p95 < ${aimMs} ms`
  printRow({ what: `${name}: ours beside LIKE`, ours, limit: scan, unit: 'ms', aim })
  printRow({ what: `${name}: filtered beside LIKE without`, ours: filtered, limit: scan, unit: 'ms', aim })
  const three = p95(rounds, round => trigram.all(`"${(wordOf(round) + wordOf(round + 1)).slice(0, 3)}"`))
  printRow({ what: `${name}: ours beside trigram, three characters`, ours, limit: three, unit: 'ms', aim })
}

const thread = createSearchThread({
  file,
  key,
  failed: reason => {
    throw new Error(reason)
  },
  refused: code => {
    throw new Error(code)
  },
})
const typed = Array.from({ length: rounds }, () => source.fields())
const questionFor = (fields: CaseFields, filter: RepeatFilter = noRepeatFilter): RepeatQuestion => ({
  title: fields.title,
  content: fields.content,
  place: fields.place,
  numberKeys: [fields.contactNumber],
  categoryCode: fields.categoryCode,
  divisionCode: fields.divisionCode,
  ownCaseId: null,
  filter,
})
const commonText = { ...source.fields(), title: [1, 2, 3, 4].map(source.word).join(''), content: '' }
const repeats = async (what: string, questions: RepeatQuestion[]) => {
  const took: number[] = []
  for (const question of questions) {
    const from = performance.now()
    await thread.ask('repeats', { question, reader, limit: 50 })
    took.push(performance.now() - from)
  }
  printRow({ what, ours: quantile(took, 0.95), limit: aimMs, unit: 'ms', aim: `p95 < ${aimMs} ms` })
}
// The first question starts the thread and samples the cases.
await thread.ask('repeats', { question: questionFor(commonText), reader, limit: 50 })
await repeats(
  'repeats of what is typed, own thread',
  typed.map(fields => questionFor(fields)),
)
await repeats(
  'the same, filtered',
  typed.map(fields =>
    questionFor(fields, { ...noRepeatFilter, status: ['accepted'], divisionCodes: ['990003'] }),
  ),
)
await repeats(
  'repeats of very common words',
  typed.map(() => questionFor(commonText)),
)
await thread.close()

const rarity = sampleRarity(db)
const candidates = createCandidates(db, rarity)
const byKey = db.prepare('SELECT fields FROM cases WHERE case_key = ?').pluck()
const corpus = {
  texts: stored,
  averageLength: 200,
  holders: (pair: string) => Math.exp(-rarity.of(pair)) * stored,
}
const answers = p95(rounds, round => {
  const fields = typed[round] ?? commonText
  const terms = termsOf(questionOf(fields), corpus)
  return candidates(fields.title, fields.content, 50).map(key => {
    const { title, content } = parseFields(byKey.get(key) as string)
    return scoreText(terms, prepareText({ title, body: content }), corpus)
  })
})
printRow({
  what: 'answers found and ranked',
  ours: answers,
  limit: aimMs,
  unit: 'ms',
  aim: `p95 < ${aimMs} ms`,
})

db.close()
rmSync(folder, { recursive: true, force: true })
