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
  expect(shownStep({ at: 'list' }, 3, 'password')).toEqual({ at: 'list' })
  expect(shownStep({ at: 'list' }, 0, 'first-administrator')).toEqual({ at: 'first-administrator' })
  expect(shownStep({ at: 'list' }, 3, 'enrol')).toEqual({ at: 'enrol' })
  expect(shownStep({ at: 'list' }, 0, 'password')).toEqual({ at: 'by-number', workNumber: '' })
  expect(shownStep({ at: 'password', operator: one }, 0, 'password')).toEqual({
    at: 'password',
    operator: one,
  })
})

it('takes Enter as the first who is found, and with a centre as a work number that is not known here', () => {
  expect(afterEnter([one], '', 'choose')).toEqual({ choose: one })
  expect(afterEnter([], ' 2007 ', 'password')).toEqual({ step: { at: 'by-number', workNumber: '2007' } })
  expect(afterEnter([], '2007', 'choose')).toBe(null)
  expect(afterEnter([], ' ', 'password')).toBe(null)
})
