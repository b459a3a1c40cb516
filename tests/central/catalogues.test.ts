/** Catalogues and calendars from administrators' files: what is read, what is refused and where, what is published. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { writeXlsx } from 'hucre/xlsx'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { calendarTemplate, catalogueTemplate } from '../../central/catalogues/template.ts'
import { createServer } from '../../central/http/server.ts'
import { workCalendar } from '../../shared/domain/calendar.ts'
import { dispatchCatalogue, dispatchCatalogueName } from '../../shared/domain/catalogue.ts'
import { sampleCalendar, sampleCatalogue, smallCatalogue } from '../domain/some-catalogue.ts'
import { root } from '../support/seat-process.ts'
import { zipOf } from '../support/zip.ts'
import { startCentre, type TestCentre } from './centre.ts'

let centre: TestCentre
beforeEach(async () => {
  centre = await startCentre(null)
})
afterEach(() => centre.end())

const xlsx = async (name: string, made: Promise<Uint8Array>) => ({ name, content: Buffer.from(await made) })
const sheets = (...given: { name: string; rows: (string | number)[][] }[]) =>
  xlsx('目录.xlsx', writeXlsx({ sheets: given }))
const csv = (name: string, text: string, bytes?: Buffer) => ({
  name,
  content: bytes ?? Buffer.from(text, 'utf8'),
})
const named = { version: '2026-12', effectiveAt: '2026-11-24T01:00:00.000Z', city: '云澜市' }
const publish = (files: { name: string; content: Buffer }[], version = named.version) =>
  centre.catalogues.publish({ ...named, version, files }, 'admin')
const faultsOf = async (...files: { name: string; content: Buffer }[]) =>
  (await centre.catalogues.check(files)).faults.map(
    ({ sheet, row, column, code }) => `${sheet ?? ''} ${row} ${column} ${code}`,
  )
const inForce = async () =>
  (await centre.publications.list())
    .filter(({ name }) => name === dispatchCatalogueName)
    .map(({ version }) => version)
const sampleFile = () => xlsx('目录.xlsx', catalogueTemplate(sampleCatalogue))

/** GBK of what a test needs, since no encoder for it is at hand: from the decoder, turned around. */
function gbk(text: string): Buffer {
  const decoder = new TextDecoder('gbk')
  const bytes = new Map<string, number[]>()
  for (let high = 0x81; high <= 0xfe; high += 1)
    for (let low = 0x40; low <= 0xfe; low += 1) {
      const letter = decoder.decode(new Uint8Array([high, low]))
      if (letter.length === 1 && !bytes.has(letter)) bytes.set(letter, [high, low])
    }
  return Buffer.from(
    Array.from(text).flatMap(letter =>
      letter.charCodeAt(0) < 0x80 ? [letter.charCodeAt(0)] : (bytes.get(letter) ?? [0x3f]),
    ),
  )
}

describe('a catalogue from files', () => {
  it('comes from a spreadsheet as it went into one, and is published with its effective time', async () => {
    const report = await publish([await sampleFile()])
    expect(report).toMatchObject({ kind: 'dispatch-catalogue', faults: [], against: null, published: true })
    expect(report.tables.map(({ table, rows }) => `${table} ${rows}`)).toEqual([
      '分类 294',
      '单位 72',
      '时限 6',
      '区划 32',
    ])
    const { content, effectiveAt } = await centre.publications.get(dispatchCatalogueName, '2026-12')
    expect(effectiveAt).toBe(named.effectiveAt)
    const read = dispatchCatalogue.parse(content)
    for (const table of ['categories', 'units', 'limits', 'divisions'] as const)
      expect(read[table]).toEqual(sampleCatalogue[table])
  })

  it.each([
    ['UTF-8', (text: string) => Buffer.from(text, 'utf8')],
    ['UTF-8 with its mark', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf8')],
    ['GBK', gbk],
  ])('comes from CSV in %s; tables that are not given stay as they are', async (_what, encode) => {
    await publish([await sampleFile()], '2026-11')
    const text = [
      '分类代码,分类名称,上级分类,主办单位,办理时限,紧急词,必填内容,不下派基层',
      '01,公用事业,,,T2,,,',
      '0101,供水,01,云澜供水集团,,"爆裂=特急、发黄=紧急",详细地点,',
      '010101,停水,0101,,,,,',
      '010199,"水质, 异味",0101,C01,,,,是',
    ].join('\r\n')
    const report = await publish([csv('分类.csv', '', encode(text))])
    expect(report.faults).toEqual([])
    expect(report.keptTables).toEqual(['单位', '时限', '区划'])
    expect(report.against).toBe('2026-11')
    expect(report.changes.filter(({ change }) => change === 'removed').length).toBeGreaterThan(200)
    const { categories, units } = dispatchCatalogue.parse(
      (await centre.publications.get(dispatchCatalogueName, '2026-12')).content,
    )
    expect(units).toEqual(sampleCatalogue.units)
    expect(categories[1]).toMatchObject({
      leadUnits: ['C01'],
      requiredFields: ['place'],
      urgencyRules: [
        { word: '爆裂', urgency: 'critical' },
        { word: '发黄', urgency: 'urgent' },
      ],
    })
    expect(categories[3]).toMatchObject({ name: '水质, 异味', notGrassroots: true })
    expect(await centre.catalogues.compare('2026-12', '2026-11')).toContainEqual(
      expect.objectContaining({ change: 'removed', code: '010199' }),
    )
  })

  it('is refused whole with every bad row, and the old one stays in use', async () => {
    await publish([await sampleFile()], '2026-11')
    const bad = await sheets(
      {
        name: '分类',
        rows: [
          ['市民热线派单目录（征求意见稿）'],
          [
            '分类代码',
            '分类名称',
            '上级分类',
            '主办单位',
            '适用类型',
            '紧急词',
            '必填内容',
            '不下派基层',
            '办理时限',
          ],
          ['01', '公用事业', '', 'C01', '', '', '', '', ''],
          ['0101', '', '01', 'C99', '唠叨', '爆裂=很急', '心情', '也许', 'T99'],
          ['01', '重复的', '', 'C01', '', '', '', '', ''],
          ['0102', '环', '0103', 'C01', '', '', '', '', ''],
          ['0103', '环', '0102', 'C01', '', '', '', '', ''],
          ['', '', '', '', '', '', '', '', ''],
          ['0104', '没有上级', '77', 'C01', '', '', '', '', ''],
          [105, '数字', '01', 'C01', '', '', '', '', ''],
        ],
      },
      { name: '说明', rows: [['填写说明：每行一个分类']] },
    )
    const report = await publish([bad])
    expect(report.published).toBe(false)
    expect(report.faults.map(({ sheet, row, column, code }) => `${sheet} ${row} ${column} ${code}`)).toEqual([
      '分类 4 分类名称 CELL_EMPTY',
      '分类 4 适用类型 VALUE_UNKNOWN',
      '分类 4 紧急词 VALUE_UNKNOWN',
      '分类 4 必填内容 VALUE_UNKNOWN',
      '分类 4 不下派基层 VALUE_UNKNOWN',
      '分类 4 主办单位 UNKNOWN_UNIT',
      '分类 4 办理时限 UNKNOWN_LIMIT',
      '分类 5 分类代码 DUPLICATE_CODE',
      '分类 6 上级分类 CIRCLE',
      '分类 7 上级分类 CIRCLE',
      '分类 9 上级分类 UNKNOWN_PARENT',
      '分类 10 分类代码 CODE_AS_NUMBER',
    ])
    expect(report.faults.every(({ sentence }) => /[\u4e00-\u9fff]/.test(sentence))).toBe(true)
    expect(await inForce()).toEqual(['2026-11'])
  })

  it('with too many rows is refused at once, as xlsx and as CSV', async () => {
    const lines = Array.from({ length: 100_000 }, (_, at) => `9${at},第${at}类,,C01`)
    const text = ['分类代码,分类名称,上级分类,主办单位', ...lines].join('\n')
    expect(await faultsOf(csv('大.csv', text))).toEqual([' 20002  TOO_MANY_ROWS'])
    const rows = text.split('\n').map(line => line.split(','))
    expect(await faultsOf(await sheets({ name: '分类', rows }))).toEqual(['分类 20002  TOO_MANY_ROWS'])
  })

  it('refuses formulas, in a spreadsheet and in a CSV', async () => {
    const made = writeXlsx({
      sheets: [
        {
          name: '分类',
          rows: [
            ['分类代码', '分类名称', '上级分类'],
            ['01', '公用', ''],
          ],
          cells: new Map([['1,1', { value: '公用', formula: 'CONCATENATE("公","用")' }]]),
        },
      ],
    })
    expect(await faultsOf(await xlsx('公式.xlsx', made))).toContain('分类 2 分类名称 FORMULA')
    const text = '分类代码,分类名称,上级分类\n01,"=HYPERLINK(""http://x"",""y"")",\n02,@SUM(1),'
    expect(await faultsOf(csv('公式.csv', text))).toEqual([' 2 分类名称 FORMULA', ' 3 分类名称 FORMULA'])
  })

  it('refuses archives that unpack to too much, also those that say otherwise, and what is no spreadsheet', async () => {
    const sheet = (content: Buffer, claimed?: number) =>
      zipOf([
        { name: '[Content_Types].xml', content: Buffer.from('<Types/>') },
        { name: 'xl/worksheets/sheet1.xml', content, ...(claimed === undefined ? {} : { claimed }) },
      ])
    const zeros = Buffer.alloc(200 * 1024 * 1024, 0x20)
    expect(await faultsOf(csv('炸弹.xlsx', '', sheet(zeros)))).toEqual([' 0  FILE_TOO_LARGE'])
    expect(await faultsOf(csv('谎报.xlsx', '', sheet(zeros, 1_000)))).toEqual([' 0  FILE_UNREADABLE'])
    expect(await faultsOf(csv('空.xlsx', '', Buffer.alloc(0)))).toEqual([' 0  FILE_UNREADABLE'])
    expect(await faultsOf(csv('文字.xlsx', '不是表格'))).toEqual([' 0  FILE_UNREADABLE'])
    expect(await faultsOf(csv('截断.xlsx', '', (await sampleFile()).content.subarray(0, 9_000)))).toEqual([
      ' 0  FILE_UNREADABLE',
    ])
    expect(await faultsOf(csv('旧.xls', '', Buffer.from([0xd0, 0xcf])))).toEqual([' 0  FILE_TYPE'])
  })

  it('refuses encodings that it does not know, headers that it does not know, and one table given twice', async () => {
    const header = '分类代码,分类名称,上级分类\n01,公用,'
    expect(await faultsOf(csv('十六位.csv', '', Buffer.from(`\uFEFF${header}`, 'utf16le')))).toEqual([
      ' 0  ENCODING',
    ])
    expect(await faultsOf(csv('繁体.csv', '', Buffer.from([0xa4, 0xc0, 0xc3, 0xfe, 0xff, 0xff])))).toEqual([
      ' 0  ENCODING',
    ])
    expect(await faultsOf(csv('别的.csv', '编号,内容\n1,x'))).toEqual([' 0  TABLE_UNKNOWN'])
    expect(await faultsOf(csv('缺列.csv', '分类代码,分类名称\n01,公用'))).toContain(
      ' 1 上级分类 COLUMN_MISSING',
    )
    expect(await faultsOf(csv('甲.csv', header), csv('乙.csv', header))).toContain(' 0  TABLE_TWICE')
    expect(await faultsOf(csv('甲.csv', header), csv('日历.csv', '日期,类型\n2026-01-01,放假'))).toEqual([
      ' 0  TABLES_MIXED',
    ])
  })

  it('that is published as it is must be sound too', async () => {
    const content = { ...smallCatalogue, version: 'x' }
    const put = (change: object) =>
      centre.publications.publish(
        {
          name: dispatchCatalogueName,
          version: 'x',
          effectiveAt: named.effectiveAt,
          content: { ...content, ...change },
        },
        'admin',
      )
    await expect(put({ categories: [] })).rejects.toMatchObject({ code: 'PUBLICATION_INVALID' })
    await expect(put({ version: 'y' })).rejects.toMatchObject({ code: 'PUBLICATION_INVALID' })
    await expect(put({})).resolves.toMatchObject({ version: 'x' })
  })
})

describe('whatever a file holds', () => {
  it('is judged: each fault has its place and a sentence, and nothing is thrown', async () => {
    await publish([await sampleFile()], '2026-11')
    const cell = fc.oneof(
      fc.constantFrom(
        '',
        '01',
        '0101',
        '01',
        'C01',
        'T1',
        '是',
        '公用',
        '泄漏=特急',
        '2小时',
        '=1',
        '"',
        ',',
        '\n',
      ),
      fc.string({ unit: 'binary', maxLength: 40 }),
    )
    const rows = fc.array(
      fc.array(cell, { maxLength: 11 }).map(cells => cells.join(',')),
      { maxLength: 20 },
    )
    const header = fc.constantFrom(
      '分类代码,分类名称,上级分类,主办单位,协办单位,适用类型,紧急词,办理时限,必填内容,不下派基层',
      '单位代码,单位名称,单位类别,管辖区划',
      '时限代码,时限名称,签收（一般）,答复（特急）',
      '起始日期,截止日期,上班,下班',
      '日期,类型,说明',
      '别的',
    )
    await fc.assert(
      fc.asyncProperty(header, rows, async (first, lines) => {
        const { faults } = await centre.catalogues.check([csv('任意.csv', [first, ...lines].join('\n'))])
        for (const { row, code, sentence } of faults) {
          expect(row).toBeGreaterThanOrEqual(0)
          expect(code).toMatch(/^[A-Z_]+$/)
          expect(sentence).not.toBe('')
        }
      }),
      { numRuns: 300 },
    )
    const bytes = fc.uint8Array({ maxLength: 400 })
    await fc.assert(
      fc.asyncProperty(bytes, async content => {
        const report = await centre.catalogues.check([csv('任意.csv', '', Buffer.from(content))])
        expect(report.kind === null || report.faults.length > 0).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

describe('a calendar from files', () => {
  it('comes from a spreadsheet as it went into one', async () => {
    const report = await publish([await xlsx('日历.xlsx', calendarTemplate(sampleCalendar))], '2026–2027')
    expect(report).toMatchObject({ kind: 'calendar', faults: [], published: true })
    const { content } = await centre.publications.get('calendar', '2026–2027')
    const { periods, holidays, workdays } = workCalendar.parse(content)
    expect({ periods, holidays, workdays }).toEqual({
      periods: sampleCalendar.periods,
      holidays: sampleCalendar.holidays,
      workdays: sampleCalendar.workdays,
    })
  })

  it('comes from cells that are dates and times, too', async () => {
    const file = await xlsx(
      '日历.xlsx',
      writeXlsx({
        sheets: [
          {
            name: '作息',
            columns: ['起始日期', '截止日期', '上班', '下班'].map((header, at) => ({
              header,
              key: String(at),
              numFmt: at < 2 ? 'yyyy-mm-dd' : 'hh:mm',
            })),
            data: [
              {
                '0': new Date('2026-01-01T00:00:00Z'),
                '1': new Date('2026-12-31T00:00:00Z'),
                '2': 8.5 / 24,
                '3': 17.5 / 24 - 1e-9,
              },
            ],
          },
          {
            name: '节假日',
            rows: [
              ['日期', '类型', '说明'],
              [new Date('2026-02-17T00:00:00Z'), '放假', '春节'],
            ],
          },
        ],
      }),
    )
    expect(await publish([file], '单元格')).toMatchObject({ faults: [], published: true })
    const { content } = await centre.publications.get('calendar', '单元格')
    expect(workCalendar.parse(content)).toMatchObject({
      periods: [{ from: '2026-01-01', to: '2026-12-31', hours: [{ from: 510, to: 1_050 }] }],
      holidays: [{ date: '2026-02-17', name: '春节' }],
    })
  })

  it('with gaps, days twice, or what is no date is refused by its row', async () => {
    const periods = (...rows: string[]) =>
      csv('作息.csv', ['起始日期,截止日期,上班,下班', ...rows].join('\n'))
    const days = (...rows: string[]) => csv('节假日.csv', ['日期,类型,说明', ...rows].join('\n'))
    const first = '2026/1/1,2026/12/31,08:30,12:00'
    expect(
      await faultsOf(periods(first, '2028-01-01,2028-12-31,8:30,12:00'), days('2026-01-01,放假,元旦')),
    ).toEqual([' 3  CALENDAR_GAP'])
    expect(
      await faultsOf(
        periods(first),
        days('2026-01-01,放假,元旦', '2026-01-01,上班,', '2027-02-06,放假,春节'),
      ),
    ).toEqual([' 3 日期 DAY_TWICE', ' 4 日期 DAY_OUTSIDE'])
    expect(await faultsOf(periods('2026-01-01,昨天,八点,25:00'), days('2026-02-30,休息,'))).toEqual([
      ' 2 截止日期 DATE_UNREADABLE',
      ' 2 上班 TIME_UNREADABLE',
      ' 2 下班 TIME_UNREADABLE',
      ' 2 类型 VALUE_UNKNOWN',
      ' 2 日期 DATE_UNREADABLE',
    ])
    expect(await faultsOf(days('2026-01-01,放假,元旦'))).toEqual([' 0  TABLE_MISSING'])
  })
})

it('the command checks, publishes and compares at a running centre with a key, and refuses without', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zuoxi-catalogue-'))
  const server = await createServer(centre, null, {})
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  const key = await centre.apiKeys.create('city', ['publication.publish'])
  const run = async (args: string[], apiKey: string) => {
    const { promisify } = await import('node:util')
    const { execFile } = await import('node:child_process')
    try {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [join(root, 'central', 'catalogue.ts'), ...args, '--centre', url],
        { cwd: folder, env: { ...process.env, ZUOXI_API_KEY: apiKey } },
      )
      return { code: 0, text: stdout }
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
      return { code, text: stdout + stderr }
    }
  }
  try {
    expect((await run(['template', '目录.xlsx'], '')).code).toBe(0)
    expect(await run(['check', '目录.xlsx'], 'wrong')).toMatchObject({ code: 2 })
    expect(await run(['check', '目录.xlsx'], key)).toMatchObject({ code: 0 })
    const published = await run(
      ['publish', '目录.xlsx', '--version', '甲', '--effective', '2026-11-24T08:00'],
      key,
    )
    expect(published.text).toContain('已发布 甲，生效时间 2026-11-24T00:00:00.000Z')
    writeFileSync(join(folder, '分类.csv'), '分类代码,分类名称,上级分类,主办单位\n01,公用,,C99\n')
    const refused = await run(['publish', '分类.csv', '--version', '乙'], key)
    expect(refused.code).toBe(1)
    expect(refused.text).toContain('分类.csv / 第 2 行 / 主办单位：单位代码 C99 不存在（UNKNOWN_UNIT）')
    expect(refused.text).toContain('现行版本继续使用')
    writeFileSync(join(folder, '分类.csv'), '分类代码,分类名称,上级分类,主办单位\n01,公用,,C01\n')
    expect((await run(['publish', '分类.csv', '--version', '乙'], key)).code).toBe(0)
    const compared = await run(['compare', '乙', '甲'], key)
    expect(compared.text).toContain('新增 分类 110101 停水咨询')
    expect(compared.text).toContain('修改 分类 01')
  } finally {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
