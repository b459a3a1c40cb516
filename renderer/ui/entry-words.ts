/** How an entry of a case's history reads. Pure. */
import type { CaseFields } from '../../shared/domain/case.ts'
import { type CaseMove, caseMove } from '../../shared/domain/case-moves.ts'
import { isCaseField } from './field-words.ts'

export type MovedName = `moved.${CaseMove}`
export type EntryName = 'created' | 'remark' | 'edited' | 'attached' | MovedName

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
    // The move, a space, and the reason.
    case 'moved': {
      const [code = '', ...reason] = detail.split(' ')
      const move = caseMove.safeParse(code)
      return move.success ? { name: `moved.${move.data}`, detail: reason.join(' ') } : { name: null, detail }
    }
    default:
      return { name: null, detail }
  }
}
