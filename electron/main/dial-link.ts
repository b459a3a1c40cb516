/** `tel:` and `sip:` links that other programs hand over. The page asks before anything is dialled. */

const longest = 40

/** The number in a link, or null: digits, + * #, as they are typed into the dial box. */
export function numberOfLink(link: string): string | null {
  const found = /^(?:tel|callto|sips?):(?:\/\/)?([^@;?]+)/i.exec(link.trim())?.[1]
  if (found === undefined) return null
  let number: string
  try {
    number = decodeURIComponent(found)
  } catch {
    return null
  }
  number = number.replace(/[\s().-]/g, '')
  return number.length <= longest && /^\+?[\d*#]+$/.test(number) ? number : null
}

/** The first such link among a program's arguments. */
export function numberInArguments(args: readonly string[]): string | null {
  for (const argument of args) {
    const number = numberOfLink(argument)
    if (number !== null) return number
  }
  return null
}
