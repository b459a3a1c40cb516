/** The dispatch catalogue (派单目录) and the divisions (行政区划): data of a city, never code. */
import { z } from 'zod'

export const category = z.object({
  code: z.string().min(1).max(32),
  name: z.string().min(1).max(60),
  parentCode: z.string().max(32).nullable(),
})

export const division = z.object({
  code: z.string().min(1).max(32),
  name: z.string().min(1).max(60),
  parentCode: z.string().max(32).nullable(),
})

/** Somewhere a call can be transferred to (转接目录). */
export const directoryEntry = z.object({
  name: z.string().min(1).max(60),
  number: z.string().regex(/^\+?[0-9*#]{2,32}$/),
  note: z.string().max(200),
})

export const dispatchCatalogue = z.object({
  version: z.string().min(1).describe('目录版本'),
  effectiveAt: z.iso.datetime(),
  city: z.string().describe('城市'),
  sample: z.boolean().describe('示例数据'),
  categories: z.array(category),
  divisions: z.array(division),
  directory: z.array(directoryEntry).default([]).describe('转接目录'),
})
export type DispatchCatalogue = z.infer<typeof dispatchCatalogue>

/** What is wrong with a tree of codes: duplicates, unknown parents, more than three levels. Empty when it is sound. */
export function treeFaults(nodes: { code: string; parentCode: string | null }[], maxDepth = 3): string[] {
  const faults: string[] = []
  const parents = new Map<string, string | null>()
  for (const { code, parentCode } of nodes) {
    if (parents.has(code)) faults.push(`duplicate code ${code}`)
    parents.set(code, parentCode)
  }
  for (const { code } of nodes) {
    let depth = 1
    let parent = parents.get(code) ?? null
    while (parent !== null && depth <= maxDepth) {
      if (!parents.has(parent)) {
        faults.push(`${code}: unknown parent ${parent}`)
        break
      }
      depth += 1
      parent = parents.get(parent) ?? null
    }
    if (depth > maxDepth) faults.push(`${code}: deeper than ${maxDepth} levels, or a circle`)
  }
  return faults
}
