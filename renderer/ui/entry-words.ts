/** How an entry of a case's history reads. Pure. */
import type { CaseFields } from '../../shared/domain/case.ts'
import { type CaseMove, caseMove } from '../../shared/domain/case-moves.ts'
import { type RelationEntry, relationEntry } from '../../shared/domain/case-relations.ts'
import { isCaseField } from './field-words.ts'

export type EntryName =
  | 'created'
  | 'remark'
  | 'edited'
  | 'attached'
  | `moved.${CaseMove}`
  | `related.${RelationEntry}`

/** A kind that has no name here says what it is in its detail: the centre may be newer than this seat. */
export function entryWords(
  { kind, detail }: { kind: string; detail: string },
  field: (name: keyof CaseFields) => string,
): { name: EntryName | null; detail: string } {
  switch (kind) {
    case 'created':
      return { name: kind, detail: '' }
    case 'remark':
    case 'attached':
      return { name: kind, detail }
    // The names of the changed fields.
    case 'edited': {
      const names = detail.split(' ').filter(name => name !== '')
      return { name: kind, detail: names.map(name => (isCaseField(name) ? field(name) : name)).join('、') }
    }
    // The move, a space, and the reason; or how it is related to another case, and that case's number.
    case 'moved': {
      const [code = '', ...reason] = detail.split(' ')
      const move = caseMove.safeParse(code)
      if (move.success) return { name: `moved.${move.data}`, detail: reason.join(' ') }
      const related = relationEntry.safeParse(code)
      return related.success
        ? { name: `related.${related.data}`, detail: reason.join(' ') }
        : { name: null, detail }
    }
    default:
      return { name: null, detail }
  }
}
