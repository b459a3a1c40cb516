import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { containsText, foldText, queryTokens, searchTokens } from '../../shared/domain/bigram.ts'
import { foldLooks } from '../../shared/domain/fold-text.ts'

const listOf = (...texts: string[]): string[] =>
  searchTokens(texts)
    .split(' ')
    .filter(token => token !== '')
const tokensOf = (text: string): Set<string> => new Set(listOf(text))

const text = fc
  .array(fc.constantFrom(...Array.from('社保卡丢失补办，。 ABCdef123ＡＢ')), { minLength: 2, maxLength: 40 })
  .map(parts => parts.join(''))

describe('folding', () => {
  it('is the same by the table of usual characters as by the rule', () => {
    const rule = (given: string) => foldLooks(given).replace(/[^\p{L}\p{N}\p{M}]/gu, '')
    const otherwise: string[] = []
    for (let code = 0; code < 0x10000; code += 1) {
      const around = `社${String.fromCharCode(code)}A`
      if (foldText(around) !== rule(around)) otherwise.push(code.toString(16))
    }
    expect(otherwise).toEqual([])
    const unit = fc.oneof(
      fc.constantFrom(...Array.from('社保卡，。“”…—ABzＡ９ \u0301\u0338\u3099か')),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 2 }),
    )
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 30 }), units => {
        expect(foldText(units.join(''))).toBe(rule(units.join('')))
      }),
    )
  })
})

describe('search tokens', () => {
  it('find every part of a text of two characters or more', () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), (whole, a, b) => {
        const characters = Array.from(foldText(whole))
        const from = a % Math.max(1, characters.length)
        const part = characters.slice(from, from + 2 + (b % 6)).join('')
        if (Array.from(part).length < 2) return
        const index = tokensOf(whole)
        expect(containsText(whole, part)).toBe(true)
        for (const token of queryTokens(part) ?? []) expect(index.has(token)).toBe(true)
      }),
    )
  })

  it('are the pairs of all the texts, each once, also of rare characters and very long texts', () => {
    const any = fc.oneof(
      text,
      fc.string({ unit: 'grapheme', maxLength: 30 }),
      fc.constantFrom('', '𠮷野家', '张𬎆'),
    )
    fc.assert(
      fc.property(fc.array(any, { maxLength: 6 }), texts => {
        const all = new Set(texts.flatMap(each => queryTokens(each) ?? []))
        expect(new Set(listOf(...texts))).toEqual(all)
        if (!/[\ud800-\udfff]/.test(texts.join(''))) expect(listOf(...texts)).toHaveLength(all.size)
      }),
    )
    const long = Array.from({ length: 70_000 }, (_, place) =>
      String.fromCharCode(0x4e00 + ((place * place) % 20_000)),
    ).join('')
    expect(listOf(long, '社保')).toHaveLength(new Set([...(queryTokens(long) ?? []), '社保']).size)
  })

  it('are letters and digits only, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), whole => {
        for (const token of tokensOf(whole)) expect(token).toMatch(/^[\p{L}\p{N}\p{M}]+$/u)
      }),
    )
  })

  it('refuse what is shorter than two characters', () => {
    expect(queryTokens('社')).toBeNull()
    expect(queryTokens(' ，')).toBeNull()
  })
})
