/** The code (查询码) that a caller is told with the number of a case: it comes from the centre. */
import { expect, it } from 'vitest'
import { applyChange } from '../../electron/core/sync/apply-changes.ts'
import { documentOf, filled, seatParts } from '../support/seat-parts.ts'

it('comes with the case from the centre, and not for a confidential caller', () => {
  const seat = seatParts()
  try {
    const lead = seat.person('lead', 'lead')
    const { caseId, caseNumber, progressCode, fields } = seat.file(lead)
    expect(progressCode).toBeNull()
    seat.sent()
    const told = (version: number, change: Parameters<typeof documentOf>[0]) =>
      seat.write(db =>
        applyChange(db, { kind: 'case', case: { ...documentOf(change), version } }, false, seat.apply),
      )
    told(1, { caseId, caseNumber, fields, operatorId: 'lead', progressCode: '40718265' })
    expect(seat.cases.get(seat.db, lead, caseId).progressCode).toBe('40718265')
    const secret = filled({ ...fields, confidential: true })
    told(2, { caseId, caseNumber, fields: secret, operatorId: 'lead', progressCode: null })
    expect(seat.cases.get(seat.db, lead, caseId).progressCode).toBeNull()
  } finally {
    seat.close()
  }
})
