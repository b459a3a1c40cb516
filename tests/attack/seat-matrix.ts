/**
 * Walks the whole contract of a seat as each kind of person and notes what each is answered. Asked with an input that no procedure
 * takes: whoever is let in is told BAD_REQUEST, and nothing is done.
 */
import type { SeatProcedure } from '../../shared/contract/access.ts'
import type { OperatorRole } from '../../shared/domain/operator.ts'
import { may, type SeatAccess, seatAccess } from '../../shared/domain/permission.ts'

export type SeatPerson = 'nobody' | 'locked' | Exclude<OperatorRole, 'unit'>
export const seatPeople: readonly SeatPerson[] = ['nobody', 'locked', 'agent', 'contractor', 'lead', 'admin']
export type SeatAnswer = 'allowed' | 'NOT_SIGNED_IN' | 'SEAT_LOCKED' | 'FORBIDDEN'

export const seatPaths = Object.keys(seatAccess) as SeatProcedure[]

/** What the table says for a seat whose database is open and where no call goes on. */
export function seatAnswerBy(path: SeatProcedure, person: SeatPerson): SeatAnswer {
  const row: SeatAccess = seatAccess[path]
  const access = row === 'rescue' ? 'seat.exportUnsent' : row
  if (access === 'public') return 'allowed'
  if (person === 'nobody') return 'NOT_SIGNED_IN'
  if (access === 'session' || access === 'call') return 'allowed'
  if (person === 'locked') return 'SEAT_LOCKED'
  return access === 'signed-in' || may(person, access) ? 'allowed' : 'FORBIDDEN'
}

/** Calls every procedure once. `seat`: a client of the contract at which this person sits. */
export async function walkSeat(seat: unknown): Promise<Map<SeatProcedure, string>> {
  const answers = new Map<SeatProcedure, string>()
  for (const path of seatPaths) {
    let procedure: unknown = seat
    for (const name of path.split('.')) procedure = (procedure as Record<string, unknown>)[name]
    try {
      await (procedure as (input: unknown) => Promise<unknown>)('nothing that any procedure takes')
      answers.set(path, 'answered')
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
      answers.set(path, code === 'BAD_REQUEST' ? 'allowed' : code)
    }
  }
  return answers
}

/** For printing: one line a procedure, one column a person. */
export function seatMatrix(answers: ReadonlyMap<SeatPerson, ReadonlyMap<SeatProcedure, string>>): string {
  const people = seatPeople.filter(person => answers.has(person))
  const widest = Math.max(...seatPaths.map(path => path.length))
  const short: Record<string, string> = {
    allowed: '✓',
    NOT_SIGNED_IN: '–',
    SEAT_LOCKED: 'locked',
    FORBIDDEN: '✗',
  }
  const line = (first: string, cells: string[]) =>
    `${first.padEnd(widest)}  ${cells.map(cell => cell.padEnd(12)).join('')}`.trimEnd()
  return [
    line('procedure', [...people]),
    ...seatPaths.map(path =>
      line(
        path,
        people.map(person => {
          const answer = answers.get(person)?.get(path) ?? ''
          return short[answer] ?? answer
        }),
      ),
    ),
  ].join('\n')
}
