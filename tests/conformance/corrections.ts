/** What a centre promises of 知识纠错: docs/assist.md. */
import { randomUUID } from 'node:crypto'
import { knowledgeRoutes } from '../../shared/contract/central-knowledge.ts'
import type { OperatorRole } from '../../shared/domain/operator.ts'
import { may } from '../../shared/domain/permission.ts'
import { type ConformingSeat, outputOf, same, type Target, that } from './target.ts'

type Headers = Record<string, string>

export async function checkCorrections(
  target: Target,
  seat: ConformingSeat,
  person: { headers: Headers; name: string; role: OperatorRole },
  keys: { publication: string; missedCalls: string },
  check: (what: string, work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const publisher = { 'x-api-key': keys.publication }
  // An owner of this run's own: nothing else is in its list.
  const owner = `一致性测试 ${randomUUID()}`
  const said = (correctionId: string, part: object = {}) =>
    seat.command('knowledge.correct', null, {
      correctionId,
      articleId: 'conformance',
      articleVersion: 1,
      title: '一致性测试',
      owner,
      remark: '值班电话已换',
      ...part,
    })
  const path = (state: string, of = owner) =>
    `/v1/knowledge/corrections?state=${state}&owner=${encodeURIComponent(of)}`
  const listed = async (state: string, of = owner) =>
    (await target.get(outputOf(knowledgeRoutes.corrections), 'GET', path(state, of), publisher)).corrections
  const decision = (correctionId: string) =>
    `/v1/knowledge/corrections/${encodeURIComponent(correctionId)}/decision`
  const decide = (correctionId: string, body: object) =>
    target.get(outputOf(knowledgeRoutes.decide), 'POST', decision(correctionId), publisher, body)
  const correctionId = randomUUID()

  await check('keeps a correction once, under whatever command it comes, with who said it', async () => {
    const [once, again] = [said(correctionId), said(correctionId)]
    const results = await seat.push(once, again, once)
    that(
      results.every(({ outcome }) => outcome === 'applied' || outcome === 'duplicate'),
      `outcomes: ${results.map(({ outcome }) => outcome).join(', ')}`,
    )
    const open = await listed('open')
    same(
      open.map(each => [each.correctionId, each.remark, each.operatorName, each.state]),
      [[correctionId, '值班电话已换', person.name, 'open']],
      'the list of its owner',
    )
    same(await listed('open', `${owner} 之外`), [], 'the list of another owner')
  })
  await check('refuses a correction that says nothing or too much', async () => {
    const results = await seat.push(
      said(randomUUID(), { remark: ' ' }),
      said(randomUUID(), { remark: '字'.repeat(501) }),
    )
    same(
      results.map(({ outcome }) => outcome),
      ['rejected', 'rejected'],
      'outcomes',
    )
    same((await listed('open')).length, 1, 'corrections in the list')
  })
  await check('shows corrections to whoever answers for knowledge, and to nobody else', async () => {
    same(await target.refused('GET', path('open'), {}), '401 UNAUTHENTICATED', 'without a key')
    const other = { 'x-api-key': keys.missedCalls }
    same(await target.refused('GET', path('open'), other), '403 FORBIDDEN', 'a key of another scope')
    if (!may(person.role, 'knowledge.review'))
      same(await target.refused('GET', path('open'), person.headers), '403 FORBIDDEN', 'this operator')
  })
  await check('decides a correction once', async () => {
    const declined = { accepted: false, answer: '一致性测试，无须处理' }
    const first = await decide(correctionId, declined)
    same([first.state, first.answer], ['declined', declined.answer], 'the decision')
    same(await decide(correctionId, declined), first, 'the same again')
    same(
      await target.refused('POST', decision(correctionId), publisher, { ...declined, accepted: true }),
      '409 CORRECTION_DECIDED',
      'another decision',
    )
    same(
      await target.refused('POST', decision(randomUUID()), publisher, declined),
      '404 NOT_FOUND',
      'a correction that there is not',
    )
    same(await listed('open'), [], 'what is open')
    same(
      (await listed('declined')).map(each => each.correctionId),
      [correctionId],
      'what was declined',
    )
  })
}
