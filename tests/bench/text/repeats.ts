/**
 * `npm run bench:repeats`: groups messages-stream.jsonl, or `--input FILE`, in the order of time and prints the groups of five
 * and more, the hottest first; `--json` for one object a group.
 */
import { z } from 'zod'
import { createRepeatGroups, type StreamCase } from '../../../shared/domain/repeats/repeat-groups.ts'
import { asked, benchText, fileText, jsonLines } from './data.ts'

const message = z.object({
  id: z.coerce.string(),
  user: z.coerce.string().default(''),
  title: z.string(),
  content: z.string(),
  time: z.string(),
})
/** Without a zone the time is China's, wherever this runs. */
const atOf = (time: string): number =>
  Date.parse(/Z|[+-]\d\d:?\d\d$/.test(time) ? time : `${time.replace(' ', 'T')}+08:00`)

const stream = jsonLines(
  asked.input === undefined ? benchText('messages-stream.jsonl') : fileText(asked.input),
)
  .map(line => message.parse(line))
  .map(one => ({ ...one, at: atOf(one.time) }))
  .sort((one, other) => one.at - other.at)

const grouping = createRepeatGroups<StreamCase & { time: string }>()
const began = performance.now()
for (const one of stream) grouping.add(one)
const ms = (performance.now() - began) / Math.max(stream.length, 1)
const groups = grouping.groups(5)

for (const [at, { cases, words, people, days, heat }] of groups.entries()) {
  if (asked.json) {
    const ids = cases.map(({ id }) => id)
    console.log(
      JSON.stringify({
        rank: at + 1,
        heat: Math.round(heat * 100) / 100,
        size: cases.length,
        people,
        days,
        from: cases[0]?.time,
        to: cases.at(-1)?.time,
        words,
        ids,
        titles: cases.map(({ title }) => title),
      }),
    )
    continue
  }
  console.log(
    `${at + 1}. ${cases.length} messages by ${people} people in ${days} days, heat ${heat.toFixed(2)}: ${words.join(' · ')}`,
  )
  for (const { time, title, id } of cases) console.log(`     ${time.slice(0, 10)} ${id} ${title}`)
}
if (!asked.json)
  console.log(
    `${stream.length} messages, ${groups.length} groups of five and more, ms ${ms.toFixed(2)} a message`,
  )
