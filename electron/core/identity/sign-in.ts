/**
 * Signing in (登录), locking and leaving. At a demonstration without a centre the operator is chosen. With a centre the password is
 * proved to it (centre-proof.ts). A protected seat without a centre verifies its own people (local-accounts.ts).
 */
import type { OperatorSession } from '../../../shared/contract/central.ts'
import type { NewSecondFactor } from '../../../shared/contract/central-accounts.ts'
import type { SeatStatus } from '../../../shared/contract/seat.ts'
import type { SeatEntry } from '../../../shared/contract/seat-identity.ts'
import type { Operator } from '../../../shared/domain/operator.ts'
import type { Audit } from '../audit/audit.ts'
import type { Clock, Random } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import type { Centre } from '../sync/centre.ts'
import { CentreFailure } from '../sync/centre-client.ts'
import type { ActorKeys } from './actor-keys.ts'
import { createCentreProof, type Proved, refusalOf, type Secrets, Unfinished } from './centre-proof.ts'
import type { Identity } from './identity.ts'
import type { LocalAccounts } from './local-accounts.ts'
import { createOfflineVerifiers } from './offline-verifier.ts'
import { checkNewPassword } from './password-rules.ts'
import type { Passwords } from './passwords.ts'
import type { Resume } from './resume.ts'
import { createSecondFactors } from './second-factor.ts'

/** Whoever unlocks the seat waits no longer for the centre before the seat's own verifier is asked. */
const unlockAnswerMs = 3_000
/** A sign-in whose password was right, and that still wants something, is gone on with for so long. */
const pendingMs = 10 * 60_000

type Given = { password?: string | undefined; code?: string | undefined }
/** The page's connection: a sign-in is gone on with by the page that began it. */
type From = number

export type SignIn = {
  entry(db: Database): SeatEntry
  /** OPERATOR_NOT_FOUND, PASSWORD_NEEDED, and what the password leads to. */
  chosen(operatorId: string, given: Given, from: From): Promise<Operator>
  /** Somebody who may be unknown here: then only the centre can say who it is. */
  byNumber(workNumber: string, given: Given, from: From): Promise<Operator>
  replacePassword(newPassword: string, from: From): Promise<Operator>
  /** Of a sign-in that wants one, or of whoever is signed in. */
  beginSecondFactor(from: From): Promise<NewSecondFactor>
  confirmSecondFactor(given: Given & { code: string }, from: From): Promise<{ recoveryCodes: string[] }>
  createFirstAdministrator(
    person: Pick<Operator, 'workNumber' | 'name' | 'branch'>,
    password: string,
  ): Promise<Operator>
  create(person: Omit<Operator, 'operatorId'>, password: string | undefined): Promise<Operator>
  unlock(given: Given): Promise<void>
  changePassword(oldPassword: string, newPassword: string): Promise<void>
  signOut(): void
  /** The seat was enrolled at a centre: whoever was signed in may be nobody there. */
  endAtEnrolment(): void
  /** What the gate says first. It goes with the next sign-in. */
  notice(): SeatStatus['notice']
  /** The centre ended the session of whoever is signed in: their password may be another, so only the centre lets them in again. */
  forgetPresent(db: Database): void
}

/** `local`: an account of this seat; else the centre's ticket. */
type Pending = {
  workNumber: string
  password: string
  from: From
  until: number
} & ({ local: string } | { ticket: string; step: Unfinished['step'] })

export function createSignIn(parts: {
  clock: Clock
  random: Random
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
  centre: Pick<Centre, 'configured' | 'signIn' | 'signedOut' | 'wake' | 'account'>
  read(): Database
  /** What it returns is on the disk, whatever is refused afterwards. */
  write<T>(work: (db: Database) => T): T
}): SignIn {
  const { clock, audit, identity, keys, local, resume, centre, read, write } = parts
  const verifiers = createOfflineVerifiers(parts)
  let pending: Pending | null = null
  let notice: SeatStatus['notice'] = null

  const refuse = (db: Database, operatorId: string) =>
    audit.append(db, {
      operatorId,
      action: 'operator.signIn',
      subjectKind: 'operator',
      subjectId: operatorId,
      result: 'refused',
    })
  const atCentre = createCentreProof({ ...parts, verifiers, factors: createSecondFactors(parts), refuse })

  const enter = ({ operatorId, hold, keep }: Proved): Operator => {
    pending = null
    notice = null
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
  /** Nothing of the centre's proves what they do. */
  const enterHere = (operatorId: string) => enter({ operatorId, hold: keys.drop, keep: () => {} })

  const isChosen = () => local === null && !centre.configured()
  const passwordIn = ({ password }: Given): string => {
    if (password === undefined || password === '') throw new Refusal('PASSWORD_NEEDED')
    return password
  }
  const verifyHere = async (accounts: LocalAccounts, operatorId: string, password: string) => {
    try {
      return await accounts.verify(operatorId, password)
    } catch (error) {
      write(db => refuse(db, operatorId))
      throw error
    }
  }

  /** Goes on with a sign-in at the centre: what is still missing keeps its ticket here. */
  const goOn = async (
    who: Pick<Pending, 'workNumber' | 'password' | 'from'>,
    work: () => Promise<Proved>,
  ): Promise<Proved> => {
    try {
      return await work()
    } catch (error) {
      const told = error instanceof CentreFailure ? refusalOf(error) : error
      if (told === null) throw new Refusal('CENTRE_UNREACHABLE')
      if (!(told instanceof Unfinished)) throw told
      const { ticket, step } = told
      pending = { ...who, ticket, step, until: clock.now() + pendingMs }
      throw new Refusal(step === 'password' ? 'PASSWORD_CHANGE_NEEDED' : 'SECOND_FACTOR_ENROLMENT_NEEDED')
    }
  }
  const begun = (from: From): Pending => {
    if (pending === null || pending.from !== from || pending.until < clock.now())
      throw new Refusal('SIGN_IN_AGAIN')
    return pending
  }
  const asked = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      if (error instanceof CentreFailure) throw refusalOf(error) ?? new Refusal('CENTRE_UNREACHABLE')
      throw error
    }
  }

  const enterWith = async (known: Operator | null, workNumber: string, given: Given, from: From) => {
    const password = passwordIn(given)
    if (centre.configured())
      return enter(
        await goOn({ workNumber, password, from }, () =>
          atCentre.prove(known, workNumber, { password, code: given.code }),
        ),
      )
    if (local === null || known === null) throw new Refusal('CENTRE_UNREACHABLE')
    const { mustChange } = await verifyHere(local, known.operatorId, password)
    if (!mustChange) return enterHere(known.operatorId)
    pending = { workNumber, password, from, local: known.operatorId, until: clock.now() + pendingMs }
    throw new Refusal('PASSWORD_CHANGE_NEEDED')
  }

  const signOut = () => {
    write(db => {
      identity.signOut(db)
      resume.end(db)
    })
    resume.tell()
    centre.signedOut()
  }

  /** The session of whoever is signed in was replaced by this one. */
  const goOnWith = async (session: OperatorSession, password: string) => {
    const proved = await atCentre.accept(session, password)
    proved.hold()
    write(db => {
      proved.keep(db)
      resume.keep(db)
    })
  }

  return {
    entry: db => {
      if (centre.configured()) return 'password'
      if (local === null) return 'choose'
      if (local.begun(db)) return 'password'
      return parts.centreSet() ? 'enrol' : 'first-administrator'
    },
    chosen: async (operatorId, given, from) => {
      const known = identity.offered(read(), operatorId)
      if (known === null) throw new Refusal('OPERATOR_NOT_FOUND')
      if (isChosen()) return enterHere(operatorId)
      return enterWith(known, known.workNumber, given, from)
    },
    byNumber: async (workNumber, given, from) => {
      if (isChosen()) throw new Refusal('CENTRE_UNREACHABLE')
      const known = identity.list(read()).find(operator => operator.workNumber === workNumber) ?? null
      return enterWith(known, workNumber, given, from)
    },
    replacePassword: async (newPassword, from) => {
      const it = begun(from)
      const { workNumber, password: former } = it
      await checkNewPassword(newPassword, { workNumber, former })
      if (!('local' in it)) {
        const replaced = async () =>
          atCentre.accept(await centre.account.replacePassword(it.ticket, newPassword), newPassword)
        return enter(await goOn({ workNumber, password: newPassword, from }, replaced))
      }
      if (local === null || identity.offered(read(), it.local) === null)
        throw new Refusal('OPERATOR_NOT_FOUND')
      await local.replace(it.local, newPassword)
      return enterHere(it.local)
    },
    beginSecondFactor: from => {
      if (identity.access(read()) === 'open') return asked(centre.account.beginSecondFactor(null))
      const it = begun(from)
      if ('local' in it || it.step !== 'second-factor') throw new Refusal('SIGN_IN_AGAIN')
      return asked(centre.account.beginSecondFactor(it.ticket))
    },
    confirmSecondFactor: async ({ code, ...given }, from) => {
      if (identity.access(read()) === 'open') {
        const { operatorId } = identity.required(read())
        const password = passwordIn(given)
        // The copy for the time without a line is sealed under it.
        const attempt = write(db => verifiers.attempt(db, operatorId))
        if (attempt.kind === 'refused') throw new Refusal(attempt.code)
        if (!(await parts.passwords.verify(password, attempt.verifier))) throw new Refusal('SIGN_IN_FAILED')
        const { recoveryCodes, session } = await asked(centre.account.confirmSecondFactor(null, code))
        await goOnWith(session, password)
        return { recoveryCodes }
      }
      const it = begun(from)
      if ('local' in it || it.step !== 'second-factor') throw new Refusal('SIGN_IN_AGAIN')
      const { recoveryCodes, session } = await asked(centre.account.confirmSecondFactor(it.ticket, code))
      enter(await atCentre.accept(session, it.password))
      return { recoveryCodes }
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
      const given = passwordIn({ password })
      await checkNewPassword(given, { workNumber: person.workNumber, former: null })
      return local.create(person, given)
    },
    unlock: async given => {
      const operator = identity.required(read())
      const { operatorId, workNumber } = operator
      if (isChosen()) return write(db => identity.unlock(db))
      const secrets: Secrets = { password: passwordIn(given), code: given.code }
      let proved: Proved = { operatorId, hold: () => {}, keep: () => {} }
      if (centre.configured()) {
        try {
          proved = await atCentre.prove(operator, workNumber, secrets, unlockAnswerMs)
        } catch (error) {
          // What is missing is asked for at the gate: whoever it is signs in there.
          if (error instanceof Unfinished) throw new Refusal('UNLOCK_AT_GATE')
          throw error
        }
      } else if (local !== null) await verifyHere(local, operatorId, secrets.password)
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
      const { operatorId, workNumber } = identity.required(read())
      if (isChosen()) throw new Refusal('NO_PASSWORD_HERE')
      await checkNewPassword(newPassword, { workNumber, former: oldPassword })
      if (centre.configured())
        return goOnWith(await asked(centre.account.changePassword(oldPassword, newPassword)), newPassword)
      if (local === null) throw new Refusal('NO_PASSWORD_HERE')
      await verifyHere(local, operatorId, oldPassword)
      await local.replace(operatorId, newPassword)
    },
    forgetPresent: db => {
      const present = identity.current(db)
      if (present !== null) verifiers.forget(db, present.operatorId)
    },
    signOut,
    endAtEnrolment: () => {
      signOut()
      notice = 'enrolled'
    },
    notice: () => notice,
  }
}
