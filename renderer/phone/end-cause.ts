/** Why a call ended, from what SIP said. Sources: RFC 3261 §21, RFC 3326 (Reason). */
import type { EndCause } from '../../shared/domain/call.ts'

/** Of an outgoing call that was refused with a final status of 300 or more. */
export function causeOfRefusal(status: number): EndCause {
  switch (status) {
    case 486:
    case 600:
      return 'busy'
    case 408:
    case 480:
    case 504:
      return 'no-answer'
    case 401:
    case 403:
    case 407:
    case 603:
      return 'rejected'
    case 404:
    case 410:
    case 484:
    case 604:
      return 'invalid-number'
    case 487:
      return 'cancelled'
    default:
      return 'failed'
  }
}

/** Of a CANCEL: answered elsewhere is said by `Reason: SIP;cause=200`, in whatever spacing. */
export const causeOfCancel = (reason: string | undefined): EndCause =>
  /\bSIP\s*;[^,]*\bcause\s*=\s*200\b/i.test(reason ?? '') ? 'answered-elsewhere' : 'cancelled'
