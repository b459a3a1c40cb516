/** 纠错: what an operator says is wrong with an article, for its owner (责任单位), and what was decided about it. */
import { z } from 'zod'
import { article } from './article.ts'

export const correctionInput = z.object({
  correctionId: z.string().min(1).max(64).describe('坐席起的标识；同一条只收一次'),
  articleId: article.shape.articleId,
  articleVersion: article.shape.version,
  title: z.string().min(1).max(200),
  owner: z.string().min(1).max(100).describe('责任单位'),
  remark: z.string().trim().min(1).max(500),
})

export const correctionState = z.enum(['open', 'accepted', 'declined']).describe('待处理 / 已采纳 / 不采纳')
export type CorrectionState = z.infer<typeof correctionState>

export const correction = correctionInput.extend({
  operatorName: z.string(),
  branch: z.string(),
  at: z.iso.datetime(),
  state: correctionState,
  answer: z.string().max(500).describe('处理说明'),
  decidedBy: z.string().nullable(),
  decidedAt: z.iso.datetime().nullable(),
})
export type Correction = z.infer<typeof correction>
