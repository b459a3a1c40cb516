/** What a request brings, who that is, and how a refusal leaves. */
import { ORPCError, os } from '@orpc/server'
import { centralErrors } from '../../shared/contract/central-errors.ts'
import { type Action, may } from '../../shared/domain/permission.ts'
import type { Central } from '../central.ts'
import type { Device } from '../identity/devices.ts'
import { Refusal, type RefusalCode } from '../refusal.ts'
import { sqlState } from '../storage/sql.ts'

/** What a request brought along, as it came. */
export type Credentials = {
  bearer: string | undefined
  operatorSession: string | undefined
  apiKey: string | undefined
  /** The seat whose token `bearer` is, where the door has looked it up. */
  device?: Device
}

export const coded = (code: RefusalCode, sentence: string | null = null) =>
  new ORPCError(code, {
    defined: true,
    status: centralErrors[code].status,
    message: sentence ?? centralErrors[code].message,
  })

type Log = Central['context']['log']

/** What every procedure goes through: a refusal leaves with its code. */
export const tellingRefusals = (log: Log) =>
  os.$context<Credentials>().middleware(async ({ next, path }) => {
    try {
      return await next()
    } catch (error) {
      throw told(error, log, path.join('.'))
    }
  })

/** A database that cannot be had is for a while; anything else that nobody foresaw is told as no more than that. */
export function told(error: unknown, log: Log, where: string): ORPCError<string, unknown> {
  if (error instanceof Refusal) return coded(error.code, error.sentence)
  if (error instanceof ORPCError) return error.status === 400 && !error.defined ? coded('BAD_REQUEST') : error
  const state = sqlState(error)
  log.error({ where, kind: error instanceof Error ? error.name : typeof error, state }, 'a request failed')
  return coded('UNAVAILABLE')
}

export function createWho({ devices, sessions }: Central) {
  const device = async ({ bearer, device: known }: Credentials) => {
    if (known !== undefined) return known
    if (bearer === undefined) throw new Refusal('UNAUTHENTICATED')
    return devices.of(bearer)
  }
  const operator = ({ operatorSession }: Credentials) => {
    if (operatorSession === undefined) throw new Refusal('UNAUTHENTICATED')
    return sessions.of(operatorSession)
  }
  /** Device and operator, who may do this. */
  const both = async (context: Credentials, action?: Action) => {
    const who = { device: await device(context), operator: await operator(context) }
    if (action !== undefined && !may(who.operator.role, action)) throw new Refusal('FORBIDDEN')
    return who
  }
  return { device, both }
}
