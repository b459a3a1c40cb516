/**
 * How text is split for the local full-text index: overlapping pairs of characters, so that a Chinese word of two
 * characters is found without a dictionary. What the index finds is verified on the row by `containsText`.
 */

/** One form for what is indexed and what is asked: width and case folded, everything but letters and digits dropped. */
export function foldText(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}]/gu, '')
}

function pairs(folded: string, found = new Set<string>()): Set<string> {
  let before = ''
  for (const character of folded) {
    if (before !== '') found.add(before + character)
    before = character
  }
  return found
}

/** Adds the tokens under which a text is indexed. Letters and digits only, safe inside FTS5's double quotes. */
export function addSearchTokens(text: string, found: Set<string>): void {
  if (text !== '') pairs(foldText(text), found)
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
