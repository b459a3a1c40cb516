/** Page ↔ core: help while the caller talks. Proposals with their reasons; null: a newer question took this one's place. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { caseSummary } from '../domain/case.ts'
import { glossaryEntry } from '../domain/dialect/glossary.ts'
import { article } from '../domain/knowledge/article.ts'
import { correction, correctionState } from '../domain/knowledge/correction.ts'
import { seatErrors } from './errors.ts'

const procedure = oc.errors(seatErrors)
const typed = {
  title: z.string().max(200),
  content: z.string().max(20_000),
  place: z.string().max(500),
}

export const repeatReason = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('number') }).describe('同一号码'),
  z.object({ kind: z.literal('place') }).describe('同一地点或区划'),
  z.object({ kind: z.literal('category') }).describe('同一分类'),
  z.object({ kind: z.literal('words'), words: z.array(z.string()) }).describe('相同的词'),
])

export const repeatFound = z.object({
  summary: caseSummary,
  score: z.number(),
  reasons: z.array(repeatReason),
})

const proposal = z.object({
  value: z.string().describe('分类代码或诉求类型'),
  confidence: z.number().min(0).max(1),
  words: z.array(z.string()).describe('依据的词'),
})

export const formDrafts = z.object({
  modelVersion: z.string().nullable().describe('模型版本；没有模型时为空'),
  category: z.array(proposal),
  kind: z.array(proposal),
  urgency: z
    .object({ urgency: z.enum(['urgent', 'critical']), words: z.array(z.string()) })
    .nullable()
    .describe('紧急词表所定，优先于一切'),
  division: z.object({ code: z.string(), name: z.string() }).nullable().describe('文中所说的区划'),
  times: z.array(
    z.object({
      text: z.string(),
      from: z.number().int(),
      to: z.number().int(),
      at: z.number().describe('所说时间的开始，毫秒'),
      exact: z.enum(['minute', 'hour', 'part-of-day', 'day']),
    }),
  ),
  address: z.object({
    division: z.string(),
    road: z.string(),
    number: z.string(),
    place: z.string(),
  }),
})

export const articleOffer = z.object({
  articleId: z.string(),
  version: z.number().int(),
  title: z.string(),
  owner: z.string(),
  state: z.enum(['current', 'stale']),
  expiresAt: z.iso.datetime().nullable(),
  reviewedAt: z.iso.datetime(),
  words: z.array(z.string()).describe('依据的词'),
})

export const seatAssist = {
  /** 重复诉求: earlier cases of the same matter, the likeliest first. Others' confidential cases are not among them. */
  repeats: procedure
    .input(
      z.object({
        ...typed,
        callingNumber: z.string().max(64),
        contactNumber: z.string().max(64),
        categoryCode: z.string().max(32),
        divisionCode: z.string().max(32),
        ownCaseId: z.string().max(64).nullable(),
        limit: z.number().int().min(1).max(50),
      }),
    )
    .output(z.array(repeatFound).nullable()),
  /** 填单建议. */
  drafts: procedure.input(z.object(typed)).output(formDrafts.nullable()),
  /** 知识建议: what holds now, the likeliest first. */
  knowledge: procedure
    .input(
      z.object({
        title: typed.title,
        content: typed.content,
        limit: z.number().int().min(1).max(50),
      }),
    )
    .output(z.array(articleOffer).nullable()),
  /** 方言词汇: words of the text that is typed, or those looked up. The caller's dialect first. */
  dialectWords: procedure
    .input(
      z.object({
        text: z.string().max(20_300),
        query: z.string().max(40).describe('空则找正文中的方言词'),
        dialect: z.string().max(40).describe('来电人的方言；空为不知'),
        limit: z.number().int().min(1).max(100),
      }),
    )
    .output(
      z
        .object({
          version: z.string().nullable().describe('词汇表版本；空为内置示例'),
          sample: z.boolean(),
          words: z.array(glossaryEntry.extend({ own: z.boolean().describe('来电人的方言') })),
        })
        .nullable(),
    ),
  /** An article whole, also one that holds no more; null: there is none of that id. */
  article: procedure.input(z.object({ articleId: z.string().max(64) })).output(
    z
      .object({
        article,
        state: z.enum(['not-yet', 'current', 'stale', 'expired']),
        insertion: z.string().describe('插入工单的文字，含出处'),
        corrections: z
          .array(z.object({ remark: z.string(), at: z.iso.datetime(), articleVersion: z.number().int() }))
          .describe('本席提出过的纠错'),
      })
      .nullable(),
  ),
  /** 纠错: goes to the owner by the outbox, with or without a line. A repeated `correctionId` says nothing twice. ARTICLE_NOT_FOUND. */
  correct: procedure
    .input(
      z.object({
        correctionId: z.uuid(),
        articleId: z.string().max(64),
        remark: z.string().trim().min(1).max(500),
      }),
    )
    .output(z.object({})),
  /** The centre's list for who may review it. CENTRE_UNREACHABLE, CENTRE_SESSION_NEEDED, FORBIDDEN. */
  corrections: procedure
    .input(z.object({ state: correctionState }))
    .output(z.object({ corrections: z.array(correction) })),
  /** CORRECTION_DECIDED: somebody else was first. */
  decideCorrection: procedure
    .input(
      z.object({
        correctionId: z.string().max(64),
        accepted: z.boolean(),
        answer: z.string().trim().max(500),
      }),
    )
    .output(correction),
}
