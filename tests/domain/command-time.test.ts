import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Contact,
  contactAfter,
  effectiveTime,
  floorOf,
  reportedTime,
} from '../../shared/domain/command-time.ts'

const base = Date.parse('2026-11-24T02:00:00.000Z')
const minute = 60_000
const at = (ms: number) => new Date(base + ms).toISOString()

describe('the time that counts', () => {
  it('is the seat’s between its last contact and the receipt, and the receipt’s otherwise', () => {
    const given = { floor: at(-5 * minute), receivedAt: at(0), skewMs: 0 }
    expect(effectiveTime({ ...given, issuedAt: at(-minute) })).toBe(at(-minute))
    expect(effectiveTime({ ...given, issuedAt: at(-6 * minute) })).toBe(at(0))
    expect(effectiveTime({ ...given, issuedAt: at(1) })).toBe(at(0))
    expect(effectiveTime({ ...given, issuedAt: at(59 * minute), skewMs: 60 * minute })).toBe(at(-minute))
  })

  it('never lies outside of what the centre itself saw', () => {
    const some = fc.integer({ min: -1e9, max: 1e9 })
    fc.assert(
      fc.property(some, fc.nat({ max: 1e9 }), some, (issued, since, skewMs) => {
        const counts = effectiveTime({ issuedAt: at(issued), floor: at(-since), receivedAt: at(0), skewMs })
        expect(counts >= at(-since) && counts <= at(0)).toBe(true)
      }),
    )
  })

  it('tells what the seat said where that is a minute and more away', () => {
    expect(reportedTime({ issuedAt: at(-59_000), skewMs: 0 }, at(0))).toBeUndefined()
    expect(reportedTime({ issuedAt: at(-61_000), skewMs: 0 }, at(0))).toBe(at(-61_000))
    expect(reportedTime({ issuedAt: at(60 * minute), skewMs: 60 * minute }, at(0))).toBeUndefined()
  })
})

describe('contacts', () => {
  const seen = (contactAt: number): Contact => ({ contactAt: at(contactAt), awayFrom: null, backAt: null })

  it('are written down every twenty seconds at most', () => {
    const before = seen(0)
    expect(contactAfter(before, base + 19_000)).toBe(before)
    expect(contactAfter(before, base + 21_000)).toEqual(seen(21_000))
  })

  it('after an absence let what was done meanwhile count for half an hour', () => {
    const back = contactAfter(seen(0), base + 600 * minute)
    expect(back).toEqual({ contactAt: at(600 * minute), awayFrom: at(0), backAt: at(600 * minute) })
    const later = contactAfter(back, base + 620 * minute)
    // Twenty minutes without a word are an absence of their own.
    expect(floorOf(later, base + 621 * minute)).toBe(at(600 * minute))
    expect(floorOf(back, base + 629 * minute)).toBe(at(0))
    expect(floorOf(back, base + 631 * minute)).toBe(at(600 * minute))
  })
})
