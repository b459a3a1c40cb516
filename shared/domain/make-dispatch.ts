/**
 * Which unit a case goes to and by when (派单建议), made of the catalogue in force. What speaks against it is told, not decided:
 * a case is filed all the same, and the order is there once nothing speaks against it.
 */
import { z } from 'zod'
import type { WorkDays } from './calendar.ts'
import type { CaseFields, Urgency } from './case.ts'
import {
  type Category,
  type CategoryTree,
  categoryTree,
  type DispatchCatalogue,
  type RequirableField,
  type Unit,
} from './catalogue.ts'
import type { DispatchOrder, HandlingUnit } from './dispatch.ts'
import { type Due, dueAt } from './working-time.ts'

/** What the operator chose otherwise than the catalogue proposes; null: as proposed. */
export const dispatchChoice = z.object({
  leadUnit: z.string().max(32).nullable(),
  assistUnits: z.array(z.string().max(32)).max(10).nullable(),
  opinion: z.string().max(2_000),
})
export type DispatchChoice = z.infer<typeof dispatchChoice>
export const asProposed: DispatchChoice = { leadUnit: null, assistUnits: null, opinion: '' }

export type DispatchFault =
  | { code: 'CATEGORY_MISSING' | 'CATEGORY_NOT_LEAF' | 'KIND_NOT_ALLOWED' | 'UNIT_MISSING' }
  | { code: 'CATEGORY_UNKNOWN'; category: string }
  | { code: 'UNIT_UNKNOWN'; unit: string }
  | { code: 'UNIT_TWICE' | 'NOT_TO_GRASSROOTS'; unit: string }
  | { code: 'FIELD_MISSING'; field: RequirableField }
  | { code: 'CALENDAR_MISSING' | 'CALENDAR_GAP'; day: string }

/** Why it is this unit. */
export type UnitReason = 'only' | 'division' | 'citywide' | 'chosen'

export type DispatchProposal = {
  category: Category | null
  lead: HandlingUnit | null
  reason: UnitReason | null
  assist: HandlingUnit[]
  /** The case's own urgency, or a higher one that a word in it asks for. */
  urgency: Urgency
  urgencyWord: string | null
  sign: Due | null
  reply: Due | null
  faults: DispatchFault[]
  /** Null as long as there are faults. */
  order: DispatchOrder | null
}

type Fields = Pick<
  CaseFields,
  'categoryCode' | 'divisionCode' | 'kind' | 'urgency' | 'title' | 'content' | RequirableField
>

/** A catalogue made ready for questions. */
export type Dispatching = {
  tree: CategoryTree
  unit(code: string): Unit | undefined
  propose(fields: Fields, at: number, choice?: DispatchChoice): DispatchProposal
}

const named = ({ code, name }: Unit): HandlingUnit => ({ code, name })
const rank: Record<Urgency, number> = { normal: 0, urgent: 1, critical: 2 }

export function dispatching(catalogue: DispatchCatalogue, days: WorkDays | null): Dispatching {
  const tree = categoryTree(catalogue.categories)
  const units = new Map(catalogue.units.map(unit => [unit.code, unit]))
  const limits = new Map(catalogue.limits.map(limit => [limit.code, limit]))
  const above = new Map(catalogue.divisions.map(({ code, parentCode }) => [code, parentCode]))

  /** The unit whose division is nearest to the place; else the one for the whole city; else none. */
  const leadOf = (candidates: Unit[], divisionCode: string): { unit: Unit; reason: UnitReason } | null => {
    const [only] = candidates
    if (only === undefined) return null
    if (candidates.length === 1) return { unit: only, reason: 'only' }
    let at: string | null = above.has(divisionCode) ? divisionCode : null
    for (let steps = 0; at !== null && steps < 8; steps += 1) {
      const place: string = at
      const unit = candidates.find(one => one.divisionCode === place)
      if (unit !== undefined) return { unit, reason: 'division' }
      at = above.get(place) ?? null
    }
    const unit = candidates.find(one => one.divisionCode === null)
    return unit === undefined ? null : { unit, reason: 'citywide' }
  }

  const urgencyOf = (own: Category | null, fields: Fields): { urgency: Urgency; word: string | null } => {
    const text = `${fields.title}\n${fields.content}`
    let found: { urgency: Urgency; word: string | null } = { urgency: fields.urgency, word: null }
    for (const { word, urgency } of own?.urgencyRules ?? [])
      if (rank[urgency] > rank[found.urgency] && text.includes(word)) found = { urgency, word }
    return found
  }

  const propose = (fields: Fields, at: number, choice: DispatchChoice = asProposed): DispatchProposal => {
    const faults: DispatchFault[] = []
    const own = tree.inForce(fields.categoryCode) ?? null
    if (fields.categoryCode === '') faults.push({ code: 'CATEGORY_MISSING' })
    else if (own === null) faults.push({ code: 'CATEGORY_UNKNOWN', category: fields.categoryCode })
    else if (!tree.isLeaf(own.code)) faults.push({ code: 'CATEGORY_NOT_LEAF' })
    if (own !== null && own.kinds.length > 0 && fields.kind !== null && !own.kinds.includes(fields.kind))
      faults.push({ code: 'KIND_NOT_ALLOWED' })

    const known = (codes: readonly string[]): Unit[] =>
      codes.flatMap(code => {
        const unit = units.get(code)
        if (unit === undefined) faults.push({ code: 'UNIT_UNKNOWN', unit: code })
        return unit ?? []
      })
    const chosen = choice.leadUnit === null ? undefined : known([choice.leadUnit])[0]
    const proposed = leadOf(known(own?.leadUnits ?? []), fields.divisionCode)
    const lead = choice.leadUnit === null ? (proposed?.unit ?? null) : (chosen ?? null)
    const assist = known(choice.assistUnits ?? own?.assistUnits ?? []).filter(
      ({ code }) => choice.assistUnits !== null || code !== lead?.code,
    )
    if (lead === null && own !== null) faults.push({ code: 'UNIT_MISSING' })
    for (const { name, level } of [...(lead === null ? [] : [lead]), ...assist])
      if (own?.notGrassroots === true && level === 'grassroots')
        faults.push({ code: 'NOT_TO_GRASSROOTS', unit: name })
    if (assist.some(({ code }) => code === lead?.code))
      faults.push({ code: 'UNIT_TWICE', unit: lead?.name ?? '' })
    for (const field of own?.requiredFields ?? [])
      if (fields[field].trim() === '') faults.push({ code: 'FIELD_MISSING', field })

    const { urgency, word } = urgencyOf(own, fields)
    const line = own?.limitCode == null ? undefined : limits.get(own.limitCode)
    const due = (what: 'sign' | 'reply'): Due | null => {
      const length = line?.[what][urgency] ?? null
      if (length === null) return null
      const found = dueAt(at, length, days)
      if (found.state === 'refused' && !faults.some(one => one.code === found.code && one.day === found.day))
        faults.push({ code: found.code, day: found.day })
      return found
    }
    const sign = due('sign')
    const reply = due('reply')
    const iso = (of: Due | null) => (of?.state === 'due' ? new Date(of.at).toISOString() : null)
    return {
      category: own,
      lead: lead === null ? null : named(lead),
      reason: lead === null ? null : choice.leadUnit === null ? (proposed?.reason ?? null) : 'chosen',
      assist: assist.map(named),
      urgency,
      urgencyWord: word,
      sign,
      reply,
      faults,
      order:
        lead === null || own === null || faults.length > 0
          ? null
          : {
              catalogueVersion: catalogue.version,
              categoryCode: own.code,
              lead: named(lead),
              assist: assist.map(named),
              signBy: iso(sign),
              replyBy: iso(reply),
              opinion: choice.opinion,
            },
    }
  }

  return { tree, unit: code => units.get(code), propose }
}
