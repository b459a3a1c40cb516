/** Repeats of what is typed, on a real database: directly, and through the thread that reads beside the writer. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createRepeatSearch,
  noRepeatFilter,
  type RepeatQuestion,
} from '../../electron/core/assist/repeat-search.ts'
import { createSearchThread, type SearchThread } from '../../electron/core/assist/search-thread.ts'
import type { Operator } from '../../shared/domain/operator.ts'
import { type SeatParts, seatParts } from '../support/seat-parts.ts'

let seat: SeatParts
let agent: Operator
let thread: SearchThread | null = null
const failures: string[] = []
beforeEach(() => {
  failures.length = 0
  seat = seatParts('repeats')
  agent = seat.person('agent')
  for (const title of [
    '咨询异地就医备案',
    '小学学区划分',
    '公交十二路等候太久',
    '电梯停运一周',
    '自来水发黄',
  ])
    seat.file(agent, { title, content: `${title}，请答复。`, contactNumber: '19900000099' })
})
afterEach(async () => {
  await thread?.close()
  thread = null
  seat.close()
})

const question = (part: Partial<RepeatQuestion>): RepeatQuestion => ({
  title: '',
  content: '',
  place: '',
  numberKeys: [],
  categoryCode: '',
  divisionCode: '',
  ownCaseId: null,
  filter: noRepeatFilter,
  ...part,
})
const startThread = () => {
  thread = createSearchThread({
    file: seat.database,
    key: seat.key,
    failed: reason => failures.push(reason),
    refused: () => {},
  })
  return thread
}

describe('repeats', () => {
  it('finds a number’s own cases before anything is typed', () => {
    const found = createRepeatSearch(seat.db).find(question({ numberKeys: ['19900000099'] }), agent, 5)
    expect(found).toHaveLength(5)
    expect(found.every(({ reasons, score }) => reasons[0]?.kind === 'number' && score > 0)).toBe(true)
  })

  it('finds the same matter in other words, with the words that they share as the reason', () => {
    const first = seat.file(agent, { title: '青石巷百味夜宵摊油烟扰民', content: '百味夜宵摊每晚炒到两点。' })
    const found = createRepeatSearch(seat.db).find(
      question({ content: '来电人说楼下的百味夜宵摊油烟飘进家里，睡不着' }),
      agent,
      10,
    )
    expect(found.map(({ summary }) => summary.caseId)).toEqual([first.caseId])
    const [reason] = found[0]?.reasons ?? []
    expect(reason?.kind).toBe('words')
    expect(reason?.kind === 'words' && reason.words.join(' ')).toContain('百味夜宵摊')
  })

  it('puts the caller’s own case first, whatever it says, and tells place and category', () => {
    const other = seat.file(agent, {
      title: '青石巷路灯不亮',
      content: '青石巷的路灯坏了',
      contactNumber: '19900000002',
      place: '青石巷',
      categoryCode: '0101',
    })
    const own = seat.file(agent, { title: '社保补缴', content: '咨询', contactNumber: '19900000003' })
    const found = createRepeatSearch(seat.db).find(
      question({
        title: '青石巷路灯还是不亮',
        place: '青石巷',
        categoryCode: '0101',
        numberKeys: ['19900000003'],
      }),
      agent,
      10,
    )
    expect(found.find(({ summary }) => summary.caseId === own.caseId)?.reasons).toEqual([{ kind: 'number' }])
    expect(
      found.find(({ summary }) => summary.caseId === other.caseId)?.reasons.map(({ kind }) => kind),
    ).toEqual(['words', 'place', 'category'])
  })

  it('does not show the case that asks, nor another’s confidential one', () => {
    const secret = seat.file(seat.person('other'), {
      title: '举报青石巷夜宵摊偷税',
      content: '举报青石巷夜宵摊偷税',
      confidential: true,
    })
    const own = seat.file(agent, { title: '青石巷夜宵摊占道', content: '青石巷夜宵摊占道' })
    const search = createRepeatSearch(seat.db)
    const asked = question({ title: '青石巷夜宵摊', ownCaseId: own.caseId })
    expect(search.find(asked, agent, 10)).toEqual([])
    expect(search.find(asked, null, 10)).toEqual([])
    const lead = seat.person('lead', 'lead')
    expect(search.find(asked, lead, 10).map(({ summary }) => summary.caseId)).toEqual([secret.caseId])
  })

  it('keeps to a filter', () => {
    seat.file(agent, { title: '青石巷夜宵摊占道', handling: 'direct' })
    const open = seat.file(agent, { title: '青石巷夜宵摊占道经营' })
    const filter = { ...noRepeatFilter, status: ['accepted' as const] }
    const found = createRepeatSearch(seat.db).find(question({ title: '青石巷夜宵摊', filter }), agent, 10)
    expect(found.map(({ summary }) => summary.caseId)).toEqual([open.caseId])
  })

  it('finds nothing for a text that says nothing, and answers a text of a megabyte', () => {
    const search = createRepeatSearch(seat.db)
    for (const content of ['', '。！？', '"', 'a', '") OR ("'])
      expect(search.find(question({ content }), agent, 10)).toEqual([])
    expect(
      search.find(question({ content: '路灯不亮'.repeat(250_000) }), agent, 10).length,
    ).toBeLessThanOrEqual(10)
  })
})

describe('the search thread', () => {
  it('sees what the writer committed after it had begun', async () => {
    const search = startThread()
    expect(
      await search.ask('repeats', {
        question: question({ title: '百味夜宵摊油烟' }),
        reader: agent,
        limit: 10,
      }),
    ).toEqual([])
    const filed = seat.file(agent, { title: '百味夜宵摊油烟扰民' })
    const found = await search.ask('repeats', {
      question: question({ title: '百味夜宵摊油烟' }),
      reader: agent,
      limit: 10,
    })
    expect(found?.map(({ summary }) => summary.caseId)).toEqual([filed.caseId])
    expect(failures).toEqual([])
  })

  it('answers the newest question of several, and the older ones with nothing', async () => {
    seat.file(agent, { title: '百味夜宵摊油烟扰民' })
    const search = startThread()
    const answers = await Promise.all(
      ['百', '百味', '百味夜', '百味夜宵摊油烟'].map(title =>
        search.ask('repeats', { question: question({ title }), reader: agent, limit: 10 }),
      ),
    )
    expect(answers.slice(1, 3)).toEqual([null, null])
    expect(answers[3]?.length).toBe(1)
  })

  it('answers with nothing once it is closed, and when the database cannot be opened', async () => {
    const broken = createSearchThread({
      file: seat.database,
      key: new Uint8Array(32),
      failed: reason => failures.push(reason),
      refused: () => {},
    })
    expect(
      await broken.ask('repeats', { question: question({ title: '百味夜宵摊' }), reader: agent, limit: 10 }),
    ).toBeNull()
    expect(failures.length).toBeGreaterThan(0)
    await broken.close()
    const search = startThread()
    await search.close()
    expect(
      await search.ask('repeats', { question: question({ title: '百味夜宵摊' }), reader: agent, limit: 10 }),
    ).toBeNull()
  })
})
