/**
 * What people and exchanges write around a number: SIP and tel: URIs, digits and dashes of other scripts, labels, names, remarks, a
 * second number, an extension. The first number in a text is the number.
 */
import { isAreaCode, type PlannedNumber, planNumber } from './number-plan.ts'

export type FoundNumber = { number: PlannedNumber; extension: string | null }

/** Invisible and direction-changing characters: they make a number look like another one. */
const unseen =
  // oxlint-disable-next-line no-control-regex -- control characters are what is being removed
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g
const lineBreaks = /[\t\n\v\f\r\u0085\u2028\u2029]+/g
const dashes = /[\p{Pd}\u02d7\u2043\u2212\u30fc]/gu
/** 5550123～4 is a range of lines, as 5550123/4 is. */
const ranges = /[~∼〜]/g
const dots = /[·•‧∙⋅・˙。]/g
const chineseDigits = '〇一二三四五六七八九'
const spokenDigits = /[〇零○一幺二三四五六七八九]{7,}/g

/** What a text is after Unicode's own foldings; for showing it. */
export const visibleText = (raw: string): string =>
  raw.slice(0, 256).replace(lineBreaks, ' ').normalize('NFKC').replace(unseen, '').trim()

/** Digits of any script and spoken ones as 0–9, and one kind of dash and of dot. */
export function plainDigits(text: string): string {
  return text
    .replace(/\p{Nd}/gu, one => (one < '\u0080' ? one : digitOf(one)))
    .replace(spokenDigits, run =>
      run.replace(/./g, one => {
        const value = chineseDigits.indexOf(one)
        return value >= 0 ? String(value) : one === '幺' ? '1' : '0'
      }),
    )
    .replace(ranges, '/')
    .replace(dashes, '-')
    .replace(dots, '.')
    .replace(/(?<=\d)一(?=\d)/g, '-')
}

/** Unicode keeps the ten digits of a script side by side, so the value is how many of them stand before. */
function digitOf(digit: string): string {
  const code = digit.codePointAt(0) ?? 0
  let value = 0
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value += 1
  return String(value)
}

/** The digits before these are an account, and a telephone number only if they could be nothing else. */
const mailHost =
  /@(?:[\w-]+\.)?(?:qq|foxmail|163|126|yeah|139|189|wo|sina|sohu|aliyun|gmail|outlook|hotmail|live|msn|icloud|yahoo)\.(?:com|cn|net)/i

export type UserPart = { text: string; extension: string | null; context: string | null }

/** `sip:0512…@host;user=phone`, `<tel:+86…;ext=3>` and the like: the part that names the caller, and what its parameters say. */
export function userPart(text: string): UserPart {
  const bracketed = /<([^>]*)>/.exec(text)?.[1]
  const inner = bracketed !== undefined && /\d|^(?:sips?|tel):/i.test(bracketed) ? bracketed : text
  const withoutScheme = inner.trim().replace(/^(?:sips?|tel):/i, '')
  const hasHost = /^[^\s@]+@[^\s@]+$/.test(withoutScheme) && !mailHost.test(withoutScheme)
  const isAddress = withoutScheme !== inner.trim() || hasHost
  const user = decode(isAddress ? (withoutScheme.split('@')[0] ?? '') : withoutScheme)
  const [, main = user, parameters = ''] = /^([^;]*)((?:;[a-z][\w-]*(?:=[^;]*)?)+)$/i.exec(user) ?? []
  const extension = /;ext=[\s.-]*(\d{1,6})\b/i.exec(parameters)?.[1] ?? null
  const context = /;phone-context=\+([\d.()-]+)/i.exec(parameters)?.[1] ?? null
  return { text: main.trim(), extension, context: context === null ? null : context.replace(/\D/g, '') }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text).replace(unseen, '')
  } catch {
    return text
  }
}

/** What may stand within one number. So may a slash, but only between groups of three digits and more: “/4” is the next line. */
const within = String.raw`[\s().[\]【】「」_-]{0,4}`
const joint = new RegExp(`^${within}$`)
const slashJoint = new RegExp(`^${within}[/,]${within}$`)
const extensionWord = '分机|分機|内线|內線|小号'
const extensionMark = String.raw`(?:[后再请]{0,2}[转轉接拨按][接拨到至]?\s*(?:${extensionWord})?|${extensionWord}|extension|extn?\.?|[,;#pwx*]{1,3}|-)`
const extensionBehind = new RegExp(
  String.raw`^[\s(]{0,3}(${extensionMark})\s*(?:号码|号)?\s*[:.]?\s*(\d{1,6})(?!\s*-?\d)`,
  'i',
)
const onlyExtension = new RegExp(
  String.raw`^(?:${extensionWord}|短号|extn?\.?|extension)\s*(?:号码|号)?\s*[:.]?\s*(\d{2,6})\s*号?$`,
  'i',
)
const phoneWord = /(?:tel|telephone|phone|mobile|mob|cell|contact|call|fax|wechat|wx|vx|[vtmp])$/i
const wordBehind = /^(?:wechat|wx|vx|v|qq|tel)(?![a-z])/i
/** Whatever follows one of these is no telephone number, unless it could be nothing else. */
const otherNumber =
  /(?:QQ|Q|微信|wx|vx|邮编|编号|编码|工号|单号|订单|工单|案号|证件?|卡号?|密码|验证码|牌|房|室|栋|幢|楼|弄|路|街|户号|表号|第)\s*号?码?\s*[:是为]?\s*$/i
const date = /^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/

type Group = {
  digits: string
  from: number
  to: number
  plus: boolean
  joinedBy: 'nothing' | 'mark' | 'slash'
  /** The first of the groups that marks join. */
  run: string
}

function groupsOf(text: string): Group[] {
  const groups: Group[] = []
  for (const found of text.matchAll(/\d+/g)) {
    const from = found.index
    const between = text.slice(groups.at(-1)?.to ?? 0, from)
    const plus = /\+\s?$/.test(between)
    const last = groups.at(-1)
    const isSlash = slashJoint.test(between) && (last?.digits.length ?? 0) >= 3 && found[0].length >= 3
    const joinedBy =
      last === undefined || plus ? 'nothing' : joint.test(between) ? 'mark' : isSlash ? 'slash' : 'nothing'
    // 8:00 begins nothing.
    const begun = /\d\s*:$/.test(text.slice(0, from)) ? '' : `${plus ? '+' : ''}${found[0]}`
    const run = joinedBy === 'nothing' ? begun : (last?.run ?? begun)
    groups.push({ digits: found[0], from, to: from + found[0].length, plus, joinedBy, run })
  }
  return groups
}

/** A text that is one number with its marks and its extension, and nothing else. */
export function wholeNumber(text: string, areaCode: string): FoundNumber | null {
  const [run = ''] = /^\+?[\d\s().[\]【】「」_-]+/.exec(text) ?? []
  const behind = text.slice(run.length)
  const extension = behind === '' ? null : extensionBehind.exec(behind)
  if (behind !== '' && extension?.[0].length !== behind.replace(/[号)\s]+$/, '').length) return null
  const number = planDigits(run.replace(/[^\d+]/g, ''), areaCode)
  return number === null ? null : { number, extension: extension?.[2] ?? null }
}

export const planDigits = (compact: string, areaCode: string): PlannedNumber | null =>
  /^\+?\d{2,24}$/.test(compact) ? planNumber(compact, areaCode) : null

type Candidate = { number: PlannedNumber; first: number; last: number }

/**
 * The first number of the plan in a text, whatever stands around it; failing that, the first landline of a known area whose length
 * the plan does not know.
 */
export function firstNumber(text: string, areaCode: string): FoundNumber | null {
  const groups = groupsOf(text)
  return (
    firstOf(groups, text, areaCode, ({ isKnown }) => isKnown) ??
    firstOf(groups, text, areaCode, ({ kind, isShort }) => kind === 'landline' && !isShort) ??
    extensionOnly(text)
  )
}

function extensionOnly(text: string): FoundNumber | null {
  const extension = onlyExtension.exec(text)?.[1]
  const number = extension === undefined ? null : planNumber(extension, '')
  return number === null ? null : { number, extension: null }
}

type Accept = (number: PlannedNumber) => boolean

function firstOf(groups: Group[], text: string, areaCode: string, accept: Accept): FoundNumber | null {
  for (const [index, group] of groups.entries()) {
    // In the middle of something that is no number nothing begins: not in 3-5550123, nor in 8:00.
    const before = text.slice(0, group.from)
    if (group.joinedBy === 'mark' && !/\s$/.test(before)) continue
    if (group.joinedBy === 'nothing' && group.run === '') continue
    // Behind a country's code that does not fit, our own rules are not tried.
    if (group.joinedBy !== 'nothing' && /^(?:\+|00)/.test(group.run)) continue
    const found = longest(groups, index, areaOf(groups, index) ?? areaCode, accept)
    if (found === null || !canStand(found, groups, text)) continue
    const tail = text.slice(groups[found.last]?.to ?? 0)
    return { number: found.number, extension: extensionBehind.exec(tail)?.[2] ?? null }
  }
  return null
}

/** 区号0512 电话65550123: the area stands by itself before the number. */
function areaOf(groups: readonly Group[], index: number): string | null {
  const [before, group] = [groups[index - 1], groups[index]]
  if (before === undefined || group === undefined || !isAreaCode(before.digits)) return null
  return group.from - before.to <= 8 ? before.digits : null
}

/** The most groups from here on that are one number of the plan. */
function longest(
  groups: readonly Group[],
  first: number,
  areaCode: string,
  accept: Accept,
): Candidate | null {
  let found: Candidate | null = null
  let digits = groups[first]?.plus === true ? '+' : ''
  for (let last = first; last < Math.min(first + 7, groups.length); last += 1) {
    const group = groups[last]
    if (group === undefined) break
    if (last > first && group.joinedBy === 'nothing') break
    if (group.joinedBy === 'slash' && found !== null) break
    digits += group.digits
    const number = planDigits(digits, areaCode)
    if (number !== null && accept(number)) found = { number, first, last }
  }
  return found
}

/** Short numbers need more: what stands around them must not say that they are part of something else. */
function canStand({ number, first, last }: Candidate, groups: readonly Group[], text: string): boolean {
  const [start, end, next] = [groups[first], groups[last], groups[last + 1]]
  if (start === undefined || end === undefined) return false
  const before = text.slice(0, start.from)
  const behind = text.slice(end.to)
  const isExtension = extensionBehind.test(behind)
  if (/[a-z]$/i.test(before) && !phoneWord.test(before)) return false
  if (/^[a-z]/i.test(behind) && !isExtension && !wordBehind.test(behind)) return false
  if (!number.isShort) return true
  const digits = text.slice(start.from, end.to).replace(/\D/g, '')
  // Nor is it ours behind an area code that does not exist any more.
  if (start.joinedBy !== 'nothing' && /^0\d/.test(start.run) && !isAreaCode(start.run)) return false
  if (otherNumber.test(before) || date.test(digits) || behind.startsWith('@')) return false
  // Four groups of four are a bank card.
  return next?.joinedBy !== 'mark' || isExtension || (first === last && digits.length >= 7)
}
