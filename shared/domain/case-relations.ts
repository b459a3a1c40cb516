/**
 * Cases of one matter (重复诉求): a link (关联) says that two cases belong together, a merge (并单) that one follows another's handling.
 *
 *   merge A → B:  A keeps its caller, number, text, confidentiality and state; it is not dispatched, and closing it makes its own
 *                 follow-up due, so that every caller is answered.
 *
 * A merge points from a case to the one it was merged into; whoever follows the pointers comes to the main case (主单). Only a case
 * that points nowhere can be merged, and never into its own group: so there are no loops, in whatever order two seats' merges
 * arrive. The centre decides; a seat proposes. Pure.
 */
import { z } from 'zod'

export const relation = z
  .enum(['link', 'unlink', 'merge', 'unmerge'])
  .describe('关联 / 解除关联 / 并单 / 撤销并单')
export type Relation = z.infer<typeof relation>

export const relateInput = z.object({
  relation,
  otherId: z.string().min(1).max(64).describe('另一张工单；并单时为主单'),
})
export type RelateInput = z.infer<typeof relateInput>

/** The other case, and who said so and when. */
export const relatedCase = z.object({
  caseId: z.string(),
  caseNumber: z.string(),
  operatorId: z.string(),
  operatorName: z.string(),
  at: z.iso.datetime(),
})
export type RelatedCase = z.infer<typeof relatedCase>

export const mostLinks = 100
export const caseRelations = z
  .object({
    links: z.array(relatedCase).max(mostLinks).describe('关联的工单；由另一张工单建立的关联记在那一张上'),
    mergedInto: relatedCase.nullable().describe('并入的工单'),
  })
  .describe('重复诉求的关联与并单')
export type CaseRelations = z.infer<typeof caseRelations>

const none: CaseRelations = { links: [], mergedInto: null }

export type RelationRefusal =
  | 'RELATION_NOT_POSSIBLE'
  | 'MERGE_NOT_POSSIBLE'
  | 'MERGE_MAIN_CLOSED'
  | 'MERGED_ELSEWHERE'

/** As much of a case as its relations depend on. */
export type Standing = {
  caseId: string
  caseNumber: string
  status: string
  relations: CaseRelations | null
}
type Author = Pick<RelatedCase, 'operatorId' | 'operatorName' | 'at'>

export type RelateResult =
  /** `one` and `other` as they are afterwards. Not `changed`: it was so already, or both are of one group. */
  | { allowed: true; changed: boolean; one: CaseRelations | null; other: CaseRelations | null }
  | { allowed: false; why: RelationRefusal }

/** The main case of a group, as far as it is known: where the pointers end. */
export function mainOf(one: Standing, look: (caseId: string) => Standing | undefined): Standing {
  const seen = new Set<string>()
  let at = one
  // A seat that proposes against what it does not know yet may see a circle for a moment.
  while (!seen.has(at.caseId)) {
    seen.add(at.caseId)
    const next = at.relations?.mergedInto == null ? undefined : look(at.relations.mergedInto.caseId)
    if (next === undefined) return at
    at = next
  }
  return at
}

/** `look`: any case that is known, for following the pointers. */
export function relateCases(
  relation: Relation,
  one: Standing,
  other: Standing,
  by: Author,
  look: (caseId: string) => Standing | undefined,
): RelateResult {
  const no = (why: RelationRefusal): RelateResult => ({ allowed: false, why })
  const yes = (mine: CaseRelations, theirs = other.relations): RelateResult => ({
    allowed: true,
    changed: true,
    one: orNothing(mine),
    other: theirs === null ? null : orNothing(theirs),
  })
  const asItWas: RelateResult = {
    allowed: true,
    changed: false,
    one: one.relations,
    other: other.relations,
  }
  if (one.caseId === other.caseId) return no('RELATION_NOT_POSSIBLE')
  const mine = one.relations ?? none
  const theirs = other.relations ?? none
  const named: RelatedCase = {
    caseId: other.caseId,
    caseNumber: other.caseNumber,
    operatorId: by.operatorId,
    operatorName: by.operatorName,
    at: by.at,
  }
  const isLinked = has(mine, other.caseId) || has(theirs, one.caseId)

  switch (relation) {
    case 'link':
      if (isLinked) return asItWas
      if (mine.links.length >= mostLinks) return no('RELATION_NOT_POSSIBLE')
      return yes({ ...mine, links: [...mine.links, named] })
    case 'unlink':
      return isLinked ? yes(without(mine, other.caseId), without(theirs, one.caseId)) : asItWas
    case 'merge': {
      const main = mainOf(other, look)
      // The other seat merged them first, perhaps the other way round: they are one matter all the same.
      if (mainOf(one, look).caseId === main.caseId) return asItWas
      if (mine.mergedInto !== null) return no('MERGED_ELSEWHERE')
      if (one.status !== 'accepted') return no('MERGE_NOT_POSSIBLE')
      if (main.status === 'closed') return no('MERGE_MAIN_CLOSED')
      return yes({ ...mine, mergedInto: named })
    }
    case 'unmerge':
      if (mine.mergedInto?.caseId !== other.caseId) return asItWas
      if (one.status === 'closed') return no('MERGE_NOT_POSSIBLE')
      return yes({ ...mine, mergedInto: null })
  }
}

const has = ({ links }: CaseRelations, caseId: string) => links.some(each => each.caseId === caseId)
const without = (of: CaseRelations, caseId: string): CaseRelations => ({
  ...of,
  links: of.links.filter(each => each.caseId !== caseId),
})
const orNothing = (of: CaseRelations): CaseRelations | null =>
  of.links.length === 0 && of.mergedInto === null ? null : of

export const isMerged = (relations: CaseRelations | null): boolean => relations?.mergedInto != null

/** What takes a relation back. */
export const inverseOf: Record<Relation, Relation> = {
  link: 'unlink',
  unlink: 'link',
  merge: 'unmerge',
  unmerge: 'merge',
}

/** How the history of either case names it. They stand among the moves (流转): the code, a space, the other case's number. */
export const relationEntry = z.enum([
  'link',
  'unlink',
  'merge',
  'unmerge',
  'linked',
  'unlinked',
  'mergedHere',
  'unmergedHere',
])
export type RelationEntry = z.infer<typeof relationEntry>

const told: Record<Relation, RelationEntry> = {
  link: 'linked',
  unlink: 'unlinked',
  merge: 'mergedHere',
  unmerge: 'unmergedHere',
}
/** A confidential case is not named in another's history. */
const entry = (code: RelationEntry, { caseNumber, confidential }: Named) =>
  confidential ? code : `${code} ${caseNumber}`
type Named = { caseNumber: string; confidential: boolean }
export const entryOf = (relation: Relation, other: Named): string => entry(relation, other)
export const entryAtOther = (relation: Relation, one: Named): string => entry(told[relation], one)

export const isRelationEntry = (detail: string): boolean =>
  relationEntry.safeParse(detail.split(' ')[0]).success
