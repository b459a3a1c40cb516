/**
 * What a password must be (口令规则), for both ends: at least ten characters of three kinds or sixteen of any, not the work number,
 * none that everybody tries first. Characters are code points, so one of Chinese counts as one.
 */
import { z } from 'zod'

export const passwordFaults = [
  'blank',
  'too-short',
  'too-few-kinds',
  'work-number',
  'common',
  'same',
] as const
export const passwordFault = z
  .enum(passwordFaults)
  .describe('不符合哪一条: 全是空白 / 太短 / 种类太少 / 含工号 / 太常见 / 与原口令相同')
export type PasswordFault = z.infer<typeof passwordFault>

const leastOfThreeKinds = 10
const leastOfAny = 16
const leastKinds = 3
/** `aaaaaaaaaaaaaaaa` has sixteen characters, and one. */
const leastDifferent = 5
const mostlyRun = 0.8
/** A shorter work number is part of too much. */
const leastWorkNumber = 3

const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[\p{Lo}\p{Lm}\p{Lt}]/u, /[^\p{L}\p{Nd}\s]/u]

const reversed = (text: string): string => Array.from(text).toReversed().join('')
/** Without the figures and signs around it: `Password-2026!` is `password`. */
const coreOf = (text: string): string => text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')

/** `1234567890123456`, `abcdefghijklmnop`: from each character to the next, or to itself, but for a few. */
function isRun(characters: readonly string[]): boolean {
  const steps = characters.slice(1).map((each, place) => {
    const step = (each.codePointAt(0) ?? 0) - (characters[place]?.codePointAt(0) ?? 0)
    return Math.abs(step) <= 1 || Math.abs(step) === 9
  })
  return steps.filter(Boolean).length >= steps.length * mostlyRun
}

/**
 * The rule that it breaks, or null. `workNumber` is null for a passphrase, which belongs to no person. `isCommon` knows a list of
 * common passwords, in lower case.
 */
export function faultOfPassword(
  password: string,
  { workNumber, isCommon }: { workNumber: string | null; isCommon(lowerCase: string): boolean },
): PasswordFault | null {
  const characters = Array.from(password)
  const lower = password.toLowerCase()
  if (password.trim() === '') return 'blank'
  if (characters.length < leastOfThreeKinds) return 'too-short'
  if (characters.length < leastOfAny && kinds.filter(kind => kind.test(password)).length < leastKinds)
    return 'too-few-kinds'
  if (workNumber !== null && workNumber.length >= leastWorkNumber) {
    const number = workNumber.toLowerCase()
    if (lower.includes(number) || lower.includes(reversed(number))) return 'work-number'
  }
  if (new Set(characters).size < leastDifferent || isRun(characters)) return 'common'
  return isCommon(lower) || isCommon(coreOf(lower)) ? 'common' : null
}
