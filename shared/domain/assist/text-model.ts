/** The linear model that proposes a case's category and kind from its text: what is in it, and how it is asked. */
import { type CaseText, type CountedFeature, eachFeature, readCharacters } from './text-features.ts'

/** One question that the model answers, e.g. the category. */
export type Head = {
  name: string
  classes: string[]
  /** How much each feature counts: its byte squared times `scaleStep`. */
  scales: Uint8Array
  scaleStep: number
  biases: Float32Array
  /** A weight is its byte times this; one per class. */
  weightSteps: Float32Array
  /** Feature f's weight for class c at `f × classes.length + c`. */
  weights: Int8Array
  /** Scores become confidences by `softmax(slope × score + offset[class])`. */
  slope: number
  offsets: Float32Array
}

export type TextModel = {
  /** Ascending. */
  hashes: Uint32Array
  heads: Head[]
}

export const scalesOf = ({ scales, scaleStep }: Pick<Head, 'scales' | 'scaleStep'>): Float32Array =>
  Float32Array.from(scales, byte => byte * byte * scaleStep)

export type Proposal = { value: string; confidence: number; words: string[] }

export type Proposer = {
  /** The likeliest first, at most `most`; none when the text has no feature that the model knows. */
  propose(text: CaseText, head: string, most: number): Proposal[]
}

type FeatureVector = {
  columns: number[]
  values: number[]
  /** What the title's own features and those of the whole text were multiplied by. */
  inTitle: number
  inWhole: number
}

/** The length of the title's part of a vector, for one of 1 of the whole text's. */
const titleLength = 0.6

/**
 * Counted features as a vector with a length of one; what the model does not know is left out. The title's own features and
 * those of the whole text are brought to their lengths apart, so that a title says as much before a long content as before a short.
 */
export function vectorOf(
  features: Map<number, CountedFeature>,
  columnOf: Map<number, number>,
  scales: Float32Array,
): FeatureVector {
  const columns: number[] = []
  const values: number[] = []
  const titles: boolean[] = []
  let titleSquare = 0
  let wholeSquare = 0
  for (const [hash, { count, inTitle }] of features) {
    const column = columnOf.get(hash)
    if (column === undefined) continue
    const value = (1 + Math.log(count)) * (scales[column] as number)
    columns.push(column)
    values.push(value)
    titles.push(inTitle)
    if (inTitle) titleSquare += value * value
    else wholeSquare += value * value
  }
  const length = Math.hypot(titleSquare === 0 ? 0 : titleLength, wholeSquare === 0 ? 0 : 1)
  const inTitle = titleSquare === 0 ? 0 : titleLength / (length * Math.sqrt(titleSquare))
  const inWhole = wholeSquare === 0 ? 0 : 1 / (length * Math.sqrt(wholeSquare))
  return {
    columns,
    values: values.map((value, at) => value * (titles[at] === true ? inTitle : inWhole)),
    inTitle,
    inWhole,
  }
}

export function confidencesOf(
  scores: ArrayLike<number>,
  slope: number,
  offsets: ArrayLike<number>,
): number[] {
  const powers: number[] = []
  let highest = Number.NEGATIVE_INFINITY
  for (let of = 0; of < scores.length; of += 1) {
    const raised = slope * (scores[of] as number) + (offsets[of] ?? 0)
    powers.push(raised)
    highest = Math.max(highest, raised)
  }
  let sum = 0
  for (let of = 0; of < powers.length; of += 1) {
    const power = Math.exp((powers[of] as number) - highest)
    powers[of] = power
    sum += power
  }
  return powers.map(power => power / sum)
}

export function headScores(head: Head, columns: number[], values: number[]): number[] {
  const width = head.classes.length
  const sums = new Float64Array(width)
  for (let at = 0; at < columns.length; at += 1) {
    const base = (columns[at] as number) * width
    for (let of = 0; of < width; of += 1)
      sums[of] = (sums[of] as number) + (values[at] as number) * (head.weights[base + of] as number)
  }
  return Array.from(sums, (sum, of) => sum * (head.weightSteps[of] as number) + (head.biases[of] as number))
}

const wordsShown = 3

/** Where a feature that the model knows stands in the text. */
type Occurrence = { column: number; start: number; end: number; inTitle: boolean }

/**
 * The places of the text that spoke for a class most: the features' shares spread over their characters, then runs of
 * characters that stand out, as the operator wrote them.
 */
function wordsFor(
  text: CaseText,
  occurrences: Occurrence[],
  share: (occurrence: Occurrence) => number,
): string[] {
  const whole = text.title + text.content
  const weight = new Float64Array(whole.length)
  for (const occurrence of occurrences) {
    const { start, end } = occurrence
    const each = share(occurrence) / (end - start)
    for (let at = start; at < end; at += 1) weight[at] = (weight[at] as number) + each
  }
  const highest = weight.reduce((most, value) => Math.max(most, value), 0)
  if (highest <= 0) return []
  const stands = (at: number) => (weight[at] as number) >= highest * 0.3
  const runs: { word: string; sum: number }[] = []
  let from = 0
  for (let at = 0; at <= whole.length; at += 1) {
    if (at < whole.length && stands(at) && at !== text.title.length) continue
    const word = whole.slice(from, at)
    if (word.length > 1 && word.length <= 12)
      runs.push({ word, sum: weight.subarray(from, at).reduce((total, value) => total + value, 0) })
    from = at < whole.length && stands(at) ? at : at + 1
  }
  runs.sort((one, other) => other.sum - one.sum)
  return [...new Set(runs.map(run => run.word))].slice(0, wordsShown)
}

export function createProposer(model: TextModel): Proposer {
  const columns = new Map<number, number>()
  model.hashes.forEach((hash, at) => columns.set(hash, at))
  const heads = new Map(model.heads.map(head => [head.name, { head, scales: scalesOf(head) }]))
  return {
    propose({ title, content }, name, most) {
      const text = { title: title.slice(0, readCharacters), content: content.slice(0, readCharacters) }
      const asked = heads.get(name)
      if (asked === undefined) return []
      const { head, scales } = asked
      const occurrences: Occurrence[] = []
      const counted = new Map<number, CountedFeature>()
      eachFeature(text, (hash, start, end, inTitle) => {
        const column = columns.get(hash)
        if (column === undefined) return
        occurrences.push({ column, start, end, inTitle })
        const known = counted.get(hash)
        if (known === undefined) counted.set(hash, { count: 1, inTitle })
        else known.count += 1
      })
      if (counted.size === 0) return []
      const vector = vectorOf(counted, columns, scales)
      const confidences = confidencesOf(
        headScores(head, vector.columns, vector.values),
        head.slope,
        head.offsets,
      )
      const width = head.classes.length
      const order = confidences
        .map((_, of) => of)
        .sort((a, b) => (confidences[b] as number) - (confidences[a] as number))
      return order.slice(0, most).map(of => ({
        value: head.classes[of] as string,
        confidence: confidences[of] as number,
        words: wordsFor(
          text,
          occurrences,
          ({ column, inTitle }) =>
            (head.weights[column * width + of] as number) *
            (head.weightSteps[of] as number) *
            (scales[column] as number) *
            (inTitle ? vector.inTitle : vector.inWhole),
        ),
      }))
    },
  }
}
