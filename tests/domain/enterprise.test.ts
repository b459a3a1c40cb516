/** 涉企台账: what a spreadsheet would run, what is late, what is not over. */
import { expect, it } from 'vitest'
import { newLoop } from '../../shared/domain/case-loop.ts'
import { isFollowed, isLate, neutralised, ownerIdOf } from '../../shared/domain/enterprise.ts'

it.each(['=1', '+1', '-1', '@a', '\tx', '\rx', ' =1', '＝1', '|x'])('neutralises %j', cell => {
  expect(neutralised(cell)).toBe(`'${cell}`)
})
it.each(['公司', '1+1', '', 'a=b', '（-）'])('leaves %j', cell => expect(neutralised(cell)).toBe(cell))

it('knows what is late: answered after its time, or not answered by now', () => {
  const dueAt = '2026-11-24T02:00:00.000Z'
  const [before, after] = [Date.parse(dueAt) - 1, Date.parse(dueAt) + 1]
  const iso = (ms: number) => new Date(ms).toISOString()
  expect(isLate({ dueAt: null, repliedAt: null, status: 'handling' }, after)).toBe(false)
  expect(isLate({ dueAt, repliedAt: null, status: 'handling' }, before)).toBe(false)
  expect(isLate({ dueAt, repliedAt: null, status: 'handling' }, after)).toBe(true)
  expect(isLate({ dueAt, repliedAt: null, status: 'closed' }, after)).toBe(false)
  expect(isLate({ dueAt, repliedAt: iso(before), status: 'replied' }, after)).toBe(false)
  expect(isLate({ dueAt, repliedAt: iso(after), status: 'closed' }, after)).toBe(true)
})

it('is followed until its follow-up is done, by whoever filed it or was handed it', () => {
  expect(isFollowed({ status: 'closed', loop: null })).toBe(false)
  expect(isFollowed({ status: 'closed', loop: { ...newLoop, followUp: 'due' } })).toBe(true)
  expect(isFollowed({ status: 'handling', loop: null })).toBe(true)
  const owner = { operatorId: 'b', name: '乙' }
  expect(ownerIdOf({ operatorId: 'a', loop: null })).toBe('a')
  expect(ownerIdOf({ operatorId: 'a', loop: newLoop })).toBe('a')
  expect(ownerIdOf({ operatorId: 'a', loop: { ...newLoop, owner } })).toBe('b')
})
