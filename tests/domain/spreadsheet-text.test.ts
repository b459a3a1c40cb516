/** What leaves as a workbook opens again, whatever characters a title brought. */
import fc from 'fast-check'
import { readXlsx, writeXlsx } from 'hucre/xlsx'
import { expect, it } from 'vitest'
import { catalogueTemplate } from '../../central/catalogues/template.ts'
import { type LedgerRow, ledgerCells } from '../../shared/domain/enterprise.ts'
import { cellText, workbookText } from '../../shared/domain/spreadsheet-text.ts'
import { sampleCatalogue } from './some-catalogue.ts'

const spoiling = ['\ufffe', '\uffff', '\u0000', '\u0008', '\u001b', '\udca1', '\ud83d']
// oxlint-disable-next-line no-control-regex -- these are what must not be there
const notInXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

it('characters that XML lacks are left out, and all others stay', () => {
  for (const one of spoiling) expect(cellText(`甲${one}乙`)).toBe('甲乙')
  expect(cellText('💡 甲\t乙\n丙\u{1fffe}𠮷')).toBe('💡 甲\t乙\n丙\u{1fffe}𠮷')
})

it('a workbook gives back every text, also one that looks like an escape', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 30 }),
          fc.constantFrom(...spoiling, '_x0041_', '_x005F_', '_xFFFE_'),
        ),
        {
          minLength: 1,
          maxLength: 6,
        },
      ),
      async parts => {
        const text = `甲${parts.join('')}乙`
        const book = await writeXlsx({ sheets: [{ name: '表', rows: [[workbookText(text)]] }] })
        const read = String((await readXlsx(book)).sheets[0]?.rows[0]?.[0])
        expect(read.replaceAll('\r\n', '\n').replaceAll('\r', '\n')).toBe(
          cellText(text).replaceAll('\r\n', '\n').replaceAll('\r', '\n'),
        )
      },
    ),
    { numRuns: 100 },
  )
})

it('the ledger and the catalogue leave them out', async () => {
  const row: LedgerRow = {
    caseId: 'c',
    caseNumber: 'n',
    company: `甲公司${spoiling.join('')}`,
    title: `停水${spoiling.join('')}`,
    unit: spoiling.join(''),
    status: 'accepted',
    followUp: 'none',
    dueAt: null,
    repliedAt: null,
    owner: { operatorId: 'o', name: `周${spoiling.join('')}` },
    createdAt: '2026-12-01T00:00:00.000Z',
    confidential: false,
  }
  const cells = ledgerCells([row], 0)
  expect(cells.flat().filter(cell => notInXml.test(cell) || !cell.isWellFormed())).toEqual([])
  expect(cells[1]?.slice(1, 4)).toEqual(['甲公司', '停水', ''])
  const [first, ...rest] = sampleCatalogue.categories
  if (first === undefined) throw new Error('the sample has categories')
  const book = await catalogueTemplate({
    ...sampleCatalogue,
    categories: [{ ...first, name: `供水\ufffe_x0041_` }, ...rest],
  })
  expect((await readXlsx(book)).sheets[0]?.rows[1]?.[1]).toBe('供水_x0041_')
})
