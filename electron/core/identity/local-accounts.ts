/**
 * Accounts of a protected seat that has no centre. It begins with one administrator, who creates everybody else; what they may do
 * is verified here alone, and none of it ever becomes the centre's. Wrong passwords are followed by waits that lengthen, in the
 * database, so that neither a restart nor a clock that goes back shortens them.
 */
import type { Operator } from '../../../shared/domain/operator.ts'
import type { Clock } from '../context.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'
import type { Identity } from './identity.ts'
import { latestTime } from './latest-time.ts'
import type { Passwords } from './passwords.ts'

/** Slips of the finger cost nothing. */
const freeFailures = 3
const firstWaitMs = 5_000
const longestWaitMs = 30 * 60_000

/** After this many wrong passwords in a row: 5 s, 10 s, 20 s, … half an hour. */
export const waitAfter = (failures: number): number =>
  failures < freeFailures
    ? 0
    : Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(failures - freeFailures, 20))

type Account = { verifier: string; mustChange: number; failures: number; blockedUntil: string | null }

export type LocalAccounts = {
  /** Whether anybody has a password here: then the administrator is there. */
  begun(db: Database): boolean
  createFirstAdministrator(
    person: Pick<Operator, 'workNumber' | 'name' | 'branch'>,
    password: string,
  ): Promise<Operator>
  /** By an administrator; the person replaces the password at the first sign-in. */
  create(person: Omit<Operator, 'operatorId'>, password: string): Promise<Operator>
  /** SIGN_IN_FAILED, SIGN_IN_LOCKED. */
  verify(operatorId: string, password: string): Promise<{ mustChange: boolean }>
  replace(operatorId: string, password: string): Promise<void>
}

export function createLocalAccounts(parts: {
  clock: Pick<Clock, 'now'>
  identity: Pick<Identity, 'create' | 'list' | 'required'>
  passwords: Passwords
  read(): Database
  write<T>(work: (db: Database) => T): T
}): LocalAccounts {
  const { clock, identity, passwords, read, write } = parts
  const begun = (db: Database): boolean =>
    db
      .prepare(
        "SELECT 1 FROM local_account JOIN operator USING (operator_id) WHERE role = 'admin' AND disabled = 0",
      )
      .get() !== undefined
  const account = (db: Database, operatorId: string): Account | undefined =>
    db
      .prepare(
        `SELECT verifier, must_change AS mustChange, failures, blocked_until AS blockedUntil FROM local_account
         WHERE operator_id = ?`,
      )
      .get(operatorId) as Account | undefined
  const keep = (db: Database, operatorId: string, verifier: string, mustChange: boolean) =>
    db
      .prepare(
        `INSERT INTO local_account (operator_id, verifier, must_change) VALUES (?, ?, ?)
         ON CONFLICT (operator_id) DO UPDATE SET verifier = excluded.verifier, must_change = excluded.must_change,
           failures = 0, blocked_until = NULL`,
      )
      .run(operatorId, verifier, mustChange ? 1 : 0)

  return {
    begun,
    createFirstAdministrator: async (person, password) => {
      if (begun(read())) throw new Refusal('FORBIDDEN')
      const verifier = await passwords.hash(password)
      return write(db => {
        // Two pages at once: only one of them makes an administrator.
        if (begun(db)) throw new Refusal('FORBIDDEN')
        const operator = identity.create(db, { ...person, role: 'admin', skills: [] })
        keep(db, operator.operatorId, verifier, false)
        return operator
      })
    },
    create: async (person, password) => {
      const verifier = await passwords.hash(password)
      return write(db => {
        if (identity.required(db).role !== 'admin' || person.role === 'unit') throw new Refusal('FORBIDDEN')
        const operator = identity.create(db, person)
        keep(db, operator.operatorId, verifier, true)
        return operator
      })
    },
    verify: async (operatorId, password) => {
      // Counted before the password is looked at, so that many at once are no way round the wait.
      const known = write(db => {
        const found = account(db, operatorId)
        if (found === undefined) return null
        const now = latestTime(db, clock)
        if (found.blockedUntil !== null && Date.parse(found.blockedUntil) > now) return 'blocked'
        const failures = found.failures + 1
        const waitMs = waitAfter(failures)
        db.prepare('UPDATE local_account SET failures = ?, blocked_until = ? WHERE operator_id = ?').run(
          failures,
          waitMs === 0 ? null : new Date(now + waitMs).toISOString(),
          operatorId,
        )
        return found
      })
      if (known === 'blocked') throw new Refusal('SIGN_IN_LOCKED')
      // Somebody without a password takes as long as somebody with one.
      const right = await passwords.verify(password, known?.verifier ?? (await passwords.nobodys()))
      if (known === null || !right) throw new Refusal('SIGN_IN_FAILED')
      write(db =>
        db
          .prepare('UPDATE local_account SET failures = 0, blocked_until = NULL WHERE operator_id = ?')
          .run(operatorId),
      )
      return { mustChange: known.mustChange === 1 }
    },
    replace: async (operatorId, password) => {
      const verifier = await passwords.hash(password)
      write(db => keep(db, operatorId, verifier, false))
    },
  }
}
