/** When something is due, as a clock and as a countdown: 11/25 17:30 前（剩 5 小时 12 分）. */
import { defineText } from './text.ts'
import { fullTime, shortTime } from './time.ts'

const useText = defineText('due-time', {
  by: ['{{at}} 前', 'by {{at}}'],
  left: ['剩 {{left}}', '{{left}} left'],
  over: ['已超 {{left}}', '{{left}} over'],
  days: ['{{d}} 天 {{h}} 小时', '{{d}} d {{h}} h'],
  hours: ['{{h}} 小时 {{m}} 分', '{{h}} h {{m}} min'],
  minutes: ['{{m}} 分 {{s}} 秒', '{{m}} min {{s}} s'],
})

const secondMs = 1_000
/** What is due within this is shown as urgent. */
const soonMs = 30 * 60_000

export function DueTime({ at, now }: { at: number; now: number }) {
  const say = useText()
  const left = Math.abs(at - now)
  const seconds = Math.floor(left / secondMs)
  const [d, h, m, s] = [
    Math.floor(seconds / 86_400),
    Math.floor((seconds % 86_400) / 3_600),
    Math.floor((seconds % 3_600) / 60),
    seconds % 60,
  ]
  const length = d > 0 ? say('days', { d, h }) : h > 0 ? say('hours', { h, m }) : say('minutes', { m, s })
  const over = at <= now
  const iso = new Date(at).toISOString()
  return (
    <span className={`due ${over ? 'due-over' : left < soonMs ? 'due-soon' : ''}`}>
      <time dateTime={iso} title={fullTime(iso)} className="numeric">
        {say('by', { at: shortTime(iso, now) })}
      </time>
      <span className="due-left numeric">{say(over ? 'over' : 'left', { left: length })}</span>
    </span>
  )
}
