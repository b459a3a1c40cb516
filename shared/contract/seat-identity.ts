/** Page ↔ core: who sits at this seat, how they prove it, and what locks the seat in between. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { operator } from '../domain/operator.ts'
import { newSecondFactor } from './central-accounts.ts'
import { seatErrors } from './errors.ts'

const procedure = oc.errors(seatErrors)
const nothing = z.object({})
const password = z.string().max(1_024)
const code = z.string().trim().max(40).optional().describe('动态验证码，或一个恢复码')

/**
 * What the gate asks of whoever sits down. `choose`: a demonstration without a centre. `password`: everybody proves themselves.
 * `first-administrator`: a protected seat without a centre begins with its administrator. `enrol`: its centre does not know it yet.
 */
export const seatEntry = z.enum(['choose', 'password', 'first-administrator', 'enrol'])
export type SeatEntry = z.infer<typeof seatEntry>

export const seatIdentity = {
  list: procedure.input(nothing).output(z.array(operator)),
  /** At a seat without a centre. A protected one needs the first password of the person: PASSWORD_NEEDED, PASSWORD_WEAK. */
  create: procedure
    .input(operator.omit({ operatorId: true }).extend({ password: password.optional() }))
    .output(operator),
  /** Only while a protected seat without a centre has no administrator; signs them in. FORBIDDEN, PASSWORD_WEAK. */
  createFirstAdministrator: procedure
    .input(operator.pick({ workNumber: true, name: true, branch: true }).extend({ password }))
    .output(operator),
  /**
   * At a demonstration without a centre the operator is chosen. Elsewhere PASSWORD_NEEDED, SIGN_IN_FAILED, SIGN_IN_LOCKED,
   * SECOND_FACTOR_NEEDED. After PASSWORD_CHANGE_NEEDED `replacePassword` goes on with this sign-in, for ten minutes and on this
   * connection alone; after SECOND_FACTOR_ENROLMENT_NEEDED `beginSecondFactor` does.
   */
  signIn: procedure
    .input(z.object({ operatorId: z.string(), password: password.optional(), code }))
    .output(operator),
  /** At a seat with a centre, somebody who is not known here yet: only online. */
  signInByNumber: procedure
    .input(z.object({ workNumber: z.string().max(20), password, code }))
    .output(operator),
  /** The password that an administrator gave, or that has expired. PASSWORD_WEAK; SIGN_IN_AGAIN when it took too long. */
  replacePassword: procedure.input(z.object({ newPassword: password })).output(operator),
  /**
   * 两步验证: of a sign-in that wants it, or one's own. Its secret is given once. SECOND_FACTOR_WINDOW_CLOSED, SIGN_IN_AGAIN.
   */
  beginSecondFactor: procedure.input(nothing).output(newSecondFactor),
  /** SECOND_FACTOR_WRONG. The recovery codes are shown once. `password`: of whoever is signed in already. */
  confirmSecondFactor: procedure
    .input(z.object({ code: z.string().trim().max(40), password: password.optional() }))
    .output(z.object({ recoveryCodes: z.array(z.string()) })),
  /** The page does not offer it during a call; one that goes on all the same is not cut off. */
  signOut: procedure.input(nothing).output(nothing),
  lock: procedure.input(nothing).output(nothing),
  /** As signing in, for whoever locked it. At a demonstration without a centre no password is asked. */
  unlock: procedure.input(z.object({ password: password.optional(), code })).output(nothing),
  /** One's own. SIGN_IN_FAILED for a wrong old one; PASSWORD_WEAK, NO_PASSWORD_HERE. */
  changePassword: procedure.input(z.object({ oldPassword: password, newPassword: password })).output(nothing),
}
