/**
 * What the closed loop (闭环办理) knows of a dispatched case: the current view that its moves (case-moves.ts) keep beside the
 * history. A case that was never dispatched has none.
 */
import { z } from 'zod'
import { dispatchOrder } from './dispatch.ts'

/** 跟办坐席: the seat's operator who follows an enterprise's case to its end. */
export const caseOwner = z.object({ operatorId: z.string().min(1).max(64), name: z.string().max(40) })
export type CaseOwner = z.infer<typeof caseOwner>

/**
 * One try of a follow-up (回访). Solved and satisfied are two questions; null: not answered. Whoever was not reached has answered
 * neither, so that 联系不上 can never be counted as satisfied.
 */
export const followUp = z
  .object({
    reached: z.boolean().describe('是否联系上'),
    solved: z.boolean().nullable().describe('是否解决'),
    satisfied: z.boolean().nullable().describe('是否满意'),
  })
  .refine(({ reached, solved, satisfied }) => reached || (solved === null && satisfied === null))
export type FollowUp = z.infer<typeof followUp>

export const caseLoop = z
  .object({
    round: z.number().int().min(0).describe('第几轮；派单、改派、退单、重办都开始新的一轮'),
    order: dispatchOrder.nullable().describe('现行的派单'),
    signBy: z.iso.datetime().nullable(),
    replyBy: z.iso.datetime().nullable().describe('延期批准后为新的时限'),
    dispatchedAt: z.iso.datetime().nullable(),
    signedAt: z.iso.datetime().nullable(),
    repliedAt: z.iso.datetime().nullable(),
    reply: z.string().max(2_000).describe('承办单位的答复'),
    returnAsked: z.string().max(2_000).nullable().describe('申请退单的原因'),
    returns: z.number().int().min(0).describe('批准的退单'),
    extensionAsked: z.object({ reason: z.string().max(2_000), replyBy: z.iso.datetime() }).nullable(),
    extensions: z.number().int().min(0).describe('批准的延期'),
    rehandled: z.number().int().min(0),
    urged: z.number().int().min(0),
    supervised: z.boolean().describe('督办'),
    followUp: z
      .enum(['none', 'due', 'reached', 'unreachable'])
      .describe('回访: 不需要 / 待回访 / 已回访 / 联系不上'),
    tries: z.number().int().min(0).describe('回访次数'),
    evaluation: z
      .object({ solved: z.boolean().nullable(), satisfied: z.boolean().nullable() })
      .nullable()
      .describe('评价；联系不上没有评价'),
    // Later than the others: loops of earlier programs are without it.
    owner: caseOwner.nullable().default(null).describe('转交后的跟办坐席；空为受理人'),
  })
  .describe('办理过程的现状')
export type CaseLoop = z.infer<typeof caseLoop>

export const newLoop: CaseLoop = {
  round: 0,
  order: null,
  signBy: null,
  replyBy: null,
  dispatchedAt: null,
  signedAt: null,
  repliedAt: null,
  reply: '',
  returnAsked: null,
  returns: 0,
  extensionAsked: null,
  extensions: 0,
  rehandled: 0,
  urged: 0,
  supervised: false,
  followUp: 'none',
  tries: 0,
  evaluation: null,
  owner: null,
}

/** Shares of those who answered. Nobody who was not reached is in either. */
export function evaluated(loops: readonly Pick<CaseLoop, 'followUp' | 'evaluation'>[]) {
  const reached = loops.filter(({ followUp }) => followUp === 'reached')
  const count = (of: 'solved' | 'satisfied', answer: boolean) =>
    reached.filter(({ evaluation }) => evaluation?.[of] === answer).length
  return {
    reached: reached.length,
    unreachable: loops.filter(({ followUp }) => followUp === 'unreachable').length,
    solved: { yes: count('solved', true), no: count('solved', false) },
    satisfied: { yes: count('satisfied', true), no: count('satisfied', false) },
  }
}
