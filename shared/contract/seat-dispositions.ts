/** 受理方式: what the page asks of the core about the transfer directory and the reasons and scripts in force. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { dispositionRules } from '../domain/disposition-rules.ts'
import { transferDirectory } from '../domain/transfer-directory.ts'
import { seatErrors } from './errors.ts'

const procedure = oc.errors(seatErrors)

export const seatDispositions = {
  inForce: procedure
    .input(z.object({}))
    .output(z.object({ directory: transferDirectory, rules: dispositionRules })),
}
