/** 关联、并单 at a seat: chosen in a form, done with its filing, taken back, and what the centre makes of them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { applyChange } from '../../electron/core/sync/apply-changes.ts'
import { noCaseFilter } from '../../shared/contract/seat.ts'
import type { CaseDetail } from '../../shared/domain/case.ts'
import type { Relation } from '../../shared/domain/case-relations.ts'
import type { Operator } from '../../shared/domain/operator.ts'
import { documentOf, filled, refusalOf, type SeatParts, seatParts } from '../support/seat-parts.ts'

let seat: SeatParts
let agent: Operator
let drawn = 0
beforeEach(() => {
  seat = seatParts('relations')
  agent = seat.person('agent')
})
afterEach(() => seat.close())

const relate = (caseId: string, relation: Relation, otherId: string, by = agent) =>
  seat.write(db =>
    seat.cases.relations.relate(db, by, { caseId, requestId: `r${(drawn += 1)}`, relation, otherId }),
  )
const get = (caseId: string, by = agent): CaseDetail => seat.cases.get(seat.db, by, caseId)
const kinds = (caseId: string, by = agent) =>
  get(caseId, by).related.map(({ kind, caseId: other }) => [kind, other])
const draft = () =>
  seat.write(db =>
    seat.drafts.open(db, agent.operatorId, {
      callId: null,
      callingNumber: '',
      contactNumber: '',
      divisionCode: '',
    }),
  ).draftId
const submit = (draftId: string, change = {}) =>
  seat.write(db => seat.cases.submit(db, agent, { draftId, fields: filled(change) }))
const choose = (draftId: string, otherId: string, relation: 'link' | 'merge' | null) =>
  seat.write(db => seat.cases.relations.choose(db, agent, { draftId, otherId, relation }))
const close = (caseId: string, by = agent) =>
  seat.write(db =>
    seat.cases.move(db, by, { caseId, requestId: `c${(drawn += 1)}`, move: 'close', reason: '' }),
  )
const refuse = (name: string, code: string) =>
  seat.write(db => {
    const row = seat.waiting().find(each => each.name === name)
    if (row?.caseId == null) throw new Error('nothing of this name waits')
    db.prepare('INSERT INTO parked (command_id, code, sentence, at) VALUES (?, ?, ?, ?)').run(
      row.id,
      code,
      '主单已办结',
      new Date(seat.time.now).toISOString(),
    )
    seat.apply.relationRefused(db, [row.caseId, String(row.args['otherId'])])
  })

describe('a merge chosen in the form', () => {
  it('is done with its filing: the command follows the filing, both cases show it, and each keeps itself', () => {
    const main = seat.file(agent, { title: '夜宵摊扰民' })
    const draftId = draft()
    choose(draftId, main.caseId, 'merge')
    const merged = submit(draftId, { callerName: '何女士', confidential: true, content: '又吵了' })
    expect(seat.waiting().map(({ name }) => name)).toEqual(['case.create', 'case.create', 'case.relate'])
    expect(merged).toMatchObject({ merged: true, status: 'accepted' })
    expect(merged.fields).toMatchObject({ callerName: '何女士', confidential: true, content: '又吵了' })
    expect(kinds(merged.caseId)).toEqual([['merged-into', main.caseId]])
    expect(get(main.caseId).related).toMatchObject([{ kind: 'merged-here', replyDue: true, refused: null }])
    expect(merged.history.map(({ detail }) => detail)).toEqual(['accept', `merge ${main.caseNumber}`])
  })

  it('is not dispatched; closed, its own follow-up is due; whoever was reached has been answered', () => {
    const main = seat.file(agent)
    const draftId = draft()
    choose(draftId, main.caseId, 'merge')
    const { caseId } = submit(draftId)
    const waiting = (what: 'reply' | 'follow-up') =>
      seat.cases
        .list(seat.db, agent, {
          filter: { ...noCaseFilter, waiting: [what] },
          limit: 10,
          cursor: null,
        })
        .cases.map(each => each.caseId)
    expect(waiting('reply')).toEqual([caseId])
    close(main.caseId)
    // The main case is closed: this caller has not been answered by that.
    expect(waiting('reply')).toEqual([caseId])
    expect(get(main.caseId).related).toMatchObject([{ replyDue: true }])
    close(caseId)
    expect(waiting('reply')).toEqual([])
    expect(waiting('follow-up')).toEqual([caseId])
    expect(get(main.caseId).related).toMatchObject([{ replyDue: true }])
    const followUp = { reached: true, solved: true, satisfied: true }
    seat.write(db =>
      seat.cases.move(db, agent, { caseId, requestId: 'f', move: 'followUp', reason: '', followUp }),
    )
    expect(get(main.caseId).related).toMatchObject([{ replyDue: false }])
  })

  it('of a main case that was closed meanwhile becomes a link: filing is held up by nothing', () => {
    const main = seat.file(agent)
    const draftId = draft()
    choose(draftId, main.caseId, 'merge')
    close(main.caseId)
    expect(submit(draftId)).toMatchObject({
      merged: false,
      related: [{ kind: 'linked', caseId: main.caseId }],
    })
  })

  it('there is one; another choice takes its place, a second press takes it back, giving the form up forgets it', () => {
    const [first, second] = [seat.file(agent), seat.file(agent)]
    const draftId = draft()
    choose(draftId, first.caseId, 'merge')
    choose(draftId, second.caseId, 'link')
    choose(draftId, second.caseId, 'merge')
    expect(seat.cases.relations.chosen(seat.db, agent, draftId)).toEqual([
      { otherId: second.caseId, relation: 'merge' },
    ])
    choose(draftId, second.caseId, null)
    expect(seat.cases.relations.chosen(seat.db, agent, draftId)).toEqual([])
    expect(refusalOf(() => choose('nowhere', first.caseId, 'link'))).toBe('DRAFT_NOT_FOUND')
    expect(refusalOf(() => choose(draftId, 'nowhere', 'link'))).toBe('CASE_NOT_FOUND')
  })
})

describe('filed cases', () => {
  it('are linked from either side and once; who and when stand in the list and in the history', () => {
    const [a, b] = [seat.file(agent), seat.file(agent)]
    relate(a.caseId, 'link', b.caseId)
    expect(kinds(b.caseId)).toEqual([['linked', a.caseId]])
    expect(get(b.caseId).related).toMatchObject([{ holderId: a.caseId, operatorName: 'agent的姓名' }])
    relate(a.caseId, 'unlink', b.caseId)
    expect([kinds(a.caseId), kinds(b.caseId)]).toEqual([[], []])
    expect(get(a.caseId).history.map(({ detail }) => detail.split(' ')[0])).toEqual([
      'accept',
      'link',
      'unlink',
    ])
  })

  it('of others that are confidential cannot be named, and are in nobody else’s list', () => {
    const other = seat.person('other')
    const secret = seat.file(other, { confidential: true })
    const open = seat.file(agent)
    expect(refusalOf(() => relate(open.caseId, 'link', secret.caseId))).toBe('CASE_NOT_FOUND')
    relate(secret.caseId, 'merge', open.caseId, other)
    expect(kinds(open.caseId)).toEqual([])
    expect(kinds(open.caseId, other)).toEqual([['merged-here', secret.caseId]])
  })

  it('a request that comes again does nothing twice; two merges of one case are refused', () => {
    const [a, b, c] = [seat.file(agent), seat.file(agent), seat.file(agent)]
    seat.sent()
    const input = { caseId: a.caseId, requestId: 'once', relation: 'merge' as const, otherId: b.caseId }
    for (let times = 0; times < 2; times += 1) seat.write(db => seat.cases.relations.relate(db, agent, input))
    expect(seat.waiting()).toHaveLength(1)
    expect(refusalOf(() => relate(a.caseId, 'merge', c.caseId))).toBe('MERGED_ELSEWHERE')
    expect(seat.waiting()).toHaveLength(1)
  })
})

describe('what the centre says', () => {
  it('holds, with what is unsent on top; another seat’s merge the other way round makes no circle', () => {
    const [a, b] = [seat.file(agent), seat.file(agent)]
    seat.sent()
    relate(b.caseId, 'merge', a.caseId)
    const named = (of: CaseDetail) => ({
      caseId: of.caseId,
      caseNumber: of.caseNumber,
      operatorId: 'elsewhere',
      operatorName: '别席',
      at: of.createdAt,
    })
    const told = (of: CaseDetail, version: number, into: CaseDetail | null) =>
      seat.write(db =>
        applyChange(
          db,
          {
            kind: 'case',
            case: documentOf({
              caseId: of.caseId,
              caseNumber: of.caseNumber,
              version,
              relations: into === null ? null : { links: [], mergedInto: named(into) },
            }),
          },
          false,
          seat.apply,
        ),
      )
    told(a, 3, b)
    expect(kinds(a.caseId)).toContainEqual(['merged-into', b.caseId])
    // The centre took the other's first: this seat's own is an entry in the history and no more.
    seat.sent()
    told(b, 3, null)
    expect(kinds(b.caseId)).toEqual([['merged-here', a.caseId]])
    expect(get(b.caseId).merged).toBe(false)
  })

  it('refused: it shows no more but for its reason, holds nothing else up, and is given up by taking it back', () => {
    const [a, b] = [seat.file(agent), seat.file(agent)]
    seat.sent()
    relate(a.caseId, 'merge', b.caseId)
    refuse('case.relate', 'MERGE_MAIN_CLOSED')
    expect(get(a.caseId)).toMatchObject({
      merged: false,
      related: [{ kind: 'merged-into', caseId: b.caseId, refused: '主单已办结' }],
    })
    expect(kinds(b.caseId)).toEqual([])
    seat.write(db => seat.cases.addRemark(db, agent, { caseId: a.caseId, requestId: 'x', text: '另行派单' }))
    expect(seat.unsent.list(seat.db, 10).map(({ state }) => state)).toEqual(['parked', 'waiting'])
    relate(a.caseId, 'unmerge', b.caseId)
    expect(get(a.caseId).related).toEqual([])
    expect(get(a.caseId).history.map(({ detail }) => detail)).toEqual(['accept', '另行派单'])
    expect(seat.waiting().map(({ name }) => name)).toEqual(['case.addRemark'])
  })
})

describe('来电人原话', () => {
  const edit = (caseId: string, field: string, from: string, to: string) =>
    seat.write(db =>
      seat.cases.edit(db, agent, { caseId, requestId: `e${(drawn += 1)}`, changes: [{ field, from, to }] }),
    )
  it('an edit of the content keeps what it said first, once, and tells it with the edit', () => {
    const { caseId } = seat.file(agent, { content: '楼下嘈到死，瞓唔着' })
    seat.sent()
    const edited = edit(caseId, 'content', '楼下嘈到死，瞓唔着', '楼下夜间噪声扰民，无法入睡')
    expect(edited.fields).toMatchObject({
      content: '楼下夜间噪声扰民，无法入睡',
      callerWords: '楼下嘈到死，瞓唔着',
    })
    edit(caseId, 'content', '楼下夜间噪声扰民，无法入睡', '楼下噪声')
    expect(get(caseId).fields.callerWords).toBe('楼下嘈到死，瞓唔着')
    expect(seat.waiting()[0]?.args).toMatchObject({
      changes: [{ field: 'content' }, { field: 'callerWords', to: '楼下嘈到死，瞓唔着' }],
    })
  })

  it('nothing is kept where nothing is lost', () => {
    const { caseId } = seat.file(agent, { content: '路灯不亮' })
    expect(edit(caseId, 'content', '路灯不亮', '路灯不亮，三天了').fields.callerWords).toBe('')
  })

  it('is found by the search', () => {
    seat.file(agent, { callerWords: '瞓唔着' })
    const filter = { ...noCaseFilter, text: '唔着' }
    expect(seat.cases.list(seat.db, agent, { filter, limit: 5, cursor: null }).cases).toHaveLength(1)
  })
})
