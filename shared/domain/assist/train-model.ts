/** Training: from a city's closed cases to the model that proposes, with its figures from cases it had not seen. */
import { type SparseRows, trainBinarySvm } from './linear-svm.ts'
import { foldsOf, groupNearDuplicates } from './near-duplicates.ts'
import { type CaseText, type CountedFeature, countFeatures } from './text-features.ts'
import { confidencesOf, type Head, headScores, type TextModel, vectorOf } from './text-model.ts'

export type Example = CaseText & {
  /** What the operator chose, by the head's name; a head without an answer learns nothing from the example. */
  answers: Record<string, string>
}

export type Quality = { examples: number; macroF1: number; top3: number }

export type Trained = { model: TextModel; quality: Record<string, Quality> }

const folds = 5
const titleWeight = 2
/** Rarer features are mostly names and chance, and a name must not get into a model. */
const leastTexts = 3
const cost = 1.6
/** How much dearer an error on a rare class is: its share of the others to this power. */
const rareness = 0.3
/** Fewer examples than this teach nothing about a class, and their texts would be recognisable. */
export const leastExamples = 10

type Prepared = {
  features: Map<number, { count: number; inTitle: boolean }>
  answers: Record<string, string>
}

type Vocabulary = { hashes: Uint32Array; scales: Float32Array; columnOf: Map<number, number> }

function vocabularyOf(examples: Prepared[]): Vocabulary {
  const texts = new Map<number, CountedFeature>()
  for (const { features } of examples)
    for (const [hash, { inTitle }] of features) {
      const known = texts.get(hash)
      if (known === undefined) texts.set(hash, { count: 1, inTitle })
      else known.count += 1
    }
  const common = examples.length * 0.6
  const hashes = Uint32Array.from(
    [...texts].filter(([, { count }]) => count >= leastTexts && count <= common).map(([hash]) => hash),
  ).sort()
  const columnOf = new Map<number, number>()
  const scales = new Float32Array(hashes.length)
  hashes.forEach((hash, column) => {
    columnOf.set(hash, column)
    const { count, inTitle } = texts.get(hash) as CountedFeature
    scales[column] = (Math.log((1 + examples.length) / (1 + count)) + 1) * (inTitle ? titleWeight : 1)
  })
  return { hashes, scales, columnOf }
}

const rowOf = ({ features }: Prepared, { columnOf, scales }: Vocabulary) =>
  vectorOf(features, columnOf, scales)

function rowsOf(examples: Prepared[], vocabulary: Vocabulary): SparseRows {
  const rows = examples.map(example => rowOf(example, vocabulary))
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
  return { starts, columns, values, width: vocabulary.hashes.length }
}

/** One weight vector a class, then cut to bytes: what is evaluated is what is shipped. */
function trainHead(
  name: string,
  classes: string[],
  examples: Prepared[],
  vocabulary: Vocabulary,
  random: () => number,
): Head {
  const rows = rowsOf(examples, vocabulary)
  const width = classes.length
  const weights = new Int8Array(vocabulary.hashes.length * width)
  const weightSteps = new Float32Array(width)
  const biases = new Float32Array(width)
  classes.forEach((value, of) => {
    const inClass = Uint8Array.from(examples, ({ answers }) => (answers[name] === value ? 1 : 0))
    const members = inClass.reduce((sum, one) => sum + one, 0)
    const trained = trainBinarySvm(rows, inClass, {
      costIn: cost * ((examples.length - members) / Math.max(members, 1)) ** rareness,
      costOut: cost,
      sweeps: 12,
      tolerance: 0.05,
      random,
    })
    const weightsOnly = trained.subarray(0, -1)
    const step = weightsOnly.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1e-9) / 127
    weightSteps[of] = step
    biases[of] = trained.at(-1) ?? 0
    weightsOnly.forEach((weight, column) => {
      weights[column * width + of] = Math.round(weight / step)
    })
  })
  return { name, classes, biases, weightSteps, weights, slope: 1, offsets: new Float32Array(width) }
}

/** The slope and offsets under which the confidences of unseen cases are as often right as they say (maximum likelihood). */
function calibrate(
  scores: number[][],
  right: number[],
  width: number,
): { slope: number; offsets: Float32Array } {
  let slope = 2
  const offsets = new Float64Array(width)
  for (let round = 0; round < 200; round += 1) {
    let slopeGradient = 0
    const gradients = new Float64Array(width)
    for (const [at, row] of scores.entries()) {
      const told = confidencesOf(row, slope, offsets)
      for (let of = 0; of < width; of += 1) {
        const error = (right[at] === of ? 1 : 0) - (told[of] as number)
        slopeGradient += error * (row[of] as number)
        gradients[of] = (gradients[of] as number) + error
      }
    }
    slope = Math.max(0.1, slope + (2 * slopeGradient) / scores.length)
    // The offsets stay small: they correct the confidence, and the order of the classes stays the scores'.
    for (let of = 0; of < width; of += 1)
      offsets[of] =
        (offsets[of] as number) + (gradients[of] as number) / scores.length - 0.002 * (offsets[of] as number)
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

/** The most texts in the model's bytes: features that say least about any class go first. */
function shrink(model: TextModel, mostFeatures: number): TextModel {
  if (model.hashes.length <= mostFeatures) return model
  const says = Float64Array.from(model.hashes, (_, column) =>
    model.heads.reduce((most, { classes, weights, weightSteps }) => {
      let highest = most
      for (let of = 0; of < classes.length; of += 1)
        highest = Math.max(
          highest,
          Math.abs((weights[column * classes.length + of] as number) * (weightSteps[of] as number)),
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
    scales: Float32Array.from(kept, column => model.scales[column] as number),
    heads: model.heads.map(head => {
      const width = head.classes.length
      const weights = new Int8Array(kept.length * width)
      kept.forEach((column, at) => {
        weights.set(head.weights.subarray(column * width, (column + 1) * width), at * width)
      })
      return { ...head, weights }
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
    const scores: number[][] = []
    const right: number[] = []
    for (let fold = 0; fold < folds; fold += 1) {
      const seen = usable.filter(one => one.fold !== fold).map(({ example }) => example)
      const unseen = usable.filter(one => one.fold === fold).map(({ example }) => example)
      const own = vocabularyOf(seen)
      const head = trainHead(name, classes, seen, own, random)
      for (const example of unseen) {
        const { columns, values } = rowOf(example, own)
        scores.push(headScores(head, columns, values))
        right.push(classes.indexOf(example.answers[name] as string))
      }
      told(`${name}: fold ${fold + 1} of ${folds}, ${unseen.length} cases`)
    }
    const { slope, offsets } = calibrate(scores, right, classes.length)
    const orders = scores.map(row => {
      const confidences = confidencesOf(row, slope, offsets)
      return confidences
        .map((_, of) => of)
        .sort((one, other) => (confidences[other] as number) - (confidences[one] as number))
    })
    quality[name] = qualityOf(orders, right, classes.length)
    const head = trainHead(
      name,
      classes,
      usable.map(({ example }) => example),
      vocabulary,
      random,
    )
    heads.push({ ...head, slope, offsets })
  }
  const columns = heads.reduce((sum, { classes }) => sum + classes.length, 0)
  const bytesPerFeature = 8 + columns
  const whole = { hashes: vocabulary.hashes, scales: vocabulary.scales, heads }
  return { model: shrink(whole, Math.floor(mostBytes / bytesPerFeature)), quality }
}
