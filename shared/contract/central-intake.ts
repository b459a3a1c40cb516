/** The central contract's part for internet channels (互联网受理). docs/loop.md says what it guarantees. */
import { z } from 'zod'
import { requestKind } from '../domain/case.ts'
import { route } from './central-route.ts'

/** Items of one channel in a minute, at most; more is RATE_LIMITED. */
export const maxIntakePerMinute = 600
/** Items that a seat is told of at once. */
export const maxIntakeListed = 200

const id = z.string().min(1).max(64)
const fence = z.number().int().min(1).describe('领取时得到的序号')

/** What somebody wrote in a web form or a mini-program. Marks-up is taken out; what is too long is refused, never cut. */
export const intakeContent = z.object({
  name: z.string().max(100).default('').describe('姓名'),
  phone: z.string().trim().min(3).max(64).describe('联系电话'),
  kind: requestKind.nullable().default(null),
  title: z.string().max(200).default(''),
  content: z.string().trim().min(1).max(5_000).describe('诉求内容'),
  place: z.string().max(500).default(''),
  confidential: z.boolean().default(false).describe('要求保密'),
  replyWanted: z.boolean().default(true),
})
export type IntakeContent = z.infer<typeof intakeContent>

export const intakeItem = z
  .object({
    intakeId: id.describe('受理号'),
    channel: z.string(),
    receivedAt: z.iso.datetime(),
    title: z.string(),
    place: z.string(),
    phone: z.string().describe('已遮盖'),
    heldBy: z
      .object({ operatorId: z.string(), operatorName: z.string(), until: z.iso.datetime() })
      .nullable(),
  })
  .describe('待受理的互联网诉求')
export type IntakeItem = z.infer<typeof intakeItem>

export const intakeClaim = z.object({
  intakeId: id,
  channel: z.string(),
  receivedAt: z.iso.datetime(),
  content: intakeContent,
  fence,
  leaseSeconds: z.number().int().positive(),
})
export type IntakeClaim = z.infer<typeof intakeClaim>

const held = { intakeId: id, fence }

/** `post`: X-API-Key with intake.post. The others: device and operator with case.write. */
export const intakeRoutes = {
  post: route(
    'POST',
    '/v1/intake',
    '互联网受理',
    '网页、小程序等渠道提交一件诉求。channelId 是渠道自己的标识：重复提交得到同一受理号。',
  )
    .input(intakeContent.extend({ channelId: z.string().min(1).max(128) }))
    .output(z.object({ intakeId: id, duplicate: z.boolean() })),
  list: route('GET', '/v1/intake', '待受理的互联网诉求', '最早的在前，号码已遮盖。')
    .input(z.object({}))
    .output(z.object({ items: z.array(intakeItem), serverTime: z.iso.datetime() })),
  claim: route(
    'POST',
    '/v1/intake/{intakeId}/claim',
    '领取互联网诉求',
    '由中心决定，只有一台坐席领到。再次领取即续期。',
  )
    .input(z.object({ intakeId: id }))
    .output(intakeClaim),
  release: route('POST', '/v1/intake/{intakeId}/release', '放回互联网诉求', '放回共享列表。')
    .input(z.object(held))
    .output(z.object({})),
  filed: route('POST', '/v1/intake/{intakeId}/filed', '互联网诉求已受理', '已由这张工单受理。')
    .input(z.object({ ...held, caseId: id }))
    .output(z.object({})),
  drop: route('POST', '/v1/intake/{intakeId}/drop', '不予受理', '广告、重复或无效的提交；须说明原因。')
    .input(z.object({ ...held, reason: z.string().trim().min(1).max(500) }))
    .output(z.object({})),
}
