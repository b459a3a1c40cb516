import { expect, it } from 'vitest'
import { workDays } from '../../shared/domain/calendar.ts'
import { type CaseFields, emptyCaseFields } from '../../shared/domain/case.ts'
import { dispatchOrder } from '../../shared/domain/dispatch.ts'
import { asProposed, type DispatchChoice, dispatching } from '../../shared/domain/make-dispatch.ts'
import { sampleCalendar, smallCatalogue } from './some-catalogue.ts'

const at = Date.parse('2026-03-06T10:00:00+08:00')
const days = workDays(sampleCalendar)
const propose = (fields: Partial<CaseFields>, choice: Partial<DispatchChoice> = {}, calendar = true) =>
  dispatching(smallCatalogue, calendar ? days : null).propose({ ...emptyCaseFields, ...fields }, at, {
    ...asProposed,
    ...choice,
  })
const codes = (...asked: Parameters<typeof propose>) => propose(...asked).faults.map(({ code }) => code)

it('a case gets its units, version and due times from the catalogue', () => {
  const { order, reason, faults } = propose(
    { categoryCode: '010101', place: '青石路 1 号' },
    { opinion: '请尽快' },
  )
  expect(faults).toEqual([])
  expect(reason).toBe('only')
  expect(dispatchOrder.parse(order)).toEqual({
    catalogueVersion: '1',
    categoryCode: '010101',
    lead: { code: 'W', name: '供水公司' },
    assist: [{ code: 'H', name: '卫健委' }],
    signBy: '2026-03-06T02:30:00.000Z',
    replyBy: '2026-03-10T09:30:00.000Z',
    opinion: '请尽快',
  })
})

it('a word in what the caller says makes it more urgent, never less', () => {
  const place = '青石路'
  const burst = propose({ categoryCode: '010101', place, content: '水管爆裂' })
  expect([burst.urgency, burst.urgencyWord]).toEqual(['critical', '爆裂'])
  expect(burst.order?.replyBy).toBe('2026-03-06T06:00:00.000Z')
  expect(burst.order?.signBy).toBe('2026-03-06T02:15:00.000Z')
  expect(propose({ categoryCode: '010101', place, urgency: 'urgent' }).order?.signBy).toBeNull()
})

it('of several units it is the one whose division is nearest, else the one for the whole city', () => {
  const of = (divisionCode: string) => {
    const { lead, reason } = propose({ categoryCode: '0201', divisionCode })
    return [lead?.code, reason]
  }
  expect(of('111')).toEqual(['E', 'division'])
  expect(of('11')).toEqual(['E', 'division'])
  expect(of('12')).toEqual(['C', 'citywide'])
  expect(of('')).toEqual(['C', 'citywide'])
})

it('what speaks against it is told by its code, and there is no order', () => {
  expect(codes({})).toEqual(['CATEGORY_MISSING'])
  expect(codes({ categoryCode: '99' })).toEqual(['CATEGORY_UNKNOWN'])
  expect(codes({ categoryCode: '0101', place: 'x' })).toEqual(['CATEGORY_NOT_LEAF'])
  expect(codes({ categoryCode: '010101', place: ' ' })).toEqual(['FIELD_MISSING'])
  expect(codes({ categoryCode: '010102', place: 'x', kind: 'praise' })).toEqual(['KIND_NOT_ALLOWED'])
  expect(codes({ categoryCode: '010102', place: 'x' }, { leadUnit: 'S' })).toEqual(['NOT_TO_GRASSROOTS'])
  expect(codes({ categoryCode: '010102', place: 'x' }, { assistUnits: ['S'] })).toEqual(['NOT_TO_GRASSROOTS'])
  expect(codes({ categoryCode: '010101', place: 'x' }, { leadUnit: 'S' })).toEqual([])
  expect(codes({ categoryCode: '0201' }, { leadUnit: 'gone' })).toEqual(['UNIT_UNKNOWN', 'UNIT_MISSING'])
  expect(codes({ categoryCode: '0201' }, { assistUnits: ['C'] })).toEqual(['UNIT_TWICE'])
  expect(codes({ categoryCode: '010101', place: 'x' }, {}, false)).toEqual(['CALENDAR_MISSING'])
  expect(propose({ categoryCode: '010101', place: 'x' }, {}, false).order).toBeNull()
})

it('a unit that the operator chose leads, and one that leads does not assist', () => {
  const { order, reason } = propose({ categoryCode: '010101', place: 'x' }, { leadUnit: 'H' })
  expect(reason).toBe('chosen')
  expect(order?.lead.code).toBe('H')
  expect(order?.assist).toEqual([])
})
