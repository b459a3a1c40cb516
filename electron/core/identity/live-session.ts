/** The session at the centre of whoever is signed in here: what goes under it, and what its renewal brings. */
import type { OperatorSession } from '../../../shared/contract/central.ts'
import type { Operator } from '../../../shared/domain/operator.ts'
import { isPrivileged } from '../../../shared/domain/privileged.ts'
import type { Database } from '../storage/database.ts'
import type { ActorKeys } from './actor-keys.ts'
import type { Identity } from './identity.ts'

/** Whether one of these is a move of this person that takes effect only under their own session. */
export const needsSession = (
  operator: Operator | null,
  batch: readonly { name: string; args: string; operatorId: string | null }[],
): boolean =>
  operator !== null &&
  batch.some(
    ({ name, args, operatorId }) =>
      operatorId === operator.operatorId &&
      (name === 'case.move' || name === 'ledger.export') &&
      isPrivileged({ name, args: JSON.parse(args) as unknown }, operator.role),
  )

/** The secret of a session that goes on is the same; a core that was started again does not hold it yet. */
export function renewProof(
  parts: {
    keys: ActorKeys
    identity: Pick<Identity, 'current'>
    read(): Database
    write<T>(work: (db: Database) => T): T
  },
  { operator, proof }: OperatorSession,
): void {
  const { operatorId } = operator
  if (proof === undefined || parts.identity.current(parts.read())?.operatorId !== operatorId) return
  parts.keys.hold({ ...proof, operatorId })
  parts.write(db => parts.keys.extend(db, operatorId, proof))
}
