/** Page ↔ core: callbacks (回拨). The queue is the centre's; the seat keeps the last list that it was told of. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { callbackOutcome, callbackState, callbackTask, closingReason } from '../domain/callback.ts'
import { callbackEntry, callbackFigures, passedCallback } from './central-callbacks.ts'
import { seatErrors } from './errors.ts'

const procedure = oc.errors(seatErrors)
const nothing = z.object({})
const taskId = z.string().min(1).max(64)
const reason = z.string().trim().min(1).max(500)
const points = z.number()

/** 为何排在这里, as shared/domain/callback-order.ts says it. */
export const orderReason = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('age'), minutes: z.number(), points }),
  z.object({ kind: z.literal('repeats'), calls: z.number(), points }),
  z.object({ kind: z.literal('urgent-word'), word: z.string(), points }),
  z.object({ kind: z.enum(['enterprise', 'dialect', 'overdue', 'preferred']), points }),
  z.object({
    kind: z.literal('waits'),
    because: z.enum(['spacing', 'preferred', 'quiet']),
    until: z.number(),
  }),
  z.object({ kind: z.literal('held'), state: z.enum(['claimed', 'dialling', 'uncertain']) }),
  z.object({ kind: z.literal('not-dialable') }),
])

export const callbackRow = callbackTask
  .pick({
    taskId: true,
    kind: true,
    extension: true,
    dialable: true,
    queue: true,
    wants: true,
    enterprise: true,
    dialect: true,
    note: true,
    calls: true,
    firstMissedAt: true,
    lastMissedAt: true,
    attempts: true,
    preferred: true,
  })
  .extend({
    state: callbackState,
    number: z.string().describe('本席领取的为完整号码，其余遮盖'),
    numberKey: z.string().nullable().describe('只有本席领取的才有'),
    dueAt: z.iso.datetime(),
    overdue: z.boolean(),
    ready: z.boolean().describe('现在可以拨'),
    reasons: z.array(orderReason),
    /** Skills or an assignment give it to others first, until then. */
    othersFirstUntil: z.iso.datetime().nullable(),
    lastTry: z
      .object({
        at: z.iso.datetime(),
        outcome: callbackOutcome.nullable(),
        operatorName: z.string(),
      })
      .nullable(),
    heldBy: z.string().nullable().describe('领取人姓名'),
    assignedTo: z.string().nullable(),
    closed: z
      .object({
        at: z.iso.datetime(),
        reason: closingReason,
        outcome: callbackOutcome.nullable(),
        by: z.string().nullable(),
        detail: z.string(),
      })
      .nullable(),
  })
export type CallbackRow = z.infer<typeof callbackRow>

export const callbackCounts = z.object({
  open: z.number().int().describe('待办'),
  ready: z.number().int().describe('现在可以拨的'),
  overdue: z.number().int().describe('现在可以拨且已到期的'),
  uncertain: z.number().int(),
  notDialable: z.number().int().describe('匿名或不是号码的任务'),
  withheldCalls: z.number().int().describe('其中匿名来电的次数'),
})
export type CallbackCounts = z.infer<typeof callbackCounts>

/**
 * What this seat has in hand. `reached`: the citizen answered and the centre knows; it stays in hand until the operator has said
 * what came of it. `ended`: nobody answered; `proposed` is what SIP said. `lapsed`: the claim does not hold any more.
 */
export const heldCallback = z.object({
  row: callbackRow,
  phase: z.enum(['claimed', 'dialling', 'reached', 'ended', 'lapsed']),
  secondsLeft: z.number().min(0),
  callId: z.string().nullable(),
  talking: z.boolean().describe('通话还没有结束'),
  proposed: callbackOutcome.nullable(),
})
export type HeldCallback = z.infer<typeof heldCallback>

export const callbackList = z.object({
  rows: z.array(callbackRow),
  total: z.number().int(),
  counts: callbackCounts,
  policy: z
    .object({
      sample: z.boolean(),
      attempts: z.number().int(),
      inviteSecondsLeft: z.number().int(),
      furthestDays: z.number(),
      undoHours: z.number(),
    })
    .describe('现行政策中页面要用的'),
  /** When the centre was last heard of; null: never. */
  asOf: z.iso.datetime().nullable(),
  /** Without the centre nothing can be claimed. */
  online: z.boolean(),
  maySupervise: z.boolean(),
})
export type CallbackList = z.infer<typeof callbackList>

const claimAnswer = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('granted'), held: heldCallback }),
  z.object({ outcome: z.literal('none'), passed: z.array(passedCallback) }),
])

/** `delivered` false: the centre cannot be reached, and it is told later. */
const told = z.object({ delivered: z.boolean() })

/** What concerns the task in hand is refused with CALLBACK_NOT_IN_HAND when it is not. */
export const seatCallbacks = {
  list: procedure
    .input(z.object({ show: z.enum(['open', 'closed']), limit: z.number().int().min(0).max(500) }))
    .output(callbackList),
  /** null: nothing is in hand. */
  held: procedure.input(nothing).output(heldCallback.nullable()),
  /** null: the first that this seat may have. CENTRE_UNREACHABLE, CALLBACK_IN_HAND. */
  claim: procedure.input(z.object({ taskId: taskId.nullable() })).output(claimAnswer),
  renew: procedure.input(z.object({ taskId })).output(heldCallback),
  /**
   * Told to the centre before the INVITE. `secondsLeft` counts from when the page asked; with fewer than `neededSeconds` left
   * the INVITE must not go.
   */
  dialling: procedure.input(z.object({ taskId })).output(
    z.object({
      number: z.string(),
      header: z.object({ name: z.string(), value: z.string() }),
      secondsLeft: z.number(),
      neededSeconds: z.number(),
    }),
  ),
  /** Which call it is, so that its answer and its end are known here whatever becomes of the page. */
  dialled: procedure.input(z.object({ taskId, callId: z.string().min(1).max(256) })).output(nothing),
  outcome: procedure
    .input(z.object({ taskId, outcome: callbackOutcome, note: z.string().max(2_000) }))
    .output(told),
  decline: procedure.input(z.object({ taskId, reason: z.string().max(500) })).output(nothing),
  reschedule: procedure
    .input(z.object({ taskId, at: z.iso.datetime(), note: z.string().max(2_000) }))
    .output(nothing),
  /** Puts it out of hand: it is over, or the claim has lapsed. */
  putAway: procedure.input(z.object({ taskId })).output(nothing),
  undo: procedure.input(z.object({ taskId, reason })).output(nothing),
  history: procedure
    .input(z.object({ taskId }))
    .output(z.array(callbackEntry.extend({ operatorName: z.string().nullable() }))),
  /** Supervisors: FORBIDDEN for others. */
  takeOver: procedure.input(z.object({ taskId })).output(heldCallback),
  assign: procedure.input(z.object({ taskId, operatorId: taskId })).output(nothing),
  release: procedure.input(z.object({ taskId, reason })).output(nothing),
  remove: procedure.input(z.object({ taskId, reason })).output(nothing),
  figures: procedure
    .input(z.object({ from: z.iso.datetime(), to: z.iso.datetime() }))
    .output(callbackFigures),
}
