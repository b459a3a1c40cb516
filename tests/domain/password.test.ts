import { expect, it } from 'vitest'
import {
  defaultIdentityPolicy,
  identityPolicy,
  isExpired,
  needsSecondFactor,
} from '../../shared/domain/identity-policy.ts'
import { faultOfPassword } from '../../shared/domain/password.ts'

const isCommon = (text: string) => ['password', 'qwerty123456', 'iloveyou-forever!'].includes(text)
const fault = (password: string, workNumber: string | null = '1001') =>
  faultOfPassword(password, { workNumber, isCommon })

it('a password has ten characters of three kinds, or sixteen of any', () => {
  expect(fault('Ab3-Ab3-A')).toBe('too-short')
  expect(fault('Abcx3-Abc3')).toBeNull()
  expect(fault('口令-Kou-12')).toBe('too-short')
  expect(fault('口令口-Kou-12')).toBeNull()
  expect(fault('lowercase-only')).toBe('too-few-kinds')
  expect(fault('correct horse battery')).toBeNull()
  // One sign of two halves is one character.
  expect(fault('😀😁😂🤣😃😄Ab3')).toBe('too-short')
  expect(fault('\u3000'.repeat(20))).toBe('blank')
})

it('a password is no work number, no run, and none that everybody tries', () => {
  expect(fault('Zuoxi-1001-x')).toBe('work-number')
  expect(fault('Zuoxi-1001-x', '1')).toBeNull()
  expect(fault('Zuoxi-AB12-x', 'ab12')).toBe('work-number')
  expect(fault('Zuoxi-21BA-x', 'ab12')).toBe('work-number')
  expect(fault('Zuoxi-1001-x', null)).toBeNull()
  expect(fault('1234567890123456')).toBe('common')
  expect(fault('abcdefghijklmnopqrst')).toBe('common')
  expect(fault('aaaaaaaaaaaaaaaaaaaa')).toBe('common')
  expect(fault('abcabcabcabcabcabc')).toBe('common')
  expect(fault('Password-2026!')).toBe('common')
  expect(fault('ILoveYou-Forever!')).toBe('common')
})

it('a policy has defaults, and says who needs what', () => {
  expect(defaultIdentityPolicy).toEqual({ rotationDays: 0, secondFactor: 'nobody', idleLockMinutes: 15 })
  const of = (secondFactor: unknown) => identityPolicy.parse({ secondFactor })
  expect(needsSecondFactor(of(['lead', 'contractor']), 'contractor')).toBe(true)
  expect(needsSecondFactor(of(['lead', 'contractor']), 'agent')).toBe(false)
  expect(needsSecondFactor(of('everybody'), 'agent')).toBe(true)
  // The page of the units has none.
  expect(needsSecondFactor(of('everybody'), 'unit')).toBe(false)
  const day = 86_400_000
  expect(isExpired(defaultIdentityPolicy, 0, 10_000 * day)).toBe(false)
  const ninety = identityPolicy.parse({ rotationDays: 90 })
  expect([isExpired(ninety, 0, 90 * day - 1), isExpired(ninety, 0, 90 * day)]).toEqual([false, true])
})
