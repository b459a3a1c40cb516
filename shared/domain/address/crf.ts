/**
 * A linear-chain conditional random field over tokens with string features, trained by AdaGrad on one sequence at a time with
 * some features dropped at random (so that no single one is leant on) and the weights of all steps averaged.
 */

export type LabelledSequence = { features: string[][]; labels: string[] }

export type Crf = {
  labels: string[]
  featureIds: Map<string, number>
  /** Weight of feature f for label l at `f × labels.length + l`. */
  states: Float32Array
  /** Weight of label b after label a at `a × labels.length + b`; the last row is the beginning. -Infinity: never. */
  steps: Float32Array
}

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

const never = -1e9
const leastGradient = 1e-3

/** Feature numbers of each position; unknown features are left out. */
function known(featureIds: Map<string, number>, features: string[][]): Uint32Array[] {
  return features.map(at =>
    Uint32Array.from(at.map(name => featureIds.get(name) ?? -1).filter(number => number >= 0)),
  )
}

function scoresOf(
  states: Float32Array | Float64Array,
  width: number,
  positions: Uint32Array[],
): Float64Array {
  const scores = new Float64Array(positions.length * width)
  positions.forEach((features, position) => {
    const base = position * width
    for (const feature of features)
      for (let label = 0; label < width; label += 1)
        scores[base + label] = (scores[base + label] as number) + (states[feature * width + label] as number)
  })
  return scores
}

/** The likeliest labels. */
export function decode(crf: Crf, features: string[][]): string[] {
  const width = crf.labels.length
  const length = features.length
  if (length === 0) return []
  const scores = scoresOf(crf.states, width, known(crf.featureIds, features))
  const best = new Float64Array(length * width)
  const from = new Int32Array(length * width)
  for (let label = 0; label < width; label += 1)
    best[label] = (scores[label] as number) + (crf.steps[width * width + label] as number)
  for (let position = 1; position < length; position += 1) {
    for (let label = 0; label < width; label += 1) {
      let highest = Number.NEGATIVE_INFINITY
      let chosen = 0
      for (let before = 0; before < width; before += 1) {
        const reached =
          (best[(position - 1) * width + before] as number) + (crf.steps[before * width + label] as number)
        if (reached > highest) {
          highest = reached
          chosen = before
        }
      }
      best[position * width + label] = highest + (scores[position * width + label] as number)
      from[position * width + label] = chosen
    }
  }
  let label = 0
  for (let other = 1; other < width; other += 1)
    if ((best[(length - 1) * width + other] as number) > (best[(length - 1) * width + label] as number))
      label = other
  const path: string[] = []
  for (let position = length - 1; position >= 0; position -= 1) {
    path.unshift(crf.labels[label] as string)
    label = from[position * width + label] as number
  }
  return path
}

/** Sums of the forward-backward pass: the probability of each label at each position, and of each step. */
function marginals(scores: Float64Array, steps: Float64Array, width: number, length: number) {
  const forward = new Float64Array(length * width)
  const backward = new Float64Array(length * width).fill(1)
  const expSteps = steps.map(Math.exp)
  const potentials = new Float64Array(length * width)
  for (let position = 0; position < length; position += 1) {
    let highest = Number.NEGATIVE_INFINITY
    for (let label = 0; label < width; label += 1)
      highest = Math.max(highest, scores[position * width + label] as number)
    for (let label = 0; label < width; label += 1)
      potentials[position * width + label] = Math.exp((scores[position * width + label] as number) - highest)
  }
  for (let position = 0; position < length; position += 1) {
    const base = position * width
    let total = 0
    for (let label = 0; label < width; label += 1) {
      let sum = 0
      if (position === 0) sum = expSteps[width * width + label] as number
      else
        for (let before = 0; before < width; before += 1)
          sum += (forward[base - width + before] as number) * (expSteps[before * width + label] as number)
      sum *= potentials[base + label] as number
      forward[base + label] = sum
      total += sum
    }
    for (let label = 0; label < width; label += 1)
      forward[base + label] = (forward[base + label] as number) / total
  }
  for (let position = length - 2; position >= 0; position -= 1) {
    const base = position * width
    let total = 0
    for (let label = 0; label < width; label += 1) {
      let sum = 0
      for (let after = 0; after < width; after += 1)
        sum +=
          (backward[base + width + after] as number) *
          (potentials[base + width + after] as number) *
          (expSteps[label * width + after] as number)
      backward[base + label] = sum
      total += sum
    }
    for (let label = 0; label < width; label += 1)
      backward[base + label] = (backward[base + label] as number) / total
  }
  const labelShare = new Float64Array(length * width)
  const stepShare = new Float64Array((width + 1) * width)
  for (let position = 0; position < length; position += 1) {
    const base = position * width
    let total = 0
    for (let label = 0; label < width; label += 1) {
      const both = (forward[base + label] as number) * (backward[base + label] as number)
      labelShare[base + label] = both
      total += both
    }
    for (let label = 0; label < width; label += 1)
      labelShare[base + label] = (labelShare[base + label] as number) / total
    if (position === 0) continue
    let all = 0
    const pair = new Float64Array(width * width)
    for (let before = 0; before < width; before += 1) {
      const reached = forward[base - width + before] as number
      if (reached === 0) continue
      for (let label = 0; label < width; label += 1) {
        const value =
          reached *
          (expSteps[before * width + label] as number) *
          (potentials[base + label] as number) *
          (backward[base + label] as number)
        pair[before * width + label] = value
        all += value
      }
    }
    for (let at = 0; at < pair.length; at += 1)
      stepShare[at] = (stepShare[at] as number) + (pair[at] as number) / all
  }
  for (let label = 0; label < width; label += 1)
    stepShare[width * width + label] = labelShare[label] as number
  return { labelShare, stepShare }
}

/** Weights with AdaGrad's memory and the sum over all steps, from which the average comes. */
function weightsOf(size: number, rate: number) {
  const now = new Float64Array(size)
  const squares = new Float64Array(size).fill(1e-6)
  const sums = new Float64Array(size)
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
      Float32Array.from(
        now,
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

export function trainCrf(sequences: LabelledSequence[], options: CrfOptions): Crf {
  const labels = [...new Set(sequences.flatMap(sequence => sequence.labels))].sort()
  const labelIds = new Map(labels.map((label, at) => [label, at]))
  const width = labels.length
  const featureIds = numberFeatures(sequences, options.leastCount)
  const rows = sequences
    .filter(({ labels }) => labels.length > 0)
    .map(({ features, labels }) => ({
      positions: known(featureIds, features),
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
    for (let left = order.length - 1; left > 0; left -= 1) {
      const other = Math.floor(options.random() * (left + 1))
      const held = order[left] as number
      order[left] = order[other] as number
      order[other] = held
    }
    for (const at of order) {
      const { positions, gold } = rows[at] as (typeof rows)[number]
      step += 1
      const seen = positions.map(features => features.filter(() => options.random() >= options.dropped))
      const { labelShare, stepShare } = marginals(
        scoresOf(states.now, width, seen),
        steps.now,
        width,
        gold.length,
      )
      seen.forEach((features, position) => {
        for (let label = 0; label < width; label += 1) {
          const gradient =
            (gold[position] === label ? 1 : 0) - (labelShare[position * width + label] as number)
          if (Math.abs(gradient) < leastGradient) continue
          for (const feature of features) states.push(feature * width + label, gradient, step)
        }
      })
      gold.forEach((label, position) => {
        const before = position === 0 ? width : (gold[position - 1] as number)
        stepShare[before * width + label] = (stepShare[before * width + label] as number) - 1
      })
      for (let pair = 0; pair < stepShare.length; pair += 1) {
        const gradient = -(stepShare[pair] as number)
        if (forbidden[pair] === 0 && Math.abs(gradient) >= leastGradient) steps.push(pair, gradient, step)
      }
    }
  }
  const averagedSteps = steps.averaged(step)
  for (let pair = 0; pair < forbidden.length; pair += 1)
    if (forbidden[pair] === 1) averagedSteps[pair] = never
  return { labels, featureIds, states: states.averaged(step), steps: averagedSteps }
}
