/**
 * Phone numbers as exchanges deliver them, and the one form that the same citizen always gets (归一号码).
 * Mainland China's plan: 11-digit mobiles 1[3-9]…, landlines of 7 or 8 digits behind an area code of 3 (010, 02x) or 4 digits,
 * 400 / 800 numbers, service numbers 1xx, 95xxx, 96xxx, 12xxx, and the seats' own short extensions.
 */

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

const withheldNames = /^(anonymous|unavailable|restricted|unknown|withheld|private|blocked|none|null|p|o)$/i
const extensionMark = /(?:;ext=|转|分机|ext\.?|[,#pwx]|-(?=\d{1,6}$))\s*(\d{1,6})$/i
/** Invisible and direction-changing characters: they make a number look like another one. */
// oxlint-disable-next-line no-control-regex -- control characters are what is being removed
const unseen = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

const wholeFixedNumber = /^(?:(?:\+|00)?86)?(?:0?(?:10|2\d|[3-9]\d{2})[2-9]\d{6,7}|[2-9]\d{6,7}|[48]00\d{7})$/

const withheld: NormalizedNumber = {
  kind: 'withheld',
  key: null,
  extension: null,
  display: '匿名来电',
  dialable: false,
}

/**
 * The normal form of a number. Never throws. `areaCode` (e.g. `0512`, or empty) completes local landlines.
 * Source of the forms: what SIP user parts, tel: URIs and people's typing were seen to contain.
 */
export function normalizeNumber(raw: string | null, options: { areaCode: string }): NormalizedNumber {
  if (raw === null) return withheld
  const cleaned = raw.slice(0, 256).normalize('NFKC').replace(unseen, '').trim()
  const user = userPart(cleaned)
  if (user === '' || withheldNames.test(user)) return withheld
  const { main, extension } = splitExtension(user)
  const compact = main.replace(/[\s().\-–—_/]/g, '')
  if (!/^\+?\d{2,20}$/.test(compact)) return invalid(user, null)
  return plan(compact, extension, options.areaCode)
}

/** `sip:0512…@host;user=phone`, `<tel:+86…;ext=3>` and the like: the part that names the caller. */
function userPart(text: string): string {
  const inner = /<([^>]*)>/.exec(text)?.[1] ?? text
  const withoutScheme = inner.replace(/^(sips?|tel):/i, '')
  const beforeHost = withoutScheme.split('@')[0] ?? ''
  return decode(beforeHost)
    .replace(/;(?!ext=).*$/i, '')
    .trim()
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text).replace(unseen, '')
  } catch {
    return text
  }
}

function splitExtension(user: string): { main: string; extension: string | null } {
  const found = extensionMark.exec(user)
  if (found === null) return { main: user, extension: null }
  const main = user.slice(0, found.index)
  // A hyphen is an extension mark only behind a whole fixed number: 0999-5550123-801 has one, 199-0000-0001 has none.
  const whole = wholeFixedNumber.test(main.replace(/[^\d+]/g, ''))
  if (found[0].startsWith('-') && !whole) return { main: user, extension: null }
  return { main, extension: found[1] ?? null }
}

function plan(compact: string, extension: string | null, areaCode: string): NormalizedNumber {
  const abroad = behindPrefix(compact)
  if (abroad !== null && !abroad.startsWith('86')) {
    if (abroad.length < 2) return invalid(compact, extension)
    const key = `+${abroad}`
    return number('international', key, extension, key, key.length >= 8)
  }
  const national = abroad?.slice(2) ?? withoutCountry(compact)
  const mobile = /^0*(1[3-9]\d{9})$/.exec(national)?.[1]
  if (mobile !== undefined) {
    return number(
      'mobile',
      mobile,
      extension,
      `${mobile.slice(0, 3)} ${mobile.slice(3, 7)} ${mobile.slice(7)}`,
    )
  }
  if (/^[48]00\d{7}$/.test(national)) {
    return number(
      'service',
      national,
      extension,
      `${national.slice(0, 3)} ${national.slice(3, 6)} ${national.slice(6)}`,
    )
  }
  const landline = /^(0(?:10|2\d|[3-9]\d{2}))([2-9]\d{6,7})$/.exec(national)
  if (landline !== null) return fixed(landline[1] ?? '', landline[2] ?? '', extension)
  const bare = /^((?:10|2\d|[3-9]\d{2}))([2-9]\d{6,7})$/.exec(national)
  // +86 drops the trunk zero: 86 999 5550123. Without the country code such a string of 10 or 11 digits means the same.
  if (bare !== null && national.length >= 10) return fixed(`0${bare[1] ?? ''}`, bare[2] ?? '', extension)
  if (/^[2-9]\d{6,7}$/.test(national)) {
    if (areaCode !== '') return fixed(areaCode, national, extension)
    return number('landline', national, extension, national)
  }
  if (/^(1\d{2}|12\d{3}|1\d{4}|9[56]\d{3,6})$/.test(national))
    return number('service', national, extension, national)
  if (/^\d{2,6}$/.test(national)) return number('extension', national, extension, national)
  return invalid(compact, extension)
}

/** The digits behind an international prefix, without the zeros that no country's code begins with; null: there is no prefix. */
function behindPrefix(compact: string): string | null {
  if (!compact.startsWith('+') && !/^00\d{6,}$/.test(compact)) return null
  return compact.replace(/^\+?0*/, '')
}

/** What is written without a prefix may still begin with China's code. */
const withoutCountry = (compact: string): string =>
  /^0?86(0?1[3-9]\d{9}|0?(?:10|2\d|[3-9]\d{2})[2-9]\d{6,7}|[48]00\d{7})$/.exec(compact)?.[1] ?? compact

const invalid = (compact: string, extension: string | null): NormalizedNumber => ({
  ...withheld,
  kind: 'invalid',
  extension,
  display: compact.slice(0, 32),
})

function fixed(area: string, local: string, extension: string | null): NormalizedNumber {
  const display = extension === null ? `${area} ${local}` : `${area} ${local} 转 ${extension}`
  return number('landline', `${area}${local}`, extension, display)
}

function number(
  kind: NumberKind,
  key: string,
  extension: string | null,
  display: string,
  dialable = true,
): NormalizedNumber {
  return { kind, key, extension, display, dialable }
}

/** For lists and notifications: the middle of a number hidden, e.g. 199****0001. Short numbers stay as they are. */
export function maskNumber(text: string): string {
  const compact = text.replace(/\s/g, '')
  if (compact.length < 7) return compact
  return `${compact.slice(0, 3)}****${compact.slice(-4)}`
}
