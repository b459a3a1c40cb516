/** The central contract's part for internet channels (互联网受理). docs/loop.md says what it guarantees. */
import { z } from 'zod'
import { caseStatus, requestKind } from '../domain/case.ts'
import { attachment } from '../domain/command.ts'
import { route } from './central-route.ts'

/** Items of one channel in a minute, at most; more is RATE_LIMITED. */
export const maxIntakePerMinute = 600
/** Items that a seat is told of at once. */
export const maxIntakeListed = 200
/** Attachments of one item, and bytes of each. */
export const maxIntakeFiles = 9
export const maxIntakeFileBytes = 20 * 1024 * 1024

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

/** One that the channel has uploaded before (tus, /v1/files), by what it promised then. */
export const intakeFile = attachment.pick({ attachmentId: true, name: true, sha256: true })
export type IntakeFile = z.infer<typeof intakeFile>

export const intakeItem = z
  .object({
    intakeId: id.describe('受理号'),
    channel: z.string(),
    receivedAt: z.iso.datetime(),
    title: z.string(),
    place: z.string(),
    phone: z.string().describe('已遮盖'),
    attachments: z.number().int().min(0).default(0).describe('附件数'),
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
  attachments: z.array(attachment).default([]),
  fence,
  leaseSeconds: z.number().int().positive(),
})
export type IntakeClaim = z.infer<typeof intakeClaim>

export const intakeProgress = z
  .object({
    number: z.string(),
    status: z
      .enum([...caseStatus.options, 'waiting', 'dropped'])
      .describe('工单状态，或 等待受理 / 未予受理'),
    receivedAt: z.iso.datetime(),
  })
  .describe('进度')
export type IntakeProgress = z.infer<typeof intakeProgress>

const held = { intakeId: id, fence }

/** `post` and `progress`: X-API-Key with intake.post. The others: device and operator with case.write. */
export const intakeRoutes = {
  post: route(
    'POST',
    '/v1/intake',
    '互联网受理',
    '网页、小程序等渠道提交一件诉求。channelId 是渠道自己的标识：重复提交得到同一受理号。附件先以 tus 上传到 /v1/files（用接口密钥），再在这里列出；最多 9 个，每个不超过 20 MB，一个附件只属于一件诉求。',
  )
    .input(
      intakeContent.extend({
        channelId: z.string().min(1).max(128),
        attachments: z.array(intakeFile).max(100).default([]),
        branch: z
          .string()
          .trim()
          .min(1)
          .max(60)
          .optional()
          .describe('归属分中心；只有这个分中心看得到。不说明的按中心的设置'),
      }),
    )
    .output(
      z.object({
        intakeId: id,
        duplicate: z.boolean(),
        progressCode: z
          .string()
          .max(20)
          .nullable()
          .describe('查询码，与受理号一起告诉诉求人；要求保密的没有'),
      }),
    ),
  progress: route(
    'POST',
    '/v1/intake/progress',
    '查进度',
    '按受理号或工单编号，与受理时给出的查询码一起查询。查询码不符、编号不存在、要求保密，答复相同；一个编号一小时内错 20 次，暂停查询。',
  )
    .input(
      z.object({ number: z.string().min(1).max(64), code: z.string().min(1).max(20).describe('查询码') }),
    )
    .output(intakeProgress),
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
