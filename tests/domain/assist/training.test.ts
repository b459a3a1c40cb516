import { describe, expect, it } from 'vitest'
import { type SparseRows, trainSvms } from '../../../shared/domain/assist/linear-svm.ts'
import type { CountedFeature } from '../../../shared/domain/assist/text-features.ts'
import { scalesOf, vectorOf } from '../../../shared/domain/assist/text-model.ts'
import { trainTextModel } from '../../../shared/domain/assist/train-model.ts'
import { vocabularyOf, weighFeatures } from '../../../shared/domain/assist/vocabulary.ts'
import { seededRandom } from '../../../shared/domain/seeded-random.ts'
import { madeCases } from './made-cases.ts'

const told = (...hashes: number[]) => ({
  features: new Map(hashes.map(hash => [hash, { count: 1, inTitle: false }])),
})

describe('how much a feature counts', () => {
  // 1 in all of class 0, 2 in half of either class, 3 in a tenth of either.
  const examples = Array.from({ length: 40 }, (_, at) => {
    const inFirst = at < 20
    return told(
      ...(inFirst ? [1] : []),
      ...(at % 2 === 0 ? [2] : []),
      ...(at % 10 === 0 ? [3] : []),
      ...(at === 0 || at === 21 ? [9] : []),
    )
  })
  const classOf = examples.map((_, at) => (at < 20 ? 0 : 1))
  const vocabulary = vocabularyOf(examples)
  const scales = scalesOf(weighFeatures(vocabulary, examples, classOf, 2))
  const scaleOf = (hash: number) => scales[vocabulary.columnOf.get(hash) ?? -1] ?? Number.NaN

  it('is more when it stands in one class than when it stands in all alike, as often', () => {
    expect(scaleOf(1)).toBeGreaterThan(3 * scaleOf(2))
  })

  it('is more when it is rare', () => {
    expect(scaleOf(3)).toBeGreaterThan(scaleOf(2) * 1.3)
  })

  it('leaves out what stands in two texts', () => {
    expect(vocabulary.columnOf.has(9)).toBe(false)
  })
})

describe('the vector of a text', () => {
  const columnOf = new Map(Array.from({ length: 60 }, (_, at) => [at, at]))
  const scales = Float32Array.from({ length: 60 }, (_, at) => 1 + (at % 5))
  /** The lengths of the title's part and of the whole text's, which has `content` features. */
  const lengths = (title: number, content: number) => {
    const features = new Map<number, CountedFeature>()
    for (let at = 0; at < title; at += 1) features.set(at, { count: 1, inTitle: true })
    for (let at = 0; at < content; at += 1) features.set(10 + at, { count: 1 + at, inTitle: false })
    const { values } = vectorOf(features, columnOf, scales)
    return { title: Math.hypot(...values.slice(0, title)), whole: Math.hypot(...values.slice(title)) }
  }

  it('gives the title the same share before a short and a long content, and is of length one', () => {
    const [short, long] = [lengths(3, 4), lengths(3, 50)]
    expect(short.title).toBeCloseTo(long.title, 6)
    for (const { title, whole } of [short, long]) {
      expect(Math.hypot(title, whole)).toBeCloseTo(1, 6)
      expect(title).toBeGreaterThan(0.4)
      expect(title).toBeLessThan(whole)
    }
  })

  it('is of length one without a title, and nothing where the model knows nothing', () => {
    expect(lengths(0, 5).whole).toBeCloseTo(1, 6)
    expect(lengths(5, 0).title).toBeCloseTo(1, 6)
    expect(lengths(0, 0)).toEqual({ title: 0, whole: 0 })
    const { values } = vectorOf(new Map([[3, { count: 1, inTitle: true }]]), columnOf, new Float32Array(60))
    expect(values).toEqual([0])
  })
})

describe('the support vector machines', () => {
  it('take apart by their columns what can be taken apart, several classes in one pass', () => {
    const random = seededRandom(4)
    const classOf = Array.from({ length: 90 }, (_, row) => row % 3)
    const rows: SparseRows = {
      starts: Uint32Array.from({ length: 91 }, (_, row) => row * 2),
      columns: Uint32Array.from(classOf.flatMap(of => [of, 3 + Math.floor(random() * 4)])),
      values: new Float32Array(180).fill(Math.SQRT1_2),
      width: 7,
    }
    const classes = [0, 1, 2].map(of => ({
      members: Uint8Array.from(classOf, one => (one === of ? 1 : 0)),
      costIn: 2,
      costOut: 1,
    }))
    const weights = trainSvms(rows, classes, { sweeps: 50, tolerance: 1e-3, random })
    for (let column = 0; column < 3; column += 1)
      for (let of = 0; of < 3; of += 1) {
        const score = (weights[column * 3 + of] as number) * Math.SQRT1_2 + (weights[7 * 3 + of] as number)
        expect(score > 0).toBe(column === of)
      }
  })
})

describe('the figure that the training tells', () => {
  it('is that of chance where the answers have nothing to do with the texts', () => {
    const random = seededRandom(31)
    const cases = madeCases(240, seededRandom(32)).map(one => ({
      ...one,
      answers: { category: random() < 0.5 ? '甲' : '乙' },
    }))
    const { quality } = trainTextModel(cases, seededRandom(33), () => {})
    expect(quality['category']?.macroF1).toBeLessThan(0.6)
  })
})
