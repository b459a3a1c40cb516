import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeQuality, meanOpinionScore, type QualitySample } from '../../shared/domain/voice-quality.ts'

const line = { loss: 0, roundTripMs: 20, jitterBufferMs: 40 }
const sample = (change: Partial<QualitySample>): QualitySample => ({
  at: 0,
  mosIn: 4.4,
  mosOut: 4.4,
  lossIn: 0,
  lossOut: 0,
  jitterMs: 5,
  roundTripMs: 20,
  ...change,
})

describe('voice quality', () => {
  it('gives the scores that the E-model gives', () => {
    // R = 93.2 − Id; at 70 ms one way Id = 1.68, MOS 4.38 (G.107 Annex B).
    expect(meanOpinionScore(line)).toBeCloseTo(4.38, 1)
    // 5 % random loss on G.711 with concealment: Ie-eff 15.8, R about 76, MOS about 3.85.
    expect(meanOpinionScore({ ...line, loss: 0.05 })).toBeCloseTo(3.85, 1)
    expect(meanOpinionScore({ ...line, roundTripMs: 1_000 })).toBeLessThan(3)
    expect(meanOpinionScore({ ...line, loss: 1 })).toBeLessThan(1.5)
  })

  it('never rises with more loss or more delay', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(3_000),
        fc.nat(500),
        (loss, trip, buffer) => {
          const score = meanOpinionScore({ loss, roundTripMs: trip, jitterBufferMs: buffer })
          expect(score).toBeGreaterThanOrEqual(1)
          expect(score).toBeLessThanOrEqual(4.5)
          const worse = meanOpinionScore({
            loss: Math.min(1, loss + 0.02),
            roundTripMs: trip + 50,
            jitterBufferMs: buffer,
          })
          expect(worse).toBeLessThanOrEqual(score + 1e-9)
        },
      ),
    )
  })

  it('says which side is bad', () => {
    expect(judgeQuality([])).toEqual({ verdict: 'good', fault: null })
    expect(judgeQuality([sample({})])).toEqual({ verdict: 'good', fault: null })
    expect(judgeQuality([sample({ mosIn: 3, lossIn: 0.1 })])).toEqual({
      verdict: 'poor',
      fault: 'incoming-loss',
    })
    expect(judgeQuality([sample({ mosOut: 3, lossOut: 0.1 })])).toEqual({
      verdict: 'poor',
      fault: 'outgoing-loss',
    })
    expect(judgeQuality([sample({ mosIn: 3.8, roundTripMs: 600 })])).toEqual({
      verdict: 'fair',
      fault: 'delay',
    })
    expect(judgeQuality([sample({ mosIn: 3.8, jitterMs: 90 })])).toEqual({
      verdict: 'fair',
      fault: 'incoming-jitter',
    })
    expect(judgeQuality([sample({ mosIn: 1, lossIn: 1 })])).toEqual({ verdict: 'poor', fault: 'no-audio' })
  })
})
