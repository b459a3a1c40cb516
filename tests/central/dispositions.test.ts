/** What the centre publishes for 受理方式: a directory or rules that a seat could only refuse are refused whole. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { dispositionRules, dispositionRulesName } from '../../shared/domain/disposition-rules.ts'
import { transferDirectory, transferDirectoryName } from '../../shared/domain/transfer-directory.ts'
import { root } from '../support/seat-process.ts'
import { startCentre, type TestCentre } from './centre.ts'

const shipped = (name: string): unknown =>
  JSON.parse(readFileSync(join(root, 'resources', 'catalogue', `${name}.json`), 'utf8'))
const directory = { ...transferDirectory.parse(shipped('transfer-directory')), version: '1' }
const rules = { ...dispositionRules.parse(shipped('disposition-rules')), version: '1' }
const [entry, reason] = [directory.entries[4], rules.reasons[4]]
if (entry === undefined || reason === undefined) throw new Error('the samples are shorter than this test')

let centre: TestCentre
beforeAll(async () => {
  centre = await startCentre(null)
})
afterAll(() => centre.end())

const publish = (name: string, content: unknown) =>
  centre.publications.publish(
    { name, version: '1', effectiveAt: '2026-11-24T01:00:00.000Z', content },
    'p-admin',
  )
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

it('publishes both when they are sound', async () => {
  await publish(transferDirectoryName, directory)
  await publish(dispositionRulesName, rules)
  expect((await centre.publications.list()).map(({ name }) => name).sort()).toEqual([
    dispositionRulesName,
    transferDirectoryName,
  ])
})
