/** Which step of signing in is shown. Pure: without a centre a choice is enough, with one a password follows it. */
import type { Operator } from '../../../shared/domain/operator.ts'

export type Step =
  | { at: 'list' }
  /** A password for somebody of the list. */
  | { at: 'password'; operator: Operator }
  /** Somebody whom this seat does not know yet: 工号 and 口令. */
  | { at: 'by-number'; workNumber: string }
  | { at: 'add' }

/** Nobody is listed: at a seat with a centre the centre knows them, elsewhere the first one is added. */
export const shownStep = (step: Step, known: number, hasCentre: boolean): Step => {
  if (step.at === 'list' && known === 0)
    return hasCentre ? { at: 'by-number', workNumber: '' } : { at: 'add' }
  return step
}

/** Enter in the list: the first that is found; with a centre, nobody found means somebody from elsewhere. */
export function afterEnter(
  found: readonly Operator[],
  typed: string,
  hasCentre: boolean,
): { choose: Operator } | { step: Step } | null {
  const [first] = found
  if (first !== undefined) return { choose: first }
  if (!hasCentre || typed.trim() === '') return null
  return { step: { at: 'by-number', workNumber: typed.trim() } }
}
