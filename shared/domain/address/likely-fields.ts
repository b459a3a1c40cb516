/**
 * The fields that are likelier than not. The likeliest labelling of a whole sequence may hold a field that most other likely
 * ones do not; a field's own probability, summed over all labellings, is what being right about fields asks for.
 */
import { type Crf, enteringAt, knownFeatures, latticeOf, scoresOf } from './crf.ts'

const least = 0.5

/** BIO labels; what is in no such field is O. Two fields over one token cannot both be likelier than not. */
export function likelyFields(crf: Crf, features: string[][]): string[] {
  const length = features.length
  const told = Array.from({ length }, () => 'O')
  const width = crf.labels.length
  const lattice = latticeOf(
    scoresOf(crf.states, width, knownFeatures(crf.featureIds, features)),
    crf.steps,
    width,
  )
  const entering = features.map((_, position) => enteringAt(lattice, width, position))
  for (const [first, label] of crf.labels.entries()) {
    if (!label.startsWith('B-')) continue
    const inside = crf.labels.indexOf(`I-${label.slice(2)}`)
    for (let from = 0; from < length; from += 1) {
      let reached = lattice.forward[from * width + first] as number
      let last = first
      for (let to = from + 1; to <= length; to += 1) {
        const endsOrGoesOn = reached * (lattice.backward[(to - 1) * width + last] as number)
        if (endsOrGoesOn <= least) break
        const step = inside < 0 || to === length ? 0 : (lattice.stepFactors[last * width + inside] as number)
        const goesOn = step === 0 ? 0 : reached * step * (entering[to]?.[inside] as number)
        if (endsOrGoesOn - goesOn > least) {
          told.fill(`I-${label.slice(2)}`, from + 1, to)
          told[from] = label
        }
        if (goesOn <= least) break
        reached *= step * (lattice.potentials[to * width + inside] as number)
        last = inside
      }
    }
  }
  return told
}
