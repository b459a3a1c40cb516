import { describe, expect, it } from 'vitest'
import { article, articleState, insertionOf, knowledge } from '../../../shared/domain/knowledge/article.ts'
import { createKnowledgeIndex } from '../../../shared/domain/knowledge/knowledge-index.ts'
import { someArticle, someKnowledge } from './some-articles.ts'

const now = Date.parse('2026-11-25T00:00:00.000Z')
const medical = someArticle(
  'medical',
  '异地就医备案',
  '参保人到外地住院前，可在手机上办理异地就医备案，备案后直接结算。',
)
const residence = someArticle(
  'residence',
  '居住证办理',
  '在本市居住半年以上，凭身份证和租房合同到派出所办理居住证。',
)
const old = someArticle('old', '居住证收费', '办理居住证收取工本费二十元。', {
  expiresAt: '2026-06-01T00:00:00.000Z',
})
const coming = someArticle('coming', '居住证电子化', '居住证可在手机上领取。', {
  effectiveAt: '2027-01-01T00:00:00.000Z',
})
const dusty = someArticle('dusty', '居住证补办', '居住证遗失的，到派出所补办居住证。', {
  reviewedAt: '2026-01-01T00:00:00.000Z',
})
const index = createKnowledgeIndex(someKnowledge([medical, residence, old, coming, dusty]))

describe('articles', () => {
  it('are found by what is being typed, with the words for which they were found', () => {
    const [first] = index.search({ title: '', content: '来电人的母亲在外地住院，想办理备案' }, now, 5)
    expect(first?.article.articleId).toBe('medical')
    expect(first?.words).toEqual(expect.arrayContaining(['外地住院']))
  })

  it('are offered only while they hold, with a mark when nobody has checked them for long', () => {
    const found = index.search({ title: '', content: '居住证丢了到派出所怎么办理居住证' }, now, 5)
    expect(found.map(({ article, state }) => [article.articleId, state])).toEqual(
      expect.arrayContaining([
        ['residence', 'current'],
        ['dusty', 'stale'],
      ]),
    )
    expect(found.length).toBe(2)
    const later = Date.parse('2027-01-02T00:00:00.000Z')
    expect(
      index
        .search({ title: '', content: '居住证可在手机上领取吗' }, later, 5)
        .map(({ article }) => article.articleId),
    ).toContain('coming')
  })

  it('change their state to the millisecond', () => {
    const state = (at: string) => articleState(old, 180, Date.parse(at))
    expect(state('2025-12-31T23:59:59.999Z')).toBe('not-yet')
    expect(state('2026-01-01T00:00:00.000Z')).toBe('current')
    expect(state('2026-05-31T23:59:59.999Z')).toBe('current')
    expect(state('2026-06-01T00:00:00.000Z')).toBe('expired')
    expect(articleState(medical, 30, Date.parse('2026-10-31T00:00:00.000Z'))).toBe('stale')
  })

  it('answer nothing to a text that says nothing, and something to one of a megabyte', () => {
    for (const content of ['', '，。', '甲', '龘靐'])
      expect(index.search({ title: '', content }, now, 5)).toEqual([])
    expect(index.search({ title: '', content: '居住证'.repeat(350_000) }, now, 5)).not.toEqual([])
    expect(createKnowledgeIndex(someKnowledge([])).search({ title: '', content: '居住证' }, now, 5)).toEqual(
      [],
    )
  })

  it('go into a case with their source and version', () => {
    expect(insertionOf(medical)).toBe(
      '参保人到外地住院前，可在手机上办理异地就医备案，备案后直接结算。\n（来源：《异地就医备案》第 1 版，市医疗保障局，云医保发〔2026〕3号）',
    )
  })

  it('cannot hold anything that runs', () => {
    const linked = (link: string) =>
      article.safeParse({ ...medical, body: [{ kind: 'paragraph', runs: [{ text: '点这里', link }] }] })
        .success
    expect(['https://example.org/a', 'tel:12345'].map(linked)).toEqual([true, true])
    expect(
      ['javascript:alert(1)', 'data:text/html,x', ' https://x', '//x', 'file:///etc', 'https://a b'].map(
        linked,
      ),
    ).toEqual([false, false, false, false, false, false])
    expect(knowledge.safeParse(someKnowledge([medical, medical])).success).toBe(false)
  })
})
