/** How the core refuses: a code of the contract, never a bare error. `rpc/` turns it into what the page receives. */
import type { seatErrors } from '../../shared/contract/errors.ts'

export type RefusalCode = keyof typeof seatErrors

export class Refusal extends Error {
  readonly code: RefusalCode
  readonly data: unknown
  constructor(code: RefusalCode, data?: unknown) {
    super(code)
    this.name = 'Refusal'
    this.code = code
    this.data = data
  }
}
