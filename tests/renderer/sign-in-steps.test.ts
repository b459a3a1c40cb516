import { expect, it } from 'vitest'
import { afterEnter, shownStep } from '../../renderer/features/identity/sign-in-steps.ts'
import type { Operator } from '../../shared/domain/operator.ts'

const one: Operator = {
  operatorId: 'o',
  workNumber: '1001',
  name: '模拟坐席',
  branch: '一中心',
  role: 'agent',
  skills: [],
}

it('begins with the list, and where nobody is listed with whatever can bring somebody in', () => {
  expect(shownStep({ at: 'list' }, 3, true)).toEqual({ at: 'list' })
  expect(shownStep({ at: 'list' }, 0, false)).toEqual({ at: 'add' })
  expect(shownStep({ at: 'list' }, 0, true)).toEqual({ at: 'by-number', workNumber: '' })
  expect(shownStep({ at: 'password', operator: one }, 0, true)).toEqual({ at: 'password', operator: one })
})

it('takes Enter as the first who is found, and with a centre as a work number that is not known here', () => {
  expect(afterEnter([one], '', false)).toEqual({ choose: one })
  expect(afterEnter([], ' 2007 ', true)).toEqual({ step: { at: 'by-number', workNumber: '2007' } })
  expect(afterEnter([], '2007', false)).toBe(null)
  expect(afterEnter([], ' ', true)).toBe(null)
})
