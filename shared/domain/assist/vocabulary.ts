/** Which features a model knows, and how much each of them counts for a head. */
import type { CountedFeature } from './text-features.ts'

type Counted = { features: Map<number, CountedFeature> }

export type Vocabulary = {
  /** Ascending. */
  hashes: Uint32Array
  columnOf: Map<number, number>
}

/** Rarer features are mostly names and chance, and a name must not get into a model. */
const leastTexts = 3
const commonestShare = 0.6
/** What a feature counts, beside what it tells, that stands in all classes alike. */
const ground = 0.3
/** Cases that are added to each count of cases, so that a few of them prove little. */
const smoothing = 0.5

export function vocabularyOf(examples: Counted[]): Vocabulary {
  const texts = new Map<number, number>()
  for (const { features } of examples)
    for (const hash of features.keys()) texts.set(hash, (texts.get(hash) ?? 0) + 1)
  const most = examples.length * commonestShare
  const hashes = Uint32Array.from(
    [...texts].filter(([, count]) => count >= leastTexts && count <= most).map(([hash]) => hash),
  ).sort()
  return {
    hashes,
    columnOf: new Map(Array.from(hashes, (hash, column) => [hash, column])),
  }
}

/**
 * A feature counts by its rarity, and by how unevenly it stands in the classes: the root mean square of the logarithm of the
 * cases of a class that have it over those that would by chance. As bytes, since what is trained on must be what is shipped.
 */
export function weighFeatures(
  { hashes, columnOf }: Vocabulary,
  examples: Counted[],
  classOf: number[],
  classes: number,
): { scales: Uint8Array; scaleStep: number } {
  const size = hashes.length
  const members = Array.from({ length: classes }, (): Counted[] => [])
  examples.forEach((example, at) => {
    members[classOf[at] as number]?.push(example)
  })
  const texts = new Float64Array(size)
  const countIn = (some: Counted[]): Float64Array => {
    const counts = new Float64Array(size)
    for (const { features } of some)
      for (const hash of features.keys()) {
        const column = columnOf.get(hash)
        if (column !== undefined) counts[column] = (counts[column] as number) + 1
      }
    return counts
  }
  texts.set(countIn(examples))
  const uneven = new Float64Array(size)
  for (const some of members) {
    const counts = countIn(some)
    const share = some.length / examples.length
    for (let column = 0; column < size; column += 1) {
      const expected = (texts[column] as number) * share
      const lift = Math.log(((counts[column] as number) + smoothing) / (expected + smoothing))
      uneven[column] = (uneven[column] as number) + lift * lift
    }
  }
  const raw = texts.map((count, column) => {
    const rarity = Math.log((1 + examples.length) / (1 + count)) + 1
    const told = ground + Math.sqrt((uneven[column] as number) / classes)
    return rarity * told
  })
  const highest = raw.reduce((most, value) => Math.max(most, value), 1e-9)
  const scaleStep = Math.fround(highest / 255 ** 2)
  return {
    scales: Uint8Array.from(raw, value => Math.max(1, Math.round(Math.sqrt(value / scaleStep)))),
    scaleStep,
  }
}
