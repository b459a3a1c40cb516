import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addSearchTokens, containsText, foldText, queryTokens } from '../../shared/domain/bigram.ts'

const tokensOf = (text: string): Set<string> => {
  const found = new Set<string>()
  addSearchTokens(text, found)
  return found
}

const text = fc
  .array(fc.constantFrom(...Array.from('社保卡丢失补办，。 ABCdef123ＡＢ')), { minLength: 2, maxLength: 40 })
  .map(parts => parts.join(''))

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
