/** How a call was disposed of, at the core: by the rules and the directory in force, and nothing else is filed. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Refusal } from '../../electron/core/refusal.ts'
import type { CaseFields } from '../../shared/domain/case.ts'
import { dispositionRules, dispositionRulesName } from '../../shared/domain/disposition-rules.ts'
import { transferDirectory, transferDirectoryName } from '../../shared/domain/transfer-directory.ts'
import { sampleDispositions } from '../support/sample-dispositions.ts'
import { filled, refusalOf, type SeatParts, seatParts } from '../support/seat-parts.ts'
import { root } from '../support/seat-process.ts'

const shipped = (name: string): unknown =>
  JSON.parse(readFileSync(join(root, 'resources', 'catalogue', `${name}.json`), 'utf8'))
const directory = transferDirectory.parse(shipped('transfer-directory'))
const rules = dispositionRules.parse(shipped('disposition-rules'))

let seat: SeatParts
let faults: string[]
beforeEach(() => {
  seat = seatParts()
  faults = []
})
afterEach(() => seat.close())

const publish = (name: string, version: string, content: unknown, fromNowMs = -1_000) => {
  const text = JSON.stringify(content)
  seat.db
    .prepare(
      `INSERT INTO publication (name, version, effective_at, sha256, content, told)
       VALUES (?, ?, ?, ?, ?, (SELECT coalesce(max(told), 0) + 1 FROM publication))`,
    )
    .run(
      name,
      version,
      new Date(seat.time.now + fromNowMs).toISOString(),
      createHash('sha256').update(text).digest('hex'),
      text,
    )
}
const now = () => new Date(seat.time.now).toISOString()
const begin = () => sampleDispositions(() => seat.time.now, faults)
const without = (number: string, version: string) => ({
  ...directory,
  version,
  entries: directory.entries.map(entry =>
    entry.number === number ? { ...entry, validTo: '2026-11-23T00:00:00.000Z' } : entry,
  ),
})
const filing = (change: Partial<CaseFields>) => refusalOf(() => seat.file(seat.person('one'), change))

it('the sample holds until the centre publishes; a running seat takes the new one, and a later one from its moment', () => {
  const dispositions = begin()
  expect(dispositions.directory(seat.db).version).toBe(directory.version)
  expect(dispositions.rules(seat.db).version).toBe(rules.version)
  publish(transferDirectoryName, '甲', without('09995550201', '甲'))
  publish(transferDirectoryName, '乙', { ...directory, version: '乙' }, 3_600_000)
  const handedOver = (handOverNumber: string) =>
    refusalOf(() =>
      dispositions.check(seat.db, filled({ disposition: 'transfer', handOverNumber, handOverAt: now() })),
    )
  expect(handedOver('09995550201')).toBe('TRANSFER_REFUSED')
  expect(handedOver('110')).toBe('none')
  seat.time.now += 3_600_000
  expect(dispositions.directory(seat.db).version).toBe('乙')
  expect(handedOver('09995550201')).toBe('none')
})

it('one that is not sound never holds: the one before it stays, and it is told of once', () => {
  const dispositions = begin()
  publish(transferDirectoryName, '甲', { ...directory, version: '甲' }, -3_000)
  publish(transferDirectoryName, '坏', { entries: [{ number: 'x' }] })
  publish(dispositionRulesName, '空', { version: '空', sample: false, reasons: [] })
  for (const _ of [1, 2]) {
    expect(dispositions.directory(seat.db).version).toBe('甲')
    expect(dispositions.rules(seat.db).version).toBe(rules.version)
  }
  expect(faults).toEqual(['transfer-directory 坏', 'disposition-rules 空'])
})

it('a dead number is refused in plain words, in the directory and when the case is filed', () => {
  try {
    begin().check(seat.db, filled({ disposition: 'transfer', handOverNumber: '0999-555-0211' }))
    throw new Error('not refused')
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    expect(error.sentence).toBe('云澜港航服务（示例，已停用）（09995550211）已于2026年1月1日停用')
  }
  expect(filing({ disposition: 'transfer', handOverNumber: '09995550211' })).toBe('TRANSFER_REFUSED')
})

it('a hand-over is judged by the directory that held then: a later one makes no case unfilable', () => {
  const before = { disposition: 'transfer', handOverNumber: '09995550201' } as const
  publish(transferDirectoryName, '甲', without('09995550201', '甲'))
  expect(filing(before)).toBe('TRANSFER_REFUSED')
  expect(filing({ ...before, handOverDirectory: directory.version })).toBe('none')
  expect(filing({ ...before, handOverDirectory: '不在本机' })).toBe('none')
})

it('files each of the five only with what it needs, and the reason and the hand-over go to the centre', () => {
  for (const disposition of ['accept', 'transfer', 'statutory', 'explain', 'refer'] as const)
    expect(filing({ disposition }), disposition).toBe('none')
  const created = seat.waiting().filter(({ name }) => name === 'case.create')
  expect(created.map(({ args }) => (args['fields'] as CaseFields).reasonCode)).toEqual([
    '',
    '',
    'F01',
    'J03',
    'Y01',
  ])
  expect(created[1]?.args['fields']).toMatchObject({ handOverNumber: '119', handOverWay: 'three-way' })

  expect(filing({ disposition: 'statutory', reasonCode: '' })).toBe('DISPOSITION_INCOMPLETE')
  expect(filing({ disposition: 'statutory', reasonCode: '没有' })).toBe('DISPOSITION_REASON_UNKNOWN')
  expect(filing({ disposition: 'explain', reasonCode: 'F01' })).toBe('DISPOSITION_REASON_UNKNOWN')
  expect(filing({ disposition: 'refer', dispositionNote: ' ' })).toBe('DISPOSITION_INCOMPLETE')
  expect(filing({ disposition: 'transfer', handOverAt: '' })).toBe('DISPOSITION_INCOMPLETE')
  const consented = { disposition: 'transfer', handOverNumber: '09995550208' } as const
  expect(filing(consented)).toBe('DISPOSITION_INCOMPLETE')
  expect(filing({ ...consented, handOverConsent: 'refused' })).toBe('DISPOSITION_INCOMPLETE')
  expect(filing({ ...consented, handOverConsent: 'given' })).toBe('none')
})

it('who took over is written later; what was handed over to whom stays as it was filed', () => {
  const one = seat.person('one')
  const { caseId } = seat.file(one, { disposition: 'transfer' })
  const edit = (requestId: string, field: string, from: unknown, to: unknown) =>
    refusalOf(() =>
      seat.write(db => seat.cases.edit(db, one, { caseId, requestId, changes: [{ field, from, to }] })),
    )
  expect(edit('1', 'handOverTakenBy', '', '接警员 021')).toBe('none')
  expect(edit('2', 'handOverAck', '', '已派一辆消防车，编号 21')).toBe('none')
  expect(edit('3', 'handOverAck', '已派一辆消防车，编号 21', '长'.repeat(501))).toBe('FIELD_INVALID')
  expect(edit('4', 'handOverNumber', '119', '110')).toBe('FIELD_INVALID')
  expect(edit('5', 'reasonCode', '', 'F01')).toBe('FIELD_INVALID')
  expect(seat.cases.get(seat.db, one, caseId).fields).toMatchObject({
    handOverTakenBy: '接警员 021',
    handOverAck: '已派一辆消防车，编号 21',
  })
})

it('a draft and a case of an earlier program are read, and filed by the rules of now', () => {
  const one = seat.person('one')
  const { caseId } = seat.file(one)
  const earlier = Object.fromEntries(
    Object.entries(filled()).filter(([name]) => !name.startsWith('handOver') && name !== 'reasonCode'),
  )
  seat.db.prepare('UPDATE cases SET fields = ? WHERE case_id = ?').run(JSON.stringify(earlier), caseId)
  expect(seat.cases.get(seat.db, one, caseId).fields).toEqual(filled())
})
