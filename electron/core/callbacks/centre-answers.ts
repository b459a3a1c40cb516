/** The centre as the callbacks ask it: every refusal is one that the page knows. */
import type { z } from 'zod'
import { seatErrors } from '../../../shared/contract/errors.ts'
import { Refusal, type RefusalCode } from '../refusal.ts'
import type { Centre } from '../sync/centre.ts'
import { CentreFailure } from '../sync/centre-client.ts'

/** An operator waits for it. */
const withinMs = 6_000

export type CallbackCentre = {
  ask<T>(method: 'GET' | 'POST', path: string, output: z.ZodType<T>, body?: unknown): Promise<T>
  /** Whether it can be asked now, and when it was last heard of. */
  line(): { online: boolean; asOf: string | null }
}

const isKnown = (code: string): code is RefusalCode => Object.hasOwn(seatErrors, code)

function refusalOf(failure: CentreFailure): Refusal {
  if (failure.passes) return new Refusal('CENTRE_UNREACHABLE')
  switch (failure.code) {
    case 'NO_SESSION':
    case 'UNAUTHENTICATED':
      return new Refusal('CENTRE_SESSION_NEEDED')
    case 'NOT_FOUND':
      return new Refusal('CALLBACK_NOT_KNOWN')
    default:
      return new Refusal(isKnown(failure.code) ? failure.code : 'CENTRE_UNREACHABLE')
  }
}

export function createCallbackCentre(
  centre: Pick<Centre, 'asOperator'>,
  line: CallbackCentre['line'],
): CallbackCentre {
  return {
    line,
    ask: async (method, path, output, body) => {
      try {
        const request = { method, path, withinMs }
        return await centre.asOperator(body === undefined ? request : { ...request, body }, output)
      } catch (error) {
        throw error instanceof CentreFailure ? refusalOf(error) : error
      }
    },
  }
}
