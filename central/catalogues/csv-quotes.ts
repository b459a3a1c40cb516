/** Quotation marks of a CSV that hide rows: a parser takes whatever follows an open one for the text of one cell. */

export type QuoteFault = { row: number; code: 'QUOTE_OPEN' | 'QUOTE_STRAY' }

/** The first mark that is never closed, or behind whose end something else stands than the end of the cell. `row` counts from 1. */
export function quoteFault(text: string, delimiter: string): QuoteFault | null {
  let row = 1
  let at = 0
  while (at < text.length) {
    // At the beginning of a cell.
    if (text[at] === '"') {
      const end = closingMark(text, at + 1)
      if (end === null) return { row, code: 'QUOTE_OPEN' }
      at = end + 1
      while (text[at] === ' ') at += 1
      const behind = text[at]
      if (behind !== undefined && behind !== delimiter && behind !== '\n' && behind !== '\r')
        return { row, code: 'QUOTE_STRAY' }
    }
    while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') at += 1
    if (text[at] === '\n' || text[at] === '\r') row += 1
    at += text.startsWith('\r\n', at) ? 2 : 1
  }
  return null
}

function closingMark(text: string, from: number): number | null {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2))
    if (text[at + 1] !== '"') return at
  return null
}

/** Whether a cell with line breaks has whole rows in it: its mark was closed only by that of a later row. */
export function hidesRows(cell: string, delimiter: string, cellsBehind: number, columns: number): boolean {
  const lines = cell.split(/\r\n|\r|\n/).slice(1)
  return lines.some((line, index) => {
    const cells = line.split(delimiter).length
    const isLast = index === lines.length - 1
    return cells > 1 && cells + (isLast ? cellsBehind : 0) >= columns
  })
}
