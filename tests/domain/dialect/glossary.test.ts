/** 方言词汇: what is refused and which row, the longest word at each place, and that the caller's own words stay. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createFindWords,
  lookUpWords,
  putBeside,
  wordsFor,
} from '../../../shared/domain/dialect/find-words.ts'
import { type GlossaryEntry, glossaryFaults, mostEntries } from '../../../shared/domain/dialect/glossary.ts'
import { sampleGlossary } from '../../../shared/domain/dialect/sample-glossary.ts'

const entry = (word: string, normal: string, dialect = '粤语', note = ''): GlossaryEntry => ({
  word,
  dialect,
  normal,
  note,
})
const faults = (...entries: unknown[]) =>
  glossaryFaults({ sample: false, entries }).map(({ kind, row }) => `${kind} ${row}`)

describe('what a seat could not use', () => {
  it.each([
    ['A → A', [entry('甲', '甲')], ['loop 1']],
    ['A → B → A', [entry('甲', '乙'), entry('丁', '戊'), entry('乙', '甲', '吴语')], ['loop 1', 'loop 3']],
    [
      'a longer loop',
      [entry('甲', '乙'), entry('乙', '丙'), entry('丙', '甲')],
      ['loop 1', 'loop 2', 'loop 3'],
    ],
    ['a chain into a loop', [entry('丁', '甲'), entry('甲', '乙'), entry('乙', '甲')], ['loop 2', 'loop 3']],
    ['the same word twice in a dialect', [entry('甲', '乙'), entry('甲', '丙')], ['duplicate 2']],
    ['no word', [entry(' ', '乙')], ['bad-entry 1']],
    ['no normal wording', [entry('好', '乙'), entry('甲', '')], ['bad-entry 2']],
    ['a word of 21 characters', [entry('字'.repeat(21), '乙')], ['bad-entry 1']],
    ['text turned around', [entry('甲', '乙\u202e')], ['bad-entry 1']],
    ['two lines', [entry('甲', '乙\n丙')], ['bad-entry 1']],
    ['something else beside', [{ ...entry('甲', '乙'), html: '<b>' }], ['bad-entry 1']],
    ['a row that is none', ['甲'], ['bad-entry 1']],
    ['nothing', [], ['empty null']],
    ['more than are taken', Array.from({ length: mostEntries + 1 }, () => 0), ['too-many null']],
  ])('%s', (_, entries, expected) => {
    expect(faults(...entries)).toEqual(expected)
  })

  it('is not a table, and says the row in words', () => {
    expect(glossaryFaults([]).map(({ kind }) => kind)).toEqual(['shape'])
    expect(glossaryFaults(null).map(({ kind }) => kind)).toEqual(['shape'])
    expect(
      glossaryFaults({ sample: false, entries: [entry('甲', '乙'), entry('', '丙')] })[0]?.sentence,
    ).toBe('第 2 行的方言词为空、过长或含有不能使用的内容')
  })

  it('the same word in two dialects, and a chain that ends, are sound', () => {
    expect(faults(entry('甲', '乙'), entry('甲', '丙', '吴语'), entry('丁', '甲'))).toEqual([])
  })

  it('the example is sound, of several dialects and at least sixty words', () => {
    expect(glossaryFaults(sampleGlossary)).toEqual([])
    expect(sampleGlossary.entries.length).toBeGreaterThanOrEqual(60)
    expect(new Set(sampleGlossary.entries.map(({ dialect }) => dialect)).size).toBeGreaterThanOrEqual(3)
  })
})

describe('finding', () => {
  it('takes the longest word at each place', () => {
    const find = createFindWords([entry('冇', '没有'), entry('冇水', '没有水'), entry('水喉', '水龙头')])
    expect(find('楼上冇水，水喉坏咗，冇人理').map(({ word, from }) => `${word} ${from}`)).toEqual([
      '冇水 2',
      '水喉 5',
      '冇 10',
    ])
  })

  it("shows the caller's dialect first, each word once", () => {
    const entries = [
      entry('今朝', '今天早上'),
      entry('今朝', '今天', '苏州话'),
      entry('落雨', '下雨', '吴语'),
    ]
    const found = createFindWords(entries)('落雨，今朝又落雨，今朝')
    expect(
      wordsFor(found, '苏州话').map(({ dialect, normal, own }) => `${dialect} ${normal} ${own}`),
    ).toEqual(['苏州话 今天 true', '吴语 下雨 false', '粤语 今天早上 false'])
    expect(lookUpWords(entries, '今天', '粤语', 5).map(({ dialect }) => dialect)).toEqual(['粤语', '苏州话'])
    expect(lookUpWords(entries, ' ', '粤语', 5)).toEqual([])
  })

  const word = fc.string({ unit: fc.constantFrom('甲', '乙', '丙'), minLength: 1, maxLength: 4 })
  const entries = fc.uniqueArray(
    word.map(each => entry(each, '规范')),
    { selector: each => each.word, maxLength: 12 },
  )
  const text = fc.string({ unit: fc.constantFrom('甲', '乙', '丙', '。'), maxLength: 40 })

  it('finds words of the table only, where they stand, none inside another, and none that could be longer', () => {
    fc.assert(
      fc.property(entries, text, (table, said) => {
        let end = 0
        for (const { word: found, from } of createFindWords(table)(said)) {
          expect(from).toBeGreaterThanOrEqual(end)
          expect(said.startsWith(found, from)).toBe(true)
          // Nothing between two hits could have begun a word.
          for (let at = end; at < from; at += 1)
            expect(table.some(each => said.startsWith(each.word, at))).toBe(false)
          const longer = table.filter(each => each.word.length > found.length)
          expect(longer.some(each => said.startsWith(each.word, from))).toBe(false)
          end = from + found.length
        }
        for (let at = end; at < said.length; at += 1)
          expect(table.some(each => said.startsWith(each.word, at))).toBe(false)
      }),
    )
  })

  it("never loses the caller's own words: without its bracket the text is as it was", () => {
    fc.assert(
      fc.property(entries, text, fc.nat(20), (table, said, which) => {
        const chosen = table[which % Math.max(1, table.length)]
        if (chosen === undefined) return
        const noted = putBeside(said, chosen, table)
        const stands = createFindWords(table)(said).some(each => each.word === chosen.word)
        if (stands) expect(noted.replace(`（${chosen.normal}）`, '')).toBe(said)
        else expect(noted.startsWith(said)).toBe(true)
        expect(noted).toContain(`${chosen.word}（${chosen.normal}）`)
      }),
    )
  })

  it('notes a word once', () => {
    const table = [entry('冇水', '没有水'), entry('冇', '没有')]
    const once = putBeside('楼上冇水', entry('冇水', '没有水'), table)
    expect(once).toBe('楼上冇水（没有水）')
    expect(putBeside(once, entry('冇水', '没有水'), table)).toBe(once)
    expect(putBeside('楼上冇水', entry('冇', '没有'), table)).toBe('楼上冇水\n冇（没有）')
  })
})
