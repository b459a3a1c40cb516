/** Reads how a call sounds from WebRTC's own counts: the difference between two reports, a second apart. */
import { judgeQuality, meanOpinionScore, type QualitySample } from '../../shared/domain/voice-quality.ts'
import type { CallQuality } from './phone.ts'

type Counts = {
  received: number
  lost: number
  bufferDelay: number
  bufferCount: number
}

/** The parts of RTCStatsReport that are read. Source: W3C webrtc-stats. */
type Stat = {
  type: string
  kind?: string
  packetsReceived?: number
  packetsLost?: number
  jitter?: number
  jitterBufferDelay?: number
  jitterBufferEmittedCount?: number
  fractionLost?: number
  roundTripTime?: number
  currentRoundTripTime?: number
  nominated?: boolean
}

export function createQualityReader(now: () => number) {
  let before: Counts | null = null
  return {
    /** Null for the first report: there is no difference yet. */
    read: (report: Iterable<Stat>): QualitySample | null => {
      let counts: Counts | null = null
      let jitterMs = 0
      let lossOut: number | null = null
      let roundTripMs: number | null = null
      for (const stat of report) {
        if (stat.type === 'inbound-rtp' && stat.kind === 'audio') {
          counts = {
            received: stat.packetsReceived ?? 0,
            lost: stat.packetsLost ?? 0,
            bufferDelay: stat.jitterBufferDelay ?? 0,
            bufferCount: stat.jitterBufferEmittedCount ?? 0,
          }
          jitterMs = (stat.jitter ?? 0) * 1_000
        } else if (stat.type === 'remote-inbound-rtp' && stat.kind === 'audio') {
          lossOut = stat.fractionLost ?? null
          if (stat.roundTripTime !== undefined) roundTripMs = stat.roundTripTime * 1_000
        } else if (stat.type === 'candidate-pair' && stat.nominated === true && roundTripMs === null) {
          if (stat.currentRoundTripTime !== undefined) roundTripMs = stat.currentRoundTripTime * 1_000
        }
      }
      const last = before
      before = counts
      if (counts === null || last === null) return null
      const received = counts.received - last.received
      const lost = Math.max(0, counts.lost - last.lost)
      // Nothing at all in a second is no audio, however little was counted as lost.
      const lossIn = received <= 0 ? 1 : lost / (lost + received)
      const emitted = counts.bufferCount - last.bufferCount
      const jitterBufferMs = emitted > 0 ? ((counts.bufferDelay - last.bufferDelay) / emitted) * 1_000 : 0
      return {
        at: now(),
        mosIn: meanOpinionScore({ loss: lossIn, roundTripMs, jitterBufferMs }),
        mosOut:
          lossOut === null ? null : meanOpinionScore({ loss: lossOut, roundTripMs, jitterBufferMs: 40 }),
        lossIn,
        lossOut,
        jitterMs,
        roundTripMs,
      }
    },
  }
}
export type QualityReader = ReturnType<typeof createQualityReader>

export function qualityNow(samples: readonly QualitySample[]): CallQuality | null {
  const last = samples.at(-1)
  if (last === undefined) return null
  const { mosIn, mosOut, lossIn, jitterMs, roundTripMs } = last
  return { ...judgeQuality(samples), mosIn, mosOut, lossIn, jitterMs, roundTripMs }
}

/** A small series: ten seconds a sample, means. */
export function condensed(samples: readonly QualitySample[], each = 10): QualitySample[] {
  const mean = (values: (number | null)[]): number | null => {
    const known = values.filter(value => value !== null)
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
  }
  const series: QualitySample[] = []
  for (let from = 0; from < samples.length; from += each) {
    const part = samples.slice(from, from + each)
    const rounded = (pick: (sample: QualitySample) => number | null) => {
      const value = mean(part.map(pick))
      return value === null ? null : Math.round(value * 1_000) / 1_000
    }
    series.push({
      at: part[0]?.at ?? 0,
      mosIn: rounded(sample => sample.mosIn) ?? 1,
      mosOut: rounded(sample => sample.mosOut),
      lossIn: rounded(sample => sample.lossIn) ?? 0,
      lossOut: rounded(sample => sample.lossOut),
      jitterMs: rounded(sample => sample.jitterMs) ?? 0,
      roundTripMs: rounded(sample => sample.roundTripMs),
    })
  }
  return series
}
