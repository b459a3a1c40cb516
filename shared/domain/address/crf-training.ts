/**
 * Trains the conditional random field by AdaGrad on one sequence at a time with some features dropped at random (so that no
 * single one is leant on) and the weights of all steps averaged.
 */
import { type Crf, enteringAt, knownFeatures, type Lattice, latticeOf, never, scoresOf } from './crf.ts'

export type LabelledSequence = { features: string[][]; labels: string[] }

export type CrfOptions = {
  sweeps: number
  rate: number
  /** The share of features that a training step does not see. */
  dropped: number
  leastCount: number
  random(): number
  /** May b follow a (null: at the beginning)? */
  follows(before: string | null, label: string): boolean
}

const leastGradient = 1e-3

/** How often each step is expected; the last row is the beginning. */
function stepShares(lattice: Lattice, width: number, length: number): Float64Array {
  const { forward, backward, stepFactors } = lattice
  const shares = new Float64Array((width + 1) * width)
  for (let position = 1; position < length; position += 1) {
    const entering = enteringAt(lattice, width, position)
    for (let before = 0; before < width; before += 1) {
      const reached = forward[(position - 1) * width + before] as number
      if (reached === 0) continue
      for (let label = 0; label < width; label += 1) {
        const step = before * width + label
        shares[step] =
          (shares[step] as number) + reached * (stepFactors[step] as number) * (entering[label] as number)
      }
    }
  }
  for (let label = 0; label < width; label += 1)
    shares[width * width + label] = (forward[label] as number) * (backward[label] as number)
  return shares
}

/** Weights with AdaGrad's memory and the sum over all steps, from which the average comes. */
function weightsOf(size: number, rate: number) {
  const now = new Float32Array(size)
  const squares = new Float32Array(size).fill(1e-6)
  const sums = new Float32Array(size)
  const since = new Uint32Array(size)
  return {
    now,
    push(at: number, gradient: number, step: number) {
      sums[at] = (sums[at] as number) + (now[at] as number) * (step - (since[at] as number))
      since[at] = step
      squares[at] = (squares[at] as number) + gradient * gradient
      now[at] = (now[at] as number) + (rate * gradient) / Math.sqrt(squares[at])
    },
    averaged: (step: number) =>
      now.map(
        (value, at) => ((sums[at] as number) + value * (step - (since[at] as number))) / Math.max(step, 1),
      ),
  }
}

function numberFeatures(sequences: LabelledSequence[], leastCount: number): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { features } of sequences)
    for (const names of features) for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  const ids = new Map<string, number>()
  for (const [name, count] of counts) if (count >= leastCount) ids.set(name, ids.size)
  return ids
}

function shuffle(order: number[], random: () => number): void {
  for (let left = order.length - 1; left > 0; left -= 1) {
    const other = Math.floor(random() * (left + 1))
    const held = order[left] as number
    order[left] = order[other] as number
    order[other] = held
  }
}

export function trainCrf(sequences: LabelledSequence[], options: CrfOptions): Crf {
  const labels = [...new Set(sequences.flatMap(sequence => sequence.labels))].sort()
  const labelIds = new Map(labels.map((label, at) => [label, at]))
  const width = labels.length
  const featureIds = numberFeatures(sequences, options.leastCount)
  const rows = sequences
    .filter(({ labels }) => labels.length > 0)
    .map(({ features, labels }) => ({
      positions: knownFeatures(featureIds, features),
      gold: labels.map(label => labelIds.get(label) as number),
    }))
  const states = weightsOf(featureIds.size * width, options.rate)
  const steps = weightsOf((width + 1) * width, options.rate)
  const forbidden = new Uint8Array((width + 1) * width)
  for (let before = 0; before <= width; before += 1)
    for (let label = 0; label < width; label += 1)
      if (!options.follows(labels[before] ?? null, labels[label] as string)) {
        forbidden[before * width + label] = 1
        steps.now[before * width + label] = never
      }
  const order = rows.map((_, at) => at)
  let step = 0
  for (let sweep = 0; sweep < options.sweeps; sweep += 1) {
    shuffle(order, options.random)
    for (const at of order) {
      const { positions, gold } = rows[at] as (typeof rows)[number]
      step += 1
      const seen = positions.map(features => features.filter(() => options.random() >= options.dropped))
      const lattice = latticeOf(scoresOf(states.now, width, seen), steps.now, width)
      const { forward, backward } = lattice
      seen.forEach((features, position) => {
        const pushed: { label: number; gradient: number }[] = []
        for (let label = 0; label < width; label += 1) {
          const share =
            (forward[position * width + label] as number) * (backward[position * width + label] as number)
          const gradient = (gold[position] === label ? 1 : 0) - share
          if (Math.abs(gradient) >= leastGradient) pushed.push({ label, gradient })
        }
        for (const feature of features)
          for (const { label, gradient } of pushed) states.push(feature * width + label, gradient, step)
      })
      const shares = stepShares(lattice, width, gold.length)
      gold.forEach((label, position) => {
        const before = position === 0 ? width : (gold[position - 1] as number)
        shares[before * width + label] = (shares[before * width + label] as number) - 1
      })
      for (let pair = 0; pair < shares.length; pair += 1) {
        const gradient = -(shares[pair] as number)
        if (forbidden[pair] === 0 && Math.abs(gradient) >= leastGradient) steps.push(pair, gradient, step)
      }
    }
  }
  const averagedSteps = steps.averaged(step)
  for (let pair = 0; pair < forbidden.length; pair += 1)
    if (forbidden[pair] === 1) averagedSteps[pair] = never
  return { labels, featureIds, states: states.averaged(step), steps: averagedSteps }
}
