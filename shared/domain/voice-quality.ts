/**
 * How good a call sounds (通话质量), estimated from what WebRTC counts.
 * Source: ITU-T G.107 (06/2015), the E-model, with its default values for all that a seat cannot measure; equipment
 * impairment and packet-loss robustness of G.711 with loss concealment from ITU-T G.113 Appendix I (Ie 0, Bpl 25.1), which
 * are used for Opus too, since G.113 gives none for it. An estimate of the network's part, not of the speaker's voice.
 */
import { z } from 'zod'

export const qualitySample = z.object({
  at: z.number().int().describe('毫秒, epoch'),
  mosIn: z.number().describe('听到的 MOS'),
  mosOut: z.number().nullable().describe('对方听到的 MOS；对端未报告则为空'),
  lossIn: z.number().describe('收到方向丢包率 0–1'),
  lossOut: z.number().nullable().describe('发出方向丢包率 0–1'),
  jitterMs: z.number().describe('抖动, 毫秒'),
  roundTripMs: z.number().nullable().describe('往返时延, 毫秒'),
})
export type QualitySample = z.infer<typeof qualitySample>

const defaultR = 93.2
const lossRobustness = 25.1
/** Coding and packet of 20 ms, and the playing side's buffer where nobody says how long it is. */
const fixedDelayMs = 40

/** Mean opinion score, 1 (bad) to 4.5 (as good as it gets). `loss` is a share 0–1, delays are milliseconds. */
export function meanOpinionScore(given: {
  loss: number
  roundTripMs: number | null
  jitterBufferMs: number
}): number {
  const loss = Math.min(1, Math.max(0, given.loss)) * 100
  const delay =
    Math.max(0, given.roundTripMs ?? 0) / 2 + Math.max(fixedDelayMs, given.jitterBufferMs + fixedDelayMs / 2)
  const delayImpairment = 0.024 * delay + (delay > 177.3 ? 0.11 * (delay - 177.3) : 0)
  // G.107 eq. 7-29 with Ie = 0 and random loss (BurstR = 1).
  const lossImpairment = (95 * loss) / (loss + lossRobustness)
  const r = Math.min(100, Math.max(0, defaultR - delayImpairment - lossImpairment))
  // The cubic dips a hair below 1 where R is nearly 0.
  return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)
}

export const qualityVerdict = z.enum(['good', 'fair', 'poor']).describe('通话质量: 好 / 一般 / 差')
export type QualityVerdict = z.infer<typeof qualityVerdict>

/** Why a call sounds bad, and on which side: what the operator hears, what the citizen hears, or the way between. */
export type QualityFault = 'incoming-loss' | 'outgoing-loss' | 'incoming-jitter' | 'delay' | 'no-audio'

/** G.107 Annex B: above 4.03 users are satisfied, below 3.6 many are not. */
const goodFrom = 4.03
const fairFrom = 3.6
const jitterBadMs = 60
const roundTripBadMs = 400

/** The verdict over the last samples (newest last) and its reason; no reason while it is good. */
export function judgeQuality(samples: readonly QualitySample[]): {
  verdict: QualityVerdict
  fault: QualityFault | null
} {
  const recent = samples.slice(-5)
  if (recent.length === 0) return { verdict: 'good', fault: null }
  const mean = (pick: (sample: QualitySample) => number | null) => {
    const values = recent.map(pick).filter(value => value !== null)
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
  }
  const incoming = mean(sample => sample.mosIn) ?? 4.4
  const outgoing = mean(sample => sample.mosOut) ?? 4.4
  const worst = Math.min(incoming, outgoing)
  const verdict = worst >= goodFrom ? 'good' : worst >= fairFrom ? 'fair' : 'poor'
  const jitter = mean(sample => sample.jitterMs) ?? 0
  const roundTrip = mean(sample => sample.roundTripMs) ?? 0
  if (verdict === 'good') return { verdict, fault: null }
  if (roundTrip > roundTripBadMs) return { verdict, fault: 'delay' }
  if (outgoing < incoming) return { verdict, fault: 'outgoing-loss' }
  if ((mean(sample => sample.lossIn) ?? 0) >= 0.999) return { verdict, fault: 'no-audio' }
  return { verdict, fault: jitter > jitterBadMs ? 'incoming-jitter' : 'incoming-loss' }
}
