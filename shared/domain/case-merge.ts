/** Merging two people's changes of one form (三方合并), field by field. Pure. */
import { type CaseFields, caseFields } from './case.ts'
import type { FieldChange } from './command.ts'

/** A field that two people changed differently (冲突): both values, side by side. */
export type FieldClash = { field: keyof CaseFields; from: unknown; mine: unknown; theirs: unknown }

export type Merge =
  | { kind: 'merged'; fields: CaseFields; changed: (keyof CaseFields)[] }
  | { kind: 'clash'; clashes: FieldClash[] }
  | { kind: 'invalid'; field: string }

/** Values of a form are text, booleans, null or lists of text. */
export const sameValue = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const isField = (name: string): name is keyof CaseFields => Object.hasOwn(caseFields.shape, name)

/** Fields that stay as they were when the case was filed: who called, and how the call was disposed of. */
export const fixedFields: ReadonlySet<keyof CaseFields> = new Set([
  'callingNumber',
  'disposition',
  'handling',
  'reasonCode',
  'handOverNumber',
  'handOverName',
  'handOverWay',
  'handOverAt',
  'handOverConsent',
  'handOverDirectory',
])

/**
 * `theirs`: the fields as they stand now. A change whose `from` still stands is made; one that is already made is none; any
 * other is a clash, and then nothing is changed.
 */
export function mergeFields(theirs: CaseFields, changes: readonly FieldChange[]): Merge {
  const fields: Record<string, unknown> = { ...theirs }
  const changed: (keyof CaseFields)[] = []
  const clashes: FieldClash[] = []
  for (const { field, from, to } of changes) {
    // Nothing is no value: what is left out would become the empty one.
    if (
      to === undefined ||
      !isField(field) ||
      fixedFields.has(field) ||
      !caseFields.shape[field].safeParse(to).success
    )
      return { kind: 'invalid', field }
    if (sameValue(theirs[field], to)) continue
    if (!sameValue(theirs[field], from)) {
      clashes.push({ field, from, mine: to, theirs: theirs[field] })
      continue
    }
    fields[field] = to
    changed.push(field)
  }
  if (clashes.length > 0) return { kind: 'clash', clashes }
  return { kind: 'merged', fields: caseFields.parse(fields), changed }
}

/** What differs between the form as it was opened and as it was left. */
export function changesBetween(before: CaseFields, after: CaseFields): FieldChange[] {
  return Object.keys(caseFields.shape)
    .filter(isField)
    .filter(field => !sameValue(before[field], after[field]))
    .map(field => ({ field, from: before[field], to: after[field] }))
}
