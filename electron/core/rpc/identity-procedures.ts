/** Who sits here: how they come in, lock the seat, and go. */
import type { Operator } from '../../../shared/domain/operator.ts'
import type { CoreParts } from './core-parts.ts'
import type { Procedures } from './procedures.ts'

export function identityProcedures(os: Procedures, parts: CoreParts) {
  const { store, identity, signIn } = parts
  const seated = async (work: Promise<Operator>): Promise<Operator> => {
    const operator = await work
    parts.statusChanged()
    return operator
  }
  const procedures = os.identity
  return {
    list: procedures.list.handler(() => identity.list(store.db())),
    create: procedures.create.handler(({ input: { password, ...person } }) =>
      signIn.create(person, password),
    ),
    createFirstAdministrator: procedures.createFirstAdministrator.handler(
      ({ input: { password, ...person } }) => seated(signIn.createFirstAdministrator(person, password)),
    ),
    signIn: procedures.signIn.handler(({ input: { operatorId, ...secrets }, context }) =>
      seated(signIn.chosen(operatorId, secrets, context.connection)),
    ),
    signInByNumber: procedures.signInByNumber.handler(({ input: { workNumber, ...secrets }, context }) =>
      seated(signIn.byNumber(workNumber, secrets, context.connection)),
    ),
    replacePassword: procedures.replacePassword.handler(({ input, context }) =>
      seated(signIn.replacePassword(input.newPassword, context.connection)),
    ),
    beginSecondFactor: procedures.beginSecondFactor.handler(({ context }) =>
      signIn.beginSecondFactor(context.connection),
    ),
    confirmSecondFactor: procedures.confirmSecondFactor.handler(async ({ input, context }) => {
      const confirmed = await signIn.confirmSecondFactor(input, context.connection)
      parts.statusChanged()
      return confirmed
    }),
    signOut: procedures.signOut.handler(() => {
      signIn.signOut()
      parts.statusChanged()
      return {}
    }),
    lock: procedures.lock.handler(() => {
      store.write(db => identity.lock(db))
      parts.statusChanged()
      return {}
    }),
    unlock: procedures.unlock.handler(async ({ input }) => {
      await signIn.unlock(input)
      parts.statusChanged()
      return {}
    }),
    changePassword: procedures.changePassword.handler(async ({ input }) => {
      await signIn.changePassword(input.oldPassword, input.newPassword)
      return {}
    }),
  }
}
