/** Page ↔ core: 本席漏接, what a seat may call back by itself while the centre cannot be asked, where its branch allows that. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { callbackOutcome } from '../domain/callback.ts'
import { seatErrors } from './errors.ts'

const procedure = oc.errors(seatErrors)
const nothing = z.object({})
const numberKey = z.string().min(2).max(64)

export const ownMissedRow = z.object({
  numberKey,
  number: z.string().describe('遮盖的号码'),
  calls: z.number().int().positive(),
  lastMissedAt: z.iso.datetime(),
  tries: z.number().int().min(0),
  lastOutcome: callbackOutcome.nullable(),
  ready: z.boolean().describe('现在可以拨：间隔已到、不在免打扰时段、次数未用完'),
})
export type OwnMissedRow = z.infer<typeof ownMissedRow>

/** As of what is in hand in seat-callbacks.ts, but under no claim. */
export const heldOwnMissed = z.object({
  numberKey,
  number: z.string().describe('完整号码'),
  phase: z.enum(['dialling', 'reached', 'ended']),
  callId: z.string().nullable(),
  talking: z.boolean(),
  proposed: callbackOutcome.nullable(),
})
export type HeldOwnMissed = z.infer<typeof heldOwnMissed>

export const seatOwnMissed = {
  /** `allowed`: the branch's policy has it, and the centre cannot be asked. Without it there are no rows. */
  list: procedure
    .input(nothing)
    .output(z.object({ allowed: z.boolean(), rows: z.array(ownMissedRow), held: heldOwnMissed.nullable() })),
  /** OFFLINE_CALLBACK_NOT_ALLOWED, CALLBACK_IN_HAND. */
  dial: procedure.input(z.object({ numberKey })).output(z.object({ number: z.string() })),
  dialled: procedure.input(z.object({ callId: z.string().min(1).max(256) })).output(nothing),
  /** What was never dialled is forgotten; everything else goes to the centre, marked as an attempt under no claim. */
  outcome: procedure.input(z.object({ outcome: callbackOutcome })).output(nothing),
}
