/**
 * When something happened, from how people say it (今天上午, 昨晚10点, 11月20日), in China's time. A citizen tells of what has
 * been, so a date without a year is its latest one that is not ahead, unless the words say that it is to come. What can be read in
 * two ways (三四点, 每天晚上, 当晚, 半天前) gives no time: a wrong one would be taken over unseen.
 */
import { foldWithPlaces } from '../fold-text.ts'

export type TimePhrase = {
  /** As it stands in the text. */
  text: string
  from: number
  to: number
  /** The beginning of what was said, milliseconds since the epoch. */
  at: number
  /** How exactly it was said. */
  exact: 'minute' | 'hour' | 'part-of-day' | 'day'
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const chinaMs = 8 * hourMs

/** Midnight in China of the day of `at`. */
const dayOf = (at: number): number => Math.floor((at + chinaMs) / dayMs) * dayMs - chinaMs
const dateAt = (year: number, month: number, day: number): number | null => {
  const at = Date.UTC(year, month - 1, day) - chinaMs
  const back = new Date(at + chinaMs)
  return back.getUTCMonth() === month - 1 && back.getUTCDate() === day ? at : null
}

const digits: Record<string, number> = {
  零: 0,
  〇: 0,
  一: 1,
  二: 2,
  两: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
}

/** 12, 十二, 二十, 三十一, 零五, and 二〇二五 where digits are said one by one. Null: 三四, 十二三, 二三十 are two numbers. */
function numberOf(text: string): number | null {
  if (/^\d+$/.test(text)) return Number(text)
  const digit = (said: string | undefined): number => digits[said ?? ''] ?? 0
  const tens = /^([二两三四五六七八九一])?十([一二三四五六七八九])?$/u.exec(text)
  if (tens !== null) return (tens[1] === undefined ? 1 : digit(tens[1])) * 10 + digit(tens[2])
  const hundreds =
    /^([一二两三四五六七八九])百(?:([一二三四五六七八九])十([一二三四五六七八九])?|零([一二三四五六七八九]))?$/u.exec(
      text,
    )
  if (hundreds !== null)
    return digit(hundreds[1]) * 100 + digit(hundreds[2]) * 10 + digit(hundreds[3] ?? hundreds[4])
  if (/^[零〇]?[零〇一二两三四五六七八九]$/u.test(text)) return digit(Array.from(text).at(-1))
  if (/^[零〇一二三四五六七八九]{4}$/u.test(text)) return Number(Array.from(text, digit).join(''))
  return null
}

const n = '(?:\\d{1,2}(?!\\d)|[零〇]|[一二两三四五六七八九十]{1,3})'
const relativeDays: Record<string, number> = {
  大前天: -3,
  前天: -2,
  前日: -2,
  前: -2,
  昨天: -1,
  昨日: -1,
  昨: -1,
  今天: 0,
  今日: 0,
  今: 0,
  明天: 1,
  明日: 1,
  明: 1,
  后天: 2,
  大后天: 3,
}

/** Which hours are said with a part of the day: those before noon, those after it, and a night that goes on after midnight. */
type DayPart = {
  /** The hour from which it counts when no hour is said. */
  from: number
  /** The hour of the day for one that is said; 24 and more: of the day after. Null: nobody says so. */
  hourOf(said: number): number | null
}
const morning = (from: number, first: number, last: number): DayPart => ({
  from,
  hourOf: said => (said >= first && said <= last ? said : null),
})
const smallHours: DayPart = { from: 0, hourOf: said => (said === 12 ? 0 : said <= 6 ? said : null) }
const noon: DayPart = {
  from: 11,
  hourOf: said => (said >= 1 && said <= 3 ? said + 12 : said >= 10 && said <= 15 ? said : null),
}
const afternoon: DayPart = {
  from: 13,
  hourOf: said => (said >= 1 && said <= 11 ? said + 12 : said >= 12 && said <= 19 ? said : null),
}
const dusk: DayPart = {
  from: 17,
  hourOf: said => (said >= 4 && said <= 8 ? said + 12 : said >= 16 && said <= 20 ? said : null),
}
/** 晚上1点 is an hour after midnight; 晚上5点 is before it. */
const night = (from: number, firstEvening: number): DayPart => ({
  from,
  hourOf: said =>
    said === 12 || said === 24
      ? 24
      : said < firstEvening
        ? said + 24
        : said < 12
          ? said + 12
          : said >= 17
            ? said
            : null,
})
const evening = night(18, 5)
const lateNight = night(20, 7)
const afterMidnight: DayPart = { from: 24, hourOf: said => (said === 12 ? 24 : said <= 6 ? said + 24 : null) }
const parts: Record<string, DayPart> = {
  晚上凌晨: afterMidnight,
  夜里凌晨: afterMidnight,
  晚凌晨: afterMidnight,
  夜凌晨: afterMidnight,
  后半夜: afterMidnight,
  下半夜: afterMidnight,
  凌晨: smallHours,
  大半夜: { ...lateNight, from: 0 },
  半夜: { ...lateNight, from: 0 },
  午夜: { ...lateNight, from: 24 },
  深夜: { ...lateNight, from: 22 },
  夜里: lateNight,
  夜间: lateNight,
  夜晚: evening,
  清晨: morning(5, 3, 9),
  清早: morning(5, 3, 9),
  早上: morning(6, 1, 11),
  早晨: morning(6, 1, 11),
  早: morning(6, 1, 11),
  上午: morning(8, 1, 12),
  中午: noon,
  午后: afternoon,
  下午: afternoon,
  傍晚: dusk,
  晚上: evening,
  晚: evening,
  夜: lateNight,
}
/** Parts of one character begin other words: 早就, 晚点再说, 早高峰, 夜市. */
const wordsOfShort: Record<string, string> = {
  早: '(?!一点(?![半多钟左整\\d])|一些|就|已|先|期|些|餐|饭|市|报|班|高峰|年|教|产|点(?:再|来|到|去|说|回|处|解))',
  晚: '(?!一点(?![半多钟左整\\d])|一些|些|餐|饭|报|班|高峰|年|期|于|会|点(?:再|来|到|去|说|回|处|解))',
  夜: '(?!市|班|宵|景|总会|校)',
}
const partNames = Object.keys(parts)
  .map(name => name + (wordsOfShort[name] ?? ''))
  .join('|')

/** 5号 of 5号楼, 3号线 is no day. */
const dayMark = '(?:日|号(?![楼线院门店车厅井机桥坑库房码池泵站仓馆桩岗地令文棚铺栋幢]))'
const year = '(?:19|20)\\d{2}|\\d{2}|[一二][零〇九][零〇一二三四五六七八九]{2}'
const dayPattern = [
  `(?<relative>(?<!大)大前天|(?<![以之目提从先大])前[天日](?!天|气|台)|昨天|昨日|今天|今日|明天|明日|(?<!大)大后天|(?<![大以之])后天|昨(?=[早晚夜])|今(?=[早晚夜])|明(?=[早晚])|(?<![以之目提从先大点时天日月年周半分钟\\d])前(?=[晚夜]))`,
  `(?:(?<![\\d年])(?<year>${year})年\\s?|(?<yearWord>今年|去年|前年)的?)?(?<![\\d.])(?<month>${n})月份?的?(?<day>${n})${dayMark}`,
  `(?<monthWord>(?<!上)上上个?月|本月|这个月|(?<!上)上个?月)的?(?<dayOfMonth>${n})${dayMark}`,
  `(?:(?<week>(?<![上大])上上个?|本|这个?|(?<![上大])上个?|(?<!下)下个?)|(?<![上下大这本个]))(?:周|星期|礼拜)(?<weekday>[一二三四五六日天])`,
].join('|')
const clockPattern = `(?<part>${partNames})?(?:的)?(?:(?<![\\d.])(?<hour>${n})(?:[点时](?:钟|整)?(?:(?<half>半)|(?<quarter>[一三13])刻|(?<minute>\\d{1,2}(?!\\d)|[一二三四五六七八九十零〇]{1,3})分?)?|:(?<minutes>[0-5]\\d)(?!\\d)))?`
const count = '(?:\\d{1,3}(?:\\.\\d)?|[零一二两三四五六七八九十百]{1,5}|半)'
const length = `${count}个?半?(?:分钟|小时|钟头|天|星期|礼拜|周|月|年)半?`
const agoPattern = `(?<![\\d.一二两三四五六七八九十百千几多上大第])(?<ago>${length}(?:[零又]?${length}){0,2})(?:以前|之前|前)(?![后往台])`

/** 每天晚上, 经常半夜, 当晚, 第二天早上: how it always is, or a day that the text tells elsewhere. */
const noDay =
  /(?:每[天日晚夜早周月年]?|每逢|每到|每个|天天|夜夜|经常|常常|时常|平时|平日|一般|往往|通常|总是|[当那同翌次隔头][天日晚早夜]|第[二三四五六七八九十\d]+[天日]|[前后]一[天日晚]|工作日|周末|节假日)[的都在到，, ]?$/u

/** 周一至周五: opening hours, and no day. */
const weekdays =
  /(?:周|星期|礼拜)[一二三四五六日天]\s?(?:至|到|[-~—])\s?(?:(?:周|星期|礼拜)?[一二三四五六日天])/gu

const dayAndClock = new RegExp(`(?:${dayPattern})(?:的)?\\s*${clockPattern}`, 'gu')
const agoAndClock = new RegExp(`${agoPattern}(?:的)?\\s*${clockPattern}`, 'gu')
const clockAlone = new RegExp(`(?<![\\d点月])${clockPattern.replace(')?(?:的)?', ')(?:的)?')}`, 'gu')

type Named = Record<string, string | undefined>

/** 25 is 2025, and 82 is 1982. */
function yearOf(text: string, thisYear: number): number | null {
  const said = numberOf(text)
  if (said === null || said >= 100) return said
  return 2_000 + said > thisYear + 1 ? 1_900 + said : 2_000 + said
}

function dayFrom(named: Named, now: number): number | null {
  const today = dayOf(now)
  const china = new Date(now + chinaMs)
  const [thisYear, thisMonth] = [china.getUTCFullYear(), china.getUTCMonth() + 1]
  if (named['relative'] !== undefined) return today + (relativeDays[named['relative']] ?? 0) * dayMs
  if (named['month'] !== undefined) {
    const [month, day] = [numberOf(named['month']), numberOf(named['day'] ?? '')]
    if (month === null || day === null || month < 1 || month > 12) return null
    if (named['year'] !== undefined) {
      const year = yearOf(named['year'], thisYear)
      return year === null ? null : dateAt(year, month, day)
    }
    const back = named['yearWord'] === undefined ? 0 : ['今年', '去年', '前年'].indexOf(named['yearWord'])
    const at = dateAt(thisYear - back, month, day)
    return named['yearWord'] === undefined && (at === null || at > today)
      ? dateAt(thisYear - 1, month, day)
      : at
  }
  if (named['monthWord'] !== undefined) {
    const back = named['monthWord'].startsWith('上上') ? 2 : named['monthWord'].startsWith('上') ? 1 : 0
    const day = numberOf(named['dayOfMonth'] ?? '')
    const month = thisMonth - back
    if (day === null) return null
    return month < 1 ? dateAt(thisYear - 1, month + 12, day) : dateAt(thisYear, month, day)
  }
  const weekday = '一二三四五六日'.indexOf((named['weekday'] ?? '').replace('天', '日'))
  if (weekday === -1) return null
  const monday = today - ((china.getUTCDay() + 6) % 7) * dayMs
  const week = named['week']
  if (week === undefined)
    return monday + weekday * dayMs > today ? monday + (weekday - 7) * dayMs : monday + weekday * dayMs
  const weeks = week.startsWith('上上') ? -2 : week.startsWith('上') ? -1 : week.startsWith('下') ? 1 : 0
  return monday + (weekday + 7 * weeks) * dayMs
}

type Told = Pick<TimePhrase, 'at' | 'exact'>

/** The hour within a day for one that is said, with its part; null when nobody says so. */
function hourOf(named: Named): number | null {
  const said = numberOf(named['hour'] ?? '')
  if (said === null || said > 24) return null
  const part = named['part'] === undefined ? undefined : parts[named['part']]
  return part === undefined ? said : part.hourOf(said)
}

/** Adds the clock to a day; null when it is no time of day. */
function withClock(day: number, named: Named): Told | null {
  const part = named['part'] === undefined ? undefined : parts[named['part']]
  if (named['hour'] === undefined)
    return part === undefined
      ? { at: day, exact: 'day' }
      : { at: day + part.from * hourMs, exact: 'part-of-day' }
  const hour = hourOf(named)
  const quarter = named['quarter']
  const minute =
    named['half'] !== undefined
      ? 30
      : quarter !== undefined
        ? (quarter === '一' || quarter === '1' ? 1 : 3) * 15
        : numberOf(named['minute'] ?? named['minutes'] ?? '0')
  if (hour === null || minute === null || minute > 59 || (named['hour'] === '24' && minute > 0)) return null
  const exact = named['minute'] ?? named['minutes'] ?? named['half'] ?? named['quarter']
  return { at: day + hour * hourMs + minute * minuteMs, exact: exact === undefined ? 'hour' : 'minute' }
}

/** 夜里1点 of a day is after the midnight that ends it, unless that is still to come. */
function ofTheNight(told: Told | null, named: Named, day: number, now: number): Told | null {
  const isOver = told !== null && told.at > now && told.at >= day + dayMs && told.at - dayMs <= now
  return isOver && parts[named['part'] ?? ''] === lateNight ? { ...told, at: told.at - dayMs } : told
}

const unitMs: Record<string, number> = {
  分钟: minuteMs,
  小时: hourMs,
  钟头: hourMs,
  天: dayMs,
  星期: 7 * dayMs,
  礼拜: 7 * dayMs,
  周: 7 * dayMs,
  月: 30 * dayMs,
}
const oneLength = new RegExp(
  `(?<count>${count})个?(?<half>半)?(?<unit>分钟|小时|钟头|天|星期|礼拜|周|月|年)(?<more>半)?`,
  'gu',
)

/** 两个半小时, 1小时20分钟. Null: it is not told to the day or the minute (半天, 一天半, 三四天, 两年). */
function lengthOf(text: string): { ms: number; unit: number } | null {
  let [ms, unit] = [0, 0]
  for (const { groups = {} } of text.matchAll(oneLength)) {
    const own = unitMs[groups['unit'] ?? '']
    const isHalf = groups['count'] === '半'
    const half = groups['half'] !== undefined || groups['more'] !== undefined
    const said = groups['count'] ?? ''
    const counted = isHalf ? 0.5 : said.includes('.') ? Number(said) : numberOf(said)
    if (own === undefined || counted === null || (isHalf && half)) return null
    const amount = (counted + (half ? 0.5 : 0)) * own
    if (own >= dayMs && amount % dayMs !== 0) return null
    ms += amount
    unit = own
  }
  return { ms, unit }
}

function agoFrom(named: Named, now: number): Told | null {
  const told = lengthOf(named['ago'] ?? '')
  if (told === null) return null
  const at = now - told.ms
  if (told.unit >= dayMs) return withClock(dayOf(at), named)
  if (named['part'] !== undefined || named['hour'] !== undefined) return null
  return { at, exact: told.unit === hourMs ? 'hour' : 'minute' }
}

const andThen = /^(?:多|左右)?[,，、~-]?(?:和|及|与|至|到|从)?$/u

const readCharacters = 4_000
const mostPhrases = 50

/** Every time that the text tells, in its order, none within another. */
export function timePhrases(text: string, now: number): TimePhrase[] {
  const { folded, placeOf } = foldWithPlaces(text.slice(0, readCharacters))
  /** Also what is no time: no other rule may read a piece of it. */
  const read: { from: number; to: number; told: Told | null; isNoDay: boolean }[] = []
  const add = (match: RegExpExecArray, tell: (named: Named) => Told | null) => {
    const [from, to] = [match.index, match.index + match[0].length]
    if (match[0] === '' || read.some(other => from < other.to && other.from < to)) return
    const before = folded.slice(Math.max(0, from - 8), from)
    const isNoDay = noDay.test(before) || (/^[早晚夜]/.test(match[0]) && /[当那同次翌]$/.test(before))
    read.push({ from, to, told: isNoDay ? null : tell(match.groups ?? {}), isNoDay })
  }
  for (const { 0: found, index } of folded.matchAll(weekdays))
    read.push({ from: index, to: index + found.length, told: null, isNoDay: true })
  for (const match of folded.matchAll(agoAndClock)) add(match, named => agoFrom(named, now))
  for (const match of folded.matchAll(dayAndClock))
    add(match, named => {
      const day = dayFrom(named, now)
      return day === null ? null : ofTheNight(withClock(day, named), named, day, now)
    })
  for (const match of folded.matchAll(clockAlone)) {
    const named: Named = match.groups ?? {}
    if (named['part'] === undefined || (named['part'].length === 1 && named['hour'] === undefined)) continue
    add(match, () => {
      const told = withClock(dayOf(now), named)
      if (told === null) return null
      // 晚上10点 said in the morning was yesterday's.
      const days = Math.max(0, Math.ceil((told.at - now) / dayMs))
      return { ...told, at: told.at - days * dayMs }
    })
  }
  read.sort((one, other) => one.from - other.from)
  // 每天早上和晚上: the second is no day either.
  for (const [at, one] of read.entries()) {
    const before = read[at - 1]
    if (before?.isNoDay === true && andThen.test(folded.slice(before.to, one.from))) {
      one.told = null
      one.isNoDay = true
    }
  }
  return read
    .flatMap(({ from, to, told }) => {
      const place = placeOf(from, to)
      return told === null ? [] : [{ text: text.slice(place.from, place.to), ...place, ...told }]
    })
    .slice(0, mostPhrases)
}
