import { expect, it } from 'vitest'
import { withCentre } from '../../renderer/features/caller-card/centre-history.ts'
import type { CallerHistory } from '../../shared/contract/central.ts'
import type { CallerCard } from '../../shared/contract/seat.ts'
import type { CaseSummary } from '../../shared/domain/case.ts'

const summary = (caseId: string, patch: Partial<CaseSummary> = {}): CaseSummary => ({
  caseId,
  caseNumber: `20260101-${caseId}`,
  title: caseId,
  callerName: '',
  contactNumber: '19900000101',
  kind: null,
  urgency: 'normal',
  categoryCode: '',
  divisionCode: '',
  disposition: 'accept',
  status: 'closed',
  confidential: false,
  operatorId: 'o',
  createdAt: '2026-01-01T00:00:00.000Z',
  version: 1,
  ...patch,
})
const card = (cases: CaseSummary[]): CallerCard => ({
  number: {
    raw: '19900000101',
    key: '19900000101',
    display: '199 0000 0101',
    kind: 'mobile',
    extension: null,
    dialable: true,
  },
  knownName: '',
  cases,
  caseCount: cases.length,
  openCaseCount: cases.filter(({ status }) => status !== 'closed').length,
  calls: [],
  callCount: 0,
  missedCount: 0,
  profile: null,
  localOnly: true,
})
const history = (cases: CaseSummary[], patch: Partial<CallerHistory> = {}): CallerHistory => ({
  cases,
  caseCount: cases.length,
  openCaseCount: cases.filter(({ status }) => status !== 'closed').length,
  hiddenCount: 0,
  profile: null,
  ...patch,
})

it("is this machine's card as it is while the centre has not answered", () => {
  const own = card([summary('a')])
  expect(withCentre(own, null)).toMatchObject({ cases: own.cases, caseCount: 1, localOnly: true })
})

it('adds what only the centre has, keeps what is not there yet, open cases first', () => {
  const unsent = summary('unsent', { status: 'accepted', createdAt: '2026-03-01T00:00:00.000Z' })
  const both = summary('both', { callerName: '' })
  const far = summary('far', { callerName: '欧阳模拟', createdAt: '2026-02-01T00:00:00.000Z' })
  const whole = withCentre(card([unsent, both]), history([far, both]))
  expect(whole.cases.map(({ caseId }) => caseId)).toEqual(['unsent', 'far', 'both'])
  expect(whole).toMatchObject({ caseCount: 3, openCaseCount: 1, localOnly: false, knownName: '欧阳模拟' })
  expect([...whole.elsewhere]).toEqual(['far'])
})

it('shows the newer version of a case, and this machine’s own change while it is on its way', () => {
  const whole = withCentre(
    card([summary('old', { title: '本机旧' }), summary('mine', { title: '本机改过' })]),
    history([summary('old', { title: '中心新', version: 2 }), summary('mine', { title: '中心' })]),
  )
  expect(new Map(whole.cases.map(one => [one.caseId, one.title]))).toEqual(
    new Map([
      ['old', '中心新'],
      ['mine', '本机改过'],
    ]),
  )
})

it('never counts fewer than either of the two, and tells how many may not be shown', () => {
  const cut = history([summary('a')], { caseCount: 90, openCaseCount: 4, hiddenCount: 2 })
  expect(withCentre(card([summary('b')]), cut)).toMatchObject({
    caseCount: 90,
    openCaseCount: 4,
    hiddenCount: 2,
  })
  expect(withCentre(card([summary('a'), summary('b')]), history([]))).toMatchObject({ caseCount: 2 })
})
