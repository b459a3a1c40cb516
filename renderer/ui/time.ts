/** Times as operators read them: China time, whatever the machine's zone. */

const chinaMs = 8 * 3_600_000
/** `2026-11-25T14:05:06.000` on China's clock. By arithmetic: since 1991 there is no other offset, and a formatter takes tens of ms to make. */
export const china = (at: number) => new Date(at + chinaMs).toISOString()

/** `14:05` today, `11/20 14:05` before. */
export function shortTime(iso: string, now: number): string {
  const [at, today] = [china(Date.parse(iso)), china(now)]
  const clock = at.slice(11, 16)
  return at.slice(0, 10) === today.slice(0, 10) ? clock : `${at.slice(5, 7)}/${at.slice(8, 10)} ${clock}`
}

/** `2026年11月25日 14:05:06`. */
export function fullTime(iso: string): string {
  const at = china(Date.parse(iso))
  return `${at.slice(0, 4)}年${Number(at.slice(5, 7))}月${Number(at.slice(8, 10))}日 ${at.slice(11, 19)}`
}

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

/** For a field of date and time: China's clock, whatever the machine's zone. */
export const chinaInput = (iso: string | null): string =>
  iso === null ? '' : china(Date.parse(iso)).slice(0, 16)
/** Null: it is no time. */
export function ofChinaInput(text: string): string | null {
  const at = Date.parse(`${text}Z`)
  return Number.isNaN(at) ? null : new Date(at - chinaMs).toISOString()
}
