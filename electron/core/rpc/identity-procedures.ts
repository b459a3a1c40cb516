/** Who sits here: chosen at a seat without a centre, signed in with a password at one that has a centre. */
import type { Operator } from '../../../shared/domain/operator.ts'
import { Refusal } from '../refusal.ts'
import type { CoreParts } from './core-parts.ts'
import type { Procedures } from './procedures.ts'

export function identityProcedures(os: Procedures, parts: CoreParts) {
  const { store, identity, signIn, centre, actorKeys } = parts
  const seated = async (work: Promise<Operator>): Promise<Operator> => {
    const operator = await work
    parts.statusChanged()
    return operator
  }
  return {
    list: os.identity.list.handler(() => identity.list(store.db())),
    create: os.identity.create.handler(({ input }) => {
      // People of a city are made at its centre; the list of a seat without one never becomes the centre's.
      if (centre.configured()) throw new Refusal('FORBIDDEN', undefined, '人员由中心平台管理，请在中心添加')
      return store.write(db => identity.create(db, input))
    }),
    signIn: os.identity.signIn.handler(({ input }) =>
      seated(signIn.chosen(input.operatorId, input.password)),
    ),
    signInByNumber: os.identity.signInByNumber.handler(({ input }) =>
      seated(signIn.byNumber(input.workNumber, input.password)),
    ),
    signOut: os.identity.signOut.handler(() => {
      store.write(db => identity.signOut(db))
      centre.signedOut()
      actorKeys.drop()
      parts.statusChanged()
      return {}
    }),
  }
}
