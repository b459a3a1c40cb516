/**
 * Phone numbers as exchanges deliver them and people type them, and the one form that the same citizen always gets (归一号码).
 * phone/number-text.ts finds the number in a text, phone/number-plan.ts says what its digits are.
 */
import { type PlannedNumber } from './phone/number-plan.ts'
import {
  type FoundNumber,
  firstNumber,
  plainDigits,
  planDigits,
  userPart,
  visibleText,
  wholeNumber,
} from './phone/number-text.ts'

/** Raise it whenever a number gets another key: the seat and the centre then compute their stored keys again. */
export const numberRuleVersion = 2

export type NumberKind =
  | 'mobile'
  | 'landline'
  | 'service'
  | 'international'
  | 'extension'
  | 'withheld'
  | 'invalid'

export type NormalizedNumber = {
  kind: NumberKind
  /** The same for every way of writing one number; null when withheld or not a number at all. */
  key: string | null
  /** The landline's extension (分机), digits only. It does not take part in the key. */
  extension: string | null
  /** How the page shows it: grouped, or 匿名来电, or the cleaned-up original. */
  display: string
  dialable: boolean
}

const withheldNames =
  /^(?:anonymous|unavailable|restricted|unknown|withheld|private|blocked|none|null|p|o|匿名|匿名来电|未知|未知号码|隐藏号码)$/i

const withheld: NormalizedNumber = {
  kind: 'withheld',
  key: null,
  extension: null,
  display: '匿名来电',
  dialable: false,
}

/**
 * The normal form of a number. Never throws. `areaCode` (e.g. `0512`, or empty) completes local landlines. A text with words or with
 * several numbers has the first number in it; one that is a single number of a form that the plan does not know yet keeps its digits.
 */
export function normalizeNumber(raw: string | null, options: { areaCode: string }): NormalizedNumber {
  if (raw === null) return withheld
  const { text: shown, extension, context } = userPart(visibleText(raw))
  if (shown === '' || withheldNames.test(shown)) return withheld
  const text = plainDigits(shown)
  const found = find(text, context, options.areaCode)
  if (found === null) return { ...withheld, kind: 'invalid', extension, display: shown.slice(0, 32) }
  return normal(found.number, found.extension ?? extension)
}

function find(text: string, context: string | null, areaCode: string): FoundNumber | null {
  if (context !== null) return inContext(text, context)
  const whole = wholeNumber(text, areaCode)
  if (whole?.number.isKnown === true) return whole
  return firstNumber(text, areaCode) ?? whole
}

/** A local number of a tel: URI belongs to the country and area of its phone-context (RFC 3966), never to ours. */
function inContext(text: string, context: string): FoundNumber | null {
  const alone = wholeNumber(text, '')
  const digits = text.replace(/[^\d+]/g, '')
  if (digits.startsWith('+') || alone === null) return alone
  const isNational = digits.startsWith('0') && context.startsWith('86')
  const number = planDigits(isNational ? `+86${digits}` : `+${context}${digits}`, '')
  if (number?.isKnown === true) return { number, extension: alone.extension }
  // A whole number or one of a switchboard is what it is; a local one would become somebody else's.
  return alone.number.kind === 'landline' && alone.number.isShort ? null : alone
}

function normal({ kind, key, display, dialable }: PlannedNumber, extension: string | null): NormalizedNumber {
  const withExtension = kind === 'landline' && extension !== null
  return { kind, key, extension, display: withExtension ? `${display} 转 ${extension}` : display, dialable }
}

/**
 * What is dialled of what was typed: digits, `*` and `#` and a leading `+` as they are, and of words or several numbers the first
 * number; null: there is none.
 */
export function dialString(typed: string): string | null {
  const compact = plainDigits(visibleText(typed)).replace(/[\s().-]/g, '')
  const isCode = /[*#]/.test(compact) && /^\+?[\d*#]{2,32}$/.test(compact)
  if (isCode || /^\+?\d{2,16}$/.test(compact)) return compact
  const { key, dialable } = normalizeNumber(typed, { areaCode: '' })
  return dialable ? key : null
}

/**
 * For lists and notifications: the middle of a number hidden, e.g. 199****0001; of a local one its beginning. Services and extensions
 * stay as they are.
 */
export function maskNumber(text: string): string {
  const compact = text.replace(/\s/g, '')
  if (compact.length < 7) return compact
  // Of a local number the first three and the last four would be all of it.
  const head = Math.max(0, Math.min(3, compact.length - 8))
  return `${compact.slice(0, head)}****${compact.slice(-4)}`
}
