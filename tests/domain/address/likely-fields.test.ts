import { describe, expect, it } from 'vitest'
import { spansOf } from '../../../shared/domain/address/bio.ts'
import type { Crf } from '../../../shared/domain/address/crf.ts'
import { likelyFields } from '../../../shared/domain/address/likely-fields.ts'
import { stepsTaken, trellisOf } from '../../../shared/domain/address/trellis.ts'
import { seededRandom } from '../../../shared/domain/seeded-random.ts'

const names = ['x', 'y', 'z']
const sequences = ['B-a I-a B-b O B-a B-a', 'O B-b I-b B-a', 'B-b B-b O O', 'B-a O B-a'].map(line =>
  line.split(' '),
)

function someCrf(random: () => number, sharpness: number): Crf {
  const weight = () => (random() - 0.5) * sharpness
  const trellis = trellisOf(sequences)
  return {
    trellis,
    featureIds: new Map(names.map((name, at) => [name, at])),
    weights: Float32Array.from({ length: 3 * trellis.labels.length }, weight),
    steps: Float32Array.from({ length: trellis.stepIds.size }, (_, step) => (step === 0 ? 0 : weight())),
  }
}

/** The probability of every field, by writing down every labelling. */
function byHand(crf: Crf, features: string[][]): Map<string, number> {
  const { trellis, weights, steps, featureIds } = crf
  const { labels, stepIds } = trellis
  const sums = new Map<string, number>()
  let all = 0
  const go = (path: string[]) => {
    const taken = stepsTaken(path).map(name => steps[stepIds.get(name) ?? -1])
    if (taken.includes(undefined)) return
    if (path.length < features.length) {
      for (const label of labels) go([...path, label])
      return
    }
    const told = path.flatMap((label, at) =>
      (features[at] ?? []).map(
        name => weights[(featureIds.get(name) ?? 0) * labels.length + labels.indexOf(label)] as number,
      ),
    )
    const share = Math.exp([...taken, ...told].reduce<number>((sum, one) => sum + (one ?? 0), 0))
    all += share
    for (const { label, from, to } of spansOf(path)) {
      const key = `${label} ${from} ${to}`
      sums.set(key, (sums.get(key) ?? 0) + share)
    }
  }
  go([])
  return new Map([...sums].map(([key, sum]) => [key, sum / all]))
}

describe('the fields that are likelier than not', () => {
  it('are those that have most of the probability of all labellings, written down one by one', () => {
    const random = seededRandom(41)
    let fields = 0
    let none = 0
    for (let round = 0; round < 120; round += 1) {
      const crf = someCrf(random, 2 + random() * 8)
      const features = Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
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
