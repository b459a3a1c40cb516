import { expect, it } from 'vitest'
import { type PresentSeat, rankSpecialists } from '../../shared/domain/specialist.ts'

const seat = (operatorName: string, kind: PresentSeat['kind'], ...skills: string[]): PresentSeat => ({
  operatorId: operatorName,
  operatorName,
  branch: '云澜中心',
  skills,
  extension: '8001',
  kind,
  since: '2026-11-24T02:00:00.000Z',
})

it('offers who has the skill before who has not, and who is ready before who is not', () => {
  const seats = [
    seat('甲', 'ready', '涉企'),
    seat('乙', 'talking', '闽南话'),
    seat('丙', 'ready', '闽南话', '涉企'),
    seat('丁', 'wrap-up', '闽南话'),
  ]
  const names = (wanted: string[]) =>
    rankSpecialists(seats, wanted)
      .map(({ operatorName }) => operatorName)
      .join('')
  expect(names(['闽南话'])).toBe('丙丁乙甲')
  expect(names(['涉企'])).toBe('丙甲丁乙')
  expect(names([])).toBe('丙甲丁乙')
})
