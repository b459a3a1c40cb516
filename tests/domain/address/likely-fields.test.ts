import { describe, expect, it } from 'vitest'
import { followsInBio, spansOf } from '../../../shared/domain/address/bio.ts'
import { type Crf, never } from '../../../shared/domain/address/crf.ts'
import { likelyFields } from '../../../shared/domain/address/likely-fields.ts'
import { seededRandom } from '../../../shared/domain/seeded-random.ts'

const labels = ['B-a', 'I-a', 'B-b', 'I-b', 'O']
const width = labels.length
const names = ['x', 'y', 'z']

function someCrf(random: () => number, sharpness: number): Crf {
  const weight = () => (random() - 0.5) * sharpness
  return {
    labels,
    featureIds: new Map(names.map((name, at) => [name, at])),
    states: Float32Array.from({ length: 3 * width }, weight),
    steps: Float32Array.from({ length: (width + 1) * width }, (_, at) =>
      followsInBio(labels[Math.floor(at / width)] ?? null, labels[at % width] as string) ? weight() : never,
    ),
  }
}

/** The probability of every field, by writing down every labelling. */
function byHand(crf: Crf, features: string[][]): Map<string, number> {
  const sums = new Map<string, number>()
  let all = 0
  const go = (path: number[], score: number) => {
    const at = path.length
    if (at === features.length) {
      const share = Math.exp(score)
      all += share
      for (const { label, from, to } of spansOf(path.map(of => labels[of] as string))) {
        const key = `${label} ${from} ${to}`
        sums.set(key, (sums.get(key) ?? 0) + share)
      }
      return
    }
    for (let of = 0; of < width; of += 1) {
      const step = crf.steps[(path.at(-1) ?? width) * width + of] as number
      if (step === never) continue
      const states = (features[at] ?? []).map(
        name => crf.states[(crf.featureIds.get(name) ?? 0) * width + of] as number,
      )
      go(
        [...path, of],
        states.reduce((sum, one) => sum + one, score + step),
      )
    }
  }
  go([], 0)
  return new Map([...sums].map(([key, sum]) => [key, sum / all]))
}

describe('the fields that are likelier than not', () => {
  it('are those that have most of the probability of all labellings, written down one by one', () => {
    const random = seededRandom(41)
    let fields = 0
    let none = 0
    for (let round = 0; round < 120; round += 1) {
      const crf = someCrf(random, 2 + random() * 8)
      const features = Array.from({ length: 1 + Math.floor(random() * 5) }, () =>
        names.filter(() => random() < 0.6),
      )
      const expected = [...byHand(crf, features)].filter(([, share]) => share > 0.5).map(([key]) => key)
      const found = spansOf(likelyFields(crf, features)).map(
        ({ label, from, to }) => `${label} ${from} ${to}`,
      )
      expect(found.sort()).toEqual(expected.sort())
      fields += found.length
      if (found.length === 0) none += 1
    }
    expect(fields).toBeGreaterThan(50)
    expect(none).toBeGreaterThan(5)
  })
})
