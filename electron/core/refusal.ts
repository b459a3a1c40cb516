/** How the core refuses: a code of the contract, never a bare error. `rpc/` turns it into what the page receives. */
import type { seatErrors } from '../../shared/contract/errors.ts'

export type RefusalCode = keyof typeof seatErrors

export class Refusal extends Error {
  readonly code: RefusalCode
  readonly data: unknown
  /** What the operator reads instead of the code's own sentence, where that can say more. */
  readonly sentence: string | null
  constructor(code: RefusalCode, data?: unknown, sentence: string | null = null) {
    super(code)
    this.name = 'Refusal'
    this.code = code
    this.data = data
    this.sentence = sentence
  }
}
