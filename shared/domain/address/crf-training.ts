/**
 * Trains the conditional random field by AdaGrad on one sequence at a time with some features dropped at random (so that no
 * single one is leant on) and the weights of all steps averaged.
 */
import { type Crf, knownFeatures, type Lattice, latticeOf, scoresOf } from './crf.ts'
import { stepsTaken, type Trellis, trellisOf } from './trellis.ts'

export type LabelledSequence = { features: string[][]; labels: string[] }

export type CrfOptions = {
  sweeps: number
  rate: number
  /** The share of features that a training step does not see. */
  dropped: number
  leastCount: number
  random(): number
}

const leastGradient = 1e-3

/** How often each step is expected. */
function stepShares({ forward, backward, entering, arcFactors }: Lattice, trellis: Trellis): Float64Array {
  const { arcFrom, arcTo, arcSteps, labelOf, starts, stepIds } = trellis
  const nodes = labelOf.length
  const shares = new Float64Array(stepIds.size)
  for (const { node, step } of starts) shares[step] = (forward[node] as number) * (backward[node] as number)
  for (let base = nodes; base < forward.length; base += nodes)
    for (let arc = 0; arc < arcFrom.length; arc += 1) {
      const reached = forward[base - nodes + (arcFrom[arc] as number)] as number
      if (reached < 1e-9) continue
      const share =
        reached * (arcFactors[arc] as number) * (entering[base + (arcTo[arc] as number)] as number)
      const [labels, fields] = [arcSteps[arc * 2] as number, arcSteps[arc * 2 + 1] as number]
      shares[labels] = (shares[labels] as number) + share
      shares[fields] = (shares[fields] as number) + share
    }
  shares[0] = 0
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
  const trellis = trellisOf(sequences.map(({ labels }) => labels))
  const { labelOf, stepIds } = trellis
  const labelIds = new Map(trellis.labels.map((label, at) => [label, at]))
  const width = trellis.labels.length
  const nodes = labelOf.length
  const featureIds = numberFeatures(sequences, options.leastCount)
  const rows = sequences
    .filter(({ labels }) => labels.length > 0)
    .map(({ features, labels }) => ({
      positions: knownFeatures(featureIds, features),
      gold: labels.map(label => labelIds.get(label) as number),
      taken: stepsTaken(labels).map(name => stepIds.get(name) as number),
    }))
  const weights = weightsOf(featureIds.size * width, options.rate)
  const steps = weightsOf(stepIds.size, options.rate)
  const order = rows.map((_, at) => at)
  let step = 0
  for (let sweep = 0; sweep < options.sweeps; sweep += 1) {
    shuffle(order, options.random)
    for (const at of order) {
      const { positions, gold, taken } = rows[at] as (typeof rows)[number]
      step += 1
      const seen = positions.map(features => features.filter(() => options.random() >= options.dropped))
      const lattice = latticeOf(scoresOf(weights.now, width, seen), trellis, steps.now)
      const { forward, backward } = lattice
      seen.forEach((features, position) => {
        const gradients = new Float64Array(width)
        for (let node = 0; node < nodes; node += 1) {
          const at = position * nodes + node
          const label = labelOf[node] as number
          gradients[label] = (gradients[label] as number) - (forward[at] as number) * (backward[at] as number)
        }
        const right = gold[position] as number
        gradients[right] = (gradients[right] as number) + 1
        const pushed = Array.from(gradients, (gradient, label) => ({ gradient, label })).filter(
          ({ gradient }) => Math.abs(gradient) >= leastGradient,
        )
        for (const feature of features)
          for (const { label, gradient } of pushed) weights.push(feature * width + label, gradient, step)
      })
      const shares = stepShares(lattice, trellis)
      for (const one of taken) shares[one] = (shares[one] as number) - 1
      for (let one = 1; one < shares.length; one += 1) {
        const gradient = -(shares[one] as number)
        if (Math.abs(gradient) >= leastGradient) steps.push(one, gradient, step)
      }
    }
  }
  return { trellis, featureIds, weights: weights.averaged(step), steps: steps.averaged(step) }
}
