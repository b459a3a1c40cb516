/**
 * Proving a password to the centre (登录): it decides, and says what is still missing. When it does not answer, the verifier of the
 * last time decides, and the copy of the second factor that came with it.
 */
import { z } from 'zod'
import type { OperatorSession } from '../../../shared/contract/central.ts'
import type { Operator } from '../../../shared/domain/operator.ts'
import { passwordFault } from '../../../shared/domain/password.ts'
import type { Clock } from '../context.ts'
import { Refusal, type RefusalCode } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import { applyOperator } from '../sync/apply-changes.ts'
import type { Centre } from '../sync/centre.ts'
import { CentreFailure } from '../sync/centre-client.ts'
import type { ActorKeys } from './actor-keys.ts'
import type { Identity } from './identity.ts'
import type { OfflineVerifiers } from './offline-verifier.ts'
import type { Passwords } from './passwords.ts'
import type { SecondFactors } from './second-factor.ts'

/** What somebody proves themselves with. `code`: of the second factor. */
export type Secrets = { password: string; code?: string | undefined }

/**
 * Somebody has proved who they are. `hold` opens what proves their commands; `keep` stores what follows, in the transaction that
 * lets them in.
 */
export type Proved = { operatorId: string; hold(): void; keep(db: Database): void }

/** The password was right, and something is still to be done: the ticket goes on with it. */
export class Unfinished extends Error {
  readonly step: 'password' | 'second-factor'
  readonly ticket: string
  constructor(step: 'password' | 'second-factor', ticket: string) {
    super(step)
    this.step = step
    this.ticket = ticket
  }
}

const ticketIn = z.object({ ticket: z.string().nullable() })
const faultIn = z.object({ fault: passwordFault })
/** The centre says these as the seat does. */
const handedOn: ReadonlySet<string> = new Set([
  'SIGN_IN_FAILED',
  'SIGN_IN_LOCKED',
  'SECOND_FACTOR_NEEDED',
  'SECOND_FACTOR_WRONG',
  'SECOND_FACTOR_WINDOW_CLOSED',
  'SEAT_OTHER_BRANCH',
] satisfies RefusalCode[])

/** What the centre's refusal means here; null: it says nothing of this person. */
export function refusalOf(error: CentreFailure): Refusal | Unfinished | null {
  const { code, data } = error
  if (handedOn.has(code)) return new Refusal(code as RefusalCode)
  switch (code) {
    case 'PASSWORD_WEAK': {
      const told = faultIn.safeParse(data)
      return new Refusal('PASSWORD_WEAK', { fault: told.data?.fault ?? 'common' })
    }
    case 'PASSWORD_CHANGE_NEEDED':
    case 'SECOND_FACTOR_ENROLMENT_NEEDED': {
      const ticket = ticketIn.safeParse(data).data?.ticket ?? null
      if (ticket === null) return new Refusal('SECOND_FACTOR_WINDOW_CLOSED')
      return new Unfinished(code === 'PASSWORD_CHANGE_NEEDED' ? 'password' : 'second-factor', ticket)
    }
    case 'TICKET_INVALID':
      return new Refusal('SIGN_IN_AGAIN')
    case 'NO_SESSION':
    case 'UNAUTHENTICATED':
    case 'SESSION_ENDED':
      return new Refusal('CENTRE_SESSION_NEEDED')
    default:
      return null
  }
}

export type CentreProof = {
  /** Throws Unfinished and Refusals. `withinMs`: the centre has no longer to answer. */
  prove(known: Operator | null, workNumber: string, secrets: Secrets, withinMs?: number): Promise<Proved>
  /** The centre has let this person in. */
  accept(session: OperatorSession, password: string): Promise<Proved>
}

export function createCentreProof(parts: {
  clock: Clock
  identity: Pick<Identity, 'current'>
  passwords: Passwords
  verifiers: OfflineVerifiers
  factors: SecondFactors
  keys: ActorKeys
  retryLive(db: Database, operatorId: string): boolean
  /** A refused attempt is in the audit. */
  refuse(db: Database, operatorId: string): void
  centre: Pick<Centre, 'signIn' | 'signedOut' | 'wake'>
  read(): Database
  write<T>(work: (db: Database) => T): T
}): CentreProof {
  const { clock, identity, passwords, verifiers, factors, keys, refuse, centre, read, write } = parts

  const accept: CentreProof['accept'] = async (session, password) => {
    const { operator, offlineDays, proof, totp } = session
    const { operatorId } = operator
    const [verifier, sealed, factor] = await Promise.all([
      passwords.hash(password),
      proof === undefined ? null : keys.seal(operatorId, proof, password),
      factors.seal(operatorId, totp, password),
    ])
    return {
      operatorId,
      hold: () => (proof === undefined ? keys.drop() : keys.hold({ ...proof, operatorId })),
      keep: db => {
        applyOperator(db, operator)
        verifiers.keep(db, operatorId, verifier, offlineDays)
        factors.keep(db, operatorId, factor)
        if (sealed !== null) keys.store(db, sealed)
        // It is sent when the transaction is over.
        if (parts.retryLive(db, operatorId)) queueMicrotask(centre.wake)
      },
    }
  }

  const offline = async (known: Operator | null, { password, code }: Secrets): Promise<Proved> => {
    if (known === null) throw new Refusal('CENTRE_UNREACHABLE')
    const { operatorId } = known
    const attempt = write(db => {
      const made = verifiers.attempt(db, operatorId)
      if (made.kind === 'refused') refuse(db, operatorId)
      return made
    })
    if (attempt.kind === 'refused') throw new Refusal(attempt.code)
    const fail = (refusal: RefusalCode): never => {
      write(db => refuse(db, operatorId))
      throw new Refusal(refusal)
    }
    if (!(await passwords.verify(password, attempt.verifier))) fail('SIGN_IN_FAILED')
    if (factors.has(read(), operatorId)) {
      // Still counted as a try: whoever has the password alone does not guess codes for ever.
      if (code === undefined) throw new Refusal('SECOND_FACTOR_NEEDED')
      if (!(await factors.verify(operatorId, password, code))) fail('SECOND_FACTOR_WRONG')
    }
    // Whoever sat here before may still have a session at the centre: it is not this operator's.
    if (identity.current(read())?.operatorId !== operatorId) centre.signedOut()
    // Whoever unlocks the seat has it open already.
    if (keys.held()?.operatorId !== operatorId) await keys.unlock(read(), operatorId, password)
    return { operatorId, hold: () => {}, keep: db => verifiers.succeeded(db, operatorId) }
  }

  return {
    accept,
    prove: async (known, workNumber, secrets, withinMs) => {
      const { password, code } = secrets
      let session: OperatorSession
      try {
        const asked = centre.signIn(workNumber, password, code)
        session = await (withinMs === undefined ? asked : soon(clock, withinMs, asked))
      } catch (error) {
        if (!(error instanceof CentreFailure)) throw error
        if (known !== null && error.code === 'OPERATOR_DISABLED')
          write(db => verifiers.forget(db, known.operatorId))
        const told = error.code === 'OPERATOR_DISABLED' ? new Refusal('SIGN_IN_FAILED') : refusalOf(error)
        // Nobody answers, or the centre refuses the seat itself: neither says anything about this password.
        if (told === null || (told instanceof Refusal && told.code === 'CENTRE_SESSION_NEEDED'))
          return offline(known, secrets)
        const isMissing = told instanceof Unfinished || told.code === 'SECOND_FACTOR_NEEDED'
        if (known !== null && !isMissing) write(db => refuse(db, known.operatorId))
        throw told
      }
      if (session.operator.disabled) {
        write(db => applyOperator(db, session.operator))
        throw new Refusal('SIGN_IN_FAILED')
      }
      return accept(session, password)
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
