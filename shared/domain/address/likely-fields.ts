/**
 * The fields that are likelier than not. The likeliest labelling of a whole sequence may hold a field that most other likely
 * ones do not; a field's own probability, summed over all labellings, is what being right about fields asks for.
 */
import { type Crf, knownFeatures, latticeOf, scoresOf } from './crf.ts'

const least = 0.5
/** What is less likely adds nothing that could matter. */
const negligible = 1e-6

type Field = { label: string; from: number; to: number; share: number }

function fieldShares({ trellis, featureIds, weights, steps }: Crf, features: string[][]): Iterable<Field> {
  const { labels, labelOf, opens, goesOn, arcTo } = trellis
  const nodes = labelOf.length
  const length = features.length
  const scores = scoresOf(weights, labels.length, knownFeatures(featureIds, features))
  const { forward, backward, potentials, entering, arcFactors } = latticeOf(scores, trellis, steps)
  const fields = new Map<string, Field>()
  for (let from = 0; from < length; from += 1)
    for (let first = 0; first < nodes; first += 1) {
      const label = labels[labelOf[first] as number] as string
      if (opens[first] === 0 || label === 'O') continue
      let node = first
      let reached = forward[from * nodes + first] as number
      for (let to = from + 1; to <= length && reached > negligible; to += 1) {
        const arc = to === length ? -1 : (goesOn[node] as number)
        const next = arcTo[arc] ?? 0
        const on = arc < 0 ? 0 : reached * (arcFactors[arc] as number)
        const staying = arc < 0 ? 0 : on * (entering[to * nodes + next] as number)
        const share = reached * (backward[(to - 1) * nodes + node] as number) - staying
        const key = `${label} ${from} ${to}`
        const known = fields.get(key)
        if (known === undefined) fields.set(key, { label: label.slice(2), from, to, share })
        else known.share += share
        reached = arc < 0 ? 0 : on * (potentials[to * nodes + next] as number)
        node = next
      }
    }
  return fields.values()
}

/** BIO labels; what is in no such field is O. Two fields over one token cannot both be likelier than not. */
export function likelyFields(crf: Crf, features: string[][]): string[] {
  const told = features.map(() => 'O')
  for (const { label, from, to, share } of fieldShares(crf, features)) {
    if (share <= least) continue
    told.fill(`I-${label}`, from + 1, to)
    told[from] = `B-${label}`
  }
  return told
}
