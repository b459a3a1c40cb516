/** What is kept of a call beside its record: to take it back after a page was lost, and to show the exchange's people. */
import { z } from 'zod'
import { callEvent, callRecord } from './call.ts'
import { qualitySample } from './voice-quality.ts'

/** Enough to take a call back by an INVITE with Replaces (RFC 3891), and to end it where that is refused. */
export const sipDialog = z.object({
  sipCallId: z.string().max(256),
  localTag: z.string().max(256),
  remoteTag: z.string().max(256),
  remoteTarget: z.string().max(1_024),
  // Rows of an earlier version have none of these: their calls are not ended by us.
  localUri: z.string().max(1_024).default(''),
  remoteUri: z.string().max(1_024).default(''),
  routeSet: z.array(z.string().max(1_024)).max(20).default([]),
})
export type SipDialog = z.infer<typeof sipDialog>

export const callEvidence = z.object({
  samples: z.array(qualitySample).max(400).describe('每十秒一个样本'),
  ladder: z.array(z.string().max(400)).max(500).describe('信令梯形图，号码已隐去'),
  states: z.array(z.string().max(200)).max(200),
})
export type CallEvidence = z.infer<typeof callEvidence>

/** The bundle (证据包) that is exported for the exchange's people; numbers masked, no names. */
export const evidenceBundle = z.object({
  record: callRecord,
  events: z.array(callEvent),
  evidence: callEvidence.nullable(),
})
export type EvidenceBundle = z.infer<typeof evidenceBundle>
