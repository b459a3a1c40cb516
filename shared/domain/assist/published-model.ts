/** A trained model as the centre publishes it, under the name `assist-model`, with what it did on cases that it had not seen. */
import { z } from 'zod'
import { mostModelBytes } from './model-file.ts'

export const assistModelName = 'assist-model'

export const assistModel = z.object({
  model: z
    .string()
    .max(Math.ceil((mostModelBytes * 4) / 3) + 4)
    .describe('模型文件，base64'),
  quality: z.record(
    z.string(),
    z.object({ examples: z.number().int(), macroF1: z.number(), top3: z.number() }),
  ),
})
export type AssistModel = z.infer<typeof assistModel>
