/** Training: from a city's closed cases to the model that proposes, with its figures from cases it had not seen. */
import { type SparseRows, trainSvms } from './linear-svm.ts'
import { foldsOf, groupNearDuplicates } from './near-duplicates.ts'
import { type CaseText, type CountedFeature, countFeatures } from './text-features.ts'
import { confidencesOf, type Head, headScores, scalesOf, type TextModel, vectorOf } from './text-model.ts'
import { type Vocabulary, vocabularyOf, weighFeatures } from './vocabulary.ts'

export type Example = CaseText & {
  /** What the operator chose, by the head's name; a head without an answer learns nothing from the example. */
  answers: Record<string, string>
}

export type Quality = { examples: number; macroF1: number; top3: number }

export type Trained = { model: TextModel; quality: Record<string, Quality> }

const folds = 5
const cost = 1.6
/** How much dearer an error on a rare class is: its share of the others to this power. */
const rareness = 0.3
/** Fewer examples than this teach nothing about a class, and their texts would be recognisable. */
export const leastExamples = 10
/** More classes than this at once and their weights, not yet bytes, would fill the memory. */
const classesAtOnce = 8

type Prepared = { features: Map<number, CountedFeature>; answers: Record<string, string> }

function rowsOf(examples: Prepared[], { hashes, columnOf }: Vocabulary, scales: Float32Array): SparseRows {
  const rows = examples.map(({ features }) => vectorOf(features, columnOf, scales))
  const size = rows.reduce((sum, { columns }) => sum + columns.length, 0)
  const starts = new Uint32Array(rows.length + 1)
  const columns = new Uint32Array(size)
  const values = new Float32Array(size)
  let at = 0
  for (const [row, one] of rows.entries()) {
    columns.set(one.columns, at)
    values.set(one.values, at)
    at += one.columns.length
    starts[row + 1] = at
  }
  return { starts, columns, values, width: hashes.length }
}

/** One weight vector a class, then cut to bytes: what is evaluated is what is shipped. */
function trainHead(
  name: string,
  classes: string[],
  examples: Prepared[],
  vocabulary: Vocabulary,
  random: () => number,
): Head {
  const classOf = examples.map(({ answers }) => classes.indexOf(answers[name] ?? ''))
  const weighed = weighFeatures(vocabulary, examples, classOf, classes.length)
  const rows = rowsOf(examples, vocabulary, scalesOf(weighed))
  const features = vocabulary.hashes.length
  const width = classes.length
  const weights = new Int8Array(features * width)
  const weightSteps = new Float32Array(width)
  const biases = new Float32Array(width)
  for (let first = 0; first < width; first += classesAtOnce) {
    const block = classes.slice(first, first + classesAtOnce).map((_, of) => {
      const members = Uint8Array.from(classOf, answer => (answer === first + of ? 1 : 0))
      const size = members.reduce((sum, one) => sum + one, 0)
      return {
        members,
        costIn: cost * ((examples.length - size) / Math.max(size, 1)) ** rareness,
        costOut: cost,
      }
    })
    const trained = trainSvms(rows, block, { sweeps: 12, tolerance: 0.05, random })
    for (let of = 0; of < block.length; of += 1) {
      const weightAt = (column: number) => trained[column * block.length + of] as number
      let highest = 1e-9
      for (let column = 0; column < features; column += 1)
        highest = Math.max(highest, Math.abs(weightAt(column)))
      const step = highest / 127
      weightSteps[first + of] = step
      biases[first + of] = weightAt(features)
      for (let column = 0; column < features; column += 1)
        weights[column * width + first + of] = Math.round(weightAt(column) / step)
    }
  }
  return {
    name,
    classes,
    ...weighed,
    biases,
    weightSteps,
    weights,
    slope: 1,
    offsets: new Float32Array(width),
  }
}

/** A case that the training of its fold had not seen, with the scores it got there. */
type Asked = { fold: number; scores: number[]; right: number }

/** The slope and offsets under which the confidences of unseen cases are as often right as they say (maximum likelihood). */
function calibrate(asked: Asked[], width: number): { slope: number; offsets: Float32Array } {
  let slope = 2
  const offsets = new Float64Array(width)
  for (let round = 0; round < 200; round += 1) {
    let slopeGradient = 0
    const gradients = new Float64Array(width)
    for (const { scores, right } of asked) {
      const told = confidencesOf(scores, slope, offsets)
      for (let of = 0; of < width; of += 1) {
        const error = (right === of ? 1 : 0) - (told[of] as number)
        slopeGradient += error * (scores[of] as number)
        gradients[of] = (gradients[of] as number) + error
      }
    }
    slope = Math.max(0.1, slope + (2 * slopeGradient) / asked.length)
    // The offsets stay small: they correct the confidence, and the order of the classes stays the scores'.
    for (let of = 0; of < width; of += 1)
      offsets[of] =
        (offsets[of] as number) + (gradients[of] as number) / asked.length - 0.002 * (offsets[of] as number)
  }
  return { slope: Math.fround(slope), offsets: Float32Array.from(offsets) }
}

export function qualityOf(orders: number[][], right: number[], width: number): Quality {
  const hit = new Float64Array(width)
  const told = new Float64Array(width)
  const members = new Float64Array(width)
  let within = 0
  for (const [at, order] of orders.entries()) {
    const first = order[0] as number
    const answer = right[at] as number
    told[first] = (told[first] as number) + 1
    members[answer] = (members[answer] as number) + 1
    if (first === answer) hit[first] = (hit[first] as number) + 1
    if (order.slice(0, 3).includes(answer)) within += 1
  }
  let sum = 0
  for (let of = 0; of < width; of += 1)
    sum += (2 * (hit[of] as number)) / Math.max((told[of] as number) + (members[of] as number), 1)
  return { examples: right.length, macroF1: sum / width, top3: within / Math.max(right.length, 1) }
}

/** Each fold is calibrated by the others: a figure must owe nothing to the cases that it is measured on. */
function qualityInFolds(asked: Asked[], width: number): Quality {
  const answered = Array.from({ length: folds }, (_, fold) => {
    const { slope, offsets } = calibrate(
      asked.filter(one => one.fold !== fold),
      width,
    )
    return asked
      .filter(one => one.fold === fold)
      .map(({ scores, right }) => {
        const confidences = confidencesOf(scores, slope, offsets)
        const order = confidences
          .map((_, of) => of)
          .sort((one, other) => (confidences[other] as number) - (confidences[one] as number))
        return { order, right }
      })
  }).flat()
  return qualityOf(
    answered.map(({ order }) => order),
    answered.map(({ right }) => right),
    width,
  )
}

/** The most texts in the model's bytes: features that say least about any class go first. */
function shrink(model: TextModel, mostFeatures: number): TextModel {
  if (model.hashes.length <= mostFeatures) return model
  const says = Float64Array.from(model.hashes, (_, column) =>
    model.heads.reduce((most, { classes, weights, weightSteps, scales, scaleStep }) => {
      const scale = (scales[column] as number) ** 2 * scaleStep
      let highest = most
      for (let of = 0; of < classes.length; of += 1)
        highest = Math.max(
          highest,
          Math.abs((weights[column * classes.length + of] as number) * (weightSteps[of] as number)) * scale,
        )
      return highest
    }, 0),
  )
  const kept = Uint32Array.from(says.keys())
    .sort((one, other) => (says[other] as number) - (says[one] as number))
    .slice(0, mostFeatures)
    .sort()
  return {
    hashes: Uint32Array.from(kept, column => model.hashes[column] as number),
    heads: model.heads.map(head => {
      const width = head.classes.length
      const weights = new Int8Array(kept.length * width)
      kept.forEach((column, at) => {
        weights.set(head.weights.subarray(column * width, (column + 1) * width), at * width)
      })
      const scales = Uint8Array.from(kept, column => head.scales[column] as number)
      return { ...head, scales, weights }
    }),
  }
}

const mostBytes = 4_500_000

/** The model for these cases, and how well the same training did on fifths of them that it had not seen. */
export function trainTextModel(
  examples: Example[],
  random: () => number,
  told: (line: string) => void,
): Trained {
  const groups = groupNearDuplicates(examples)
  const foldOf = foldsOf(groups, folds, random)
  const prepared: Prepared[] = examples.map(example => ({
    features: countFeatures(example),
    answers: example.answers,
  }))
  const names = [...new Set(examples.flatMap(({ answers }) => Object.keys(answers)))].sort()
  const vocabulary = vocabularyOf(prepared)
  const quality: Record<string, Quality> = {}
  const heads: Head[] = []
  for (const name of names) {
    const members = new Map<string, number>()
    for (const { answers } of examples)
      if (answers[name] !== undefined) members.set(answers[name], (members.get(answers[name]) ?? 0) + 1)
    const classes = [...members]
      .filter(([, count]) => count >= leastExamples)
      .map(([value]) => value)
      .sort()
    if (classes.length < 2) continue
    const usable = prepared.flatMap((example, at) =>
      classes.includes(example.answers[name] ?? '') ? [{ example, fold: foldOf[at] as number }] : [],
    )
    const asked = usable.map(({ fold }) => ({ fold, scores: [] as number[], right: 0 }))
    for (let fold = 0; fold < folds; fold += 1) {
      const seen = usable.filter(one => one.fold !== fold).map(({ example }) => example)
      const own = vocabularyOf(seen)
      const head = trainHead(name, classes, seen, own, random)
      const scales = scalesOf(head)
      for (const [at, one] of usable.entries()) {
        if (one.fold !== fold) continue
        const { columns, values } = vectorOf(one.example.features, own.columnOf, scales)
        const answer = classes.indexOf(one.example.answers[name] as string)
        asked[at] = { fold, scores: headScores(head, columns, values), right: answer }
      }
      told(`${name}: fold ${fold + 1} of ${folds}, ${usable.length - seen.length} cases`)
    }
    quality[name] = qualityInFolds(asked, classes.length)
    const { slope, offsets } = calibrate(asked, classes.length)
    const head = trainHead(
      name,
      classes,
      usable.map(({ example }) => example),
      vocabulary,
      random,
    )
    heads.push({ ...head, slope, offsets })
  }
  const bytesPerFeature = 4 + heads.reduce((sum, { classes }) => sum + 1 + classes.length, 0)
  const whole = { hashes: vocabulary.hashes, heads }
  return { model: shrink(whole, Math.floor(mostBytes / bytesPerFeature)), quality }
}
