/** Times as operators read them: China time, whatever the machine's zone. */

const clock = new Intl.DateTimeFormat('zh-CN', {
  timeZone: 'Asia/Shanghai',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
})
const dayAndClock = new Intl.DateTimeFormat('zh-CN', {
  timeZone: 'Asia/Shanghai',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
})
const day = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai', dateStyle: 'short' })

/** `14:05` today, `11/20 14:05` before. */
export function shortTime(iso: string, now: number): string {
  const at = new Date(iso)
  return day.format(at) === day.format(now) ? clock.format(at) : dayAndClock.format(at)
}

const full = new Intl.DateTimeFormat('zh-CN', {
  timeZone: 'Asia/Shanghai',
  dateStyle: 'medium',
  timeStyle: 'medium',
  hour12: false,
})
export const fullTime = (iso: string): string => full.format(new Date(iso))

/** `0:07`, `12:34`, `1:02:03`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** How long ago, in the coarsest unit that is not nought. What is not a minute old, or seems to be of the future, is `now`. */
export function age(ms: number): { unit: 'now' | 'minutes' | 'hours' | 'days'; count: number } {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return { unit: 'now', count: 0 }
  if (minutes < 60) return { unit: 'minutes', count: minutes }
  if (minutes < 24 * 60) return { unit: 'hours', count: Math.floor(minutes / 60) }
  return { unit: 'days', count: Math.floor(minutes / (24 * 60)) }
}

const chinaMs = 8 * 3_600_000
/** For a field of date and time: China's clock, whatever the machine's zone. */
export const chinaInput = (iso: string | null): string =>
  iso === null ? '' : new Date(Date.parse(iso) + chinaMs).toISOString().slice(0, 16)
/** Null: it is no time. */
export function ofChinaInput(text: string): string | null {
  const at = Date.parse(`${text}Z`)
  return Number.isNaN(at) ? null : new Date(at - chinaMs).toISOString()
}
