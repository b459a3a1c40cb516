/** 方言词汇 at the seat: the example, then what was published, and never what cannot be used. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createSearchThread } from '../../electron/core/assist/search-thread.ts'
import { dialectGlossaryName } from '../../shared/domain/dialect/glossary.ts'
import { type SeatParts, seatParts } from '../support/seat-parts.ts'

let seat: SeatParts
let published = 0
beforeEach(() => {
  seat = seatParts('dialect')
})
afterEach(() => seat.close())

const publish = (content: unknown) => {
  published += 1
  seat.time.now += 5_000
  seat.db
    .prepare(
      'INSERT INTO publication (name, version, effective_at, sha256, content, told) VALUES (?, ?, ?, ?, ?, ?)',
    )
    .run(
      dialectGlossaryName,
      `v${published}`,
      new Date(seat.time.now - 1_000).toISOString(),
      `${published}`,
      JSON.stringify(content),
      published,
    )
  return `v${published}`
}
const table = (...words: [string, string][]) => ({
  sample: false,
  entries: words.map(([word, normal]) => ({ word, dialect: '粤语', normal, note: '' })),
})

it('finds words on the search thread by the glossary in force; a bad one leaves the old in use', async () => {
  const refused: string[] = []
  const thread = createSearchThread({
    file: seat.database,
    key: seat.key,
    failed: reason => refused.push(reason),
    refused: (version, code) => refused.push(`${version} ${code}`),
  })
  const ask = async (text: string, query = '') => {
    const asked = { text, query, dialect: '粤语', limit: 12, now: seat.time.now }
    const answer = await thread.ask('dialectWords', asked)
    const words = answer?.words.map(({ word, normal, own }) => `${word} ${normal} ${own}`)
    return { version: answer?.version, sample: answer?.sample, words }
  }
  const heard = '楼上冇水，寻日报过'
  expect(await ask(heard)).toEqual({
    version: null,
    sample: true,
    words: ['冇水 没有水 true', '寻日 昨天 true'],
  })
  expect((await ask(heard, '邻居')).words).toEqual(['厝边 邻居 false'])
  const good = publish(table(['冇水', '停水']))
  expect(await ask(heard)).toEqual({ version: good, sample: false, words: ['冇水 停水 true'] })
  const looped = publish(table(['冇水', '停水'], ['停水', '冇水']))
  expect((await ask(heard)).version).toBe(good)
  const other = publish('<html>')
  expect((await ask(heard)).version).toBe(good)
  expect(refused).toEqual([`${looped} NOT_A_GLOSSARY`, `${other} NOT_A_GLOSSARY`])
  const better = publish(table(['寻日', '昨日']))
  expect(await ask(heard)).toEqual({ version: better, sample: false, words: ['寻日 昨日 true'] })
  await thread.close()
})
