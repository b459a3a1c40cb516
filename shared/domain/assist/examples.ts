/** Closed cases as a file of one JSON object a line, read as examples to learn from. */
import { z } from 'zod'
import type { Example } from './train-model.ts'

/** A field that a city does not have is left out; `category1` is accepted for files with one level of categories. */
const line = z.object({
  title: z.string().max(2_000).default(''),
  content: z.string().max(200_000).default(''),
  categoryCode: z.string().max(200).optional(),
  category1: z.string().max(200).optional(),
  kind: z.string().max(40).nullable().optional(),
})

/** Throws a sentence that names the first line that cannot be read. */
export function readExamples(text: string): Example[] {
  const examples: Example[] = []
  for (const [at, raw] of text.split(/\r?\n/).entries()) {
    if (raw.trim() === '') continue
    let value: unknown
    try {
      value = JSON.parse(raw)
    } catch {
      throw new Error(`line ${at + 1} is not JSON`)
    }
    const parsed = line.safeParse(value)
    if (!parsed.success)
      throw new Error(`line ${at + 1}: ${parsed.error.issues[0]?.path.join('.') ?? ''} is not as expected`)
    const { title, content, categoryCode, category1, kind } = parsed.data
    const category = categoryCode ?? category1 ?? ''
    const answers: Record<string, string> = {}
    if (category !== '') answers['category'] = category
    if (kind !== undefined && kind !== null && kind !== '') answers['kind'] = kind
    examples.push({ title, content, answers })
  }
  return examples
}
