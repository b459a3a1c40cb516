/**
 * The features of a text for the linear model: runs of one to three characters and words, as 32-bit hashes. A model then
 * holds no piece of anybody's text, and what a proposal came from is read off the operator's own text.
 */

export type CaseText = { title: string; content: string }

/** `inTitle`: a feature of its own for what stands in the title, beside the one of the whole text. */
export type FeatureTaker = (hash: number, start: number, end: number, inTitle: boolean) => void

/** More of a text than this adds nothing to its category, and a pasted document must not hold the seat up. */
export const readCharacters = 4_000
const longestRun = 3

/** One form of a character: width and case folded; all digits are one, since numbers say nothing of a category. */
function foldUnit(unit: number): number {
  const narrow = unit >= 0xff01 && unit <= 0xff5e ? unit - 0xfee0 : unit
  if (narrow >= 0x41 && narrow <= 0x5a) return narrow + 0x20
  if (narrow >= 0x30 && narrow <= 0x39) return 0x30
  return narrow
}

/** Letters, the digit and ideographs, folded. Everything else ends a run. */
const isTextUnit = (unit: number): boolean =>
  (unit >= 0x4e00 && unit <= 0x9fff) ||
  (unit >= 0x61 && unit <= 0x7a) ||
  unit === 0x30 ||
  (unit >= 0x3400 && unit <= 0x4dbf) ||
  (unit >= 0xd800 && unit <= 0xdfff)

/** The last step of MurmurHash3: every bit of the hash depends on every character. */
function finish(hash: number): number {
  let mixed = hash ^ (hash >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

const runSeed = 0x9747b28c
const wordSeed = 0x1b873593
const titleMark = 0x5bd1e995
const step = 0x01000193

let segmenter: Intl.Segmenter | null = null

/** Calls `take` for every feature of the text, as often as it stands there; positions count from the title's beginning. */
export function eachFeature(text: CaseText, take: FeatureTaker): void {
  segmenter ??= new Intl.Segmenter('zh', { granularity: 'word' })
  for (const field of ['title', 'content'] as const) {
    const cut = text[field].slice(0, readCharacters)
    const offset = field === 'title' ? 0 : text.title.length
    const units = new Uint16Array(cut.length)
    for (let at = 0; at < cut.length; at += 1) units[at] = foldUnit(cut.charCodeAt(at))
    const found = (hash: number, start: number, end: number) => {
      take(finish(hash), offset + start, offset + end, false)
      if (field === 'title') take(finish(hash ^ titleMark), offset + start, offset + end, true)
    }
    for (let start = 0; start < units.length; start += 1) {
      let hash = runSeed
      for (let end = start; end < units.length && end < start + longestRun; end += 1) {
        const unit = units[end] as number
        if (!isTextUnit(unit)) break
        hash = Math.imul(hash ^ unit, step)
        found(hash, start, end + 1)
      }
    }
    for (const { segment, index } of segmenter.segment(cut)) {
      let hash = wordSeed
      let counts = true
      for (let at = index; at < index + segment.length && counts; at += 1) {
        counts = isTextUnit(units[at] as number)
        hash = Math.imul(hash ^ (units[at] as number), step)
      }
      if (counts) found(hash, index, index + segment.length)
    }
  }
}

export type CountedFeature = { count: number; inTitle: boolean }

export function countFeatures(text: CaseText): Map<number, CountedFeature> {
  const counted = new Map<number, CountedFeature>()
  eachFeature(text, (hash, _start, _end, inTitle) => {
    const known = counted.get(hash)
    if (known === undefined) counted.set(hash, { count: 1, inTitle })
    else known.count += 1
  })
  return counted
}
