/**
 * How text is split for the local full-text index: overlapping pairs of characters, so that a Chinese word of two
 * characters is found without a dictionary. What the index finds is verified on the row by `containsText`.
 */
import { foldedAlone, foldLooks } from './fold-text.ts'

/** What becomes of a character that stands for itself, whatever stands beside it; 0: it is none of these. */
const usualFold = new Uint16Array(1 << 16)
const dropped = 1
for (let code = 0x20; code < 0x7f; code += 1) {
  const lower = String.fromCharCode(code).toLowerCase().charCodeAt(0)
  const isKept = (lower >= 0x30 && lower <= 0x39) || (lower >= 0x61 && lower <= 0x7a)
  usualFold[code] = isKept ? lower : dropped
  if (code > 0x20) usualFold[code + 0xfee0] = isKept ? lower : dropped
}
for (let code = 0x4e00; code < 0x9fa6; code += 1) usualFold[code] = code
for (const [character, standard] of foldedAlone)
  if (character.length === 1 && standard.length === 1)
    usualFold[character.charCodeAt(0)] = standard.charCodeAt(0)
for (const mark of '\n\u3000、。《》「」『』【】〔〕“”‘’…—·') usualFold[mark.charCodeAt(0)] = dropped

/** As Chinese is written: by the table, a fifth of what the general rule takes. Null: something else is in it. */
function foldUsual(text: string): string | null {
  const codes: number[] = []
  for (let place = 0; place < text.length; place += 1) {
    const folded = usualFold[text.charCodeAt(place)] ?? 0
    if (folded === 0) return null
    if (folded !== dropped) codes.push(folded)
  }
  return codes.length > atOnce ? null : String.fromCharCode.apply(null, codes)
}

/** One form for what is indexed and what is asked: width and case folded, everything but letters and digits dropped. */
export function foldText(text: string): string {
  return foldUsual(text) ?? foldLooks(text).replace(/[^\p{L}\p{N}\p{M}]/gu, '')
}

function pairs(folded: string, found = new Set<string>()): Set<string> {
  let before = ''
  for (const character of folded) {
    if (before !== '') found.add(before + character)
    before = character
  }
  return found
}

/** Pairs that were met in this text, by their two characters: sets of strings took most of the time of a search row. */
const slots = 1 << 16
const metPair = new Uint32Array(slots)
const metIn = new Uint32Array(slots)
let texts = 0
/** As many arguments as a call takes. */
const atOnce = 8_192
const space = 32
const surrogates = /[\ud800-\udfff]/

/**
 * The tokens under which texts are indexed, each once but for those of rare characters, with spaces between. Letters and digits
 * only, safe inside FTS5's double quotes.
 */
export function searchTokens(given: readonly string[]): string {
  const folded = given.flatMap(text => (text === '' ? [] : [foldText(text)]))
  const length = folded.reduce((sum, text) => sum + text.length, 0)
  // Characters beyond the first 65,536 (rare names), or texts longer than any form takes.
  const isUsual = (text: string) => length < slots / 2 && !surrogates.test(text)
  const unusual = folded.filter(text => !isUsual(text))
  texts += 1
  const written: number[] = []
  for (const text of folded) {
    if (!isUsual(text)) continue
    let before = text.charCodeAt(0)
    for (let place = 1; place < text.length; place += 1) {
      const character = text.charCodeAt(place)
      const pair = ((before << 16) | character) >>> 0
      let slot = Math.imul(pair, 0x9e3779b1) >>> 16
      while (metIn[slot] === texts && metPair[slot] !== pair) slot = (slot + 1) % slots
      if (metIn[slot] !== texts) {
        metIn[slot] = texts
        metPair[slot] = pair
        written.push(before, character, space)
      }
      before = character
    }
  }
  let tokens = ''
  for (let from = 0; from < written.length; from += atOnce)
    tokens += String.fromCharCode.apply(null, written.slice(from, from + atOnce))
  if (unusual.length === 0) return tokens.trimEnd()
  const found = new Set<string>()
  for (const text of unusual) pairs(text, found)
  return tokens + [...found].join(' ')
}

/** The tokens that a text must have to contain `query`; null when fewer than two letters or digits were asked for. */
export function queryTokens(query: string): string[] | null {
  const found = pairs(foldText(query))
  return found.size === 0 ? null : [...found]
}

/** Whether a text contains what was asked, under the folding above. */
export function containsText(text: string, query: string): boolean {
  return foldText(text).includes(foldText(query))
}
