/**
 * How a case moves (工单流转): the closed loop 受理 → 派单 → 签收 → 办理 → 答复 → 办结 → 回访 → 评价. Decided at the centre; a seat
 * that is offline proposes a move.
 *
 *   awaiting-approval ──approve──▶ closed          移交线索: the clue goes to the police; what a contractor's operator dealt with
 *          └──────────reject────▶ accepted         it becomes an ordinary case
 *
 *   accepted ──dispatch──▶ dispatched ──sign──▶ handling ──reply──▶ replied ──close──▶ closed
 *      │  ▲                   │  ▲                │  ▲  ▲              │                 │ │ └─followUp: reached → 评价;
 *      │  │                   └──┼─────return─────┘  │  └───rehandle───┴───rehandle──────┘ │   not reached three times →
 *      │  │                      ▼                   │                                     │   联系不上, without 评价
 *      │  └──approveReturn── returning ──denyReturn──┘ (back to where it was)              │
 *      │ close ──────────────────────────────────────────────────────────────▶ closed      │
 *      └◀──────────────────────────────────────────────────────────reopen──────────────────┘
 *
 *   redispatch: dispatched, handling, returning ──▶ dispatched, at another unit
 *   extend, approveExtension, denyExtension: within dispatched and handling; an answer waits no more for them
 *   urge, supervise: marks, the state stays
 *   handTo: an enterprise's case to another seat that follows it to its end (一跟到底), from any state
 *   merged (并单) into another case: not dispatched, since the other is; closing it makes its own followUp due
 *
 * A unit (承办单位) signs, replies, and asks to return or to extend; supervisors decide on what it asks, and may record what a unit
 * said on the phone. A contractor's operator never closes, nor approves returns or extensions.
 */
import { z } from 'zod'
import { type CaseStatus, caseStatus } from './case.ts'
import { type CaseLoop, caseOwner, followUp, newLoop } from './case-loop.ts'
import { dispatchOrder } from './dispatch.ts'
import type { OperatorRole } from './operator.ts'
import { type Action, may } from './permission.ts'

export const caseMove = z
  .enum([
    'close',
    'approve',
    'reject',
    'reopen',
    'dispatch',
    'redispatch',
    'sign',
    'reply',
    'return',
    'approveReturn',
    'denyReturn',
    'extend',
    'approveExtension',
    'denyExtension',
    'rehandle',
    'urge',
    'supervise',
    'followUp',
    'handTo',
  ])
  .describe(
    '流转: 办结 / 批准 / 驳回 / 重开 / 派单 / 改派 / 签收 / 答复 / 申请退单 / 同意退单 / 不同意退单 / 申请延期 / 同意延期 / 不同意延期 / 重办 / 催办 / 督办 / 回访 / 转交跟办',
  )
export type CaseMove = z.infer<typeof caseMove>

/** A move with what belongs to it. `reason` is also the text of a reply. */
export const moveInput = z.object({
  move: caseMove,
  reason: z.string().max(2_000),
  order: dispatchOrder.optional().describe('派单、改派'),
  replyBy: z.iso.datetime().optional().describe('申请延期、重办: 新的答复时限'),
  followUp: followUp.optional(),
  owner: caseOwner.optional().describe('转交跟办: 交给谁'),
  round: z.number().int().min(0).optional().describe('操作人看到的轮次；已不是这一轮时不生效'),
})
export type MoveInput = z.infer<typeof moveInput>

/** Tries of a follow-up after which it counts as 联系不上. */
export const followUpTries = 3

type Rule = { from: readonly CaseStatus[]; action: Action; reason?: true }
const withUnit = ['dispatched', 'handling'] as const

const rules: Record<CaseMove, Rule> = {
  close: { from: ['accepted', 'replied'], action: 'case.close' },
  approve: { from: ['awaiting-approval'], action: 'case.approve' },
  reject: { from: ['awaiting-approval'], action: 'case.approve' },
  reopen: { from: ['closed'], action: 'case.reopen' },
  dispatch: { from: ['accepted'], action: 'case.dispatch' },
  redispatch: { from: [...withUnit, 'returning'], action: 'case.review', reason: true },
  sign: { from: ['dispatched'], action: 'case.handle' },
  reply: { from: ['handling'], action: 'case.handle', reason: true },
  return: { from: withUnit, action: 'case.handle', reason: true },
  approveReturn: { from: ['returning'], action: 'case.review' },
  denyReturn: { from: ['returning'], action: 'case.review', reason: true },
  extend: { from: withUnit, action: 'case.handle', reason: true },
  approveExtension: { from: withUnit, action: 'case.review' },
  denyExtension: { from: withUnit, action: 'case.review', reason: true },
  rehandle: { from: ['replied', 'closed'], action: 'case.rehandle', reason: true },
  urge: { from: withUnit, action: 'case.urge' },
  supervise: { from: [...withUnit, 'returning', 'replied'], action: 'case.supervise' },
  followUp: { from: ['closed'], action: 'case.followUp' },
  handTo: { from: caseStatus.options, action: 'case.handTo', reason: true },
}

/** Whoever makes this move says why; the reply is its text. */
export const needsReason = (move: CaseMove): boolean => rules[move].reason === true

/**
 * `enterprise`: only such a case has a seat that follows it (跟办). `merged`: it follows another case (并单), which is dispatched in
 * its place.
 */
export type CaseView = { status: CaseStatus; loop: CaseLoop | null; enterprise?: boolean; merged?: boolean }
export type Mover = { role: OperatorRole; unitCode?: string | undefined }
export type MoveRefusal = 'FORBIDDEN' | 'MOVE_NOT_POSSIBLE' | 'MOVE_INCOMPLETE'
export type MoveResult =
  | ({ allowed: true } & Pick<CaseView, 'status' | 'loop'>)
  | { allowed: false; why: MoveRefusal }

/** A unit's people see and handle what was dispatched to it; only the one that leads (主办) acts on it. */
export const isDispatchedTo = (loop: CaseLoop | null, unitCode: string | undefined): boolean =>
  unitCode !== undefined &&
  unitCode !== '' &&
  loop?.order != null &&
  [loop.order.lead, ...loop.order.assist].some(({ code }) => code === unitCode)

/** What a move wants of the loop, beside the state. */
const wants: Partial<Record<CaseMove, (loop: CaseLoop | null, view: CaseView) => boolean>> = {
  extend: loop => loop?.extensionAsked === null,
  approveExtension: loop => loop?.extensionAsked != null,
  denyExtension: loop => loop?.extensionAsked != null,
  rehandle: loop => loop?.order != null,
  supervise: loop => loop?.supervised === false,
  followUp: loop => loop?.followUp === 'due',
  handTo: (_, { enterprise }) => enterprise === true,
}

function obstacle(view: CaseView, move: CaseMove, by: Mover): MoveRefusal | null {
  const { status, loop, merged } = view
  const { from, action } = rules[move]
  if (!may(by.role, action)) return 'FORBIDDEN'
  if (by.role === 'unit' && loop?.order?.lead.code !== by.unitCode) return 'FORBIDDEN'
  if (!from.includes(status)) return 'MOVE_NOT_POSSIBLE'
  if (merged === true && move === 'dispatch') return 'MOVE_NOT_POSSIBLE'
  return wants[move]?.(loop, view) === false ? 'MOVE_NOT_POSSIBLE' : null
}

/** `at`: the clock of whoever moves it. */
export function moveCase(view: CaseView, input: MoveInput, by: Mover, at: string): MoveResult {
  const { move, reason, order, replyBy, round } = input
  const no = (why: MoveRefusal): MoveResult => ({ allowed: false, why })
  const why = obstacle(view, move, by)
  if (why !== null) return no(why)
  const loop = view.loop ?? newLoop
  if (round !== undefined && round !== loop.round) return no('MOVE_NOT_POSSIBLE')
  if (needsReason(move) && reason.trim() === '') return no('MOVE_INCOMPLETE')
  const to = (status: CaseStatus, change: Partial<CaseLoop> = {}): MoveResult => ({
    allowed: true,
    status,
    loop: view.loop === null && Object.keys(change).length === 0 ? null : { ...loop, ...change },
  })
  const stay = (change: Partial<CaseLoop>) => to(view.status, change)
  const next = { round: loop.round + 1, returnAsked: null, extensionAsked: null }
  const fresh = { signedAt: null, repliedAt: null, reply: '' }

  switch (move) {
    case 'approve':
      return to('closed')
    case 'reject':
      return to('accepted')
    case 'close':
      // Whose case was merged is told by themselves, too: every caller has a right to a reply.
      return view.merged !== true && (view.loop === null || loop.order === null)
        ? to('closed')
        : to('closed', { followUp: 'due', tries: 0, evaluation: null, supervised: false })
    case 'reopen':
      return view.loop === null
        ? to('accepted')
        : to('accepted', { ...next, ...fresh, ...undispatched, followUp: 'none' })
    case 'dispatch':
    case 'redispatch': {
      if (order === undefined) return no('MOVE_INCOMPLETE')
      const { signBy, replyBy } = order
      return to('dispatched', { ...next, ...fresh, order, signBy, replyBy, dispatchedAt: at })
    }
    case 'sign':
      return to('handling', { signedAt: at })
    case 'reply':
      return to('replied', { repliedAt: at, reply: reason, extensionAsked: null })
    case 'return':
      return to('returning', { returnAsked: reason })
    case 'approveReturn':
      return to('accepted', { ...next, ...fresh, ...undispatched, returns: loop.returns + 1 })
    case 'denyReturn':
      return to(loop.signedAt === null ? 'dispatched' : 'handling', { returnAsked: null })
    case 'extend':
      if (replyBy === undefined || (loop.replyBy !== null && Date.parse(replyBy) <= Date.parse(loop.replyBy)))
        return no('MOVE_INCOMPLETE')
      return stay({ extensionAsked: { reason, replyBy } })
    case 'approveExtension':
      return stay({
        extensionAsked: null,
        extensions: loop.extensions + 1,
        replyBy: loop.extensionAsked?.replyBy ?? loop.replyBy,
      })
    case 'denyExtension':
      return stay({ extensionAsked: null })
    case 'rehandle':
      return to('handling', {
        ...next,
        repliedAt: null,
        replyBy: replyBy ?? null,
        rehandled: loop.rehandled + 1,
        followUp: 'none',
        evaluation: null,
      })
    case 'urge':
      return stay({ urged: loop.urged + 1 })
    case 'supervise':
      return stay({ supervised: true })
    case 'handTo':
      return input.owner === undefined ? no('MOVE_INCOMPLETE') : stay({ owner: input.owner })
    case 'followUp': {
      const told = input.followUp
      if (told === undefined) return no('MOVE_INCOMPLETE')
      const tries = loop.tries + 1
      const { solved, satisfied } = told
      if (told.reached) return stay({ tries, followUp: 'reached', evaluation: { solved, satisfied } })
      return stay({ tries, followUp: tries >= followUpTries ? 'unreachable' : 'due' })
    }
  }
}

const undispatched = { order: null, signBy: null, replyBy: null, dispatchedAt: null } as const

/** What this person may do with a case that stands so. */
export const possibleMoves = (view: CaseView, by: Mover): CaseMove[] =>
  caseMove.options.filter(move => obstacle(view, move, by) === null)

/** What a case waits for that people look for by itself: a supervisor's word, a follow-up, a unit, a reply of its own. */
export const caseWaiting = z
  .enum(['review', 'follow-up', 'unit', 'reply'])
  .describe('待审批 / 待回访 / 待承办 / 并单待回复')
export type CaseWaiting = z.infer<typeof caseWaiting>

export function waitingOf({ status, loop, merged }: CaseView): CaseWaiting[] {
  const waits: CaseWaiting[] = []
  if (status === 'awaiting-approval' || status === 'returning' || loop?.extensionAsked != null)
    waits.push('review')
  if (status === 'closed' && loop?.followUp === 'due') waits.push('follow-up')
  if (status === 'dispatched' || status === 'handling') waits.push('unit')
  if (merged === true && status !== 'closed') waits.push('reply')
  return waits
}

const chinaTime = (iso: string): string =>
  new Date(Date.parse(iso) + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ')
const answer = (value: boolean | null, yes: string, no: string, none: string) =>
  value === null ? none : value ? yes : no

/** How the history keeps a move: its code, a space, and what was said with it. */
export function moveEntry({ move, reason, order, replyBy, followUp: told, owner }: MoveInput): string {
  const parts: string[] = []
  if (order !== undefined) {
    const assist = order.assist.map(({ name }) => name).join('、')
    parts.push(`主办 ${order.lead.name}${assist === '' ? '' : `，协办 ${assist}`}`)
    if (order.replyBy !== null) parts.push(`${chinaTime(order.replyBy)} 前答复`)
    const given = order.attachments?.length ?? 0
    if (given > 0) parts.push(`附件 ${given} 个交承办单位`)
    if (order.opinion !== '') parts.push(order.opinion)
  }
  if (replyBy !== undefined) parts.push(`${chinaTime(replyBy)} 前答复`)
  if (owner !== undefined) parts.push(`改由 ${owner.name} 跟办`)
  if (told !== undefined)
    parts.push(
      told.reached
        ? `已联系，${answer(told.solved, '已解决', '未解决', '未说明是否解决')}，${answer(told.satisfied, '满意', '不满意', '未评价')}`
        : '联系不上',
    )
  if (reason !== '') parts.push(reason)
  return parts.length === 0 ? move : `${move} ${parts.join('；')}`
}
