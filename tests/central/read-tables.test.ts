/** What spreadsheets do to tables on the way to a file: read as it was meant, or told at its row; never taken as something else. */
import fc from 'fast-check'
import { writeXlsx } from 'hucre/xlsx'
import { describe, expect, it } from 'vitest'
import { calendarFrom, catalogueFrom } from '../../central/catalogues/from-rows.ts'
import { readTables } from '../../central/catalogues/read-tables.ts'
import { sampleCatalogue } from '../domain/some-catalogue.ts'

const named = { version: 'v', effectiveAt: '2026-11-24T01:00:00.000Z' }
const csv = (text: string, name = '表.csv') => ({ name, content: Buffer.from(text, 'utf8') })
type Rows = (string | number | Date | boolean)[][]
const xlsx = async (rows: Rows, merges: ReturnType<typeof area>[] = []) => ({
  name: '表.xlsx',
  content: Buffer.from(await writeXlsx({ sheets: [{ name: '表', rows, merges }] })),
})
const area = (startRow: number, startCol: number, endRow: number, endCol: number) => ({
  startRow,
  startCol,
  endRow,
  endCol,
})
/** Two that share the work by division: other two could not both lead. */
const byDivision = new Map(sampleCatalogue.units.map(({ code, divisionCode }) => [divisionCode, code]))
const [first, second] = [...byDivision.values()]
const lead = [first ?? '', second ?? ''] as const

async function catalogue(...files: { name: string; content: Buffer }[]) {
  const { tables, faults } = await readTables(files)
  const made = catalogueFrom(tables, sampleCatalogue, { ...named, city: '云澜市' })
  return {
    faults: [...faults, ...made.faults].map(({ row, column, code }) => `${row} ${column} ${code}`),
    categories: made.catalogue?.categories ?? [],
    limits: made.catalogue?.limits ?? [],
  }
}
async function calendar(days: string) {
  const periods = csv('起始日期,截止日期,上班,下班\n2027-01-01,2027-12-31,09:00,17:00\n', '作息.csv')
  const { tables, faults } = await readTables([periods, csv(days, '节假日.csv')])
  const made = calendarFrom(tables, named)
  return {
    faults: [...faults, ...made.faults].map(({ row, code }) => `${row} ${code}`),
    days: made.calendar?.holidays.map(({ date, name }) => `${date} ${name}`),
  }
}

const header = ['分类代码', '分类名称', '上级分类', '主办单位']

describe('merged cells', () => {
  it('give their value to every row and column of their area', async () => {
    const rows = [
      header,
      ['02', '供水', '', lead[0]],
      ['0201', '停水', '02', lead[1]],
      ['0202', '水质', '', ''],
      ['0203', '水压', '', ''],
    ]
    const { faults, categories } = await catalogue(await xlsx(rows, [area(2, 2, 4, 2), area(2, 3, 4, 3)]))
    expect(faults).toEqual([])
    expect(categories.slice(1).map(({ parentCode, leadUnits }) => [parentCode, leadUnits])).toEqual(
      Array.from({ length: 3 }, () => ['02', [lead[1]]]),
    )
  })

  it('give their value to what stands beside each other, and to two columns under one header', async () => {
    const limitRows = [
      [
        '时限代码',
        '时限名称',
        '签收（一般）',
        '签收（紧急）',
        '签收（特急）',
        '答复（一般）',
        '答复（紧急）',
        '答复（特急）',
      ],
      ...sampleCatalogue.limits.map(({ code }) => [code, code, '2小时', '', '', '5工作日', '', '']),
    ]
    const merges = sampleCatalogue.limits.flatMap((_limit, at) => [
      area(at + 1, 2, at + 1, 4),
      area(at + 1, 5, at + 1, 7),
    ])
    const { faults, limits } = await catalogue(await xlsx(limitRows, merges))
    expect(faults).toEqual([])
    expect(limits.map(({ sign, reply }) => [sign.critical?.amount, reply.urgent?.amount])).toEqual(
      limits.map(() => [2, 5]),
    )
    const wide = await catalogue(
      await xlsx(
        [
          [...header, ''],
          ['02', '供水', '', ...lead],
        ],
        [area(0, 3, 0, 4)],
      ),
    )
    expect(wide.faults).toEqual([])
    expect(wide.categories[0]?.leadUnits).toEqual(lead)
  })

  it('of a title and of a header in two rows are no rows of the table', async () => {
    const rows = [['派单目录', '', '', ''], header, ['', '', '', ''], ['02', '供水', '', lead[0]]]
    const merges = [area(0, 0, 0, 3), ...header.map((_name, at) => area(1, at, 2, at))]
    const { faults, categories } = await catalogue(await xlsx(rows, merges))
    expect(faults).toEqual([])
    expect(categories.map(({ code }) => code)).toEqual(['02'])
  })

  it('that cover a code make it stand twice, which is told', async () => {
    const rows = [header, ['02', '供水', '', lead[0]], ['', '供电', '', lead[0]]]
    const { faults } = await catalogue(await xlsx(rows, [area(1, 0, 2, 0)]))
    expect(faults.some(fault => fault.startsWith('3 分类代码'))).toBe(true)
  })
})

it('merged areas that lie upon each other, as no spreadsheet makes them, hold nobody up', async () => {
  const rows = [header, ...Array.from({ length: 500 }, (_row, at) => [String(at), '供水', '', lead[0]])]
  const merges = Array.from({ length: 20_000 }, (_area, at) => area(1 + (at % 3), 3, 500, 60))
  const began = performance.now()
  await catalogue(await xlsx(rows, merges))
  expect(performance.now() - began).toBeLessThan(15_000)
})

describe('quotation marks of a CSV', () => {
  it.each([
    ['never closed', '2027-01-01,放假,"元旦\n2027-02-06,放假,春节\n', '2 QUOTE_OPEN'],
    ['never closed in the last row', '2027-01-01,放假,元旦\n2027-02-06,放假,"春节\n', '3 QUOTE_OPEN'],
    [
      'closed by the mark that opens a later cell',
      '2027-01-01,放假,"元旦\n2027-02-06,放假,"春节"\n',
      '2 QUOTE_STRAY',
    ],
    [
      'closed by a mark at the end of a later row',
      '2027-01-01,放假,"元旦\n2027-02-06,放假,春节"\n2027-02-07,放假,春节\n',
      '2 QUOTE_ROWS',
    ],
    [
      'that take two rows in',
      '2027-01-01,放假,"元旦\n2027-02-06,放假,春节\n2027-02-07,放假,"\n',
      '2 QUOTE_ROWS',
    ],
    ['that begin before', '2027-01-01,"放假,元旦\n2027-02-06,放假",春节\n', '2 QUOTE_ROWS'],
    ['with text behind them', '2027-01-01,放假,"元旦"节\n', '2 QUOTE_STRAY'],
    ['that an unquoted comma needs', '2027-01-01,放假,元旦,调休\n', '2 ROW_TOO_LONG'],
  ])('%s are told at their row', async (_what, days, fault) => {
    expect((await calendar(`日期,类型,说明\n${days}`)).faults).toContain(fault)
  })

  it.each([
    ['2027-01-01,放假,"元旦, ""新年"""\r\n', ['2027-01-01 元旦, "新年"']],
    ['2027-01-01,放假,元旦"新年"\n', ['2027-01-01 元旦"新年"']],
    [
      '"2027-01-01","放假","元旦\n（调休）" \n2027-02-06,放假,""\n',
      ['2027-01-01 元旦（调休）', '2027-02-06 '],
    ],
  ])('that are right are read: %j', async (days, read) => {
    const { faults, days: found } = await calendar(`日期,类型,说明\n${days}`)
    expect(faults).toEqual([])
    expect(found).toEqual(read)
  })

  it('never make a row disappear without a word', async () => {
    const mark = fc.constantFrom('', '', '"', '""', '"a', ',"')
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(mark, mark), { minLength: 1, maxLength: 6 }), async marks => {
        const rows = marks.map(([before, behind], at) => `2027-01-0${at + 1},放假,${before}日${at}${behind}`)
        const { faults, days } = await calendar(['日期,类型,说明', ...rows].join('\n'))
        expect(faults.length > 0 || days?.length === marks.length).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('a text that is too long is told, not cut', async () => {
    expect((await calendar(`日期,类型,说明\n2027-01-01,放假,${'长'.repeat(41)}\n`)).faults).toContain(
      '2 CELL_TOO_LONG',
    )
  })
})

describe('codes', () => {
  it.each([
    '1.10101E+11',
    '1E+05',
    '2.02e10',
    '110101.00',
    '"110,101"',
    '1月2日',
    '2027/1/2',
    '2-Jan',
    'Jan-02',
    '#N/A',
    '#REF!',
    '######',
  ])('that a spreadsheet made into %s are refused', async code => {
    const { faults } = await catalogue(csv(`${header.join(',')}\n${code},供水,,${lead[0]}\n`))
    expect(
      faults.some(fault => /^2 分类代码 (?:CODE_AS_NUMBER|CODE_AS_DATE|CELL_ERROR)$/.test(fault)),
      String(faults),
    ).toBe(true)
  })

  it('that are numbers and dates in a workbook are refused, also of parents and units', async () => {
    for (const spoilt of [101, new Date('2027-01-02T00:00:00.000Z')]) {
      const { faults } = await catalogue(await xlsx([header, ['02', '供水', spoilt, spoilt]]))
      expect(faults.filter(fault => /^2 (?:上级分类|主办单位) CODE_AS_/.test(fault))).toHaveLength(2)
    }
  })

  it.each([
    '02\u200b',
    '\u200e02',
    '0\u00ad2',
    '\ufeff02',
    '０２',
    "'02",
    '02\u00a0',
    '02\ufe0f',
    '0\u20602',
    '"02\n"',
  ])('that look the same are the same: %j', async written => {
    const alone = await catalogue(csv(`${header.join(',')}\n${written},供水,,${lead[0]}\n`))
    expect(alone.faults).toEqual([])
    expect(alone.categories.map(({ code }) => code)).toEqual(['02'])
    const twice = await catalogue(
      csv(`${header.join(',')}\n${written},供水,,${lead[0]}\n02,供电,,${lead[0]}\n`),
    )
    expect(twice.faults.length).toBeGreaterThan(0)
  })

  it.each(['A-01', '01.02', '2E10', 'E05', '2027', '01-02', '1101010000000'])(
    'like %s stay what they are',
    async code => {
      const { faults, categories } = await catalogue(csv(`${header.join(',')}\n${code},供水,,${lead[0]}\n`))
      expect(faults).toEqual([])
      expect(categories[0]?.code).toBe(code)
    },
  )

  it('of units in full width or with an invisible character are those units', async () => {
    const { faults, categories } = await catalogue(
      csv(`${header.join(',')}\n02,供水,,${lead[0]}\u200b、${lead[1]}\n`),
    )
    expect(faults).toEqual([])
    expect(categories[0]?.leadUnits).toEqual(lead)
  })
})

describe('cells', () => {
  it.each([
    ['"供水\n问题"', '供水问题'],
    ['"供水\r\n（问题）"', '供水（问题）'],
    ['"Water\nsupply"', 'Water supply'],
    ['供\u200b水', '供水'],
    ['供水\ufffe', '供水'],
  ])('%j is the name %s', async (written, name) => {
    const { faults, categories } = await catalogue(csv(`${header.join(',')}\n02,${written},,${lead[0]}\n`))
    expect(faults).toEqual([])
    expect(categories[0]?.name).toBe(name)
  })

  it('with a line break between two units are two units', async () => {
    const { categories } = await catalogue(csv(`${header.join(',')}\n02,供水,,"${lead[0]}\n${lead[1]}"\n`))
    expect(categories[0]?.leadUnits).toEqual(lead)
  })

  it('of a column that stands twice are joined in a list, and must agree elsewhere', async () => {
    const twice = await catalogue(
      csv(`${header.join(',')},主办单位\n02,供水,,${lead.join(',')}\n0201,停水,02,,${lead[1]}\n`),
    )
    expect(twice.faults).toEqual([])
    expect(twice.categories.map(({ leadUnits }) => leadUnits)).toEqual([[...lead], [lead[1]]])
    const names = (name: string) =>
      csv(`分类代码,分类名称,分类名称,上级分类,主办单位\n02,供水,${name},,${lead[0]}\n`)
    expect((await catalogue(names('供电'))).faults).toEqual(['2 分类名称 COLUMN_TWICE'])
    expect((await catalogue(names('供水'))).faults).toEqual([])
    expect((await catalogue(names(''))).faults).toEqual([])
  })
})
