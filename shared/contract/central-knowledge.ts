/** The central contract's part for 知识纠错: what seats say is wrong with an article, and the decision. */
import { z } from 'zod'
import { correction, correctionState } from '../domain/knowledge/correction.ts'
import { route } from './central-route.ts'

/** The latest of a state that are told at once. */
export const maxCorrections = 200

/** Device and operator with knowledge.review, or X-API-Key with publication.publish: whoever publishes knowledge answers for it. */
export const knowledgeRoutes = {
  corrections: route('GET', '/v1/knowledge/corrections', '知识纠错', '坐席提出的纠错，最早的在前。')
    .input(z.object({ state: correctionState.default('open'), owner: z.string().max(100).optional() }))
    .output(z.object({ corrections: z.array(correction) })),
  decide: route(
    'POST',
    '/v1/knowledge/corrections/{correctionId}/decision',
    '处理知识纠错',
    '采纳或不采纳，可附说明。已处理的不能再改。',
  )
    .input(
      z.object({
        correctionId: z.string().min(1).max(64),
        accepted: z.boolean(),
        answer: z.string().trim().max(500).default(''),
      }),
    )
    .output(correction),
}
