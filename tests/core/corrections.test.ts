/** 纠错 at a seat: one command with its row, whatever the line; the same id is one. */
import { expect, it } from 'vitest'
import { someArticle } from '../domain/knowledge/some-articles.ts'
import { seatParts } from '../support/seat-parts.ts'

it('says once what is wrong, to the owner of the version that was read, and remembers it here', () => {
  const seat = seatParts('corrections')
  try {
    const agent = seat.person('agent')
    seat.sent()
    const article = someArticle('cover', '窨井盖缺失如何处理', '两小时内到场。')
    const said = { correctionId: 'k1', article, remark: '电话已换' }
    for (let times = 0; times < 2; times += 1) seat.write(db => seat.corrections.say(db, agent, said))
    expect(seat.waiting()).toMatchObject([
      {
        name: 'knowledge.correct',
        caseId: null,
        args: {
          correctionId: 'k1',
          articleId: 'cover',
          articleVersion: article.version,
          title: article.title,
          owner: article.owner,
          remark: '电话已换',
        },
      },
    ])
    expect(seat.corrections.saidHere(seat.db, 'cover')).toMatchObject([{ remark: '电话已换' }])
    expect(seat.corrections.saidHere(seat.db, 'other')).toEqual([])
    expect(seat.audited().filter(action => action === 'knowledge.correct')).toHaveLength(1)
  } finally {
    seat.close()
  }
})
