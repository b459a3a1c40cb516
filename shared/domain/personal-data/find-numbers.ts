/**
 * Numbers that say who somebody is (电话, 身份证, 银行卡), found in a folded text by their digits and not by how they are written:
 * in groups, with any marks between, in circles, said digit by digit. What only resembles them (dates, times, sums, house numbers,
 * lists, 400 numbers, the number of a meter) is none. Pure.
 */
import { type Digit, digitRuns, isEdge } from './digit-runs.ts'

export type NumberKind = 'phone' | 'identity' | 'card' | 'account'
/** Places in the folded text. `digits`: as a number is stored, e.g. for masking its middle. */
export type FoundNumber = { from: number; to: number; kind: NumberKind; digits: string }

const phoneWord =
  /(?:电话|手机|座机|宅电|家电|办电|固话|小灵通|号码|联系方式|联系|致电|拨打|传真|短信|微信|加我|打给|呼叫|来电号|tel|phone|mobile|cell|call|fax|wechat|vx)[^\n。；;]{0,8}$/u
const cardWord =
  /(?:身份证|证件|银行卡|储蓄卡|信用卡|卡号|账号|帐号|账户|帐户|开户|社保|医保)[^\n。；;]{0,8}$/u
/** The number of a thing. A unit needs it. */
const thingWord =
  /(?:户号|编号|表号|单号|订单|工单|票号|文号|案号|批号|杆号|桩号|灯杆|井盖|编码|代码|备案号|许可证号?|车架号|发票号码?)[^\p{L}\p{N}]{0,3}$/u
const amount =
  /^\s*(?:元|块|万|亿|吨|度|米|平方?|㎡|公里|千米|斤|公斤|kg|人|户|个|次|%|天|分钟|秒|年|立方|千瓦)/u
const before = (text: string, at: number): string => text.slice(Math.max(0, at - 20), at)

/** Dates with a year, times of day, and addresses of the net: never part of a number beside them. */
const noNumber =
  /(?<![0-9])(?:19|20)[0-9]{2}\s?[-./年]\s?(?:0?[1-9]|1[0-2])\s?[-./月]\s?(?:0?[1-9]|[12][0-9]|3[01])(?![0-9])日?|(?<![0-9])(?:[01]?[0-9]|2[0-4]):[0-5][0-9](?::[0-5][0-9])?(?![0-9])|(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9.])/gu

const birthDate = '(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])'
const identity = new RegExp(`^[1-9][0-9]{5}${birthDate}[0-9]{3}[0-9x]$`)
const mobile = /^(?:(?:00)?86)?0?(1[3-9][0-9]{9})$/
const landline = /^(?:(?:(?:00)?86)0?|0)((?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7})$/
const service = /^[48]00[0-9]{7}$/
const local = /^[2-8][0-9]{6,7}$/
const dateInDigits = /^(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])$/

const mayBe = new RegExp(
  [identity, mobile, landline, service, local, /^[0-9]{15,19}$|^00[1-9][0-9]{7,14}$/]
    .map(({ source }) => `(?:${source})`)
    .join('|'),
)
const abroad = /^[1-9][0-9]{6,14}$/

type Candidate = {
  digits: string
  /** Sizes of its groups, and what stands between them. */
  sizes: number[]
  gaps: string[]
  isSaid: boolean
  hasPlus: boolean
  hasPhoneWord: boolean
  hasCardWord: boolean
  hasThingWord: boolean
  isAmount: boolean
}

const isListMark = /[、,;，；/]/u
/** 100+20=120 */
const isSum = /[=+×÷<>%]/u
const everyOne = (sizes: readonly number[]): boolean => sizes.every(size => size === 1)
const everyTwo = (sizes: readonly number[]): boolean => sizes.slice(0, -1).every(size => size === 2)

/** Whether somebody would write one number in such groups. A list of house numbers, a sum and a time are written otherwise. */
function isOneNumber({ sizes, gaps, isAmount }: Candidate, hasWord: boolean): boolean {
  if (sizes.length === 1) return true
  const [first = 0, ...rest] = sizes
  if (gaps.some((gap, at) => /[:]/.test(gap) && ((sizes[at] ?? 0) < 3 || (sizes[at + 1] ?? 0) < 3)))
    return false
  if (everyOne(sizes) || hasWord) return true
  if (isAmount || gaps.some(gap => isSum.test(gap))) return false
  if (gaps.some(gap => isListMark.test(gap)))
    return first >= 3 && rest.every(size => size >= 3) && Math.max(...sizes) >= 4
  if (gaps.some(gap => gap.includes('\n'))) return sizes.every(size => size >= 3)
  return sizes.every(size => size >= 3) || everyTwo(sizes) || (sizes.length <= 4 && Math.max(...sizes) >= 4)
}

function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let at = 0; at < digits.length; at += 1) {
    const digit = Number(digits[digits.length - 1 - at])
    sum += at % 2 === 0 ? digit : digit < 5 ? digit * 2 : digit * 2 - 9
  }
  return sum % 10 === 0
}

/** 一二三四五六七: somebody counts. */
const isCounting = (digits: string): boolean =>
  Array.from(digits).every((digit, at) => at === 0 || Number(digit) - Number(digits[at - 1]) === 1)

function isCard(given: Candidate): boolean {
  const { digits, sizes, gaps, hasCardWord } = given
  if (digits.length < 15 || digits.length > 19 || !/^[0-9]+x?$/.test(digits)) return false
  if (sizes.length === 1 || everyOne(sizes) || hasCardWord) return true
  // 72.5029.0073 are marks of a school that lost the blanks between them.
  if (gaps.some(gap => isListMark.test(gap) || isSum.test(gap) || gap.includes('.'))) return false
  if (!sizes.slice(0, -1).every(size => size >= 3)) return false
  return digits.startsWith('62') || passesLuhn(digits)
}

function isLocal(given: Candidate): boolean {
  const { digits, sizes, isSaid, hasPhoneWord, hasThingWord, isAmount } = given
  if (!local.test(digits)) return false
  if (hasPhoneWord) return sizes.every(size => size >= 2) || everyOne(sizes)
  if (sizes.length > 1 || hasThingWord || isAmount || dateInDigits.test(digits)) return false
  return !isSaid || !isCounting(digits)
}

const isAbroad = ({ digits, hasPlus, sizes, gaps }: Candidate): boolean =>
  gaps.every(gap => /^[\s()-]*$/.test(gap)) &&
  ((hasPlus && abroad.test(digits) && digits.length >= 8) ||
    (/^00[1-9][0-9]{7,14}$/.test(digits) && (sizes.length === 1 || (sizes[0] ?? 0) >= 3)))

/** `skip`: it is no secret, and none of its pieces is one. */
function kindOf(given: Candidate): NumberKind | 'skip' | null {
  const { digits, hasPhoneWord, hasCardWord } = given
  const written = isOneNumber(given, hasPhoneWord || hasCardWord)
  if (identity.test(digits) && (written || given.gaps.every(gap => !isListMark.test(gap)))) return 'identity'
  if (written && service.test(digits) && !hasCardWord) return 'skip'
  if (written && (mobile.test(digits) || landline.test(digits) || isAbroad(given))) return 'phone'
  if (isCard(given)) return /^[0-9]{15}$|^[0-9]{17}[0-9x]$/.test(digits) ? 'identity' : 'card'
  return isLocal(given) ? 'phone' : null
}

const longest = 20
/** What may follow a landline and is part of how it is dialled. */
const extension = /^\s?(?:-|转|分机|ext\.?|#)\s?[0-9]{1,6}(?![0-9])/u

/** The text with dates, times and addresses of the net blotted out, as long as it was. */
const blotted = (folded: string): string => folded.replace(noNumber, found => 'x'.repeat(found.length))

function findInRun(
  folded: string,
  run: readonly Digit[],
  found: FoundNumber[],
  isIdentityPass = false,
): void {
  for (let start = 0; start < run.length; start += 1) {
    if (!isEdge(run, start) && !isLastOfOne(run, start - 1)) continue
    const hit = longestAt(folded, run, start, isIdentityPass)
    if (hit === null) continue
    if (hit.found !== null) found.push(hit.found)
    start = hit.end - 1
  }
}

/** 一 of 一直 or 打了一次, which happens to stand beside a number that is said: a digit by itself, or the first or last of its group. */
const isLastOfOne = (run: readonly Digit[], at: number): boolean =>
  run[at]?.isSaid === true && (run[at + 1]?.isSaid !== true || isEdge(run, at + 1) || isEdge(run, at))

function longestAt(
  folded: string,
  run: readonly Digit[],
  start: number,
  isIdentityPass: boolean,
): { found: FoundNumber | null; end: number } | null {
  const from = run[start]?.at ?? 0
  const lead = before(folded, from)
  const plus = /\+\s?\(?$/.exec(lead)?.[0].length ?? 0
  const words = {
    hasPlus: plus > 0,
    hasPhoneWord: phoneWord.test(lead),
    hasCardWord: cardWord.test(lead),
    hasThingWord: thingWord.test(lead),
  }
  const all = run
    .slice(start, start + longest)
    .map(({ value }) => value)
    .join('')
  for (let end = Math.min(run.length, start + longest); end >= start + 6; end -= 1) {
    const isLoose = !isEdge(run, start) || !isEdge(run, end)
    if (!isEdge(run, end) && !isLastOfOne(run, end)) continue
    const last = run[end - 1]
    if (last === undefined) continue
    // The last of an identity number may be an X.
    const x = end - start === 17 ? /^[\s-]?x(?![a-z0-9])/u.exec(folded.slice(last.at + 1, last.at + 5)) : null
    const value = all.slice(0, end - start) + (x === null ? '' : 'x')
    if (isIdentityPass ? !identity.test(value) : !mayBe.test(value) && !(words.hasPlus && abroad.test(value)))
      continue
    const digits = run.slice(start, end)
    const edges = [...digits.keys()].filter(at => at === 0 || isEdge(digits, at))
    const to = last.at + 1 + (x?.[0].length ?? 0)
    const kind = kindOf({
      digits: value,
      sizes: edges.map((at, nth) => (edges[nth + 1] ?? digits.length) - at),
      gaps: edges.slice(1).map(at => digits[at]?.gap ?? ''),
      isSaid: digits.every(({ isSaid }) => isSaid),
      isAmount: amount.test(folded.slice(to, to + 6)),
      ...words,
    })
    if (kind === null || (isLoose && !mobile.test(value))) continue
    if (kind === 'skip') return { found: null, end }
    const opening = folded[from - plus - 1] === '(' && folded.slice(from, to).includes(')') ? 1 : 0
    const more = kind === 'phone' ? (extension.exec(folded.slice(to, to + 16))?.[0].length ?? 0) : 0
    let next = end
    while (next < run.length && (run[next]?.at ?? 0) < to + more) next += 1
    return {
      found: {
        from: from - plus - opening,
        to: to + more,
        kind,
        digits: (plus > 0 ? '+' : '') + value.toUpperCase(),
      },
      end: next,
    }
  }
  return null
}

/** 138O0138OOO: letters that look like digits. */
const withLetters = /(?<![a-z0-9])(?=[a-z|]*(?:[0-9][a-z|]*){6})[1li|][3-9][0-9oil|]{9}(?![a-z0-9])/gu
/** An account by which somebody is reached, or a paper that names them, by the word before it. */
const account =
  /(?:微信|威信|v信|vx|wx|wechat|qq|扣扣|企鹅|抖音|快手|支付宝|钉钉|陌陌|微博)(?:账号|帐号|号码|号|id)?\s?[:：是为]?\s?([a-z][a-z0-9_-]{4,19}|[0-9]{5,12})(?![a-z0-9])/gu
const paper =
  /(?:护照|通行证|军官证|士兵证|驾驶证|驾照|社保[卡号]|医保[卡号]|居住证|身份证|证件|学号|准考证|病历|住院)(?:号码|编号|号)?\s?[:：是为]?\s?([a-z]{0,3}[0-9][0-9-]{4,20}[0-9x])(?![a-z0-9])/gu
const mail =
  /(?<![a-z0-9._%+-])[a-z0-9][a-z0-9._%+-]{0,63}\s?(?:@|[([](?:at|@)[)\]]|艾特|\sat\s)\s?[a-z0-9-]{1,63}(?:\s?(?:[.。·]|点|dot)\s?[a-z0-9-]{1,63}){0,5}\s?(?:[.。·]|点|dot)\s?[a-z]{2,10}(?![a-z])/gu

/** Mail addresses of a folded text, also those that somebody wrote around a filter. */
export const findMail = (folded: string): { from: number; to: number }[] =>
  [...folded.matchAll(mail)].map(({ 0: found, index }) => ({ from: index, to: index + found.length }))

const overlaps = (one: FoundNumber, other: FoundNumber): boolean => one.from < other.to && other.from < one.to

/** In the text's order, none within another. */
export function findNumbers(folded: string): FoundNumber[] {
  const found: FoundNumber[] = []
  // An identity number in groups holds a date: it is looked for before dates are.
  for (const run of digitRuns(folded)) findInRun(folded, run, found, true)
  const rest = blotted(folded)
  for (const run of digitRuns(rest)) {
    const inRun: FoundNumber[] = []
    findInRun(rest, run, inRun)
    found.push(...inRun.filter(each => !found.some(other => overlaps(each, other))))
  }
  const add = (each: FoundNumber) => {
    if (!found.some(other => overlaps(each, other))) found.push(each)
  }
  for (const { 0: text, index } of folded.matchAll(withLetters)) {
    const digits = text.replaceAll('o', '0').replace(/[li|]/g, '1')
    add({ from: index, to: index + text.length, kind: 'phone', digits })
  }
  for (const { 0: text, 1: name = '', index } of folded.matchAll(account))
    add({ from: index + text.length - name.length, to: index + text.length, kind: 'account', digits: '' })
  for (const { 0: text, 1: number = '', index } of folded.matchAll(paper)) {
    const digits = number.replace(/[^0-9]/g, '')
    add({ from: index + text.length - number.length, to: index + text.length, kind: 'identity', digits })
  }
  return found.sort((one, other) => one.from - other.from)
}
