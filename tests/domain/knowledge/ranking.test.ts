import { describe, expect, it } from 'vitest'
import {
  type CorpusFigures,
  prepareText,
  questionOf,
  scoreText,
  termsOf,
} from '../../../shared/domain/knowledge/ranking.ts'

const articles = [
  { title: '异地就医备案', body: '参保人到外地住院前，可在手机上办理异地就医备案，备案后直接结算。' },
  { title: '居住证办理', body: '在本市居住半年以上，凭身份证和租房合同到派出所办理居住证，五个工作日领取。' },
  { title: '水费缴纳', body: '自来水费可在营业厅、银行或手机缴纳，逾期收取违约金。' },
  { title: '供暖报修', body: '室温低于十八度时可报修，维修人员在办理后两小时内上门。' },
]
const texts = articles.map(prepareText)
const corpus: CorpusFigures = {
  texts: texts.length,
  averageLength: texts.reduce((sum, { length }) => sum + length, 0) / texts.length,
  holders: pair => texts.filter(({ counts }) => counts.has(pair)).length,
}
const best = (title: string, content: string): string | undefined => {
  const terms = termsOf(questionOf({ title, content }), corpus)
  const scores = texts.map(text => scoreText(terms, text, corpus))
  return Math.max(...scores) === 0 ? undefined : articles[scores.indexOf(Math.max(...scores))]?.title
}

describe('ranking of written answers', () => {
  it('finds the answer by what the citizen says, though most of the words are common', () => {
    expect(best('', '我妈妈在外地住院，想问怎么办理备案才能结算')).toBe('异地就医备案')
    expect(best('', '请问办理居住证要带什么，我租房住了半年')).toBe('居住证办理')
    expect(best('家里只有十五度', '暖气不热')).toBeUndefined()
    expect(best('室温低要报修', '暖气不热')).toBe('供暖报修')
  })

  it('asks first for the rare pairs, and for none that no answer has', () => {
    const terms = termsOf(questionOf({ title: '', content: '办理居住证，谢谢' }), corpus)
    expect(terms.map(({ pair }) => pair)).toEqual(
      ['理居', '居住', '住证', '办理'].filter(pair => corpus.holders(pair) > 0),
    )
    expect(terms.some(({ pair }) => pair === '谢谢')).toBe(false)
  })

  it('reads only the beginning of a text of a megabyte', () => {
    expect(questionOf({ title: '', content: '水费缴纳'.repeat(260_000) }).size).toBe(4)
  })
})
