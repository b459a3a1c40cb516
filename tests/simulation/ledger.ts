/** What the seats have promised: every command that a transaction of a seat has kept, and what became of it legitimately. */
import type { Committed, SimSeat } from './seat.ts'
import type { Tally } from './tally.ts'

export type Kept = Committed & {
  seat: string
  order: number
  /** Its database was put back to an older one: it may be gone, if it was not sent before. */
  mayBeLost: boolean
  /** Its operator has let the other's value stand. */
  givenUp: boolean
  /** Under whose name it may take effect. */
  by: Set<string | null>
  /** Made where a copy of the whole folder could not be told from the original yet. */
  twin: boolean
}

export class Ledger {
  readonly kept = new Map<string, Kept>()
  /** Seats whose whole folder was copied or put back, token file and all. */
  readonly twins = new Set<string>()
  /** What thieves sent: none of it may take effect. */
  readonly hostile = new Set<string>()
  order = 0
  readonly #tally: Tally

  constructor(tally: Tally) {
    this.#tally = tally
  }

  committed(seat: SimSeat, commands: readonly Committed[]): void {
    for (const command of commands) {
      if (this.kept.has(command.id)) continue
      this.order += 1
      this.#tally.count(command.args.includes('工单编号由') ? 'case renumbered' : `kept ${command.name}`)
      this.kept.set(command.id, {
        ...command,
        seat: seat.name,
        order: this.order,
        mayBeLost: false,
        givenUp: false,
        by: new Set([command.operatorId]),
        twin: this.twins.has(seat.name),
      })
    }
  }

  /** The seat's database is again as it was after `order`. */
  lostAfter(seat: SimSeat, order: number): void {
    for (const each of this.kept.values())
      if (each.seat === seat.name && each.order > order) each.mayBeLost = true
  }

  /** Somebody else has decided what it says. */
  takenOver(commandId: string, operatorId: string): void {
    const kept = this.kept.get(commandId)
    if (kept !== undefined) kept.by.add(operatorId)
  }

  givenUp(commandId: string): void {
    const kept = this.kept.get(commandId)
    if (kept !== undefined) kept.givenUp = true
  }
}
