import { QueryClient } from '@tanstack/react-query'
import { expect, it } from 'vitest'
import { clearPersonalState } from '../../renderer/app/personal-state.ts'
import { createDesk } from '../../renderer/features/case-form/draft-store.ts'
import { draft } from '../support/stored-draft.ts'

const deskOf = (save: (input: { draftId: string; revision: number }) => Promise<unknown>) =>
  createDesk({
    save: async input => {
      await save(input)
      return { elsewhere: null }
    },
    isAway: () => true,
    isGone: () => false,
    sentence: () => '',
    after: () => () => {},
  })

it('leaves nothing of a person in the page, and keeps what is of the seat', () => {
  const queries = new QueryClient()
  const desk = deskOf(() => Promise.resolve({}))
  desk.handTo('anna')
  desk.add(draft('d'))
  const ofTheSeat = [['status'], ['settings'], ['sync'], ['operators']]
  const personal = [
    ['cases', 'list', '张三'],
    ['cases', 'k'],
    ['callers', '199', null],
    ['calls'],
    ['drafts'],
    ['dispatch-choice', 'd'],
  ]
  for (const key of [...ofTheSeat, ...personal]) queries.setQueryData(key, 'something')
  clearPersonalState({ queries, desk }, null)
  const left = queries
    .getQueryCache()
    .getAll()
    .map(({ queryKey }) => queryKey)
  expect(left).toEqual(ofTheSeat)
  expect(desk.use.getState()).toEqual({ drafts: [], activeId: null })
})

it('another person gets an empty desk; what the core had not taken is its writer’s again', async () => {
  const saved: { draftId: string; revision: number }[] = []
  const line = { up: false }
  const desk = deskOf(input => {
    if (!line.up) return Promise.reject(new Error('away'))
    saved.push(input)
    return Promise.resolve({})
  })
  desk.handTo('anna')
  desk.add(draft('saved'))
  desk.add(draft('unsaved'))
  desk.edit('unsaved', { title: '没存上的字' })
  void desk.settle(1_000)
  await new Promise(resolve => setImmediate(resolve))
  desk.handTo('bert')
  expect(desk.use.getState().drafts).toEqual([])
  desk.handTo(null)
  line.up = true
  desk.handTo('anna')
  expect(desk.use.getState().drafts.map(({ draftId, fields }) => [draftId, fields.title])).toEqual([
    ['unsaved', '没存上的字'],
  ])
  expect(await desk.settle(1_000)).toBe(true)
  expect(saved).toMatchObject([{ draftId: 'unsaved', revision: 1 }])
})

it('waits for the last word to be stored before somebody leaves', async () => {
  const saved: number[] = []
  const answers: (() => void)[] = []
  const desk = deskOf(({ revision }) => {
    saved.push(revision)
    return new Promise(resolve => answers.push(() => resolve({})))
  })
  desk.add(draft('d'))
  desk.edit('d', { title: '一' })
  void desk.flush('d')
  desk.edit('d', { title: '一二' })
  let settled = false
  const settling = desk.settle(1_000).then(whole => {
    settled = whole
  })
  answers.shift()?.()
  await new Promise(resolve => setImmediate(resolve))
  expect([settled, saved]).toEqual([false, [1, 2]])
  answers.shift()?.()
  await settling
})
