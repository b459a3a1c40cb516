/** What every procedure goes through: who asks, by the table of access, and how a refusal leaves. */
import { ORPCError, os } from '@orpc/server'
import { centralErrors } from '../../shared/contract/central-errors.ts'
import type { Central } from '../central.ts'
import { Refusal, type RefusalCode } from '../refusal.ts'
import { isDataError, sqlState } from '../storage/sql.ts'
import { type Admit, type Caller, type Credentials, procedureRow } from './access.ts'

export const coded = (code: RefusalCode, sentence: string | null = null, data?: unknown) =>
  new ORPCError(code, {
    defined: true,
    status: centralErrors[code].status,
    message: sentence ?? centralErrors[code].message,
    data,
  })

type Log = Central['context']['log']

/** A refusal leaves with its code. */
export const tellingRefusals = (log: Log) =>
  os.$context<Credentials>().middleware(async ({ next, path }) => {
    try {
      return await next()
    } catch (error) {
      throw told(error, log, path.join('.'))
    }
  })

/** The one place where it is decided who may call a procedure. */
export const admitting = (admit: Admit) =>
  os.$context<Credentials>().middleware(async ({ next, path, context }) => {
    // A router within a router comes by here twice, for the same path.
    const { caller } = context as { caller?: Caller }
    return next({ context: { caller: caller ?? (await admit(procedureRow(path), context)) } })
  })

/**
 * A value that the database cannot hold (U+0000, half a character, a number out of range) is the sender's fault: told 503, clients would
 * send it again for ever. A database that cannot be had is for a while; anything else that nobody foresaw is told as no more than that. */
export function told(error: unknown, log: Log, where: string): ORPCError<string, unknown> {
  if (error instanceof Refusal) return coded(error.code, error.sentence, error.data)
  if (error instanceof ORPCError) return error.status === 400 && !error.defined ? coded('BAD_REQUEST') : error
  const state = sqlState(error)
  if (isDataError(error)) {
    log.warn({ where, state }, 'a request has what the database cannot hold')
    return coded('BAD_REQUEST')
  }
  log.error({ where, kind: error instanceof Error ? error.name : typeof error, state }, 'a request failed')
  return coded('UNAVAILABLE')
}
