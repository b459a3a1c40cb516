/**
 * What comes in from outside is kept as text: no mark-up, no control characters, every kind of line end one `\n`. Only what HTML
 * knows is mark-up: a citizen writes <company names>, <name@example.org>, <https://…> and x<y too, and loses nothing of it. Pure.
 */

/** Elements whose beginning and end break a line. */
const blocks =
  'address|article|aside|blockquote|body|caption|center|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frameset|h[1-6]|head|header|hgroup|html|legend|li|main|menu|nav|noframes|ol|optgroup|option|p|pre|section|summary|table|tbody|tfoot|thead|title|tr|ul'
/** What stands beside each other in a row. */
const cells = 'td|th'
/** Elements of one letter are an inequality as likely (x<b, a>c): without attributes they count in pairs only. */
const letters = 'abgiqsu'
const others =
  'abbr|acronym|applet|area|audio|base|basefont|bdi|bdo|bgsound|big|blink|button|canvas|cite|code|col|colgroup|data|datalist|del|dfn|embed|em|font|frame|iframe|image|img|input|ins|kbd|label|link|map|mark|marquee|meta|meter|nobr|noscript|object|output|param|picture|progress|rp|rt|ruby|samp|script|select|slot|small|source|span|strike|strong|style|sub|sup|svg|template|textarea|time|track|tt|var|video|wbr|path|use|math|x-[a-z-]+'
/** Of Word and of XML in a page: <o:p>, <st1:place>. */
const prefixed = '(?:o|v|w|m|x|st1|xml|svg|xsl):[a-z][\\w-]*'
const bare =
  'allowfullscreen|async|autofocus|autoplay|checked|compact|controls|default|defer|disabled|hidden|inert|ismap|loop|multiple|muted|nohref|noresize|noshade|novalidate|nowrap|open|playsinline|readonly|required|reversed|selected'

/** `name=value` or a switch that HTML knows. Anything else behind a name is a sentence. */
const value = String.raw`(?:"[^"]{0,2000}"|'[^']{0,2000}'|[^\s"'<>=]+)`
const attribute = String.raw`(?:[\s/]+|(?<=["']))(?:[a-z_:@][\w:.-]*\s*=\s*${value}|(?:${bare})(?=[\s/>]))`
const attributes = String.raw`(?:${attribute})+`
const tagOf = (names: string): RegExp =>
  new RegExp(String.raw`<(?:/(?:${names})|(?:${names})(?:${attributes})?)\s*/?>`, 'gi')

const lineEnds = /\r\n|[\r\v\f\u0085\u2028\u2029]/g
/** Also those that turn text around or hide it. A joiner stays: emoji are made with it. */
const controls = /(?![\n\t\u200d])[\p{Cc}\p{Cf}]/gu
const comments =
  /<!--[\s\S]*?-->|<!\[CDATA\[|\]\]>|<!\[(?:if|endif)[^<>]*>|<!doctype\b[^<>]*>|<\?xml\b[^<>]*>/gi
const lineBreak = tagOf('br|hr')
const block = tagOf(blocks)
const cell = tagOf(cells)
const inline = tagOf(`${others}|${prefixed}`)
const letterTag = new RegExp(String.raw`<([${letters}])(${attributes})?\s*/?>|</([${letters}])\s*>`, 'gi')

/** A control character cannot stand in the text any more, so that these are ours. */
const blockEnd = '\u0001'
const newLine = '\u0002'

/** A line ends at each `<br>`; the one that a browser shows nothing of, at the end of a block, ends no further one. */
function linesOf(block: string): string {
  const lines = block.split(newLine)
  if (lines.length > 1 && lines.at(-1)?.trim() === '') lines.pop()
  return lines
    .map((line, at) => (at === 0 ? line : line.replace(/^[ \t]*\n?/, '')))
    .map((line, at) => (at === lines.length - 1 ? line : line.trimEnd()))
    .join('\n')
}

/** A line ends once between two blocks, however many end there. Blanks beside mark-up are the mark-up's own. */
const withLineBreaks = (text: string): string =>
  text
    .split(blockEnd)
    .map(piece => piece.trim())
    .filter(piece => piece !== '')
    .map(linesOf)
    .join('\n')

function withoutLetterTags(text: string): string {
  const opened = new Set<string>()
  const closed = new Set<string>()
  for (const [, open, , close] of text.matchAll(letterTag)) {
    if (open !== undefined) opened.add(open.toLowerCase())
    if (close !== undefined) closed.add(close.toLowerCase())
  }
  return text.replace(letterTag, (found, open?: string, given?: string, close?: string) => {
    const isPaired =
      open === undefined ? opened.has(close?.toLowerCase() ?? '') : closed.has(open.toLowerCase())
    return isPaired || given !== undefined ? '' : found
  })
}

/** Tags within tags (<scr<b></b>ipt>) are looked for so often; nobody writes more. */
const mostPasses = 20

/** Taken out until nothing more is found, so that no tag is left of two that were pushed into each other. */
export function plainText(text: string): string {
  let left = text.toWellFormed().replace(lineEnds, '\n').replace(controls, '')
  for (let pass = 0; pass < mostPasses; pass += 1) {
    const next = withoutLetterTags(
      left
        .replace(comments, '')
        .replace(lineBreak, newLine)
        .replace(block, blockEnd)
        .replace(cell, ' ')
        .replace(inline, ''),
    )
    if (next === left) break
    left = next
  }
  return (left.includes(blockEnd) || left.includes(newLine) ? withLineBreaks(left) : left).trim()
}
