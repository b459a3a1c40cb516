/**
 * How alike two cases are: what they say, what their titles say, and the rare words that they share — mostly the name of the
 * place. Weights come from how rare a piece of text has been among the cases so far.
 */

import { foldLooks } from '../fold-text.ts'
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

const folded = (text: string): string => foldLooks(text).replace(masked, ' ')

/** Pieces of text, numbered, and how often each stands there. */
export type Pieces = { index: Map<string, number>; counts: number[] }

/** Pieces of two to four characters. */
function addPieces(text: string, { index, counts }: Pieces): void {
  for (const run of folded(text).split(/[^\p{L}\p{N}]+/u))
    for (let from = 0; from < run.length; from += 1)
      for (let size = 2; size <= 4 && from + size <= run.length; size += 1) {
        const piece = run.slice(from, from + size)
        const known = index.get(piece)
        if (known === undefined) {
          index.set(piece, counts.length)
          counts.push(1)
        } else counts[known] = (counts[known] as number) + 1
      }
}

const districts = (text: string): Set<string> => new Set(text.match(/[A-Z]\d+[市区县]/g) ?? [])

/** One weight a piece, in the order of their numbers. */
type Weighted = { weights: Float64Array; square: number }

export type Profile = {
  /** The title as it is compared, for finding the words that two have in common. */
  head: string
  text: string
  title: Pieces
  whole: Pieces
  districts: Set<string>
  places: string[]
  era: number
  titleWeighted: Weighted
  wholeWeighted: Weighted
}

const none: Weighted = { weights: new Float64Array(), square: 0 }

/** `characters`: how much of the content is compared. */
export function profileOf({ title, content }: CaseWords, characters = readCharacters): Profile {
  const inTitle: Pieces = { index: new Map(), counts: [] }
  addPieces(title.slice(0, readTitle), inTitle)
  const whole: Pieces = { index: new Map(inTitle.index), counts: [...inTitle.counts] }
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

function weigh({ index, counts }: Pieces, rarity: Rarity): Weighted {
  const weights = new Float64Array(counts.length)
  let square = 0
  for (const [piece, number] of index) {
    const count = counts[number] as number
    const rare = Math.max(rarity.of(piece), 0)
    const weight = count === 1 ? rare : (1 + Math.log(count)) * rare
    weights[number] = weight
    square += weight * weight
  }
  return { weights, square }
}

function refresh(profile: Profile, rarity: Rarity): void {
  if (profile.era === rarity.era()) return
  profile.era = rarity.era()
  profile.titleWeighted = weigh(profile.title, rarity)
  profile.wholeWeighted = weigh(profile.whole, rarity)
}

type Text = { pieces: Pieces; weighted: Weighted }

function cosine(one: Text, other: Text): number {
  if (one.weighted.square === 0 || other.weighted.square === 0) return 0
  const [few, many] = one.pieces.counts.length < other.pieces.counts.length ? [one, other] : [other, one]
  let sum = 0
  for (const [piece, number] of few.pieces.index) {
    const there = many.pieces.index.get(piece)
    if (there !== undefined)
      sum += (few.weighted.weights[number] as number) * (many.weighted.weights[there] as number)
  }
  return sum / Math.sqrt(one.weighted.square * other.weighted.square)
}

/** How much of what a title says, by rarity, stands in the other text. */
function covered(title: Text, whole: Pieces): number {
  if (title.weighted.square === 0) return 0
  let sum = 0
  for (const [piece, number] of title.pieces.index)
    if (whole.index.has(piece)) sum += (title.weighted.weights[number] as number) ** 2
  return sum / title.weighted.square
}

const titleOf = (profile: Profile): Text => ({ pieces: profile.title, weighted: profile.titleWeighted })
const wholeOf = (profile: Profile): Text => ({ pieces: profile.whole, weighted: profile.wholeWeighted })

/** From 0 (nothing in common) to 1 (the same text). */
export function likeness(one: Profile, other: Profile, rarity: Rarity): number {
  refresh(one, rarity)
  refresh(other, rarity)
  const titles = cosine(titleOf(one), titleOf(other))
  const texts = cosine(wholeOf(one), wholeOf(other))
  const both = (covered(titleOf(one), other.whole) + covered(titleOf(other), one.whole)) / 2
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
