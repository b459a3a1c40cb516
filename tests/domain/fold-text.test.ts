import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findDivision } from '../../shared/domain/address/find-division.ts'
import { containsText, queryTokens, searchTokens } from '../../shared/domain/bigram.ts'
import { categoryIndex, searchCategories } from '../../shared/domain/category-search.ts'
import { foldLooks, foldWithPlaces } from '../../shared/domain/fold-text.ts'

describe('what looks the same is found by what is read', () => {
  it.each([
    ['radicals of a PDF', '⻢路⻓街⻛大', '马路长街风大'],
    ['Kangxi radicals that NFKC makes traditional', '⼾籍⿈河⾭山', '户籍黄河青山'],
    ['a stroke for 一', '㇐号楼', '一号楼'],
    ['keycaps', '3️⃣栋', '3栋'],
    ['circled and negative circled digits', '⑤号❶⓿单元', '5号10单元'],
    ['a variation selector', '辻󠄁口', '辻口'],
    ['text and emoji selectors', '水︎管️', '水管'],
    ['a soft hyphen and a word joiner', '停\u00ad电\u2060了', '停电了'],
    ['a Hangul filler', '停\u3164水', '停水'],
    ['circles for 〇', '二○二六年', '二〇二六年'],
    ['Cyrillic letters', 'А栋 СВ座', 'a栋cb座'],
    ['Arabic digits', '٣号', '3号'],
    ['forms of one character', '門戶內別値', '門户内别值'],
  ])('%s', (_, text, query) => {
    expect(containsText(text, query)).toBe(true)
    expect(containsText(query, text)).toBe(true)
    const tokens = new Set(searchTokens([text]).split(' '))
    for (const token of queryTokens(query) ?? []) expect(tokens).toContain(token)
  })

  it('other characters stay apart', () => {
    for (const [one, other] of ['末未', '土士', '日曰', '〇零', '大太'])
      expect(containsText(one ?? '', other ?? '')).toBe(false)
  })

  it('a category and a division are found so too', () => {
    const index = categoryIndex([{ code: '0101', name: '马路积水', path: '排水', pinyin: 'ma lu ji shui' }])
    for (const typed of ['⻢路', '０１０１', '积\u200b水'])
      expect(searchCategories(index, typed, 5).map(({ code }) => code)).toEqual(['0101'])
    const divisions = [{ code: '1', name: '西门街道', parentCode: null }]
    expect(findDivision('⻄⻔街道青石巷', divisions)?.code).toBe('1')
  })
})

describe('folding', () => {
  it('folds what is folded to itself', () => {
    const twice: string[] = []
    for (let code = 0; code < 0x30000; code += 1) {
      if (code >= 0xd800 && code <= 0xdfff) continue
      const once = foldLooks(String.fromCodePoint(code))
      if (foldLooks(once) !== once) twice.push(code.toString(16))
    }
    expect(twice).toEqual([])
  })

  it('knows where each folded unit stood', () => {
    const unit = fc.oneof(
      fc.constantFrom(...Array.from('停水１２⻋㍿ﬁ①\u200b\u0301Ａ')),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 2 }),
    )
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 12 }), units => {
        const text = units.join('')
        const { folded, placeOf } = foldWithPlaces(text)
        let end = 0
        for (let at = 0; at < folded.length; at += 1) {
          const place = placeOf(at, at + 1)
          expect(place.from).toBeGreaterThanOrEqual(0)
          expect(place.to).toBeGreaterThan(place.from)
          expect(place.to).toBeGreaterThanOrEqual(end)
          end = place.to
          expect(foldLooks(text.slice(place.from, place.to))).toContain(folded[at])
        }
        const all = placeOf(0, folded.length)
        if (folded !== '') expect(foldWithPlaces(text.slice(all.from, all.to)).folded).toBe(folded)
      }),
    )
  })
})
