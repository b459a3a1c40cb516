/**
 * Every procedure, route and command has a row in the tables of shared/domain/permission.ts. One without a row, or a row without
 * its procedure, does not compile here.
 */
import type { CommandName } from '../domain/command.ts'
import {
  type CentralAccess,
  type CommandAccess,
  centralAccess,
  commandAccess,
  type SeatAccess,
  seatAccess,
} from '../domain/permission.ts'
import type { centralContract } from './central.ts'
import type { seatContract } from './seat.ts'

/** The dotted paths of a contract's procedures. */
type Paths<C> = C extends { '~orpc': unknown }
  ? never
  : {
      [K in keyof C & string]: C[K] extends { '~orpc': unknown } ? K : `${K}.${Paths<C[K]> & string}`
    }[keyof C & string]

export type SeatProcedure = Paths<typeof seatContract>
export type CentralProcedure = Paths<typeof centralContract>

type Exactly<Names extends string, Row, Table> = Record<Names, Row> &
  Record<Exclude<keyof Table, Names>, never>

export const seatProcedureAccess: Exactly<SeatProcedure, SeatAccess, typeof seatAccess> = seatAccess
export const centralProcedureAccess: Exactly<CentralProcedure, CentralAccess, typeof centralAccess> =
  centralAccess
export const commandNameAccess: Exactly<CommandName, CommandAccess, typeof commandAccess> = commandAccess
