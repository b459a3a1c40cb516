/** A linear-chain conditional random field over tokens with string features: what it says of a sequence. */
import type { Trellis } from './trellis.ts'

export type Crf = {
  trellis: Trellis
  featureIds: Map<string, number>
  /** Weight of feature f for label l at `f × labels + l`. */
  weights: Float32Array
  /** Weight of each step of the trellis. */
  steps: Float32Array
}

/** Feature numbers of each position; unknown features are left out. */
export function knownFeatures(featureIds: Map<string, number>, features: string[][]): Uint32Array[] {
  return features.map(at =>
    Uint32Array.from(at.map(name => featureIds.get(name) ?? -1).filter(number => number >= 0)),
  )
}

/** The sum of each label's weights at each position. */
export function scoresOf(weights: Float32Array, width: number, positions: Uint32Array[]): Float64Array {
  const scores = new Float64Array(positions.length * width)
  positions.forEach((features, position) => {
    const base = position * width
    for (const feature of features) {
      const from = feature * width
      for (let label = 0; label < width; label += 1)
        scores[base + label] = (scores[base + label] as number) + (weights[from + label] as number)
    }
  })
  return scores
}

/**
 * Sums over all ways through the trellis, every position's scaled by the same number forward and backward: `forward × backward`
 * is the probability of a node at a position, and `forward × arcFactors × entering` that of an arc into the next one.
 */
export type Lattice = {
  forward: Float64Array
  backward: Float64Array
  /** What a node's own features make of a position, scaled. */
  potentials: Float64Array
  /** `potentials × backward`: what a position is worth to an arc into it. */
  entering: Float64Array
  arcFactors: Float64Array
}

export function latticeOf(scores: Float64Array, trellis: Trellis, steps: Float32Array): Lattice {
  const { labelOf, starts, arcFrom, arcTo, arcSteps } = trellis
  const width = trellis.labels.length
  const nodes = labelOf.length
  const length = scores.length / width
  const [forward, potentials, entering] = [0, 1, 2].map(() => new Float64Array(length * nodes)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const backward = new Float64Array(length * nodes)
  const arcFactors = new Float64Array(arcFrom.length)
  for (let arc = 0; arc < arcFrom.length; arc += 1)
    arcFactors[arc] = Math.exp(
      (steps[arcSteps[arc * 2] as number] as number) + (steps[arcSteps[arc * 2 + 1] as number] as number),
    )
  for (let position = 0; position < length; position += 1) {
    const base = position * nodes
    if (position === 0) for (const { node, step } of starts) forward[node] = Math.exp(steps[step] as number)
    else
      for (let arc = 0; arc < arcFrom.length; arc += 1) {
        const to = base + (arcTo[arc] as number)
        const from = base - nodes + (arcFrom[arc] as number)
        forward[to] = (forward[to] as number) + (forward[from] as number) * (arcFactors[arc] as number)
      }
    let highest = Number.NEGATIVE_INFINITY
    for (let label = 0; label < width; label += 1)
      highest = Math.max(highest, scores[position * width + label] as number)
    const factors = scores
      .subarray(position * width, (position + 1) * width)
      .map(score => Math.exp(score - highest))
    let total = 0
    for (let node = 0; node < nodes; node += 1) {
      const potential = factors[labelOf[node] as number] as number
      potentials[base + node] = potential
      forward[base + node] = (forward[base + node] as number) * potential
      total += forward[base + node] as number
    }
    for (let at = base; at < base + nodes; at += 1) {
      forward[at] = (forward[at] as number) / total
      potentials[at] = (potentials[at] as number) / total
    }
  }
  for (let position = length - 1; position >= 0; position -= 1) {
    const base = position * nodes
    if (position === length - 1) backward.fill(1, base)
    else
      for (let arc = 0; arc < arcFrom.length; arc += 1) {
        const from = base + (arcFrom[arc] as number)
        const to = base + nodes + (arcTo[arc] as number)
        backward[from] = (backward[from] as number) + (arcFactors[arc] as number) * (entering[to] as number)
      }
    for (let at = base; at < base + nodes; at += 1)
      entering[at] = (potentials[at] as number) * (backward[at] as number)
  }
  return { forward, backward, potentials, entering, arcFactors }
}
