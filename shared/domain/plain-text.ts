/** What comes in from outside is kept as text: no mark-up, no control characters. Pure. */
const tag = /<[/!?]?[a-z][^<>]*>|<!--[\s\S]*?-->/gi
/** Also those that turn text around or hide it. A joiner stays: emoji are made with it. */
const controls = /(?![\n\t\u200d])[\p{Cc}\p{Cf}]/gu

/** Taken out until nothing more is found, so that no tag is left of two that were pushed into each other. */
export function plainText(text: string): string {
  let left = text.toWellFormed().replaceAll('\r\n', '\n').replace(controls, '')
  for (;;) {
    const next = left.replace(tag, '')
    if (next === left) return left.trim()
    left = next
  }
}
