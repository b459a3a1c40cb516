/** Digits that stand behind each other in a text, in whatever script and with whatever between: 138 0013, ①③⑧, 幺三八零零. Pure. */

/** Digits as they are written and said; 两, 洞, 拐 and 勾 are how they are said at a telephone. */
const saidDigits = '零〇洞|一幺壹弌|二两贰弍|三叁弎|四肆|五伍|六陆|七柒拐|八捌|九玖勾'
const values = new Map<string, string>(
  saidDigits.split('|').flatMap((group, digit) => Array.from(group, said => [said, String(digit)] as const)),
)
const said = [...values.keys()].join('')
/** Marks and blanks, and the words by which somebody reads one out. */
const gap = String.raw`(?:[^\p{L}\p{N}]|横杠|短横|杠|空格){0,3}?`
const run = new RegExp(`[0-9${said}](?:${gap}[0-9${said}])*`, 'gu')

export type Digit = {
  value: string
  /** Where it stands in the folded text. */
  at: number
  /** What stands between it and the digit before. */
  gap: string
  /** Written as a word. */
  isSaid: boolean
}

/** All runs of digits of a folded text; none ends within a group. */
export function digitRuns(folded: string): Digit[][] {
  return [...folded.matchAll(run)].map(({ 0: found, index }) => {
    const digits: Digit[] = []
    let between = ''
    for (let at = 0; at < found.length; at += 1) {
      const character = found[at] ?? ''
      const value = values.get(character) ?? (/[0-9]/.test(character) ? character : undefined)
      if (value === undefined) between += character
      else {
        digits.push({ value, at: index + at, gap: between, isSaid: values.has(character) })
        between = ''
      }
    }
    return digits
  })
}

/** Whether a group of digits begins at `at`: something stands before it, or the script changes. The end of the run is one too. */
export const isEdge = (digits: readonly Digit[], at: number): boolean => {
  const [before, here] = [digits[at - 1], digits[at]]
  return before === undefined || here === undefined || here.gap !== '' || before.isSaid !== here.isSaid
}
