/** What comes in from outside is kept as text: no mark-up, no control characters. Pure. */
const tag = /<[/!?]?[a-z][^<>]*>|<!--[\s\S]*?-->/gi
const controls =
  // oxlint-disable-next-line no-control-regex -- control characters are what is being removed
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g

/** Taken out until nothing more is found, so that no tag is left of two that were pushed into each other. */
export function plainText(text: string): string {
  let left = text.toWellFormed().replaceAll('\r\n', '\n').replace(controls, '')
  for (;;) {
    const next = left.replace(tag, '')
    if (next === left) return left.trim()
    left = next
  }
}
