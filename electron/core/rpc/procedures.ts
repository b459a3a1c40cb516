/** The contract's procedures before they are filled in: what they know of their caller, and how refusals leave the core. */
import { implement, ORPCError } from '@orpc/server'
import type { Logger } from 'pino'
import { seatErrors } from '../../../shared/contract/errors.ts'
import { seatContract } from '../../../shared/contract/seat.ts'
import { Refusal } from '../refusal.ts'
import { errorCode } from '../storage/failure.ts'
import type { CoreParts } from './core-parts.ts'
import type { Gate } from './gate.ts'

/** What a procedure knows of its caller. */
export type Caller = { connection: number }

export type Procedures = ReturnType<typeof createProcedures>

/** Between the pieces of a stream: whoever asked for it has left, or the seat is locked. Nothing more of it is given out. */
export function stillSits(parts: Pick<CoreParts, 'identity' | 'store'>, operatorId: string): void {
  const db = parts.store.db()
  if (parts.identity.current(db)?.operatorId !== operatorId) throw new Refusal('NOT_SIGNED_IN')
  if (parts.identity.access(db) !== 'open') throw new Refusal('SEAT_LOCKED')
}

/** What the page receives for an error. A stream's own errors pass no middleware: whoever streams tells them by this. */
export const toldBy =
  (log: Logger) =>
  (error: unknown, procedure: string): unknown => {
    if (error instanceof ORPCError) return error
    if (error instanceof Refusal) {
      const message = error.sentence ?? seatErrors[error.code].message
      return new ORPCError(error.code, { message, data: error.data })
    }
    log.error(
      { procedure, code: errorCode(error), kind: error instanceof Error ? error.name : typeof error },
      'failed',
    )
    return new ORPCError('INTERNAL_SERVER_ERROR', {
      message: '本机服务出错，内容仍在页面上；请重试或联系管理员',
    })
  }

export function createProcedures(log: Logger, gate: Gate) {
  const told = toldBy(log)
  return implement(seatContract)
    .$context<Caller>()
    .use(async ({ next, path }, input) => {
      try {
        gate.ask(path.join('.'), input)
        return await next()
      } catch (error) {
        throw told(error, path.join('.'))
      }
    })
}
