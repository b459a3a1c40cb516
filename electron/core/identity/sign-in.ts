/**
 * Signing in (登录). At a demonstration without a centre the operator is chosen. With a centre the password is asked of it; when it
 * does not answer, the verifier of the last time decides, so that operators can change at a seat whose line is down. A protected
 * seat without a centre verifies its own people.
 */
import type { OperatorSession } from '../../../shared/contract/central.ts'
import type { SeatEntry } from '../../../shared/contract/seat-identity.ts'
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
import type { LocalAccounts } from './local-accounts.ts'
import { createOfflineVerifiers } from './offline-verifier.ts'
import { checkNewPassword } from './password-rules.ts'
import type { Passwords } from './passwords.ts'
import type { Resume } from './resume.ts'

/** Whoever unlocks the seat waits no longer for the centre before the seat's own verifier is asked. */
const unlockAnswerMs = 3_000
/** A sign-in whose password was right, and that still wants a new one, is gone on with for so long. */
const pendingMs = 10 * 60_000

/** What somebody proves themselves with. `code`: of the second factor. */
export type Secrets = { password?: string | undefined; code?: string | undefined }
/** The page's connection: a sign-in is gone on with by the page that began it. */
type From = number

export type SignIn = {
  entry(db: Database): SeatEntry
  /** OPERATOR_NOT_FOUND, PASSWORD_NEEDED, and what the password leads to. */
  chosen(operatorId: string, secrets: Secrets, from: From): Promise<Operator>
  /** Somebody who may be unknown here: then only the centre can say who it is. */
  byNumber(workNumber: string, secrets: Secrets, from: From): Promise<Operator>
  replacePassword(newPassword: string, from: From): Promise<Operator>
  createFirstAdministrator(
    person: Pick<Operator, 'workNumber' | 'name' | 'branch'>,
    password: string,
  ): Promise<Operator>
  create(person: Omit<Operator, 'operatorId'>, password: string | undefined): Promise<Operator>
  unlock(secrets: Secrets): Promise<void>
  changePassword(oldPassword: string, newPassword: string): Promise<void>
  signOut(): void
  /** The centre ended the session of whoever is signed in: their password may be another, so only the centre lets them in again. */
  forgetPresent(db: Database): void
}

/**
 * Somebody has proved who they are. `hold` opens what proves their commands; `keep` stores what follows, in the transaction that
 * lets them in.
 */
type Proved = { operatorId: string; mustChange: boolean; hold(): void; keep(db: Database): void }

export function createSignIn(parts: {
  clock: Clock
  audit: Audit
  identity: Identity
  passwords: Passwords
  keys: ActorKeys
  /** Something of this person waited for them to be signed in at the centre. True: it is sent again. */
  retryLive(db: Database, operatorId: string): boolean
  /** Null at a demonstration, where nobody has a password of the seat's own. */
  local: LocalAccounts | null
  resume: Resume
  /** An address of a centre is set, whether this seat is enrolled there or not. */
  centreSet(): boolean
  centre: Pick<Centre, 'configured' | 'signIn' | 'signedOut' | 'wake'>
  read(): Database
  /** What it returns is on the disk, whatever is refused afterwards. */
  write<T>(work: (db: Database) => T): T
}): SignIn {
  const { clock, audit, identity, passwords, keys, local, resume, centre, read, write } = parts
  const verifiers = createOfflineVerifiers(parts)
  let pending: { operatorId: string; password: string; from: From; until: number } | null = null

  const refuse = (db: Database, operatorId: string) =>
    audit.append(db, {
      operatorId,
      action: 'operator.signIn',
      subjectKind: 'operator',
      subjectId: operatorId,
      result: 'refused',
    })

  const online = async (session: OperatorSession, password: string): Promise<Proved> => {
    const { operator, offlineDays, proof } = session
    const { operatorId } = operator
    const [verifier, sealed] = await Promise.all([
      passwords.hash(password),
      proof === undefined ? null : keys.seal(operatorId, proof, password),
    ])
    return {
      operatorId,
      mustChange: false,
      hold: () => (proof === undefined ? keys.drop() : keys.hold({ ...proof, operatorId })),
      keep: db => {
        applyOperator(db, operator)
        verifiers.keep(db, operatorId, verifier, offlineDays)
        if (sealed !== null) keys.store(db, sealed)
        // It is sent when the transaction is over.
        if (parts.retryLive(db, operatorId)) queueMicrotask(centre.wake)
      },
    }
  }

  const offline = async (known: Operator | null, password: string): Promise<Proved> => {
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
    if (identity.current(read())?.operatorId !== operatorId) centre.signedOut()
    // Whoever unlocks the seat has it open already.
    if (keys.held()?.operatorId !== operatorId) await keys.unlock(read(), operatorId, password)
    return { operatorId, mustChange: false, hold: () => {}, keep: db => verifiers.succeeded(db, operatorId) }
  }

  const atCentre = async (
    known: Operator | null,
    workNumber: string,
    password: string,
    ask: () => Promise<OperatorSession>,
  ): Promise<Proved> => {
    let session: OperatorSession
    try {
      session = await ask()
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

  const locally = async (accounts: LocalAccounts, known: Operator, password: string): Promise<Proved> => {
    const { operatorId } = known
    try {
      const { mustChange } = await accounts.verify(operatorId, password)
      return { operatorId, mustChange, hold: keys.drop, keep: () => {} }
    } catch (error) {
      write(db => refuse(db, operatorId))
      throw error
    }
  }

  /** By whoever decides here about passwords; PASSWORD_NEEDED. */
  const prove = (known: Operator | null, workNumber: string, { password }: Secrets, withinMs?: number) => {
    if (password === undefined || password === '') throw new Refusal('PASSWORD_NEEDED')
    if (centre.configured()) {
      const ask = () => centre.signIn(workNumber, password)
      return atCentre(known, workNumber, password, () =>
        withinMs === undefined ? ask() : soon(clock, withinMs, ask()),
      )
    }
    if (local === null || known === null) throw new Refusal('CENTRE_UNREACHABLE')
    return locally(local, known, password)
  }

  const enter = ({ operatorId, hold, keep }: Omit<Proved, 'mustChange'>): Operator => {
    pending = null
    hold()
    const operator = write(db => {
      keep(db)
      const seated = identity.signIn(db, operatorId)
      resume.begin(db)
      return seated
    })
    resume.tell()
    return operator
  }

  const entered = (proved: Proved, { password }: Secrets, from: From): Operator => {
    if (!proved.mustChange) return enter(proved)
    pending = {
      operatorId: proved.operatorId,
      password: password ?? '',
      from,
      until: clock.now() + pendingMs,
    }
    throw new Refusal('PASSWORD_CHANGE_NEEDED')
  }

  /** Nothing of the centre's proves what they do. */
  const enterHere = (operatorId: string) => enter({ operatorId, hold: keys.drop, keep: () => {} })

  const isChosen = () => local === null && !centre.configured()

  return {
    entry: db => {
      if (centre.configured()) return 'password'
      if (local === null) return 'choose'
      if (local.begun(db)) return 'password'
      return parts.centreSet() ? 'enrol' : 'first-administrator'
    },
    chosen: async (operatorId, secrets, from) => {
      const known = identity.offered(read(), operatorId)
      if (known === null) throw new Refusal('OPERATOR_NOT_FOUND')
      if (isChosen()) return enterHere(operatorId)
      return entered(await prove(known, known.workNumber, secrets), secrets, from)
    },
    byNumber: async (workNumber, secrets, from) => {
      const known = identity.list(read()).find(operator => operator.workNumber === workNumber) ?? null
      if (isChosen()) throw new Refusal('CENTRE_UNREACHABLE')
      return entered(await prove(known, workNumber, secrets), secrets, from)
    },
    replacePassword: async (newPassword, from) => {
      const begun = pending
      if (begun === null || begun.from !== from || begun.until < clock.now() || local === null)
        throw new Refusal('SIGN_IN_AGAIN')
      const { operatorId, password: former } = begun
      const known = identity.offered(read(), operatorId)
      if (known === null) throw new Refusal('OPERATOR_NOT_FOUND')
      await checkNewPassword(newPassword, { workNumber: known.workNumber, former })
      await local.replace(operatorId, newPassword)
      return enterHere(operatorId)
    },
    createFirstAdministrator: async (person, password) => {
      if (local === null || centre.configured() || parts.centreSet()) throw new Refusal('FORBIDDEN')
      await checkNewPassword(password, { workNumber: person.workNumber, former: null })
      const { operatorId } = await local.createFirstAdministrator(person, password)
      return enterHere(operatorId)
    },
    create: async (person, password) => {
      // People of a city are made at its centre; the list of a seat without one never becomes the centre's.
      if (centre.configured()) throw new Refusal('FORBIDDEN', undefined, '人员由中心平台管理，请在中心添加')
      if (local === null) return write(db => identity.create(db, person))
      if (password === undefined || password === '') throw new Refusal('PASSWORD_NEEDED')
      await checkNewPassword(password, { workNumber: person.workNumber, former: null })
      return local.create(person, password)
    },
    unlock: async secrets => {
      const operator = identity.required(read())
      if (isChosen()) return write(db => identity.unlock(db))
      const proved = await prove(operator, operator.workNumber, secrets, unlockAnswerMs)
      write(db => {
        // Somebody else may have signed in meanwhile.
        if (identity.current(db)?.operatorId !== proved.operatorId) throw new Refusal('SIGN_IN_FAILED')
        proved.hold()
        proved.keep(db)
        identity.unlock(db)
        resume.keep(db)
      })
    },
    changePassword: async (oldPassword, newPassword) => {
      const operator = identity.required(read())
      if (isChosen() || local === null) throw new Refusal('NO_PASSWORD_HERE')
      await local.verify(operator.operatorId, oldPassword)
      await checkNewPassword(newPassword, { workNumber: operator.workNumber, former: oldPassword })
      await local.replace(operator.operatorId, newPassword)
    },
    forgetPresent: db => {
      const present = identity.current(db)
      if (present !== null) verifiers.forget(db, present.operatorId)
    },
    signOut: () => {
      write(db => {
        identity.signOut(db)
        resume.end(db)
      })
      resume.tell()
      centre.signedOut()
    },
  }
}

/** What comes later counts as no answer. */
async function soon<T>(clock: Clock, withinMs: number, work: Promise<T>): Promise<T> {
  let cancel = () => {}
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(withinMs, () => reject(new CentreFailure('network', '现在连不上中心')))
  })
  // A late refusal has nobody left to hear it.
  work.catch(() => {})
  return Promise.race([work, late]).finally(() => cancel())
}
