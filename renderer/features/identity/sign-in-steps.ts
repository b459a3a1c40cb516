/** Which step of signing in is shown. Pure: what the seat asks for (entry) decides where it begins. */
import type { SeatEntry } from '../../../shared/contract/seat-identity.ts'
import type { Operator } from '../../../shared/domain/operator.ts'

export type Step =
  | { at: 'list' }
  /** A password for somebody of the list. */
  | { at: 'password'; operator: Operator }
  /** Somebody whom this seat does not know yet: 工号 and 口令. */
  | { at: 'by-number'; workNumber: string }
  /** The password was right: the second factor is asked. `send` goes on with it. */
  | { at: 'code'; name: string; send(code: string): Promise<unknown> }
  /** The password was right, and must be replaced. */
  | { at: 'replace'; workNumber: string }
  /** The password was right, and a second factor must be set up. */
  | { at: 'factor' }
  | { at: 'first-administrator' }
  | { at: 'enrol' }

/** Nobody is listed: the centre knows them. A protected seat without people begins with its administrator, or its enrolment. */
export const shownStep = (step: Step, known: number, entry: SeatEntry): Step => {
  if (entry === 'first-administrator' || entry === 'enrol') return { at: entry }
  if (step.at === 'list' && known === 0) return { at: 'by-number', workNumber: '' }
  return step
}

/** Enter in the list: the first that is found; where passwords are asked, nobody found means somebody from elsewhere. */
export function afterEnter(
  found: readonly Operator[],
  typed: string,
  entry: SeatEntry,
): { choose: Operator } | { step: Step } | null {
  const [first] = found
  if (first !== undefined) return { choose: first }
  if (entry !== 'password' || typed.trim() === '') return null
  return { step: { at: 'by-number', workNumber: typed.trim() } }
}
