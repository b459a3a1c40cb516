import { beforeAll, describe, expect, it } from 'vitest'
import { readExamples } from '../../../shared/domain/assist/examples.ts'
import { decodeModel, encodeModel, ModelRefused } from '../../../shared/domain/assist/model-file.ts'
import { foldsOf, groupNearDuplicates } from '../../../shared/domain/assist/near-duplicates.ts'
import { createProposer, type TextModel } from '../../../shared/domain/assist/text-model.ts'
import { qualityOf, type Trained, trainTextModel } from '../../../shared/domain/assist/train-model.ts'
import { seededRandom } from '../../../shared/domain/seeded-random.ts'
import { madeCases } from './made-cases.ts'

let trained: Trained
let model: TextModel
beforeAll(() => {
  trained = trainTextModel(madeCases(400, seededRandom(1)), seededRandom(2), () => {})
  model = decodeModel(encodeModel(trained.model))
})

const faultOf = (bytes: Uint8Array): string => {
  try {
    decodeModel(bytes)
    return 'none'
  } catch (error) {
    return error instanceof ModelRefused ? error.code : `not refused: ${String(error)}`
  }
}

describe('drafts of the form', () => {
  it('learns the category from cases and tells how well it does on cases that it has not seen', () => {
    expect(trained.quality['category']?.macroF1).toBeGreaterThan(0.98)
    expect(trained.quality['kind']?.examples).toBe(400)
  })

  it('proposes with a confidence and with the words of the text that spoke for it', () => {
    const text = { title: '文昌路的事', content: '来电人说门口的窨井盖不见了，晚上路灯整夜不亮。' }
    const [first, second] = createProposer(model).propose(text, 'category', 2)
    expect(first?.value).toBe('道路设施')
    expect(first?.confidence).toBeGreaterThan(0.6)
    expect(first?.confidence).toBeGreaterThan(second?.confidence ?? 1)
    expect(first?.words.length).toBeGreaterThan(0)
    for (const word of first?.words ?? []) expect(text.title + text.content).toContain(word)
    expect(first?.words.join('')).toMatch(/窨井盖|路灯/)
  })

  it('proposes nothing for a text that says nothing, nor under a name that it has not learned', () => {
    const proposer = createProposer(model)
    expect(proposer.propose({ title: '', content: '' }, 'category', 3)).toEqual([])
    expect(proposer.propose({ title: '', content: '!!! ???' }, 'category', 3)).toEqual([])
    expect(proposer.propose({ title: '路灯', content: '' }, 'weather', 3)).toEqual([])
  })

  it('reads no more of a text of a megabyte than of a long one', () => {
    const proposer = createProposer(model)
    const text = { title: '', content: '路灯整夜不亮。'.repeat(600) }
    const huge = { title: '', content: text.content + '养老金还没有到账。'.repeat(120_000) }
    expect(proposer.propose(huge, 'category', 1)).toEqual(proposer.propose(text, 'category', 1))
  })

  it('is the same to the byte when it is trained again with the same seed', () => {
    const once = trainTextModel(madeCases(80, seededRandom(5)), seededRandom(6), () => {})
    const again = trainTextModel(madeCases(80, seededRandom(5)), seededRandom(6), () => {})
    expect(encodeModel(again.model)).toEqual(encodeModel(once.model))
  })

  it('keeps a name that stands in few texts out of the model', () => {
    const cases = madeCases(120, seededRandom(8))
    const named = cases.map((one, at) => (at < 2 ? { ...one, content: `${one.content}龘靐齉` } : one))
    const without = trainTextModel(cases, seededRandom(9), () => {})
    const withName = trainTextModel(named, seededRandom(9), () => {})
    expect(withName.model.hashes).toEqual(without.model.hashes)
  })

  it('learns no class of fewer than ten cases', () => {
    const cases = madeCases(100, seededRandom(3)).map((one, at) =>
      at < 9 ? { ...one, answers: { category: '少见' } } : one,
    )
    const { model } = trainTextModel(cases, seededRandom(4), () => {})
    expect(model.heads.find(({ name }) => name === 'category')?.classes).not.toContain('少见')
  })
})

describe('the model file', () => {
  it('is read back as it was written', () => {
    const bytes = encodeModel(trained.model)
    expect(decodeModel(bytes)).toEqual(trained.model)
    // Within a larger buffer, as what was read or decoded mostly lies.
    const larger = new Uint8Array(bytes.length + 64)
    larger.set(bytes, 24)
    expect(decodeModel(larger.subarray(24, 24 + bytes.length))).toEqual(trained.model)
    expect(decodeModel(Buffer.from(Buffer.from(bytes).toString('base64'), 'base64'))).toEqual(trained.model)
  })

  it('is refused with a code when it is cut, of another version, damaged or something else', () => {
    const bytes = encodeModel(trained.model)
    const changed = (at: number, value: number) => {
      const copy = bytes.slice()
      copy[at] = value
      return copy
    }
    expect(faultOf(bytes.slice(0, 10))).toBe('TRUNCATED')
    expect(faultOf(bytes.slice(0, -1))).toBe('TRUNCATED')
    for (const version of [1, 2, 4]) expect(faultOf(changed(4, version))).toBe('OTHER_VERSION')
    expect(faultOf(changed(bytes.length - 3, (bytes.at(-3) ?? 0) ^ 0xff))).toBe('DAMAGED')
    expect(faultOf(new Uint8Array([...bytes, 0]))).toBe('DAMAGED')
    expect(faultOf(new TextEncoder().encode('<html>not a model</html>'))).toBe('NOT_A_MODEL')
    expect(faultOf(new Uint8Array())).toBe('NOT_A_MODEL')
  })

  it('is refused, and nothing large is made, whatever a byte of it is changed to', () => {
    const bytes = encodeModel(trained.model)
    const random = seededRandom(11)
    for (let round = 0; round < 300; round += 1) {
      const copy = bytes.slice()
      const at = Math.floor(random() * (round < 150 ? 20 : bytes.length))
      copy[at] = (copy[at] ?? 0) ^ (1 + Math.floor(random() * 255))
      expect(['NOT_A_MODEL', 'OTHER_VERSION', 'TRUNCATED', 'DAMAGED']).toContain(faultOf(copy))
    }
  })
})

describe('evaluation', () => {
  it('counts macro-F1 and the first three as written by hand', () => {
    const orders = [
      [0, 1, 2, 3],
      [1, 0, 2, 3],
      [1, 2, 3, 0],
      [2, 1, 3, 0],
    ]
    // Class 0: told once, right once of three; class 1: told twice, never right... by hand: 2/(1+3), 0, 2/(1+1), 0.
    const quality = qualityOf(orders, [0, 0, 0, 2], 4)
    expect(quality.macroF1).toBeCloseTo((2 / 4 + 0 + 1 + 0) / 4)
    expect(quality.top3).toBe(0.75)
  })

  it('keeps copies and near copies of a text in one fold', () => {
    const base = madeCases(60, seededRandom(21))
    const texts = base.flatMap(one => [
      one,
      { ...one },
      { ...one, title: '', content: `${one.content}谢谢！` },
    ])
    const groups = groupNearDuplicates(texts)
    const folds = foldsOf(groups, 5, seededRandom(22))
    for (let at = 0; at < texts.length; at += 3) {
      expect(groups[at + 1]).toBe(groups[at])
      expect(folds[at + 1]).toBe(folds[at])
      expect(folds[at + 2]).toBe(folds[at])
    }
    expect(new Set(folds).size).toBe(5)
  })
})

describe('the file of cases', () => {
  it('takes the code of the category, or one level of categories, and a kind where there is one', () => {
    expect(
      readExamples(
        '{"title":"甲","content":"乙","categoryCode":"0101","kind":"help"}\n\n{"title":"丙","category1":"交通"}\n',
      ),
    ).toEqual([
      { title: '甲', content: '乙', answers: { category: '0101', kind: 'help' } },
      { title: '丙', content: '', answers: { category: '交通' } },
    ])
  })

  it('names the line that cannot be read', () => {
    expect(() => readExamples('{"title":"甲"}\nnot json')).toThrow('line 2 is not JSON')
    expect(() => readExamples('{"title":5}')).toThrow('line 1: title')
  })
})
