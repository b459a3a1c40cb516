/** How the centre refuses a request: a code of the contract, never a bare error. `http/` turns it into an answer. */
import type { centralErrors } from '../shared/contract/central-errors.ts'

export type RefusalCode = keyof typeof centralErrors

export class Refusal extends Error {
  readonly code: RefusalCode
  constructor(code: RefusalCode) {
    super(code)
    this.name = 'Refusal'
    this.code = code
  }
}
