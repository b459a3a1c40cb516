/** What the centre publishes for 受理方式: a directory or rules that a seat could only refuse are refused whole. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Disposition } from '../../shared/domain/case.ts'
import { dispositionRules, dispositionRulesName } from '../../shared/domain/disposition-rules.ts'
import { transferDirectory, transferDirectoryName } from '../../shared/domain/transfer-directory.ts'
import { root } from '../support/seat-process.ts'
import { addPeople, enrol, type Seat, startCentre, type TestCentre } from './centre.ts'

const shipped = (name: string): unknown =>
  JSON.parse(readFileSync(join(root, 'resources', 'catalogue', `${name}.json`), 'utf8'))
const directory = { ...transferDirectory.parse(shipped('transfer-directory')), version: '1' }
const rules = { ...dispositionRules.parse(shipped('disposition-rules')), version: '1' }
const [entry, reason] = [directory.entries[4], rules.reasons[4]]
if (entry === undefined || reason === undefined) throw new Error('the samples are shorter than this test')

let centre: TestCentre
let seat: Seat
beforeAll(async () => {
  centre = await startCentre(null)
  await addPeople(centre)
  seat = await enrol(centre)
})
afterAll(() => centre.end())

const publish = (name: string, content: unknown, version = '1') =>
  centre.publications.publish({ name, version, effectiveAt: '2026-11-24T01:00:00.000Z', content }, 'p-admin')
const refused = { code: 'PUBLICATION_INVALID' }

it.each([
  ['another version than its own', { ...directory, version: '2' }],
  ['a number twice', { ...directory, entries: [...directory.entries, entry] }],
  ['a number that cannot be dialled', { ...directory, entries: [{ ...entry, number: '一一零' }] }],
  ['an over-long name', { ...directory, entries: [{ ...entry, name: '名'.repeat(61) }] }],
  [
    'an end before its beginning',
    {
      ...directory,
      entries: [{ ...entry, validFrom: '2026-02-01T00:00:00.000Z', validTo: '2026-01-01T00:00:00.000Z' }],
    },
  ],
  [
    'more entries than a city has',
    {
      ...directory,
      entries: Array.from({ length: 2_001 }, (_, index) => ({ ...entry, number: String(10_000 + index) })),
    },
  ],
  ['something else', []],
])('refuses a transfer directory with %s', async (_what, content) => {
  await expect(publish(transferDirectoryName, content)).rejects.toMatchObject(refused)
})

it.each([
  ['another version than its own', { ...rules, version: '2' }],
  ['a code twice', { ...rules, reasons: [...rules.reasons, reason] }],
  ['a reason without its script', { ...rules, reasons: rules.reasons.map(one => ({ ...one, script: '' })) }],
  ['no reason for a disposition', { ...rules, reasons: [reason] }],
  ['an unknown disposition', { ...rules, reasons: [{ ...reason, disposition: 'ignore' }] }],
  [
    'an over-long script',
    { ...rules, reasons: [...rules.reasons, { ...reason, code: 'X', script: '长'.repeat(2_001) }] },
  ],
])('refuses disposition rules with %s', async (_what, content) => {
  await expect(publish(dispositionRulesName, content)).rejects.toMatchObject(refused)
})

/** A case whose call was disposed of for this reason, at this time. */
const file = async (disposition: Disposition, reasonCode: string, createdAt = '2026-11-24T01:58:00.000Z') => {
  const command = seat.create(randomUUID(), { disposition, reasonCode })
  const filed = seat.sign({ ...command, args: { ...(command.args as object), createdAt } })
  // The line was cut all morning: what was filed meanwhile keeps its time.
  const backAt = new Date(centre.now.ms).toISOString()
  const contact = { contactAt: backAt, awayFrom: '2026-11-24T00:00:00.000Z', backAt }
  const [result] = await centre.push({ ...seat.device, contact }, [filed])
  return result !== undefined && 'code' in result ? result.code : result?.outcome
}

it('takes any reason as long as no rules were published', async () => {
  expect(await file('transfer', 'whatever')).toBe('applied')
})

it('publishes both when they are sound', async () => {
  await publish(transferDirectoryName, directory)
  await publish(dispositionRulesName, rules)
  expect((await centre.publications.list()).map(({ name }) => name).sort()).toEqual([
    dispositionRulesName,
    transferDirectoryName,
  ])
})

it('refuses a reason that no published rules have, under its own disposition, from when the first took effect', async () => {
  const handOver = { code: 'T09', disposition: 'transfer', name: '紧急求助' }
  const second = { ...rules, version: '2', reasons: [...rules.reasons, handOver] }
  const of = (disposition: Disposition) =>
    rules.reasons.find(one => one.disposition === disposition)?.code ?? ''
  expect(await file('transfer', 'T09')).toBe('DISPOSITION_REASON_UNKNOWN')
  expect(await file('statutory', of('explain'))).toBe('DISPOSITION_REASON_UNKNOWN')
  expect(await file('accept', 'T09')).toBe('DISPOSITION_REASON_UNKNOWN')
  // By what the seat had then; and a disposition that wants no reason has none.
  expect(await file('transfer', 'T09', '2026-11-24T00:59:00.000Z')).toBe('applied')
  expect(await file('transfer', '')).toBe('applied')

  await publish(dispositionRulesName, second, '2')
  expect(await file('transfer', 'T09')).toBe('applied')
  expect(await file('explain', 'T09')).toBe('DISPOSITION_REASON_UNKNOWN')
  // The rules that came after undo nothing of what was filed by those before.
  await publish(dispositionRulesName, { ...rules, version: '3' }, '3')
  expect(await file('transfer', 'T09')).toBe('applied')
  for (const disposition of ['statutory', 'explain', 'refer'] as const)
    expect(await file(disposition, of(disposition))).toBe('applied')
})

it('is not put off by a code that is no text of a table', async () => {
  expect(await file('explain', "' OR 1=1 --")).toBe('DISPOSITION_REASON_UNKNOWN')
})
