/** What a person at the desk asks of the centre, refused in the seat's own words. */
import type { z } from 'zod'
import { seatErrors } from '../../../shared/contract/errors.ts'
import { Refusal, type RefusalCode } from '../refusal.ts'
import type { Centre } from './centre.ts'
import { CentreFailure } from './centre-client.ts'

/** A person waits for it. */
const withinMs = 6_000
const isKnown = (code: string): code is RefusalCode => Object.hasOwn(seatErrors, code)

/** Refuses with CENTRE_UNREACHABLE, CENTRE_SESSION_NEEDED, `notFound`, or the centre's own code where the seat has it. */
export function createCentreAsk(centre: Pick<Centre, 'asOperator'>, notFound: RefusalCode) {
  const refusalOf = (failure: CentreFailure): Refusal => {
    if (failure.passes) return new Refusal('CENTRE_UNREACHABLE')
    if (['NO_SESSION', 'UNAUTHENTICATED', 'SESSION_ENDED'].includes(failure.code))
      return new Refusal('CENTRE_SESSION_NEEDED')
    if (failure.code === 'NOT_FOUND') return new Refusal(notFound)
    return new Refusal(isKnown(failure.code) ? failure.code : 'CENTRE_UNREACHABLE')
  }
  return async <T>(method: 'GET' | 'POST', path: string, output: z.ZodType<T>, body?: unknown) => {
    try {
      return await centre.asOperator(
        { method, path, withinMs, ...(body === undefined ? {} : { body }) },
        output,
      )
    } catch (error) {
      throw error instanceof CentreFailure ? refusalOf(error) : error
    }
  }
}
