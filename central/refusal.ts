/** How the centre refuses a request: a code of the contract, never a bare error. `http/` turns it into an answer. */
import type { centralErrors } from '../shared/contract/central-errors.ts'

export type RefusalCode = keyof typeof centralErrors

export class Refusal extends Error {
  readonly code: RefusalCode
  /** What a person reads instead of the code's own sentence, where that can say more. */
  readonly sentence: string | null
  /** What the contract says goes with this code. */
  readonly data: unknown
  constructor(code: RefusalCode, sentence: string | null = null, data?: unknown) {
    super(code)
    this.name = 'Refusal'
    this.code = code
    this.sentence = sentence
    this.data = data
  }
}
