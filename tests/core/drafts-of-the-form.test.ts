/** 填单建议: what the published model, the table and the rules propose; a model that cannot be read leaves the old one in use. */
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createDrafter } from '../../electron/core/assist/drafter.ts'
import { createSearchThread } from '../../electron/core/assist/search-thread.ts'
import { encodeModel } from '../../shared/domain/assist/model-file.ts'
import { assistModelName } from '../../shared/domain/assist/published-model.ts'
import { trainTextModel } from '../../shared/domain/assist/train-model.ts'
import { urgencyWordsName } from '../../shared/domain/assist/urgency-words.ts'
import { knowledgeName } from '../../shared/domain/knowledge/article.ts'
import { seededRandom } from '../../shared/domain/seeded-random.ts'
import { madeCases } from '../domain/assist/made-cases.ts'
import { someArticle, someKnowledge } from '../domain/knowledge/some-articles.ts'
import { type SeatParts, seatParts } from '../support/seat-parts.ts'

let model: Uint8Array
beforeAll(() => {
  model = encodeModel(trainTextModel(madeCases(200, seededRandom(1)), seededRandom(2), () => {}).model)
})

let seat: SeatParts
let published = 0
const refused: string[] = []
beforeEach(() => {
  seat = seatParts('drafts')
  refused.length = 0
})
afterEach(() => seat.close())

const publish = (name: string, content: unknown, effectiveAt = seat.time.now - 1_000) => {
  published += 1
  seat.db
    .prepare(
      'INSERT INTO publication (name, version, effective_at, sha256, content, told) VALUES (?, ?, ?, ?, ?, ?)',
    )
    .run(
      name,
      `v${published}`,
      new Date(effectiveAt).toISOString(),
      `${published}`,
      JSON.stringify(content),
      published,
    )
  return `v${published}`
}
const asContent = (bytes: Uint8Array) => ({ model: Buffer.from(bytes).toString('base64'), quality: {} })
const drafter = () =>
  createDrafter(
    seat.db,
    () => seat.time.now,
    (version, code) => refused.push(`${version} ${code}`),
  )
const question = {
  title: '',
  content: '昨天晚上8点停水。人行道的砖松动，窨井盖不见了，路灯整夜不亮，路面有一个大坑',
  place: '云澜市河东区文昌路23号阳光花园',
  divisions: [],
}

describe('drafts of the form', () => {
  it('works without a model: urgency, time and address are rules', () => {
    expect(drafter()(question)).toMatchObject({
      modelVersion: null,
      category: [],
      kind: [],
      urgency: { urgency: 'urgent', words: ['停水', '井盖不见'] },
      times: [{ text: '昨天晚上8点', exact: 'hour' }],
      address: { division: '云澜市河东区', road: '文昌路', number: '23号', place: '阳光花园' },
    })
  })

  it('proposes by the published model as soon as it holds, with confidence and words', () => {
    const draft = drafter()
    const version = publish(assistModelName, asContent(model), seat.time.now + 60_000)
    expect(draft(question).modelVersion).toBeNull()
    seat.time.now += 61_000
    const { modelVersion, category, kind } = draft(question)
    expect(modelVersion).toBe(version)
    expect(category[0]?.value).toBe('道路设施')
    expect(category[0]?.words.length).toBeGreaterThan(0)
    expect(kind.length).toBe(2)
  })

  it('keeps the model in use when a newer one is cut, of another version or something else, and says so once', () => {
    const draft = drafter()
    const good = publish(assistModelName, asContent(model))
    expect(draft(question).modelVersion).toBe(good)
    const other = model.slice()
    other[4] = 9
    const bad = [
      [asContent(model.slice(0, 5_000)), 'TRUNCATED'],
      [asContent(other), 'OTHER_VERSION'],
      [asContent(new TextEncoder().encode('<html></html>')), 'NOT_A_MODEL'],
      [{ html: true }, 'NOT_A_MODEL'],
    ] as const
    for (const [content, code] of bad) {
      seat.time.now += 5_000
      const version = publish(assistModelName, content)
      expect(draft(question).modelVersion).toBe(good)
      expect(draft(question).category[0]?.value).toBe('道路设施')
      expect(refused).toEqual([`${version} ${code}`])
      refused.length = 0
    }
  })

  it('takes the city’s own urgency words, and keeps them when a newer table is none', () => {
    const draft = drafter()
    publish(urgencyWordsName, { sample: false, words: [{ word: '窨井盖', urgency: 'critical' }] })
    expect(draft(question).urgency).toEqual({ urgency: 'critical', words: ['窨井盖'] })
    seat.time.now += 5_000
    publish(urgencyWordsName, { words: 'none' })
    expect(draft(question).urgency).toEqual({ urgency: 'critical', words: ['窨井盖'] })
    expect(refused.length).toBe(1)
  })

  it('answers on the search thread with what was published meanwhile', async () => {
    const thread = createSearchThread({
      file: seat.database,
      key: seat.key,
      failed: reason => refused.push(reason),
      refused: version => refused.push(version),
    })
    const ask = () => thread.ask('drafts', { question, now: seat.time.now })
    expect((await ask())?.modelVersion).toBeNull()
    const version = publish(assistModelName, asContent(model))
    expect((await ask())?.modelVersion).toBe(version)
    await thread.close()
    expect(refused).toEqual([])
  })
})

describe('articles at the seat', () => {
  it('are those published last, also when what is published next cannot be used', async () => {
    const thread = createSearchThread({
      file: seat.database,
      key: seat.key,
      failed: reason => refused.push(reason),
      refused: (version, code) => refused.push(`${version} ${code}`),
    })
    const search = async (content: string) =>
      (await thread.ask('knowledge', { title: '', content, limit: 5, now: seat.time.now }))?.map(
        ({ articleId, version }) => `${articleId} ${version}`,
      )
    const read = async (articleId: string) => thread.ask('article', { articleId, now: seat.time.now })
    expect(await search('居住证怎么办理')).toEqual([])
    publish(knowledgeName, someKnowledge([someArticle('a', '居住证办理', '到派出所办理居住证。')]))
    expect(await search('居住证怎么办理')).toEqual(['a 1'])
    seat.time.now += 5_000
    const bad = publish(knowledgeName, { articles: '<script>' })
    expect(await search('居住证怎么办理')).toEqual(['a 1'])
    expect(refused).toEqual([`${bad} NOT_KNOWLEDGE`])
    seat.time.now += 5_000
    const renewed = someArticle('a', '居住证办理', '在手机上办理居住证。', { version: 2 })
    publish(knowledgeName, someKnowledge([renewed]))
    expect(await search('居住证怎么办理')).toEqual(['a 2'])
    expect(await read('a')).toMatchObject({ state: 'current', insertion: expect.stringContaining('第 2 版') })
    expect(await read('none')).toEqual({ missing: true })
    await thread.close()
  })
})
