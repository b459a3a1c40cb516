/** A rare word with filters is checked on the rows, a common one in the index: both answer alike. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { searchPlan } from '../../electron/core/cases/search.ts'
import { type CaseFilter, noCaseFilter } from '../../shared/contract/seat.ts'
import type { CaseDetail } from '../../shared/domain/case.ts'
import { type SeatParts, seatParts } from '../support/seat-parts.ts'

let seat: SeatParts
const filed: CaseDetail[] = []
beforeAll(() => {
  seat = seatParts('plan')
  const [one, other] = [seat.person('one'), seat.person('other')]
  for (let at = 0; at < 130; at += 1)
    filed.push(
      seat.file(at % 3 === 0 ? one : other, {
        title: at % 20 === 0 ? '窨井盖缺失' : '路灯不亮',
        content: '市民反映道路照明',
        categoryCode: at % 2 === 0 ? '0101' : '0102',
        divisionCode: at % 5 === 0 ? '990001' : '990002',
        urgency: at % 4 === 0 ? 'urgent' : 'normal',
        disposition: at % 7 === 0 ? 'explain' : 'accept',
        handling: at % 11 === 0 ? 'direct' : 'dispatch',
      }),
    )
})
afterAll(() => seat.close())

const reader = { operatorId: 'one', role: 'agent', branch: '云澜中心' } as const
const filters: Partial<CaseFilter>[] = [
  { status: ['accepted'] },
  { disposition: ['explain'] },
  { urgency: ['urgent'] },
  { categoryCode: '0101' },
  { divisionCode: '990001' },
  { mineOnly: true },
  { status: ['closed', 'awaiting-approval'], categoryCode: '0102', mineOnly: true },
  { urgency: ['normal'], divisionCode: '990002', disposition: ['accept'] },
]
const idsOf = (filter: Partial<CaseFilter>) =>
  seat.cases
    .list(seat.db, reader, { filter: { ...noCaseFilter, ...filter }, limit: 200, cursor: null })
    .cases.map(({ caseId }) => caseId)

it.each(['窨井盖', '照明'])('%s', text => {
  const plans = filters.map(
    filter => searchPlan(seat.db, { ...noCaseFilter, text, ...filter }, 'one').filterRows,
  )
  expect(new Set(plans)).toEqual(new Set([text === '窨井盖']))
  for (const filter of filters) {
    const having = new Set(idsOf({ text }))
    const expected = idsOf(filter).filter(caseId => having.has(caseId))
    expect(idsOf({ text, ...filter })).toEqual(expected)
  }
  expect(idsOf({ text }).length).toBe(
    filed.filter(({ title }) => text === '照明' || title.includes(text)).length,
  )
})
