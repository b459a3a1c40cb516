/**
 * When something happened, from how people say it (今天上午, 昨晚10点, 11月20日), in China's time. A citizen tells of what has
 * been, so a date without a year is its latest one that is not ahead, unless the words say that it is to come.
 */

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

/** 12, 十二, 二十, 三十一. */
function numberOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  const ten = text.indexOf('十')
  if (ten === -1) return text.split('').reduce((sum, digit) => sum * 10 + (digits[digit] ?? 0), 0)
  const tens = ten === 0 ? 1 : (digits[text[ten - 1] ?? ''] ?? 1)
  return tens * 10 + (digits[text[ten + 1] ?? ''] ?? 0)
}

const n = '(?:\\d{1,2}|[一二两三四五六七八九十]{1,3})'
const relativeDays: Record<string, number> = {
  大前天: -3,
  前天: -2,
  昨天: -1,
  昨日: -1,
  昨: -1,
  今天: 0,
  今日: 0,
  今: 0,
  当天: 0,
  明天: 1,
  明日: 1,
  后天: 2,
}
/** The hour from which a part of the day counts, and whether hours said with it are after noon. */
const parts: Record<string, { from: number; afternoon: boolean }> = {
  凌晨: { from: 0, afternoon: false },
  半夜: { from: 0, afternoon: false },
  清晨: { from: 5, afternoon: false },
  早上: { from: 6, afternoon: false },
  早晨: { from: 6, afternoon: false },
  早: { from: 6, afternoon: false },
  上午: { from: 8, afternoon: false },
  中午: { from: 11, afternoon: true },
  下午: { from: 13, afternoon: true },
  傍晚: { from: 17, afternoon: true },
  晚上: { from: 18, afternoon: true },
  夜里: { from: 20, afternoon: true },
  晚: { from: 18, afternoon: true },
}

const dayPattern = [
  `(?<relative>大前天|前天|昨天|昨日|今天|今日|明天|明日|后天|昨(?=[早晚])|今(?=[早晚]))`,
  `(?:(?<year>(?:19|20)\\d{2})年|(?<yearWord>今年|去年|前年))?(?<month>${n})月(?<day>${n})[日号]`,
  `(?<monthWord>本月|这个月|上个?月)(?<dayOfMonth>${n})[日号]`,
  `(?<week>上上?个?|本|这个?|下个?)?(?:周|星期|礼拜)(?<weekday>[一二三四五六日天])`,
].join('|')
const clockPattern = `(?<part>凌晨|半夜|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|早|晚)?(?:的)?(?:(?<hour>${n})(?:[点时](?:(?<half>半)|(?<quarter>[一三])刻|(?<minute>\\d{1,2}|[一二三四五六七八九十零]{1,3})分?)?|[:：](?<minutes>[0-5]\\d)))?`
const agoPattern = `(?<ago>\\d{1,3}|[一二两三四五六七八九十]{1,3}|半)个?(?<unit>分钟|小时|钟头|天|星期|周|月)(?:以前|之前|前)`

const dayAndClock = new RegExp(`(?:${dayPattern})(?:的)?\\s*${clockPattern}`, 'gu')
const clockAlone = new RegExp(`(?<![\\d点月])${clockPattern.replaceAll(')?(?:的)?', ')(?:的)?')}`, 'gu')
const ago = new RegExp(agoPattern, 'gu')

type Named = Record<string, string | undefined>

function dayFrom(named: Named, now: number): number | null {
  const today = dayOf(now)
  const china = new Date(now + chinaMs)
  const [thisYear, thisMonth] = [china.getUTCFullYear(), china.getUTCMonth() + 1]
  if (named['relative'] !== undefined) return today + (relativeDays[named['relative']] ?? 0) * dayMs
  if (named['month'] !== undefined) {
    const [month, day] = [numberOf(named['month']), numberOf(named['day'] ?? '')]
    if (month < 1 || month > 12) return null
    if (named['year'] !== undefined) return dateAt(Number(named['year']), month, day)
    const back = named['yearWord'] === undefined ? 0 : ['今年', '去年', '前年'].indexOf(named['yearWord'])
    const at = dateAt(thisYear - back, month, day)
    return named['yearWord'] === undefined && (at === null || at > today)
      ? dateAt(thisYear - 1, month, day)
      : at
  }
  if (named['monthWord'] !== undefined) {
    const month = named['monthWord'].startsWith('上') ? thisMonth - 1 : thisMonth
    const day = numberOf(named['dayOfMonth'] ?? '')
    return month === 0 ? dateAt(thisYear - 1, 12, day) : dateAt(thisYear, month, day)
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

/** Adds the clock to a day; null when it is no time of day. */
function withClock(day: number, named: Named): Pick<TimePhrase, 'at' | 'exact'> | null {
  const part = named['part'] === undefined ? undefined : parts[named['part']]
  if (named['hour'] === undefined)
    return part === undefined
      ? { at: day, exact: 'day' }
      : { at: day + part.from * hourMs, exact: 'part-of-day' }
  let hour = numberOf(named['hour'])
  const minute =
    named['half'] !== undefined
      ? 30
      : named['quarter'] !== undefined
        ? numberOf(named['quarter']) * 15
        : numberOf(named['minute'] ?? named['minutes'] ?? '0')
  if (hour > 24 || minute > 59) return null
  // 中午11点 is before noon; 晚上12点 is the end of the day.
  if (part?.afternoon === true && hour < 12 && !(named['part'] === '中午' && hour >= 10)) hour += 12
  else if (part?.afternoon === true && hour === 12 && named['part'] !== '中午') hour = 24
  else if (part !== undefined && !part.afternoon && hour === 12 && part.from === 0) hour = 0
  const exact = named['minute'] ?? named['minutes'] ?? named['half'] ?? named['quarter']
  return { at: day + hour * hourMs + minute * minuteMs, exact: exact === undefined ? 'hour' : 'minute' }
}

const unitMs: Record<string, number> = {
  分钟: minuteMs,
  小时: hourMs,
  钟头: hourMs,
  天: dayMs,
  星期: 7 * dayMs,
  周: 7 * dayMs,
  月: 30 * dayMs,
}

const readCharacters = 4_000
const mostPhrases = 50

/** Every time that the text tells, in its order, none within another. */
export function timePhrases(text: string, now: number): TimePhrase[] {
  const read = text.slice(0, readCharacters)
  const found: TimePhrase[] = []
  const add = (match: RegExpExecArray, told: Pick<TimePhrase, 'at' | 'exact'> | null) => {
    const [from, to] = [match.index, match.index + match[0].length]
    if (told === null || found.some(other => from < other.to && other.from < to)) return
    found.push({ text: match[0], from, to, ...told })
  }
  for (const match of read.matchAll(dayAndClock)) {
    const day = dayFrom(match.groups ?? {}, now)
    if (day !== null) add(match, withClock(day, match.groups ?? {}))
  }
  for (const match of read.matchAll(ago)) {
    const { ago: count = '', unit = '' } = match.groups ?? {}
    const length = unitMs[unit] ?? 0
    const at = now - (count === '半' ? 0.5 : numberOf(count)) * length
    add(
      match,
      length < dayMs ? { at, exact: length === hourMs ? 'hour' : 'minute' } : { at: dayOf(at), exact: 'day' },
    )
  }
  for (const match of read.matchAll(clockAlone)) {
    const named: Named = match.groups ?? {}
    if (named['part'] === undefined || (named['part'].length === 1 && named['hour'] === undefined)) continue
    const told = withClock(dayOf(now), named)
    // 晚上10点 said in the morning was yesterday's.
    add(match, told !== null && told.at > now ? { ...told, at: told.at - dayMs } : told)
  }
  return found.sort((one, other) => one.from - other.from).slice(0, mostPhrases)
}
