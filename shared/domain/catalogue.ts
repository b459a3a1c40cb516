/**
 * The dispatch catalogue (派单目录) and the divisions (行政区划): data of a city, never code. Published by the centre as
 * `dispatch-catalogue`; what a category does not say itself holds as its nearest ancestor says it.
 */
import { z } from 'zod'
import { requestKind, urgency } from './case.ts'

export const dispatchCatalogueName = 'dispatch-catalogue'
/** More than any city has; what is larger is no catalogue. */
export const mostCategories = 20_000
export const mostUnits = 5_000

const code = z.string().min(1).max(32)
const codes = (most: number) => z.array(code).max(most).default([])

/** The fields that a category may ask for. Contact and content are asked for by every case. */
export const requirableField = z.enum([
  'callerName',
  'company',
  'email',
  'divisionCode',
  'place',
  'partyName',
  'partyPhone',
])
export type RequirableField = z.infer<typeof requirableField>

/** A word in what the caller says that makes the case more urgent than the operator said. */
export const urgencyRule = z.object({
  word: z.string().min(1).max(20).describe('诉求中出现的词'),
  urgency: urgency.exclude(['normal']).describe('至少按此紧急程度办理'),
})

export const category = z.object({
  code,
  name: z.string().min(1).max(60),
  parentCode: z.string().max(32).nullable(),
  leadUnits: codes(50).describe('主办单位代码；有多个时按诉求所在区划选择'),
  assistUnits: codes(10).describe('协办单位代码'),
  kinds: z.array(requestKind).max(6).default([]).describe('适用的诉求类型；空为全部'),
  urgencyRules: z.array(urgencyRule).max(50).default([]),
  limitCode: z.string().max(32).nullable().default(null).describe('办理时限代码'),
  requiredFields: z.array(requirableField).max(7).default([]).describe('派单前必填'),
  notGrassroots: z.boolean().default(false).describe('不下派基层'),
})
export type Category = z.infer<typeof category>

export const unitLevel = z
  .enum(['department', 'company', 'grassroots'])
  .describe('职能部门 / 公共服务企业 / 基层（街道、乡镇、社区）')
export type UnitLevel = z.infer<typeof unitLevel>

/** A handling unit (承办单位). */
export const unit = z.object({
  code,
  name: z.string().min(1).max(100),
  level: unitLevel,
  divisionCode: z.string().max(32).nullable().describe('管辖的区划；空为全市'),
})
export type Unit = z.infer<typeof unit>

export const limitUnit = z
  .enum(['minute', 'hour', 'day', 'working-day'])
  .describe('分钟 / 小时 / 自然日 / 工作日')
export const limit = z.object({ amount: z.number().int().min(1).max(10_000), unit: limitUnit })
export type Limit = z.infer<typeof limit>

const byUrgency = z.object({
  normal: limit.nullable(),
  urgent: limit.nullable(),
  critical: limit.nullable(),
})

/** One line of the table of time limits (办理时限). */
export const timeLimit = z.object({
  code,
  name: z.string().min(1).max(60),
  sign: byUrgency.describe('签收时限'),
  reply: byUrgency.describe('答复时限'),
})

export const division = z.object({
  code,
  name: z.string().min(1).max(60),
  parentCode: z.string().max(32).nullable(),
})

export const dispatchCatalogue = z.object({
  version: z.string().min(1).max(64).describe('目录版本'),
  effectiveAt: z.iso.datetime(),
  city: z.string().max(60).describe('城市'),
  sample: z.boolean().describe('示例数据'),
  categories: z.array(category).max(mostCategories),
  divisions: z.array(division).max(mostCategories),
  units: z.array(unit).max(mostUnits).default([]).describe('承办单位'),
  limits: z.array(timeLimit).max(200).default([]).describe('办理时限'),
})
export type DispatchCatalogue = z.infer<typeof dispatchCatalogue>

type TreeNode = { code: string; parentCode: string | null }
export type TreeFault = {
  index: number
  code: 'DUPLICATE_CODE' | 'UNKNOWN_PARENT' | 'CIRCLE' | 'TOO_DEEP'
  of: string
}

/** What is wrong with a tree of codes. Empty when it is sound; linear, since a file may have any number of rows. */
export function treeFaults(nodes: readonly TreeNode[], maxDepth = 3): TreeFault[] {
  const faults: TreeFault[] = []
  const parents = new Map<string, string | null>()
  for (const [index, { code: of, parentCode }] of nodes.entries()) {
    if (parents.has(of)) faults.push({ index, code: 'DUPLICATE_CODE', of })
    else parents.set(of, parentCode)
  }
  for (const [index, { code: own, parentCode }] of nodes.entries()) {
    if (parentCode !== null && !parents.has(parentCode)) {
      faults.push({ index, code: 'UNKNOWN_PARENT', of: parentCode })
      continue
    }
    const seen = new Set([own])
    let parent = parentCode
    while (parent != null && !seen.has(parent) && seen.size <= maxDepth) {
      seen.add(parent)
      parent = parents.get(parent) ?? null
    }
    if (parent == null && seen.size <= maxDepth) continue
    const circle = parent != null && seen.has(parent)
    faults.push({ index, code: circle ? 'CIRCLE' : 'TOO_DEEP', of: own })
  }
  return faults
}

/** The categories by code, and what holds for each of them. */
export type CategoryTree = {
  get(code: string): Category | undefined
  /** From the first level to the code itself; empty for an unknown one. */
  path(code: string): Category[]
  /** Whether something is dispatched by it: it has no level below. */
  isLeaf(code: string): boolean
  /** With what its ancestors say where it says nothing itself. */
  inForce(code: string): Category | undefined
}

export function categoryTree(categories: readonly Category[]): CategoryTree {
  const known = new Map(categories.map(one => [one.code, one]))
  const parents = new Set(categories.map(({ parentCode }) => parentCode))
  const path = (of: string): Category[] => {
    const found: Category[] = []
    for (let at = known.get(of); at !== undefined && found.length < 8; ) {
      found.unshift(at)
      at = at.parentCode === null ? undefined : known.get(at.parentCode)
    }
    return found
  }
  return {
    get: of => known.get(of),
    path,
    isLeaf: of => known.has(of) && !parents.has(of),
    inForce: of => {
      const upwards = path(of).toReversed()
      const [own] = upwards
      if (own === undefined) return undefined
      const list = <K extends 'leadUnits' | 'assistUnits' | 'kinds' | 'urgencyRules'>(name: K): Category[K] =>
        upwards.find(one => one[name].length > 0)?.[name] ?? own[name]
      return {
        ...own,
        leadUnits: list('leadUnits'),
        assistUnits: list('assistUnits'),
        kinds: list('kinds'),
        urgencyRules: list('urgencyRules'),
        limitCode: upwards.find(({ limitCode }) => limitCode !== null)?.limitCode ?? null,
        requiredFields: [...new Set(upwards.flatMap(({ requiredFields }) => requiredFields))],
        notGrassroots: upwards.some(({ notGrassroots }) => notGrassroots),
      }
    },
  }
}
