/** What stands before the seat. Pure, so that the rule "never unmount what somebody types in" has its test. */
import type { StorageStatus } from '../../../shared/contract/seat.ts'

export type GateView = {
  /** The seat is mounted. */
  seat: boolean
  gate: 'none' | 'waiting' | 'new-passphrase' | 'locked' | 'failed'
}

/** `undefined`: the core has not been reached yet. */
export function gateView(storage: StorageStatus['state'] | undefined, everOpen: boolean): GateView {
  switch (storage) {
    case 'open':
      return { seat: true, gate: 'none' }
    case undefined:
    case 'opening':
      return { seat: everOpen, gate: everOpen ? 'none' : 'waiting' }
    case 'new-passphrase':
    case 'locked':
    case 'failed':
      return { seat: everOpen, gate: storage }
  }
}
