/**
 * How alike two cases are: what they say, what their titles say, and the rare words that they share — mostly the name of the
 * place. Weights come from how rare a piece of text has been among the cases so far.
 */

import { placeStems, placesDiffer } from './place-names.ts'

export type CaseWords = { title: string; content: string }

/** How many cases a piece of text has stood in so far. */
export type Rarity = {
  add(pieces: Iterable<string>): void
  /** In 1 / cases: high for rare pieces. */
  of(piece: string): number
  /** Grows when the weights have changed so much that what was computed with them should be computed anew. */
  era(): number
}

/** Cases without any of the pieces, so that in the first few what two have in common does not count for common. */
const supposed = 20

export function createRarity(): Rarity {
  const holders = new Map<string, number>()
  let cases = 0
  let era = 0
  let nextEra = 1
  return {
    add(pieces) {
      cases += 1
      if (cases >= nextEra) {
        era += 1
        nextEra = Math.ceil(cases * 1.3)
      }
      for (const piece of pieces) holders.set(piece, (holders.get(piece) ?? 0) + 1)
    },
    of: piece => Math.log((cases + supposed) / ((holders.get(piece) ?? 0) + 0.5)),
    era: () => era,
  }
}

const readCharacters = 600
const readTitle = 100
/** Districts under a letter and a number (A7县), as masked texts have them, are compared by themselves. */
const masked = /[a-z]\d*[市区县]/g

const folded = (text: string): string => text.normalize('NFKC').toLowerCase().replace(masked, ' ')

/** Pieces of two to four characters and how often they stand in the text. */
function addPieces(text: string, counts: Map<string, number>): void {
  for (const run of folded(text).split(/[^\p{L}\p{N}]+/u))
    for (let from = 0; from < run.length; from += 1)
      for (let size = 2; size <= 4 && from + size <= run.length; size += 1) {
        const piece = run.slice(from, from + size)
        counts.set(piece, (counts.get(piece) ?? 0) + 1)
      }
}

const districts = (text: string): Set<string> => new Set(text.match(/[A-Z]\d+[市区县]/g) ?? [])

type Weighted = { weights: Map<string, number>; length: number; sum: number }

export type Profile = {
  /** The title as it is compared, for finding the words that two have in common. */
  head: string
  text: string
  title: Map<string, number>
  whole: Map<string, number>
  districts: Set<string>
  places: string[]
  era: number
  titleWeighted: Weighted
  wholeWeighted: Weighted
}

const none: Weighted = { weights: new Map(), length: 0, sum: 0 }

/** `characters`: how much of the content is compared. */
export function profileOf({ title, content }: CaseWords, characters = readCharacters): Profile {
  const inTitle = new Map<string, number>()
  addPieces(title.slice(0, readTitle), inTitle)
  const whole = new Map(inTitle)
  addPieces(content.slice(0, characters), whole)
  return {
    head: folded(title.slice(0, readTitle)),
    text: folded(`${title.slice(0, readTitle)}\n${content.slice(0, characters)}`),
    title: inTitle,
    whole,
    districts: districts(title),
    places: placeStems(title),
    era: -1,
    titleWeighted: none,
    wholeWeighted: none,
  }
}

function weigh(counts: Map<string, number>, rarity: Rarity): Weighted {
  const weights = new Map<string, number>()
  let square = 0
  for (const [piece, count] of counts) {
    const rare = Math.max(rarity.of(piece), 0)
    const weight = (1 + Math.log(count)) * rare
    weights.set(piece, weight)
    square += weight * weight
  }
  return { weights, length: Math.sqrt(square), sum: square }
}

function refresh(profile: Profile, rarity: Rarity): void {
  if (profile.era === rarity.era()) return
  profile.era = rarity.era()
  profile.titleWeighted = weigh(profile.title, rarity)
  profile.wholeWeighted = weigh(profile.whole, rarity)
}

function cosine(one: Weighted, other: Weighted): number {
  if (one.length === 0 || other.length === 0) return 0
  const [few, many] = one.weights.size < other.weights.size ? [one, other] : [other, one]
  let sum = 0
  for (const [piece, weight] of few.weights) sum += weight * (many.weights.get(piece) ?? 0)
  return sum / one.length / other.length
}

/** How much of what a title says, by rarity, stands in the other text. */
function covered(title: Weighted, whole: Weighted): number {
  if (title.sum === 0) return 0
  let sum = 0
  for (const [piece, weight] of title.weights) if (whole.weights.has(piece)) sum += weight * weight
  return sum / title.sum
}

/** From 0 (nothing in common) to 1 (the same text). */
export function likeness(one: Profile, other: Profile, rarity: Rarity): number {
  refresh(one, rarity)
  refresh(other, rarity)
  const titles = cosine(one.titleWeighted, other.titleWeighted)
  const texts = cosine(one.wholeWeighted, other.wholeWeighted)
  const both =
    (covered(one.titleWeighted, other.wholeWeighted) + covered(other.titleWeighted, one.wholeWeighted)) / 2
  const alike = 0.4 * titles + 0.3 * texts + 0.3 * both
  const elsewhere =
    one.districts.size > 0 &&
    other.districts.size > 0 &&
    ![...one.districts].some(name => other.districts.has(name))
  return alike * (elsewhere ? 0.8 : 1) * (placesDiffer(one.places, other.places) ? 0.8 : 1)
}

const wordsTold = 3
const lettersOnly = /^[\p{L}\p{N}]+$/u

/** The longest runs of the first title that stand in the other text, the rarest first: the reason, in the caller's words. */
export function sharedWords(one: Profile, other: Profile, rarity: Rarity): string[] {
  const runs: { word: string; weight: number }[] = []
  let from = 0
  while (from < one.head.length) {
    let to = from + 1
    while (
      to < one.head.length &&
      lettersOnly.test(one.head.slice(from, to + 1)) &&
      other.text.includes(one.head.slice(from, to + 1))
    )
      to += 1
    const word = one.head.slice(from, to)
    if (word.length >= 2) {
      let weight = 0
      for (let at = 0; at + 2 <= word.length; at += 1)
        weight += Math.max(rarity.of(word.slice(at, at + 2)), 0)
      runs.push({ word, weight })
    }
    from = Math.max(to - 1, from + 1)
  }
  runs.sort((a, b) => b.weight - a.weight)
  return [...new Set(runs.map(({ word }) => word))].slice(0, wordsTold)
}
