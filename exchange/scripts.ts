/** The training scripts (培训脚本) that ship with the program: what a simulated citizen says and does. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const script = z.object({
  scriptId: z.string(),
  title: z.string(),
  description: z.string(),
  lines: z.array(z.string()),
  /** µ-law, 8 kHz, mono, no header. */
  audio: z.string().regex(/^[a-z-]+\.ulaw$/),
  from: z.string(),
  queue: z.string(),
  skill: z.string(),
  dialect: z.string(),
  hangUpAfterMs: z.number().int().positive(),
  hangUpWhileRinging: z.boolean(),
})
export type Script = z.infer<typeof script>

const folder = join(import.meta.dirname, '..', 'resources', 'training')

export const loadScripts = (): Script[] =>
  z.array(script).parse(JSON.parse(readFileSync(join(folder, 'scripts.json'), 'utf8')))

export const loadAudio = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, name)))
