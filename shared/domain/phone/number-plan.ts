/**
 * What a string of digits is in the number plan. libphonenumber's metadata says which area codes mainland China has, how long their
 * numbers are, and what a number of another country looks like. The service numbers stand here, since the library knows few of them:
 * 110, 12345, 95xxx and 96xxx, alone or behind an area code.
 */
import { type MetadataJson, parsePhoneNumberFromString } from 'libphonenumber-js/core'
import detailed from 'libphonenumber-js/max/metadata'
import general from 'libphonenumber-js/min/metadata'

/**
 * China in detail, so that 0852, which was withdrawn, is told from 0851; other countries only by pattern and length. A built seat has
 * no more of it than is read here (scripts/phone-metadata.ts).
 */
const metadata: MetadataJson = {
  ...general,
  countries: { ...general.countries, CN: detailed.countries.CN ?? [] },
}
const parse = (digits: string) => parsePhoneNumberFromString(digits, { defaultCountry: 'CN' }, metadata)

export type PlannedNumber = {
  kind: 'mobile' | 'landline' | 'service' | 'international' | 'extension'
  key: string
  display: string
  dialable: boolean
  /** The plan knows a number of exactly this form. Otherwise it is only what the digits can mean if they are one number at all. */
  isKnown: boolean
  /** Its key needs the city's own area code, or none: seven digits among words may mean something else. */
  isShort: boolean
}

const longestInternational = 15
/** 10 and 2x have two digits, all others three. */
const behindZero = /^0(10|2\d|[3-9]\d{2})(\d{3,8})$/
const withoutZero = /^(10|2\d|[3-9]\d{2})(\d{3,8})$/
const subscriber = /^[2-9]\d{6,7}$/
/** Three digits (110), five (12345, 10086), 95xxx and 96xxx: the ones that can be called in another city behind its area code. */
const cityService = /^(?:1\d{2}|1\d{4}|9[56]\d{3,4})$/
const knownCityService = /^(?:11[0-9]|12[02]|1[02]\d{3}|11[168]\d{2}|9[56]\d{3,4})$/
/** 1010xxxx, 118114, 10086 with its menu, and 95 with what a company or a privacy number (中间号) adds to it. */
const nationalService = /^(?:1010\d{4}|11[68]\d{3}|100(?:00|01|10|86|99)\d{1,3}|95\d{3,13})$/
/** Hong Kong, Macau and Taiwan are often written without their plus sign. */
const nearbyCountry = /^(?:852|853|886)\d{7,10}$/

type About = Partial<Pick<PlannedNumber, 'isKnown' | 'isShort' | 'dialable' | 'display'>>
const planned = (kind: PlannedNumber['kind'], key: string, about: About = {}): PlannedNumber => ({
  kind,
  key,
  display: key,
  dialable: true,
  isKnown: true,
  isShort: false,
  ...about,
})

/** The library takes 15 µs for one number, and lists ask for the same few whenever they are drawn. */
const answersKept = 1_000
const landlines = new Map<string, boolean>()
function isLandline(area: string, local: string): boolean {
  const digits = `+86${area}${local}`
  const known = landlines.get(digits)
  if (known !== undefined) return known
  const found = parse(digits)?.getType() === 'FIXED_LINE'
  if (landlines.size >= answersKept) landlines.clear()
  landlines.set(digits, found)
  return found
}

/** Whether mainland China has this area code, which is given without its zero. */
const isArea = (area: string): boolean => isLandline(area, '2222222') || isLandline(area, '22222222')
export const isAreaCode = (digits: string): boolean =>
  /^0(?:10|2\d|[3-9]\d{2})$/.test(digits) && isArea(digits.slice(1))

/** `digits` has an optional plus sign in front. `areaCode` (`0512`, or empty) completes local numbers. Null: it is no number. */
export function planNumber(digits: string, areaCode: string): PlannedNumber | null {
  const foreign = behindPrefix(digits)
  if (foreign !== null) return foreign.startsWith('86') ? behindCountry(foreign.slice(2)) : abroad(foreign)
  return mobileOrFree(digits) ?? nationwide(digits, areaCode) ?? undecorated(digits, areaCode)
}

/** The digits behind an international prefix, without the zeros that no country's code begins with; null: there is no prefix. */
function behindPrefix(digits: string): string | null {
  if (!digits.startsWith('+') && !/^00\d{6,}$/.test(digits)) return null
  return digits.replace(/^\+?0*/, '')
}

function mobileOrFree(digits: string): PlannedNumber | null {
  const [, mobile] = /^0*(1[3-9]\d{9})$/.exec(digits) ?? []
  if (mobile !== undefined)
    return planned('mobile', mobile, {
      display: `${mobile.slice(0, 3)} ${mobile.slice(3, 7)} ${mobile.slice(7)}`,
    })
  const [, free] = /^0*([48]00\d{7})$/.exec(digits) ?? []
  if (free === undefined) return null
  return planned('service', free, { display: `${free.slice(0, 3)} ${free.slice(3, 6)} ${free.slice(6)}` })
}

/** A subscriber or a service of one city. `area` without its zero. */
function inArea(area: string, rest: string): PlannedNumber | null {
  if (!isArea(area)) return null
  const about = { display: `0${area} ${rest}` }
  // A length that the library does not know may be newer than the library.
  if (subscriber.test(rest))
    return planned('landline', `0${area}${rest}`, { ...about, isKnown: isLandline(area, rest) })
  if (!cityService.test(rest)) return null
  return planned('service', `0${area}${rest}`, { ...about, isKnown: knownCityService.test(rest) })
}

/** Behind +86: numbers are whole there, so that no local number and no extension can stand there. */
function behindCountry(digits: string): PlannedNumber | null {
  const whole = mobileOrFree(digits)
  if (whole !== null) return whole
  const zero = behindZero.exec(digits)
  if (zero !== null) return inArea(zero[1] ?? '', zero[2] ?? '')
  const isService = cityService.test(digits) && digits.length !== 6
  if (isService) return planned('service', digits, { isKnown: knownCityService.test(digits) })
  const [, area = '', rest = ''] = withoutZero.exec(digits) ?? []
  const city = area === '' ? null : inArea(area, rest)
  if (city !== null) return city
  return nationalService.test(digits) || cityService.test(digits) ? planned('service', digits) : null
}

/** What is whole by itself, without a country's code. */
function nationwide(digits: string, areaCode: string): PlannedNumber | null {
  const zero = behindZero.exec(digits)
  const city = zero === null ? null : inArea(zero[1] ?? '', zero[2] ?? '')
  if (city !== null) return city
  // Exchanges put a zero before every number from outside, and so before those that have none.
  const service = /^0(\d{5,})$/.exec(digits)?.[1] ?? ''
  if (nationalService.test(service) || knownCityService.test(service)) return planned('service', service)
  if (zero !== null) return null
  // Whoever leaves the zero away can mean the own area; elsewhere 95 begins a service.
  if (nationalService.test(digits) && !isOwnLandline(digits, areaCode))
    return planned('service', digits, { isShort: digits.length < 8 })
  const [, area = '', rest = ''] = digits.length < 10 ? [] : (withoutZero.exec(digits) ?? [])
  if (!subscriber.test(rest)) return null
  const found = inArea(area, rest)
  return found === null ? null : { ...found, isShort: true }
}

function isOwnLandline(digits: string, areaCode: string): boolean {
  const area = areaCode.slice(1)
  const rest = digits.slice(area.length)
  return area !== '' && digits.startsWith(area) && subscriber.test(rest) && isLandline(area, rest)
}

/** Local numbers, short services, extensions, and numbers that begin with a code without its sign: 86, 17951, 852. */
function undecorated(digits: string, areaCode: string): PlannedNumber | null {
  if (subscriber.test(digits)) return local(digits, areaCode)
  if (cityService.test(digits))
    return planned('service', digits, { isKnown: knownCityService.test(digits), isShort: true })
  if (/^\d{2,6}$/.test(digits)) return planned('extension', digits, { isKnown: false, isShort: true })
  const [, behind86] = digits.length < 9 ? [] : (/^0?86(\d+)$/.exec(digits) ?? [])
  const domestic = behind86 === undefined ? null : behindCountry(behind86)
  if (domestic !== null) return domestic
  if (nearbyCountry.test(digits)) {
    const nearby = abroad(digits)
    return nearby?.isKnown === true ? nearby : null
  }
  return behindCarrier(digits, areaCode) ?? otherService(digits)
}

function local(digits: string, areaCode: string): PlannedNumber {
  if (areaCode === '') return planned('landline', digits, { isShort: true })
  const isKnown = isLandline(areaCode.slice(1), digits)
  return planned('landline', `${areaCode}${digits}`, {
    display: `${areaCode} ${digits}`,
    isKnown,
    isShort: true,
  })
}

/** 17951 and its like (IP 电话) are dialled before a whole number. */
function behindCarrier(digits: string, areaCode: string): PlannedNumber | null {
  const carrier = parse(digits)?.carrierCode
  if (carrier === undefined || !digits.startsWith(carrier)) return null
  const found = planNumber(digits.slice(carrier.length), areaCode)
  return found?.isKnown === true && !found.isShort ? found : null
}

/** Services that only the library knows, such as 10800 and 168. */
function otherService(digits: string): PlannedNumber | null {
  const found = parse(digits)
  const type = found?.getType()
  if (found === undefined || type === undefined || type === 'FIXED_LINE' || type === 'MOBILE') return null
  return digits.replace(/^0/, '') === found.nationalNumber ? planned('service', found.nationalNumber) : null
}

function abroad(digits: string): PlannedNumber | null {
  if (digits.length < 2 || digits.length > longestInternational + 5) return null
  const found = parse(`+${digits}`)
  // Some countries' prefixes come off at every reading: such a number is kept as it is written.
  if (found?.isValid() === true && parse(found.number)?.number === found.number)
    return planned('international', found.number)
  return planned('international', `+${digits}`, { isKnown: false, dialable: digits.length >= 7 })
}
