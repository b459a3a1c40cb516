/** Page ↔ core: 本市大模型. Nothing is sent but what `prepare` has shown. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { maskKinds } from '../domain/language-model/mask.ts'
import { modelPurpose } from '../domain/language-model/request.ts'
import { seatErrors } from './errors.ts'

const procedure = oc.errors(seatErrors)
const requestId = z.string().min(1).max(64)

export const seatLanguageModel = {
  /** MODEL_OFF, MODEL_TEXT_EMPTY, MODEL_TEXT_TOO_LONG. */
  prepare: procedure
    .input(
      z.object({
        purpose: modelPurpose,
        text: z.string().max(20_000),
        known: z.array(z.object({ kind: z.enum(maskKinds), value: z.string().max(500) })).max(40),
      }),
    )
    .output(
      z.object({
        requestId,
        masked: z.string().describe('遮盖后的文字，发送的就是它'),
        hidden: z.number().int().describe('遮盖了几处不同的内容'),
        host: z.string().describe('发往'),
        model: z.string(),
      }),
    ),
  /** MODEL_REQUEST_GONE, MODEL_FAILED. Takes at most the policy's time limit. */
  send: procedure.input(z.object({ requestId })).output(
    z.object({
      text: z.string().describe('草稿'),
      cut: z.boolean(),
      foreign: z.array(z.string()).describe('没有发送过的标记与网址'),
    }),
  ),
  cancel: procedure.input(z.object({ requestId })).output(z.object({})),
}
