/**
 * Signing in (登录). At a seat without a centre the operator is chosen. With one the password is asked of the centre; when it
 * does not answer, the verifier of the last time decides, so that operators can change at a seat whose line is down.
 */
import type { OperatorSession } from '../../../shared/contract/central.ts'
import type { Operator } from '../../../shared/domain/operator.ts'
import type { Audit } from '../audit/audit.ts'
import type { Clock } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import { applyOperator } from '../sync/apply-changes.ts'
import type { Centre } from '../sync/centre.ts'
import { CentreFailure } from '../sync/centre-client.ts'
import type { ActorKeys } from './actor-keys.ts'
import type { Identity } from './identity.ts'
import { createOfflineVerifiers } from './offline-verifier.ts'
import type { Passwords } from './passwords.ts'

export type SignIn = {
  /** OPERATOR_NOT_FOUND, PASSWORD_NEEDED, and what the password leads to. */
  chosen(operatorId: string, password: string | undefined): Promise<Operator>
  /** Somebody who may be unknown here: then only the centre can say who it is. */
  byNumber(workNumber: string, password: string): Promise<Operator>
}

export function createSignIn(parts: {
  clock: Pick<Clock, 'now'>
  audit: Audit
  identity: Identity
  passwords: Passwords
  keys: ActorKeys
  /** Something of this person waited for them to be signed in at the centre. True: it is sent again. */
  retryLive(db: Database, operatorId: string): boolean
  centre: Pick<Centre, 'configured' | 'signIn' | 'signedOut' | 'wake'>
  read(): Database
  /** What it returns is on the disk, whatever is refused afterwards. */
  write<T>(work: (db: Database) => T): T
}): SignIn {
  const { audit, identity, passwords, keys, centre, read, write } = parts
  const verifiers = createOfflineVerifiers(parts)

  const refuse = (db: Database, operatorId: string) =>
    audit.append(db, {
      operatorId,
      action: 'operator.signIn',
      subjectKind: 'operator',
      subjectId: operatorId,
      result: 'refused',
    })

  const online = async (session: OperatorSession, password: string): Promise<Operator> => {
    const { operator, offlineDays, proof } = session
    const { operatorId } = operator
    const [verifier, sealed] = await Promise.all([
      passwords.hash(password),
      proof === undefined ? null : keys.seal(operatorId, proof, password),
    ])
    let isRetried = false
    const signedIn = write(db => {
      applyOperator(db, operator)
      verifiers.keep(db, operatorId, verifier, offlineDays)
      if (sealed !== null) keys.store(db, sealed)
      isRetried = parts.retryLive(db, operatorId)
      return identity.signIn(db, operatorId)
    })
    if (proof === undefined) keys.drop()
    else keys.hold({ ...proof, operatorId })
    if (isRetried) centre.wake()
    return signedIn
  }

  const offline = async (known: Operator | null, password: string): Promise<Operator> => {
    if (known === null) throw new Refusal('CENTRE_UNREACHABLE')
    const { operatorId } = known
    const attempt = write(db => {
      const made = verifiers.attempt(db, operatorId)
      if (made.kind === 'refused') refuse(db, operatorId)
      return made
    })
    if (attempt.kind === 'refused') throw new Refusal(attempt.code)
    if (!(await passwords.verify(password, attempt.verifier))) {
      write(db => refuse(db, operatorId))
      throw new Refusal('SIGN_IN_FAILED')
    }
    // Whoever sat here before may still have a session at the centre: it is not this operator's.
    centre.signedOut()
    await keys.unlock(read(), operatorId, password)
    return write(db => {
      verifiers.succeeded(db, operatorId)
      return identity.signIn(db, operatorId)
    })
  }

  const withPassword = async (known: Operator | null, workNumber: string, password: string) => {
    let session: OperatorSession
    try {
      session = await centre.signIn(workNumber, password)
    } catch (error) {
      if (!(error instanceof CentreFailure)) throw error
      switch (error.code) {
        case 'SIGN_IN_FAILED':
        case 'SIGN_IN_LOCKED': {
          if (known !== null) write(db => refuse(db, known.operatorId))
          throw new Refusal(error.code)
        }
        case 'OPERATOR_DISABLED': {
          if (known !== null)
            write(db => {
              verifiers.forget(db, known.operatorId)
              refuse(db, known.operatorId)
            })
          throw new Refusal('SIGN_IN_FAILED')
        }
        default:
          // Nobody answers, or the centre refuses the seat itself: neither says anything about this password.
          return offline(known, password)
      }
    }
    if (session.operator.disabled) {
      write(db => applyOperator(db, session.operator))
      throw new Refusal('SIGN_IN_FAILED')
    }
    return online(session, password)
  }

  return {
    chosen: async (operatorId, password) => {
      const known = identity.offered(read(), operatorId)
      if (known === null) throw new Refusal('OPERATOR_NOT_FOUND')
      if (!centre.configured()) {
        keys.drop()
        return write(db => identity.signIn(db, operatorId))
      }
      if (password === undefined || password === '') throw new Refusal('PASSWORD_NEEDED')
      return withPassword(known, known.workNumber, password)
    },
    byNumber: async (workNumber, password) => {
      if (!centre.configured()) throw new Refusal('CENTRE_UNREACHABLE')
      if (password === '') throw new Refusal('PASSWORD_NEEDED')
      const known = identity.list(read()).find(operator => operator.workNumber === workNumber) ?? null
      return withPassword(known, workNumber, password)
    },
  }
}
