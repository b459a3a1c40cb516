/** A linear-chain conditional random field over tokens with string features: what it says of a sequence. */

export type Crf = {
  labels: string[]
  featureIds: Map<string, number>
  /** Weight of feature f for label l at `f × labels.length + l`. */
  states: Float32Array
  /** Weight of label b after label a at `a × labels.length + b`; the last row is the beginning. */
  steps: Float32Array
}

/** The weight of a step that is not allowed. */
export const never = -1e9

/** Feature numbers of each position; unknown features are left out. */
export function knownFeatures(featureIds: Map<string, number>, features: string[][]): Uint32Array[] {
  return features.map(at =>
    Uint32Array.from(at.map(name => featureIds.get(name) ?? -1).filter(number => number >= 0)),
  )
}

export function scoresOf(states: Float32Array, width: number, positions: Uint32Array[]): Float64Array {
  const scores = new Float64Array(positions.length * width)
  positions.forEach((features, position) => {
    const base = position * width
    for (const feature of features) {
      const from = feature * width
      for (let label = 0; label < width; label += 1)
        scores[base + label] = (scores[base + label] as number) + (states[from + label] as number)
    }
  })
  return scores
}

/**
 * Sums over all ways to label a sequence, every position's scaled by the same number forward and backward: `forward × backward`
 * is the probability of a label at a position, and `forward × stepFactors × entering` that of a step into the next one.
 */
export type Lattice = {
  forward: Float64Array
  backward: Float64Array
  /** What a label's position adds, scaled; without what follows it. */
  potentials: Float64Array
  /** `exp` of the steps, rows as in `Crf.steps`. */
  stepFactors: Float64Array
}

export function latticeOf(scores: Float64Array, steps: Float32Array, width: number): Lattice {
  const length = scores.length / width
  const forward = new Float64Array(length * width)
  const backward = new Float64Array(length * width).fill(1)
  const stepFactors = Float64Array.from(steps, Math.exp)
  const potentials = new Float64Array(length * width)
  for (let position = 0; position < length; position += 1) {
    const base = position * width
    let highest = Number.NEGATIVE_INFINITY
    for (let label = 0; label < width; label += 1) highest = Math.max(highest, scores[base + label] as number)
    let total = 0
    for (let label = 0; label < width; label += 1) {
      let sum = 0
      if (position === 0) sum = stepFactors[width * width + label] as number
      else
        for (let before = 0; before < width; before += 1)
          sum += (forward[base - width + before] as number) * (stepFactors[before * width + label] as number)
      const potential = Math.exp((scores[base + label] as number) - highest)
      potentials[base + label] = potential
      forward[base + label] = sum * potential
      total += sum * potential
    }
    for (let label = 0; label < width; label += 1) {
      forward[base + label] = (forward[base + label] as number) / total
      potentials[base + label] = (potentials[base + label] as number) / total
    }
  }
  for (let position = length - 2; position >= 0; position -= 1) {
    const base = position * width
    const entering = enteringAt({ backward, potentials }, width, position + 1)
    for (let label = 0; label < width; label += 1) {
      let sum = 0
      for (let after = 0; after < width; after += 1)
        sum += (entering[after] as number) * (stepFactors[label * width + after] as number)
      backward[base + label] = sum
    }
  }
  return { forward, backward, potentials, stepFactors }
}

/** What each label of a position is worth to a step into it. */
export const enteringAt = (
  { backward, potentials }: Pick<Lattice, 'backward' | 'potentials'>,
  width: number,
  position: number,
): Float64Array =>
  Float64Array.from(
    { length: width },
    (_, label) =>
      (backward[position * width + label] as number) * (potentials[position * width + label] as number),
  )
